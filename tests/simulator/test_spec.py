"""Generated centers are plausible, and impossible ones are refused."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ccstats.simulator.center import ActivitySpec, AgentSpec, Center, QueueSpec, generate_spec

START = datetime(2026, 1, 5, 8, tzinfo=UTC)


def test_a_generated_center_is_varied() -> None:
    specs = [generate_spec(seed) for seed in range(40)]
    names = {activity.name for activity in specs[0].activities}
    orphans = [spec for spec in specs if any(not Center(spec, START).members(queue) for queue in range(6))]

    assert "Em pausa" in names
    assert {activity.state for activity in specs[0].activities} == {"available", "unavailable", "offline"}
    assert 5 < len(orphans) < 35
    assert any(not queue.name.isascii() for queue in specs[0].queues)
    assert all(len({queue.name for queue in spec.queues}) == 6 for spec in specs)


def test_generated_sites_keep_to_themselves() -> None:
    spec = generate_spec(4, queues=9, agents=30, sites=3)

    assert {queue.site for queue in spec.queues} == {agent.site for agent in spec.agents} == {0, 1, 2}
    for agent in spec.agents:
        assert {spec.queues[queue].site for queue in agent.queues} == {agent.site}


@pytest.mark.parametrize(
    "changes",
    [
        {"activities": (ActivitySpec("Gone", "offline"),)},
        {"capacity": 2},
        {"agents": (AgentSpec("Ana", 0, (6,)),)},
        {"agents": (AgentSpec("Ana", 1, ()),)},
        {"queues": (QueueSpec("none", 0, 1.0, {}),)},
    ],
)
def test_a_center_that_could_not_run_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        replace(generate_spec(1), **changes)


def test_people_wait_in_some_generated_queues_and_not_in_others() -> None:
    waits = []
    for seed in range(8):
        center = Center(generate_spec(seed), START)
        center.advance(START.replace(hour=12))
        for log in center.queues:
            answered = [contact.accepted - contact.arrived for contact in log.answers.items]
            waits += [sum(answered) / len(answered)] if answered else []

    assert sum(wait < 12 for wait in waits) > 8
    assert sum(wait > 30 for wait in waits) > 8
