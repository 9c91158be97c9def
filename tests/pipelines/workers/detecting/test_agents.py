"""Alerts by agent."""

from __future__ import annotations

from pipelines.workers.detecting.agents import OFTEN, AgentCounts, agent_counts
from spark_jobs.detection.scoring import TOLERANCE, Incident

KIND = "front_running"


def episodes(agent: int, count: int) -> list[Incident]:
    return [Incident(KIND, frozenset([agent]), 0, 100 * number, 100 * number + 50) for number in range(count)]


def alert(agent: int, step: int) -> Incident:
    return Incident(KIND, frozenset([agent]), 0, step - 10, step, 0.9, step)


def test_each_agent_counts_once() -> None:
    truth = [*episodes(1, 3), *episodes(2, 3)]
    found = agent_counts([alert(1, 40), alert(1, 140), alert(5, 200)], truth)
    assert (found.named, found.right, found.guilty) == (2, 1, 2)
    assert (found.often_named, found.often_right, found.often_guilty) == (1, 0, 0), "an innocent agent counts there, too"


def test_who_did_it_often_must_be_named_by_the_tenth_time() -> None:
    truth, due = episodes(1, OFTEN + 3), 100 * (OFTEN - 1) + 50 + TOLERANCE
    for step, right in ((due, 1), (due + 1, 0)):
        found = agent_counts([alert(1, step), alert(1, due + 300)], truth)
        assert (found.right, found.often_named, found.often_right, found.often_guilty) == (1, right, right, 1)


def test_runs_add_up() -> None:
    assert AgentCounts(1, 1, 2, 1, 1, 1) + AgentCounts(3, 2, 2) == AgentCounts(4, 3, 4, 1, 1, 1)
