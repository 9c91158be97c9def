"""Bursts of messages: orders entered, changed and withdrawn by one agent in dense steps, one after the other.

Quote stuffing is a burst, and so is what a fast market maker does all day. A burst becomes a candidate while it goes on, each time that
it has doubled, so that it is told early. The definitions: "quote stuffing ... entering large numbers of orders to trade and/or
cancellations and/or updates", annex II to Delegated Regulation (EU) 2016/522; Egginton, Van Ness and Van Ness, "Quote stuffing",
Financial Management 45 (2016), who look for message counts far above the usual ones of minutes.
"""

from __future__ import annotations

import numpy as np

from spark_jobs.detection.columns import Array, Row
from spark_jobs.detection.compiled import part

DENSE = 3  # messages that make a step dense
GAP = 3  # steps without a dense one that end a burst
FIRST = 16  # messages of the first candidate; then 32, 64 and so on

BURST = np.dtype(
    [
        ("step", "f8"), ("count", "f8"), ("begin", "f8"), ("dense", "f8"), ("messages", "f8"), ("due", "f8"), ("withdrawn", "f8"),
        ("moved", "f8"), ("buys", "f8"), ("lots", "f8"), ("away", "f8"), ("traded", "f8"), ("others", "f8"), ("ever", "f8"),
        ("bursts", "f8"), ("in_bursts", "f8"),
    ],
    align=True,
)  # fmt: skip
"""Of an agent: the present step and its messages; the burst's begin, last dense step, messages, and at how many it is a candidate next;
of its messages those that withdraw, change, buy; lots and lots x ticks from the mid of those that enter or change; lots traded; messages of
the whole market when it began; and ever: messages, bursts, messages in them."""

FEATURES = (
    "messages",  # so far
    "duration",  # steps
    "rate",  # messages a step
    "market_share",  # of all messages since it began
    "withdrawn_share",  # of its messages
    "moved_share",
    "one_sidedness",  # 0 for as many on either side, 1 for all on one
    "size_to_touch",  # mean lots entered, beside what is usual at the touch
    "distance",  # mean ticks from the mid, in usual spreads
    "traded_per_message",  # lots
    "rate_to_own",  # beside the agent's messages a step, ever
    "earlier_rate",  # bursts a thousand steps
    "earlier_share",  # of its messages ever, those in bursts
)
WIDTH = 4 + len(FEATURES)
"""A candidate: agent, -1, first step, last step, then the features."""

ENTERED, WITHDRAWN, MOVED = range(3)


@part
def on_message(bursts: Array, agent: int, what: int, side: int, lots: int, price: int, touch: Array, found: Array, count: int) -> int:
    """Take a message in; writes a candidate to `found` at `count` if the burst has doubled, and returns how many there are then."""
    burst, now = bursts[agent], touch[0]
    now.messages += 1
    burst.ever += 1.0
    if burst.step != now.step:
        burst.step, burst.count = now.step, 0.0
    burst.count += 1.0
    if burst.count == DENSE:
        if now.step - burst.dense > GAP or burst.messages == 0.0:
            begin(burst, now)
        burst.dense = now.step
    if burst.messages == 0.0 or now.step - burst.dense > GAP:
        return count
    burst.messages += 1.0
    burst.in_bursts += 1.0
    burst.withdrawn += 1.0 if what == WITHDRAWN else 0.0
    burst.moved += 1.0 if what == MOVED else 0.0
    burst.buys += 1.0 if side == 0 else 0.0
    if what != WITHDRAWN and price > 0:
        burst.lots += lots
        burst.away += lots * abs(price - now.mid)
    if burst.messages < burst.due or count >= len(found):
        return count
    burst.due *= 2.0
    describe(burst, now, found[count])
    found[count, 0], found[count, 1], found[count, 2], found[count, 3] = agent, -1, burst.begin, now.step
    return count + 1


@part
def begin(burst: Row, now: Row) -> None:
    """A dense step after none: the messages that made it so are its first."""
    if burst.messages >= FIRST:
        burst.bursts += 1.0
    burst.begin, burst.messages, burst.due, burst.others = now.step, DENSE - 1.0, FIRST, now.messages - DENSE
    burst.withdrawn = burst.moved = burst.buys = burst.lots = burst.away = burst.traded = 0.0


@part
def describe(burst: Row, now: Row, row: Row) -> None:
    """Write the features of a burst behind the first four numbers of a row."""
    steps = now.step - burst.begin + 1.0
    looked_at = burst.messages - (DENSE - 1)  # it was no burst yet when the first came
    entered = max(looked_at - burst.withdrawn, 1.0)
    row[4] = burst.messages
    row[5] = steps
    row[6] = burst.messages / steps
    row[7] = burst.messages / max(now.messages - burst.others, 1.0)
    row[8] = burst.withdrawn / looked_at
    row[9] = burst.moved / looked_at
    row[10] = abs(2.0 * burst.buys / looked_at - 1.0)
    row[11] = burst.lots / entered / (0.5 * (now.size[0] + now.size[1]) + 1.0)
    row[12] = burst.away / max(burst.lots, 1.0) / now.spread
    row[13] = burst.traded / burst.messages
    row[14] = row[6] / max(burst.ever / (now.step + 1.0), 1e-9)
    row[15] = 1000.0 * burst.bursts / (now.step + 1.0)
    row[16] = burst.in_bursts / burst.ever


@part
def on_traded(burst: Row, lots: int) -> None:
    """An agent traded."""
    burst.traded += lots
