"""What a plugin's test class says about the plugin, and the stand that every promise is tried on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar, Final, TypeVar

from ccstats.adapter import Adapter, Batch, Support
from ccstats.model import Kind, Target
from ccstats.simulator.kit import CenterSpec, Face, Fault, generate_spec
from ccstats.testing.stand import NOTHING, Stand, stand

T = TypeVar("T")
GIVEN: Final = frozenset({Support.FULL, Support.DERIVED, Support.ON_REQUEST})
"""What has a value under the options of some variation."""
LIMIT: Final = 30.0
"""Seconds after which a promise is not kept any more: nothing here waits for time to pass."""


class Terms:
    """What is to be tested. A plugin's class sets `adapter` and `face`; the rest suits most vendors as it is."""

    adapter: ClassVar[Adapter[Any]]
    face: ClassVar[Face]
    """The vendor's side: a face, or a `RecordedFace` made of recorded payloads."""
    options: ClassVar[Mapping[str, Any]] = {}
    """Options of the source beside those with which the face is read."""
    variations: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)
    """Further options under which declared abilities show: where some cost requests of their own, each needs a turn."""
    settings: ClassVar[Mapping[str, object]] = {}
    """Settings of the face under which its own limits are never reached."""
    spec: ClassVar[CenterSpec] = generate_spec(7, queues=4, agents=14, sites=2)
    window: ClassVar[str] = "30m"
    throttled: ClassVar[Fault] = Fault(status=429, headers={"Retry-After": "7"})
    """How the vendor says that a limit is spent."""
    exempt: ClassVar[Mapping[str, str]] = {}
    """Metric paths (`realtime.agents.busy`, `queue:window.hold`, `truth:window.handle`) that are excused, each with
    the reason.
    """

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of targets that the adapter declares."""
        return tuple(self.adapter.abilities)

    def excused(self, path: str, prefix: str) -> bool:
        """Whether a metric path is excused, for everything or for `prefix`."""
        return bool(self.exempt.get(path) or self.exempt.get(f"{prefix}:{path}"))

    def stand(self, *, keep_raw: bool = False, **options: Any) -> AbstractAsyncContextManager[Stand]:
        """An account with every declared kind of target, open."""
        chosen = {"select": {"kinds": [kind.value for kind in self.kinds]}, **self.options, **options}
        return stand(
            self.adapter, self.face, self.spec, options=chosen, settings=self.settings or NOTHING, keep_raw=keep_raw
        )

    def try_on(self, promise: Callable[[Stand], Awaitable[T]], *, keep_raw: bool = False, **options: Any) -> T:
        """Try a promise on an account of its own."""

        async def tried() -> T:
            async with asyncio.timeout(LIMIT), self.stand(keep_raw=keep_raw, **options) as account:
                return await promise(account)

        return asyncio.run(tried())

    async def planned(self, account: Stand) -> tuple[tuple[Target, ...], list[Batch]]:
        """The targets of an account and the batches that read them."""
        targets = await account.discover()
        batches = account.plan(targets, self.window)
        assert batches, "there is nothing to read, so nothing would be tested"
        return targets, batches
