"""Alerts by agent: who is named at all, right or wrong, and who is named in time once it has done it often."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from spark_jobs.detection.scoring import TOLERANCE, Incident

OFTEN = 10  # episodes


class AgentCounts(msgspec.Struct, frozen=True):
    """Agents of one run, of one kind. Precision is right / named, recall right / guilty.

    named : that any alert names. right : those of them that have an episode. guilty : that have one.

    The same of those who have done it often, after OFTEN episodes: `often_guilty` have at least so many, `often_right` are those of them
    whom an alert names that is raised up to the end of the OFTEN-th one (and TOLERANCE steps), and `often_named` are these and everybody
    who is named without any episode; who has fewer episodes counts in none of them.
    """

    named: int = 0
    right: int = 0
    guilty: int = 0
    often_named: int = 0
    often_right: int = 0
    often_guilty: int = 0

    def __add__(self, other: AgentCounts) -> AgentCounts:
        """Both runs together."""
        return AgentCounts(*(one + two for one, two in zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True)))


def agent_counts(alerts: Sequence[Incident], episodes: Sequence[Incident]) -> AgentCounts:
    """Count the agents of a run's alerts and episodes of one kind; each agent once, whatever the windows."""
    ends: dict[int, list[int]] = {}
    for episode in sorted(episodes, key=lambda episode: episode.last_step):
        for agent in episode.agents:
            ends.setdefault(agent, []).append(episode.last_step)
    raised: dict[int, int] = {}
    for alert in alerts:
        for agent in alert.agents:
            raised[agent] = min(alert.raised_step, raised.get(agent, alert.raised_step))
    often = {agent: last[OFTEN - 1] + TOLERANCE for agent, last in ends.items() if len(last) >= OFTEN}
    innocent = len(raised.keys() - ends.keys())
    in_time = sum(agent in raised and raised[agent] <= due for agent, due in often.items())
    return AgentCounts(len(raised), len(raised) - innocent, len(ends), innocent + in_time, in_time, len(often))
