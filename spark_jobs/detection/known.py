"""What is known of a symbol while its orders go by, as arrays that one compiled pass works on, and what comes of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spark_jobs.detection import book, bursts, closes, excursions, matched, meetings, pressure
from spark_jobs.detection.book import ARRIVING
from spark_jobs.detection.bursts import BURST
from spark_jobs.detection.closes import CLOSER
from spark_jobs.detection.columns import Array
from spark_jobs.detection.day import DAY
from spark_jobs.detection.excursions import EXCURSION, GAPS, ROUND_TRIPS
from spark_jobs.detection.followers import FOLLOWED, RECENT, TAKE, TAKER
from spark_jobs.detection.matched import Matching
from spark_jobs.detection.partners import PARTNER, PARTY, SLOTS
from spark_jobs.detection.pressure import HISTORY, SPELL

_AGENTS = 64  # rows to begin with


class Found(NamedTuple):
    """Candidates, each (n, WIDTH) of its module, in the order in which they came up."""

    pressure: Array
    bursts: Array
    excursions: Array
    closes: Array
    matched: Array


WIDTHS = Found(pressure.WIDTH, bursts.WIDTH, excursions.WIDTH, closes.WIDTH, meetings.WIDTH)  # type: ignore[arg-type]


class Agents(NamedTuple):
    """What is known of every agent seen; the first axis is the agent's number."""

    spells: Array  # (agents, 2) SPELL
    history: Array  # (agents,) HISTORY
    bursts: Array  # (agents,) BURST
    excursions: Array  # (agents, paces) EXCURSION
    round_trips: Array  # (agents, paces) ROUND_TRIPS
    takers: Array  # (agents,) TAKER
    followed: Array  # (agents,) FOLLOWED
    closers: Array  # (agents,) CLOSER
    partners: Array  # (agents, SLOTS) PARTNER
    parties: Array  # (agents,) PARTY


def nobody(agents: int) -> Agents:
    """Rows of agents that have done nothing yet."""
    return Agents(
        np.zeros((agents, 2), SPELL), np.zeros(agents, HISTORY), np.zeros(agents, BURST), np.zeros((agents, len(GAPS)), EXCURSION),
        np.zeros((agents, len(GAPS)), ROUND_TRIPS), np.zeros(agents, TAKER), np.zeros(agents, FOLLOWED), np.zeros(agents, CLOSER),
        np.zeros((agents, SLOTS), PARTNER),
        np.zeros(agents, PARTY),
    )  # fmt: skip


class Known(NamedTuple):
    """All that a pass over rows works on."""

    orders: Array  # ORDER, levels and TOUCH: the book, see book.empty
    levels: Array
    touch: Array
    arriving: Array  # (1,) ARRIVING: the order that came in last
    day: Array  # (1,) DAY
    takes: Array  # (2, RECENT) TAKE: the newest ones of each side, each at the place of its number
    agents: Agents
    matching: Matching


def unknown(first_price: int) -> Known:
    """A symbol in which nothing has happened yet."""
    return Known(
        *book.empty(first_price), np.zeros(1, ARRIVING), np.zeros(1, DAY), np.zeros((2, RECENT), TAKE), nobody(_AGENTS), matched.nothing()
    )
