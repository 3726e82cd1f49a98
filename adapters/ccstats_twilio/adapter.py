"""Twilio TaskRouter for ccstats: what the adapter is, and how an account is opened."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from ccstats.adapter import API_VERSION, Abilities, Batch, Toolbox, Want
from ccstats.auth import BasicAuth
from ccstats.config import Secret, SourceOptions
from ccstats.http import Line, Traffic
from ccstats.model import Definitions, Kind
from ccstats_twilio.abilities import ABILITIES
from ccstats_twilio.api.dialect import TwilioDialect
from ccstats_twilio.config import TwilioOptions
from ccstats_twilio.definitions import definitions
from ccstats_twilio.plan import NOTHING, Learned, plan
from ccstats_twilio.source import TwilioSource


class TwilioAdapter:
    """Statistics of Twilio TaskRouter: task queues, workflows, workspaces and workers."""

    name: ClassVar[str] = "twilio"
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[SourceOptions]] = TwilioOptions
    abilities: ClassVar[Abilities] = ABILITIES
    example: ClassVar[Mapping[str, Any]] = {
        "adapter": "twilio",
        "account_sid": "AC" + "0" * 32,
        "auth_token": "not a secret",
    }

    def plan(self, options: TwilioOptions, want: Want, learned: object) -> list[Batch]:
        """See `ccstats_twilio.plan`."""
        return plan(options, want, learned if isinstance(learned, Learned) else NOTHING)

    def definitions(self, options: TwilioOptions, learned: object) -> Mapping[Kind, Definitions]:
        """See `ccstats_twilio.definitions`."""
        return definitions(options)

    @asynccontextmanager
    async def open(self, name: str, options: TwilioOptions, toolbox: Toolbox) -> AsyncGenerator[TwilioSource]:
        """The account; one session, and one cap on requests in flight per account."""
        origin = options.root.origin()
        line = Line(
            vendor=self.name,
            source=name,
            origin=origin,
            dialect=TwilioDialect(),
            auth=BasicAuth(*_credential(options)),
            slots=toolbox.slots(f"twilio|{origin}|{options.account}", options.limits.concurrency),
            retry=toolbox.retry,
            guard=toolbox.guard(f"twilio|{origin}|{options.account}"),
            plain_http=options.allow_plain_http,
        )
        async with toolbox.session(options.limits.concurrency) as session:
            client = toolbox.client(line, session, clock=toolbox.clock(), traffic=Traffic())
            yield TwilioSource(name, options, toolbox, client)


def _credential(options: TwilioOptions) -> tuple[str, Secret]:
    if options.api_key_sid is not None and options.api_key_secret is not None:
        return options.api_key_sid, options.api_key_secret
    if options.account_sid is not None and options.auth_token is not None:
        return options.account_sid, options.auth_token
    raise AssertionError("the options model demands one of the two")
