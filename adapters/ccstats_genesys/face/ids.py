"""Identifiers of the simulated organization: the same ones for the same seed, in every process."""

from uuid import NAMESPACE_URL, UUID, uuid5

from ccstats.simulator.face import World
from ccstats.simulator.spec import CenterSpec

Seeded = World | CenterSpec


def queue_id(of: Seeded, index: int) -> str:
    """Return the id of a queue of the center; an index that the center does not have yields an id nobody knows."""
    return _derived(of, f"queue:{index}")


def division_id(of: Seeded, index: int) -> str:
    """Return the id of the division that stands for a site of the center."""
    return _derived(of, f"division:{index}")


def presence_id(of: Seeded, index: int) -> str:
    """Return the id of the organization presence that stands for an activity of the center."""
    return _derived(of, f"presence:{index}")


def organization_id(of: Seeded) -> str:
    """Return the id of the whole organization."""
    return _derived(of, "organization")


def correlation_id(of: Seeded, number: int) -> str:
    """Return the correlation id of the n-th answer."""
    return _derived(of, f"answer:{number}")


def client_id(world: World) -> str:
    """Return the id of the only OAuth client that this organization knows."""
    return str(UUID(world.credential("genesys:client")))


def client_secret(world: World) -> str:
    """Return that client's made-up secret."""
    return world.credential("genesys:client-secret", 43)


def _derived(of: Seeded, what: str) -> str:
    spec = of.center.spec if isinstance(of, World) else of
    return str(uuid5(NAMESPACE_URL, f"ccstats:genesys:{spec.seed}:{what}"))
