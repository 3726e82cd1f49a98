"""What is polled by one worker at a time: all sources that a vendor counts together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from hashlib import sha256

from ccstats.config import Config
from ccstats.registry import resolve


def shards(config: Config) -> dict[str, tuple[str, ...]]:
    """The names of the sources of every shard; a `ConfigError` where an adapter refuses its table.

    A shard is called after its vendor and a hash of what its requests are counted by: the same name at every worker,
    whatever its sources are called there.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for one in resolve(config, met=True):
        counted = sha256(one.options.counted_by.encode()).hexdigest()[:12]
        found[f"{one.adapter.name}-{counted}"].append(one.name)
    return {name: tuple(sources) for name, sources in found.items()}


def only_sources(config: Config, sources: Collection[str]) -> Config:
    """The same configuration with these sources alone; groups are computed by readers, who see all of them."""
    chosen = {name: entry for name, entry in config.sources.items() if name in sources}
    return config.model_copy(update={"sources": chosen, "groups": {}}).read_from(config.file)
