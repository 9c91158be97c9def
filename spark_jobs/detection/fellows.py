"""Orders of two who belong together that did not last, one soon after the other, as candidates.

An arranged trade that outsiders step into leaves no matched orders: only an order that was taken or withdrawn at once, and then one of an
accomplice. Of strangers that is chance; of two whose orders matched far more often than by chance it is another session of theirs.
"""

from __future__ import annotations

from spark_jobs.detection.columns import Array, Row
from spark_jobs.detection.compiled import part
from spark_jobs.detection.meetings import ALONE, describe_orders, describe_pair
from spark_jobs.detection.partners import FAR, NEVER, SLOTS, begin_of, beyond_chance

KNOWN = 2.0  # matched orders of two, from which on they may belong together
APART = 30  # steps between their orders


@part
def on_gone_alone(
    order: Row, taker: int, partners: Array, parties: Array, market: Row, history: Array, spells: Array, touch: Array, found: Array,
    count: int,
) -> int:  # fmt: skip
    """An order did not last: taken by an outsider or withdrawn, then `taker` is -1. Writes a candidate to `found` at `count` if it is one.

    Its agent's last such order is noted; nothing comes of a second part of one order.
    """
    agent = order.owner
    mine = parties[agent]
    again = mine.gone_key == order.key
    mine.gone_key, mine.gone_step, mine.gone_lots, mine.gone = order.key, order.step, order.lots, mine.gone + (0.0 if again else 1.0)
    if again or count >= len(found):
        return count
    newest, place = -1.0, -1
    for slot in range(SLOTS):
        pair = partners[agent, slot]
        if pair.matched >= KNOWN:
            other = parties[pair.key - 1]
            near = other.gone_key != 0 and order.step - other.gone_step <= APART
            if (near or pair.key - 1 == taker) and beyond_chance(pair.matched, mine.matched, other.matched, market.matched) > FAR:
                if pair.key - 1 == taker:
                    return count
                if other.gone_step > newest:
                    newest, place = other.gone_step, slot
    if place >= 0:
        describe(order, taker, partners[agent, place], partners, parties, market, history, spells, touch, found[count])
        return count + 1
    return count


@part
def describe(
    order: Row, taker: int, pair: Row, partners: Array, parties: Array, market: Row, history: Array, spells: Array, touch: Array, row: Row
) -> None:
    """Write the candidate of an order and the accomplice's last one; its last step is the one in which the two would have met."""
    agent, fellow = order.owner, pair.key - 1
    one, other = parties[fellow], parties[agent]
    row[0], row[1], row[3] = fellow, agent, order.step + pair.lag
    first = begin_of(partners, parties, agent, order.step, market.matched)
    row[2] = min(first, begin_of(partners, parties, fellow, int(one.gone_step), market.matched))
    describe_orders(fellow, agent, one.gone_lots, order.lots, history, spells, touch, row)
    describe_pair(pair, one, other, history[fellow].orders, history[agent].orders, market, order.step, row)
    row[5], row[6] = 0.0, 0.0 if taker < 0 else 1.0
    row[7] = (order.mid - order.price) * (1.0 if order.side == 0 else -1.0) / touch[0].spread
    row[31] = min(order.step - pair.matched_at, NEVER)
    row[ALONE], row[ALONE + 1] = 1.0, order.step - one.gone_step
