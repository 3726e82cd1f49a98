"""What a user writes for a reader of the table that workers share."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from ccstats.config.settings import Config


class ReaderConfig(Config):
    """A configuration of which nothing is polled: its groups may name sources that only the workers know."""

    @model_validator(mode="after")
    def _members(self) -> Self:
        return self
