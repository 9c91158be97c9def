"""Meetings of two agents' orders, as candidates: each of matched orders, from the second of the two agents on, and repeated trades.

What tells arranged ones from others is in FEATURES: how often these two meet beside how often chance would have it, what share of either's
trading that is, whether anybody's position changes by it, how alike orders and pauses are, and how far inside the spread they lie. Cong,
Li, Tang and Yang, "Crypto wash trading" (2023), and annex II to Delegated Regulation (EU) 2016/522 name parts of this.
"""

from __future__ import annotations

import numpy as np

from spark_jobs.detection.columns import Array, Row
from spark_jobs.detection.compiled import part
from spark_jobs.detection.partners import NEVER, begin_of, beyond_chance, fade, keep, partner, remember

SECOND = 2.0  # matched orders of two agents: a single one says nothing

MEETING = np.dtype([("alike", "i8"), ("traded", "i8"), ("together", "i8"), ("meetings", "f8"), ("matched", "f8")], align=True)
"""Of two orders that meet: 1 for those of one size and price, lots that the later one traded, and of them with the earlier one. Of the
whole market: meetings, and those with matched orders."""

FEATURES = (
    "similarity",  # of the two sizes, the smaller beside the larger
    "together",  # lots traded with each other, beside the larger
    "elsewhere",  # lots of the later order that traded with others, beside its size
    "distance",  # of the earlier order from the mid before it, in usual spreads
    "size_to_touch",  # lots beside the usual ones at the touch
    "size_to_own_low",  # and beside the agents' usual orders, of either agent the lower and the higher
    "size_to_own_high",
    "beside_low",  # lots that either agent has resting, beside these
    "beside_high",
    "run",  # meetings of the two with short pauses between, so far
    "duration",  # of them, steps
    "unevenness",  # sum of how much the pauses between changed, beside their sum; -1 for fewer than three meetings
    "same_size",  # share of them that had the size of the one before
    "net",  # lots by which positions changed, beside all
    "lately_low",  # share that meetings of the two have in what either agent traded lately
    "lately_high",
    "matched_lately_low",  # and that matched orders with anybody have
    "matched_lately_high",
    "net_lately",  # lots by which those changed the agent's position, beside all; the higher
    "matched",  # matched orders of the two
    "matched_excess",  # beyond those that chance would have, in deviations
    "matched_share_low",  # share that these have in either agent's meetings
    "matched_share_high",
    "excess",  # meetings of the two beyond chance, in deviations
    "runs",  # of the two, a thousand steps
    "usual_together",  # means over their matched orders
    "usual_distance",
    "since",  # steps since the last of them
    "agent_matched_low",  # share of matched orders in either agent's meetings
    "agent_matched_high",
    "withdrawn_low",  # share of either agent's orders that it withdrew soon
    "withdrawn_high",
    "alone",  # 1 where the two orders did not meet, see fellows
    "apart",  # steps between them
    "gone_low",  # share of either agent's orders that were taken or withdrawn soon
    "gone_high",
)
WIDTH = 4 + len(FEATURES)
"""A candidate: agents of the earlier and the later order, first step, last step, then the features."""
ALONE = 4 + FEATURES.index("alone")  # where that feature is


@part
def meet(
    two: Array, meeting: Row, matched: bool, partners: Array, parties: Array, history: Array, spells: Array, touch: Array, found: Array,
    count: int,
) -> int:  # fmt: skip
    """Two orders met; writes a candidate to `found` at `count` if they are one, and returns how many there are then."""
    earlier, later = two[0], two[1]
    mine, theirs = partner(partners[earlier.owner], later.owner, later.step), partner(partners[later.owner], earlier.owner, later.step)
    lots = min(earlier.lots, later.lots) if matched else meeting.together
    bought = lots if earlier.side == 0 else -lots
    since = later.step - max(mine.matched_at, theirs.matched_at)
    distance = (earlier.mid - earlier.price) * (1.0 if earlier.side == 0 else -1.0) / touch[0].spread
    meeting.meetings += 1.0
    meeting.matched += 1.0 if matched else 0.0
    note(mine, parties[earlier.owner], two, lots, bought, matched, meeting, distance)
    note(theirs, parties[later.owner], two, lots, -bought, matched, meeting, distance)
    pair = mine if mine.matched >= theirs.matched else theirs
    due = pair.run >= pair.due
    if due:
        mine.due = theirs.due = 2.0 * pair.due
    if (not due and not (matched and pair.matched >= SECOND)) or count >= len(found):
        return count
    row = found[count]
    row[0], row[1], row[3] = earlier.owner, later.owner, later.step
    first = begin_of(partners, parties, earlier.owner, earlier.step, meeting.matched)
    row[2] = min(first, begin_of(partners, parties, later.owner, earlier.step, meeting.matched))
    row[7] = distance
    row[31] = min(since, NEVER)
    row[5] = meeting.together / max(earlier.lots, later.lots)
    row[6] = (meeting.traded - meeting.together) / later.lots
    describe_orders(earlier.owner, later.owner, earlier.lots, later.lots, history, spells, touch, row)
    one, other = parties[earlier.owner], parties[later.owner]
    describe_pair(pair, one, other, history[earlier.owner].orders, history[later.owner].orders, meeting, later.step, row)
    row[ALONE], row[ALONE + 1] = 0.0, later.step - earlier.step
    return count + 1


@part
def note(mine: Row, party: Row, two: Array, lots: float, bought: float, matched: bool, meeting: Row, distance: float) -> None:
    """One of the two agents remembers a meeting."""
    step = two[1].step
    remember(mine, step, two[0].step, lots, bought)
    party.meetings += 1.0
    if matched:
        fade(party, step)
        party.matched += 1.0
        party.lots += lots
        party.net += bought
        mine.matched += 1.0
        mine.matched_at, mine.lag = step, step - two[0].step
        mine.together += meeting.together / max(two[0].lots, two[1].lots)
        mine.distance += distance
    keep(mine, step)


@part
def low_and_high(row: Row, place: int, one: float, other: float) -> None:
    """Write a number of either agent, in no order of the agents."""
    row[place], row[place + 1] = min(one, other), max(one, other)


@part
def describe_orders(
    one: int, other: int, ones_lots: float, others_lots: float, history: Array, spells: Array, touch: Array, row: Row
) -> None:
    """Write the features of the sizes of two agents' orders."""
    lots = min(ones_lots, others_lots)
    row[4] = lots / max(ones_lots, others_lots)
    row[8] = lots / (0.5 * (touch[0].size[0] + touch[0].size[1]) + 1.0)
    low_and_high(row, 9, ones_lots / max(history[one].usual, 1.0), others_lots / max(history[other].usual, 1.0))
    mine, theirs = spells[one], spells[other]
    low_and_high(row, 11, (mine[0].resting + mine[1].resting) / lots, (theirs[0].resting + theirs[1].resting) / lots)


@part
def describe_pair(pair: Row, one: Row, other: Row, ones_orders: float, others_orders: float, meeting: Row, step: int, row: Row) -> None:
    """Write the features of what the two agents did so far, each with so many orders."""
    fade(one, step)
    fade(other, step)
    row[13], row[14] = pair.run, step - pair.begin
    row[15] = pair.uneven / max(pair.last - pair.begin, 1.0) if pair.run > 2.0 else -1.0
    row[16] = pair.same / max(pair.run - 1.0, 1.0)
    row[17] = abs(pair.net) / pair.lots
    low_and_high(row, 18, pair.lately / max(one.traded, pair.lately), pair.lately / max(other.traded, pair.lately))
    low_and_high(row, 20, one.lots / max(one.traded, one.lots, 1.0), other.lots / max(other.traded, other.lots, 1.0))
    row[22] = max(abs(one.net) / max(one.lots, 1.0), abs(other.net) / max(other.lots, 1.0))
    row[23] = pair.matched
    row[24] = beyond_chance(pair.matched, one.matched, other.matched, meeting.matched)
    low_and_high(row, 25, pair.matched / one.meetings, pair.matched / other.meetings)
    row[27] = beyond_chance(pair.meetings, one.meetings, other.meetings, meeting.meetings)
    row[28] = 1000.0 * pair.runs / (step + 1.0)
    row[29], row[30] = pair.together / max(pair.matched, 1.0), pair.distance / max(pair.matched, 1.0)
    low_and_high(row, 32, one.matched / one.meetings, other.matched / other.meetings)
    low_and_high(row, 34, one.withdrawn / max(ones_orders, 1.0), other.withdrawn / max(others_orders, 1.0))
    low_and_high(row, ALONE + 2, one.gone / max(ones_orders, 1.0), other.gone / max(others_orders, 1.0))
