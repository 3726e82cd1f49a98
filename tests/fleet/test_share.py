"""Who polls what: pure, so that laws can be tried on any fleet."""

from hypothesis import given
from hypothesis import strategies as st

from ccstats.coordination import Lease
from ccstats.fleet.share import share

WORKERS = ["w0", "w1", "w2", "w3"]
weights = st.lists(st.integers(1, 50), min_size=1, max_size=30)


def loads(workers: list[str], leases: dict[str, Lease]) -> list[int]:
    """What each worker has to do."""
    return [sum(lease.weight for lease in leases.values() if lease.worker == worker) for worker in workers]


def settle(workers: list[str], leases: dict[str, Lease], rounds: int = 500) -> int:
    """Everybody looks in turn and acts, until nobody wants anything; how many shards were moved."""
    moved = 0
    for _ in range(rounds):
        still = True
        for me in workers:
            decided = share(me, workers, leases)
            for name in decided.take:
                assert leases[name].worker is None
                leases[name] = Lease(me, 1.0, leases[name].weight)
                still = False
            if decided.give is not None:
                assert leases[decided.give].worker == me
                leases[decided.give] = Lease(None, 0.0, leases[decided.give].weight)
                moved, still = moved + 1, False
        if still:
            return moved
    raise AssertionError("it never settles")


@given(weights, st.integers(1, 4))
def test_every_shard_is_taken_and_loads_end_up_within_one_shard(found: list[int], count: int) -> None:
    """With nothing held, the result is as even as giving the heaviest first to the least loaded can be."""
    workers, leases = WORKERS[:count], {f"s{index}": Lease(weight=weight) for index, weight in enumerate(found)}
    settle(workers, leases)
    assert all(lease.worker in workers for lease in leases.values())
    assert max(loads(workers, leases)) - min(loads(workers, leases)) <= max(found)


@given(weights, st.data())
def test_from_any_state_it_settles_and_evens_out(found: list[int], data: st.DataObject) -> None:
    """Also where everything was one worker's: loads end up within one shard of each other."""
    holders = data.draw(st.lists(st.sampled_from([None, *WORKERS[:3]]), min_size=len(found), max_size=len(found)))
    leases = {f"s{i}": Lease(who, 0.0, weight) for i, (who, weight) in enumerate(zip(holders, found, strict=True))}
    workers = WORKERS[:3]
    settle(workers, leases)
    apart = max(loads(workers, leases)) - min(loads(workers, leases))
    assert apart <= max(found)


@given(weights, st.integers(2, 4))
def test_what_is_even_stays_where_it_is(found: list[int], count: int) -> None:
    """Looking again moves nothing."""
    workers, leases = WORKERS[:count], {f"s{index}": Lease(weight=weight) for index, weight in enumerate(found)}
    settle(workers, leases)
    before = dict(leases)
    assert settle(workers, leases) == 0
    assert leases == before


def test_the_shards_of_a_dead_worker_are_shared_among_the_others() -> None:
    """Nothing that the others hold is moved for it."""
    leases = {f"s{index}": Lease(WORKERS[index % 3]) for index in range(9)}
    for name in ("s2", "s5", "s8"):
        leases[name] = Lease()
    assert settle(["w0", "w1"], leases) <= 1
    assert sorted(loads(["w0", "w1"], leases)) == [4, 5]


def test_a_shard_that_nobody_takes_is_taken_by_whoever_sees_it() -> None:
    """The one whose turn it is may be gone, or know no such source."""
    leases = {"s0": Lease(), "s1": Lease("w1")}
    assert share("w1", ["w0", "w1"], leases).take == ()
    assert share("w1", ["w0", "w1"], leases, abandoned={"s0"}).take == ("s0",)


def test_while_nobody_knows_how_much_work_a_shard_is_nothing_is_moved() -> None:
    """A shard that was just taken seems to be none; free ones are taken all the same."""
    leases = {"s0": Lease("w0", 1.0, 9), "s1": Lease("w0", 1.0, 5), "s2": Lease("w1", 1.0, 0)}
    assert share("w0", ["w0", "w1"], leases).give is None
    assert share("w0", ["w0", "w1"], {**leases, "s2": Lease("w1", 1.0, 1)}).give == "s1"
    assert share("w1", ["w0", "w1"], {**leases, "s3": Lease(weight=0)}).take == ("s3",)


def test_one_that_leaves_wants_nothing() -> None:
    """It is no longer among the workers."""
    assert share("w0", ["w1"], {"s0": Lease()}).take == ()
