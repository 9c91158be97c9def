"""Excursions of a position: a run of taking on one side, then the way back by trades on the other.

Momentum ignition is one: a burst that moves the price, and an exit into the orders of those who follow. So is a change of mind, and half of
what an arbitrageur does. An excursion becomes a candidate on its way back, when half of what was taken is given back and again when all of
it is. Runs are looked at in two paces, quick and slow; what both see is told once. The definitions: "a series of orders and trades ... in
an attempt to ignite a rapid price move either up or down", US Securities and Exchange Commission, concept release on equity market
structure, 75 FR 3594 (2010); annex II to Delegated Regulation (EU) 2016/522, indicators of orders that start or exacerbate a trend to close
a position at a favourable price.
"""

from __future__ import annotations

import numpy as np

from spark_jobs.detection import followers
from spark_jobs.detection.columns import Array, Row
from spark_jobs.detection.compiled import part

GAPS = (5, 40)  # steps without taking that end a run, in either pace
QUICK, SLOW = 0, 1
LONGEST = (100, 300)  # steps from the run to the way back
LEAST = 3  # lots of a run that takes more than once
SPARE = 0.5  # of all lots that there are to give back: so many more are no run of their own
PREPARED = 1.0  # of the run's lots: more that was there before is an older position, and would swallow the next run
LARGE = 0.5  # of what is usual at the touch: such a run may take once
HALF, WHOLE = 0.5, 1.0  # shares given back at which it is a candidate
_SLOW = 0.01  # weight of a step in the position that an agent is used to
_NEVER = 10_000.0  # steps since the excursion before, if there was none

EXCURSION = np.dtype(
    [
        ("position", "f8"), ("used_to", "f8"), ("at", "f8"), ("side", "f8"), ("lots", "f8"), ("begin", "f8"), ("last", "f8"),
        ("takes", "f8"), ("mid", "f8"), ("value", "f8"), ("price", "f8"), ("middle", "f8"), ("prepared", "f8"), ("volume", "f8"),
        ("until", "f8"), ("flow", "f8"), ("back", "f8"), ("back_at", "f8"), ("back_last", "f8"), ("back_mid", "f8"), ("back_flow", "f8"),
        ("back_value", "f8"), ("back_active", "f8"), ("due", "f8"), ("quiet", "f8"), ("largest", "f8"), ("now", "f8"), ("held", "f8"),
    ],
    align=True,
)  # fmt: skip
"""Where an agent's position is, and where it was for long; the step of its last trade; the present excursion, if it has lots.

Of the run: side, lots taken, first and last step, steps with a take; mid before it, lots x ticks, last price, lots x steps; lots built
before it; volume of the whole market before and after it, net taking after it. Of the way back: lots, first and last step, mid and net
taking at the first, lots x ticks, lots by taking; and the share at which it is a candidate next. Of the run again: steps without a trade
before it, most lots in a step, those of its last step, position before it.
"""

ROUND_TRIPS = np.dtype(
    [
        ("traded", "f8"), ("taken", "f8"), ("usual", "f8"), ("runs", "f8"), ("count", "f8"), ("within", "f8"), ("size", "f8"),
        ("takes", "f8"), ("impact", "f8"), ("gain", "f8"), ("steps", "f8"), ("waited", "f8"), ("ended", "f8"),
    ],
    align=True,
)  # fmt: skip
"""An agent so far: lots traded, lots taken; the usual size of a run, and how many there were; excursions large enough to be candidates, and
over them the sums of lots, of sizes beside the touch, takes, impacts, gains, steps, waits; the step in which the last one ended."""

FEATURES = (
    "size_to_touch",  # lots of the run beside what is usual at the touch
    "duration",  # steps of the run
    "takes",  # steps of it with a take
    "pace",  # lots a take, beside the touch
    "market_share",  # of all that was traded meanwhile
    "impact",  # from the mid before to its last price, in usual spreads
    "prepared",  # lots built before on the same side, beside the run's
    "waited",  # steps from the run to the way back
    "further",  # move of the price meanwhile, in usual spreads
    "followers",  # net taking of others on the same side meanwhile, beside the run's
    "back_share",  # lots given back, beside the run's
    "back_steps",  # steps of the way back
    "back_active",  # share of it by taking
    "gain",  # mean price of the way back beside the run's, in usual spreads
    "size_to_own",  # beside the agent's usual run
    "traded_rate",  # lots a hundred steps, beside the touch
    "run_rate",  # runs a thousand steps
    "earlier_rate",  # excursions a thousand steps
    "earlier_share",  # of the lots that it took ever, those in excursions
    "earlier_size",  # mean of size_to_touch, takes, impact and gain over them
    "earlier_takes",
    "earlier_impact",
    "earlier_gain",
    "since_earlier",  # steps from the end of the one before
    "earlier_steps",  # mean duration of the run
    "earlier_waited",
    "quiet",  # steps without any trade of the agent before the run
    "largest",  # most lots in a step, beside the run's
    "rate_to_market",  # lots a step of the run, beside what the market usually trades
    "rate_to_own",  # and beside what the agent usually takes
    "position_left",  # what its position differs from the one before the run, beside the run's lots
    "reversion",  # of the mid by now, from before the run, in usual spreads
    *followers.FEATURES,
)
WIDTH = 4 + len(FEATURES)
"""A candidate: agent, side of the run, first step, last step, then the features."""

FOLLOWERS = WIDTH - len(followers.FEATURES)  # place of theirs in a candidate


@part
def on_fill(
    excursions: Array, trips: Array, agent: int, side: int, lots: int, price: int, active: bool, touch: Array, found: Array, count: int,
) -> int:  # fmt: skip
    """An agent bought or sold, by taking or not; writes candidates to `found` from `count` on if enough is given back; how many then."""
    told = count
    for pace in range(len(GAPS)):
        trip, past = excursions[agent, pace], trips[agent, pace]
        count = follow(trip, past, GAPS[pace], LONGEST[pace], agent, side, lots, price, active, touch[0], found, count)
        if pace == SLOW and count > told and same_run(excursions[agent, QUICK], trip):
            count = told
        told = count
    return count


@part
def began(row: Row) -> float:
    """The step in which the run of a candidate began."""
    way_back = row[3] - row[15] + 1.0
    last = way_back - row[11]
    return last - row[5] + 1.0  # type: ignore[no-any-return]


@part
def same_run(quick: Row, slow: Row) -> bool:
    """Whether a run is the same in both paces."""
    return bool(quick.begin == slow.begin and quick.lots == slow.lots)


@part
def follow(
    trip: Row, past: Row, gap: int, longest: int, agent: int, side: int, lots: int, price: int, active: bool, now: Row, found: Array,
    count: int,
) -> int:  # fmt: skip
    """Take a trade into the excursion of one pace."""
    quiet = now.step - trip.at if past.traded > 0.0 else _NEVER
    trip.used_to = trip.position + (trip.used_to - trip.position) * (1.0 - _SLOW) ** (now.step - trip.at)
    trip.at = now.step
    past.traded += lots
    past.taken += lots if active else 0.0
    left = lots
    if side != trip.side and is_out(trip, gap, longest, now):
        left = min(lots, max(trip.back + lots - most_of(trip, now), 0.0))
        if left < lots:
            count = give_back(trip, past, agent, lots - left, side, price, active, now, found, count)
    if active and left > 0:
        if side != trip.side or trip.back >= all_of(trip) or now.step - trip.last > gap:
            begin(trip, past, side, lots, quiet, now)
        go_out(trip, left, price, now)
    trip.position += lots if side == 0 else -lots
    return count


@part
def all_of(trip: Row) -> float:
    """Lots that there are to give back."""
    return trip.lots + min(trip.prepared, PREPARED * trip.lots)  # type: ignore[no-any-return]


@part
def most_of(trip: Row, now: Row) -> float:
    """Lots that a way back may have: a little more than all, since what was built before is known roughly only."""
    return (1.0 + SPARE) * all_of(trip) if matters(trip, now) else all_of(trip)


@part
def is_out(trip: Row, gap: int, longest: int, now: Row) -> bool:
    """Whether a trade on the other side is part of a way back: lately after the run, or right after the rest of it."""
    going = now.step - trip.back_last <= gap if trip.back >= all_of(trip) else now.step - trip.last <= longest
    return trip.lots > 0 and going  # type: ignore[no-any-return]


@part
def matters(trip: Row, now: Row) -> bool:
    """Whether a run is large enough for a candidate."""
    return (trip.takes > 1 and trip.lots >= LEAST) or size_of(trip, now) >= LARGE


@part
def begin(trip: Row, past: Row, side: int, lots: int, quiet: float, now: Row) -> None:
    """A run begins; the one before is remembered by its size."""
    if trip.lots > 0:
        past.runs += 1.0
        past.usual += (trip.lots - past.usual) * max(0.05, 1.0 / past.runs)
    trip.side, trip.begin, trip.last, trip.mid, trip.due = side, now.step, -1.0, now.mid, HALF
    toward = 1.0 if side == 0 else -1.0
    trip.prepared = max(toward * (trip.position - trip.used_to), 0.0)
    trip.lots = trip.takes = trip.value = trip.middle = trip.back = trip.back_value = trip.back_active = 0.0
    trip.volume = now.volume - lots
    trip.quiet, trip.held, trip.largest = quiet, trip.position, 0.0


@part
def go_out(trip: Row, lots: float, price: int, now: Row) -> None:
    """A run takes lots."""
    trip.takes += 1.0 if trip.last != now.step else 0.0
    trip.now = lots + (trip.now if trip.last == now.step else 0.0)
    trip.largest = max(trip.largest, trip.now)
    trip.lots += lots
    trip.value += lots * price
    trip.middle += lots * now.step
    trip.last, trip.price, trip.until, trip.flow = now.step, price, now.volume, now.flow


@part
def give_back(
    trip: Row, past: Row, agent: int, lots: float, side: int, price: int, active: bool, now: Row, found: Array, count: int,
) -> int:  # fmt: skip
    """Lots are traded on the other side; a candidate at each share that is due."""
    if trip.back == 0.0:
        trip.back_at, trip.back_mid, trip.back_flow = now.step, now.mid, now.flow
        if active:
            trip.back_flow += lots if trip.side == 0 else -lots  # its own taking is no follower's
    over = trip.back >= all_of(trip)
    trip.back += lots
    trip.back_last = now.step
    trip.back_value += lots * price
    trip.back_active += lots if active else 0.0
    if trip.back >= trip.due * trip.lots and matters(trip, now):
        describe(trip, past, now, found[count])
        found[count, 34] = abs(trip.position + (lots if side == 0 else -lots) - trip.held) / trip.lots
        middle = np.floor(trip.middle / trip.lots)  # it may have taken a little for another reason just before
        found[count, 0], found[count, 1], found[count, 2], found[count, 3] = agent, trip.side, middle, now.step
        count += 1
        trip.due = WHOLE if trip.back < WHOLE * trip.lots else np.inf
    if not over and trip.back >= all_of(trip) and matters(trip, now):
        remember(trip, past, now)
    return count


@part
def remember(trip: Row, past: Row, now: Row) -> None:
    """An excursion is over."""
    past.count += 1.0
    past.within += trip.lots
    past.size += size_of(trip, now)
    past.takes += trip.takes
    past.impact += impact_of(trip, now)
    past.gain += gain_of(trip, now)
    past.steps += trip.last - trip.begin + 1.0
    past.waited += trip.back_at - trip.last
    past.ended = now.step


@part
def toward(trip: Row) -> float:
    """1 where it bought, -1 where it sold."""
    return 1.0 if trip.side == 0 else -1.0


@part
def size_of(trip: Row, now: Row) -> float:
    """Lots of the run beside what is usual at the touch."""
    return trip.lots / (0.5 * (now.size[0] + now.size[1]) + 1.0)  # type: ignore[no-any-return]


@part
def impact_of(trip: Row, now: Row) -> float:
    """From the mid before the run to its last price, in usual spreads."""
    return toward(trip) * (trip.price - trip.mid) / now.spread  # type: ignore[no-any-return]


@part
def gain_of(trip: Row, now: Row) -> float:
    """Mean price of the way back beside the run's, in usual spreads."""
    return toward(trip) * (trip.back_value / trip.back - trip.value / trip.lots) / now.spread  # type: ignore[no-any-return]


@part
def describe(trip: Row, past: Row, now: Row, row: Row) -> None:
    """Write the features of an excursion behind the first four numbers of a row."""
    steps, count = now.step + 1.0, max(past.count, 1.0)
    row[4] = size_of(trip, now)
    row[5] = trip.last - trip.begin + 1.0
    row[6] = trip.takes
    row[7] = row[4] / trip.takes
    row[8] = trip.lots / max(trip.until - trip.volume, 1.0)
    row[9] = impact_of(trip, now)
    row[10] = trip.prepared / trip.lots
    row[11] = trip.back_at - trip.last
    row[12] = toward(trip) * (trip.back_mid - trip.price) / now.spread
    row[13] = toward(trip) * (trip.back_flow - trip.flow) / trip.lots
    row[14] = trip.back / trip.lots
    row[15] = now.step - trip.back_at + 1.0
    row[16] = trip.back_active / trip.back
    row[17] = gain_of(trip, now)
    row[18] = trip.lots / max(past.usual, 1.0)
    row[19] = 100.0 * past.traded / steps / (0.5 * (now.size[0] + now.size[1]) + 1.0)
    row[20] = 1000.0 * past.runs / steps
    row[21] = 1000.0 * past.count / steps
    row[22] = past.within / past.taken
    row[23] = past.size / count
    row[24] = past.takes / count
    row[25] = past.impact / count
    row[26] = past.gain / count
    row[27] = min(trip.begin - past.ended, _NEVER) if past.count > 0 else _NEVER
    row[28], row[29] = past.steps / count, past.waited / count
    row[30] = min(trip.quiet, _NEVER)
    row[31] = trip.largest / trip.lots
    row[32] = trip.lots / row[5] / max(now.volume / steps, 0.1)
    row[33] = trip.lots / row[5] / max(past.taken / steps, 1e-9)
    row[35] = toward(trip) * (now.mid - trip.mid) / now.spread
