"""One request that got past the gate, and what is true in the center at its moment."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from math import ceil

from ccstats.simulator import truth
from ccstats_genesys.face.bodies import Body
from ccstats_genesys.face.errors import ApiError, bad_request
from ccstats_genesys.face.filters import EVERYTHING, Filter, parse_filter
from ccstats_genesys.face.tenant import Tenant


@dataclass(frozen=True)
class Call:
    """A request's query and body, and the moment for which it is answered."""

    tenant: Tenant
    at: datetime
    query: Mapping[str, Sequence[str]]
    body: Body
    _agents: dict[int, truth.AgentNow] = field(default_factory=dict, init=False, repr=False)
    _held: dict[int, truth.QueueNow] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def seconds(self) -> float:
        """The moment in seconds since the center's start."""
        return self.tenant.world.center.seconds(self.at)

    def agent(self, agent: int) -> truth.AgentNow:
        """Return what one agent does at the moment."""
        if agent not in self._agents:
            self._agents[agent] = truth.agent_now(self.tenant.world.center, agent, self.seconds)
        return self._agents[agent]

    def members(self, queue: int) -> list[truth.AgentNow]:
        """Return what the agents of one queue do at the moment."""
        return [self.agent(agent) for agent in self.tenant.world.center.members(queue)]

    def held(self, queue: int) -> truth.QueueNow:
        """Return the contacts that one queue holds at the moment."""
        if queue not in self._held:
            self._held[queue] = truth.queue_now(self.tenant.world.center, [queue], self.seconds)
        return self._held[queue]

    def filter(self, key: str, dimensions: Collection[str], permission: str) -> Filter:
        """Return the filter in the body, none meaning everything; 403 where it names a forbidden queue."""
        given = self.body.get(key)
        if given is None:
            return EVERYTHING
        chosen = parse_filter(given, dimensions, self.tenant.settings.max_predicates)
        for dimension in ("queueId", "activeQueueId"):
            self.tenant.refuse_forbidden(chosen.named(dimension), permission)
        return chosen

    def check_query(self, known: Collection[str]) -> None:
        """Refuse a query parameter that nobody documents."""
        for name in self.query:
            if name not in known:
                raise bad_request(f"Unknown query parameter [{name}]")

    def number(self, name: str, default: int) -> int:
        """Return a whole number above 0 from the query."""
        text = self.query.get(name, [str(default)])[-1]
        if not (text.isascii() and text.isdigit() and len(text) < 10) or int(text) < 1:
            code = "invalid.page.number" if name == "pageNumber" else "invalid.query.param.value"
            raise ApiError(400, code, f"Value [{text}] is not valid for parameter [{name}]")
        return int(text)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an answer is served, which permission it takes, and which of the `apis` it belongs to, if any."""

    method: str
    path: str
    answer: Callable[[Call], Mapping[str, object]]
    permission: str | None = None
    api: str | None = None


def listing(call: Call, entities: Sequence[Mapping[str, object]], path: str, *, maximum: int) -> dict[str, object]:
    """Return one page of entities with its totals and links, as the configuration APIs lay it out."""
    size, page = call.number("pageSize", 25), call.number("pageNumber", 1)
    if size > maximum:
        raise ApiError(400, "invalid.query.param.value", f"Value [{size}] is not valid for parameter [pageSize]")
    last = max(1, ceil(len(entities) / size))

    def link(number: int) -> str:
        return f"{path}?pageSize={size}&pageNumber={number}"

    links = {"selfUri": page, "firstUri": 1, "lastUri": last}
    if page < last:
        links["nextUri"] = page + 1
    if page > 1:
        links["previousUri"] = page - 1
    return {
        "entities": entities[(page - 1) * size : page * size],
        "pageSize": size,
        "pageNumber": page,
        "total": len(entities),
        "pageCount": last if entities else 0,
        **{name: link(number) for name, number in links.items()},
    }


def page_of(call: Call, results: Sequence[Mapping[str, object]]) -> Sequence[Mapping[str, object]]:
    """Return the asked-for page of an activity query's results: all of them where no size is given."""
    size = call.number("pageSize", max(1, len(results)))
    start = (call.number("pageNumber", 1) - 1) * size
    return results[start : start + size]
