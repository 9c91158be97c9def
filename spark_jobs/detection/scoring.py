"""Alerts against the truth: which alert is which episode, and what share of either is right.

An alert and an episode match if they are of one kind, share a suspect, and their windows overlap or lie within a tolerance. Each matches
at most once, in the order of time: a second alert of an episode is a false one. Nothing is counted by step, so that a long episode is not
worth more than a short one, and nothing is adjusted after the fact.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

TOLERANCE = 20  # steps
_Z = 1.959963984540054  # of a two-sided interval of 95 %


class Incident(NamedTuple):
    """An episode that was, or one that was raised. Raised ones carry a score and the step in which they were raised."""

    kind: str
    agents: frozenset[int]
    symbol: int
    first_step: int
    last_step: int
    score: float = 1.0
    raised_step: int = -1


class Share(NamedTuple):
    """A share with its Wilson interval at 95 %; nan without a number."""

    value: float
    low: float
    high: float


def matched(alerts: Sequence[Incident], episodes: Sequence[Incident], tolerance: int = TOLERANCE) -> list[int]:
    """For each alert the place of its episode, or -1. Alerts come in the order in which they were raised."""
    order = sorted(range(len(episodes)), key=lambda place: episodes[place].first_step)
    free, found = set(order), []
    for alert in alerts:
        near = (place for place in order if place in free and _meet(alert, episodes[place], tolerance))
        place = max(near, key=lambda place: _overlap(alert, episodes[place]), default=-1)
        free.discard(place)
        found.append(place)
    return found


def _meet(alert: Incident, episode: Incident, tolerance: int) -> bool:
    return (
        alert.kind == episode.kind
        and alert.symbol == episode.symbol
        and not alert.agents.isdisjoint(episode.agents)
        and _overlap(alert, episode) >= -tolerance
    )


def _overlap(alert: Incident, episode: Incident) -> int:
    """Steps that both windows share; less than zero is how far they are apart."""
    return min(alert.last_step, episode.last_step) - max(alert.first_step, episode.first_step)


def wilson(right: int, of: int) -> Share:
    """The share right / of with its interval (Wilson, "Probable inference", Journal of the American Statistical Association 22, 1927).

    >>> [round(number, 3) for number in wilson(9, 10)]
    [0.9, 0.596, 0.982]
    """
    if of == 0:
        return Share(math.nan, math.nan, math.nan)
    share, square = right / of, _Z * _Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _Z * math.sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return Share(share, max(0.0, middle - half), min(1.0, middle + half))


def average_precision(scores: ArrayLike, right: ArrayLike, episodes: int) -> float:
    """Area under precision over recall, alerts by falling score; episodes that no alert found count as missed. Nan without episodes.

    >>> average_precision([0.9, 0.8, 0.7], [True, False, True], 2)
    0.8333333333333333
    """
    if episodes == 0:
        return math.nan
    order = np.argsort(-np.asarray(scores, np.float64), kind="stable")
    falling, hits = np.asarray(scores, np.float64)[order], np.cumsum(np.asarray(right, bool)[order])
    last = np.flatnonzero(np.append(falling[1:] != falling[:-1], True)) if len(falling) else np.zeros(0, np.int64)
    gained = np.diff(hits[last], prepend=0)  # alerts of equal score come together, in no order
    return float((gained * hits[last] / (last + 1)).sum() / episodes)
