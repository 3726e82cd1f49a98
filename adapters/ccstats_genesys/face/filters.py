"""Filters of analytics queries: predicates, and at most one level of clauses around them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from ccstats_genesys.face.bodies import Body, check_keys, items, mapping, word
from ccstats_genesys.face.errors import bad_request

Facts = Mapping[str, Collection[str]]
"""What is known of one thing: the values that it has in each dimension."""
OPERATORS: Final = ("matches", "exists", "notExists")


@dataclass(frozen=True, slots=True)
class Predicate:
    """One dimension compared with a value, or with several of which any will do."""

    dimension: str
    operator: str
    values: frozenset[str] = frozenset()

    def holds(self, facts: Facts) -> bool:
        """Return whether it is true of a thing."""
        known = facts.get(self.dimension, ())
        if self.operator == "matches":
            return not self.values.isdisjoint(known)
        return bool(known) == (self.operator == "exists")


@dataclass(frozen=True, slots=True)
class Filter:
    """Predicates and clauses under one logical operation; `and` over nothing holds for everything."""

    type: Literal["and", "or"]
    parts: "tuple[Predicate | Filter, ...]" = ()

    def holds(self, facts: Facts) -> bool:
        """Return whether it is true of a thing."""
        results = (part.holds(facts) for part in self.parts)
        return all(results) if self.type == "and" else any(results)

    def predicates(self) -> Iterator[Predicate]:
        """Yield every predicate in it."""
        for part in self.parts:
            if isinstance(part, Predicate):
                yield part
            else:
                yield from part.predicates()

    def named(self, dimension: str) -> set[str]:
        """Return the values that it spells out for a dimension."""
        return {value for each in self.predicates() if each.dimension == dimension for value in each.values}

    def condensed(self) -> "Filter":
        """Return an equal filter that is faster to ask: alternatives of one dimension become one predicate."""
        parts: list[Predicate | Filter] = []
        alternatives: dict[str, set[str]] = {}
        for part in self.parts:
            if isinstance(part, Filter):
                parts.append(part.condensed())
            elif self.type == "or" and part.operator == "matches":
                alternatives.setdefault(part.dimension, set()).update(part.values)
            else:
                parts.append(part)
        merged = (Predicate(dimension, "matches", frozenset(values)) for dimension, values in alternatives.items())
        return Filter(self.type, (*merged, *parts))


EVERYTHING: Final = Filter("and")


def parse_filter(value: object, dimensions: Collection[str], limit: int) -> Filter:
    """Return a filter over the given dimensions; 400 where it holds no predicate or more than `limit`."""
    parsed = _parse(mapping(value, "filter"), dimensions, outer=True)
    count = sum(1 for _ in parsed.predicates())
    if not count:
        raise bad_request("A filter needs at least one predicate")
    if count > limit:
        raise bad_request(f"The filter has {count} predicates, more than the {limit} allowed")
    return parsed.condensed()


def _parse(body: Body, dimensions: Collection[str], *, outer: bool) -> Filter:
    where = "filter" if outer else "clause"
    check_keys(body, where, required=("type",), optional=("predicates", "clauses") if outer else ("predicates",))
    clauses = items(body, "clauses") if outer else ()
    return Filter(
        _operation(body["type"]),
        (
            *(_predicate(mapping(each, "predicate"), dimensions) for each in items(body, "predicates")),
            *(_parse(mapping(each, "clause"), dimensions, outer=False) for each in clauses),
        ),
    )


def _operation(value: object) -> Literal["and", "or"]:
    # An official sample writes AND where the schema says and:
    # https://github.com/MyPureCloud/quick-hits-python/tree/master/analytics/real-time-queue-observation-query
    return "and" if word(str(value).lower(), "type", ("and", "or")) == "and" else "or"


def _predicate(body: Body, dimensions: Collection[str]) -> Predicate:
    check_keys(body, "predicate", required=("dimension",), optional=("type", "operator", "value"), refused=("range",))
    dimension = word(body["dimension"], "dimension", dimensions)
    word(body.get("type") or "dimension", "type", ("dimension",))
    operator = word(body.get("operator") or "matches", "operator", OPERATORS)
    if operator != "matches":
        return Predicate(dimension, operator)
    return Predicate(dimension, operator, frozenset({word(body.get("value"), "value")}))
