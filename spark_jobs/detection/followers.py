"""Who takes on the side of an excursion while it goes on: many, or the same one each time.

Who ignites a move does not know who will follow. Who trades ahead of a customer does: it is followed by that customer again and again, and
its position goes out and back as an igniter's does. So each agent's excursions are remembered by whoever took most behind them.
Source: who knows of a large order trades first and closes into it, Brunnermeier and Pedersen, "Predatory trading", Journal of Finance 60
(2005); by how much a tie is more than chance, Poisson's large deviations.
"""

from __future__ import annotations

import numpy as np

from spark_jobs.detection.columns import Array, Row
from spark_jobs.detection.compiled import part
from spark_jobs.detection.surprise import surprise_in_kernel

RECENT = 1 << 10  # takes of a side that are remembered of a market: a power of two
KNOWN = 8  # followers that are remembered of an agent
FADES = 0.98  # what an excursion counts for after each one that follows
EVEN, LEAST = 2.0, 0.02  # chance by which somebody is the largest follower: so many times its share of the market, and at least

TAKE = np.dtype([("step", "i4"), ("agent", "i4"), ("lots", "i8")], align=True)
"""Lots that an agent took in a step."""

TAKER = np.dtype([("lots", "f8"), ("taken", "f8")], align=True)
"""An agent: lots that it took during the excursion that is looked at, 0 in between, and ever."""

FOLLOWED = np.dtype([("until", "f8"), ("times", "f8"), ("who", "i8", (KNOWN,)), ("count", "f8", (KNOWN,))], align=True)
"""An agent: the step of the last candidate that was counted, and its excursions by now; agents that followed it most (number plus one),
and how often each."""

FEATURES = (
    "following",  # lots that others took on the side since the run began, beside what the market usually trades
    "follower_share",  # of them, the largest follower's
    "follower_usual",  # what that one took ever, of all that was traded
    "follower_before",  # share of the agent's earlier excursions in which it was that one, -1 without any
    "follower_tie",  # nats, by how much that is more than chance
    "most_followed",  # share of them in which it was whoever it was most often, -1 without any
)


@part
def on_take(takes: Array, takers: Array, now: Row, agent: int, side: int, lots: int) -> None:
    """Lots were taken by an order that came in."""
    takers[agent].taken += lots
    newest = takes[side, (now.takes[side] - 1) & (RECENT - 1)]
    if now.takes[side] > 0 and newest.step == now.step and newest.agent == agent:
        newest.lots += lots
        return
    take = takes[side, now.takes[side] & (RECENT - 1)]
    take.step, take.agent, take.lots = now.step, agent, lots
    now.takes[side] += 1


@part
def describe(takes: Array, takers: Array, followed: Array, now: Row, row: Row, begin: float, at: int) -> None:
    """Write FEATURES from place `at` on of a candidate of an excursion that began in a step, and count it if it is a new one."""
    agent, side, volume = int(row[0]), int(row[1]), max(now.volume, 1)
    most, share, lots = follower(takes[side], takers, now.takes[side], agent, begin)
    row[at] = lots / max(1.0, now.volume * (now.step - begin + 1.0) / (now.step + 1.0))
    row[at + 1], row[at + 2] = share, takers[most].taken / volume if most >= 0 else 0.0
    compare(followed[agent], most, row, at + 2)
    if most >= 0 and begin > followed[agent].until:
        count(followed[agent], most)
        followed[agent].until = now.step


@part
def follower(takes: Array, takers: Array, end: int, agent: int, begin: float) -> tuple[int, float, float]:
    """Who but an agent took most on a side since a step (-1 for nobody), its share of what others took, and the lots that they did."""
    first, oldest = end, max(end - RECENT, 0)
    while first > oldest and takes[(first - 1) & (RECENT - 1)].step >= begin:
        first -= 1
        take = takes[first & (RECENT - 1)]
        takers[take.agent].lots += take.lots
    takers[agent].lots = 0.0
    most, largest, lots = -1, 0.0, 0.0
    for number in range(first, end):
        other = takes[number & (RECENT - 1)].agent
        taken = takers[other].lots
        lots += taken
        if taken > largest:
            most, largest = int(other), taken
        takers[other].lots = 0.0
    return most, largest / max(lots, 1.0), lots


@part
def compare(known: Row, most: int, row: Row, at: int) -> None:
    """Write how often an agent was followed by the same one before; at a place there is what that one took of all that was traded."""
    before, often = 0.0, 0.0
    for place in range(KNOWN):
        often = max(often, known.count[place])
        if known.who[place] == most + 1:
            before = known.count[place]
    chance = known.times * min(max(EVEN * row[at], LEAST), 1.0)
    there = known.times > 0.0
    row[at + 1] = before / known.times if there else -1.0
    row[at + 2] = surprise_in_kernel(before, chance)
    row[at + 3] = often / known.times if there else -1.0


@part
def count(known: Row, most: int) -> None:
    """Remember who followed; the place of who followed least is taken by who is not known yet."""
    known.times = known.times * FADES + 1.0
    at, least = -1, 0
    for place in range(KNOWN):
        known.count[place] *= FADES
        if known.who[place] == most + 1:
            at = place
        if known.count[place] < known.count[least]:
            least = place
    if at < 0:
        at = least
        known.who[at], known.count[at] = most + 1, 0.0
    known.count[at] += 1.0
