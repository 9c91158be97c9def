"""Who leaned towards a parent order, or away from it, by the orders that it entered before it, whether they traded or not."""

from __future__ import annotations

import numpy as np

from spark_jobs.detection.columns import Array, Column
from spark_jobs.detection.compiled import kernel
from spark_jobs.detection.outs import BEFORE
from spark_jobs.detection.parents import Entered, Fills

NEAR = (2, 6, 16, BEFORE)  # steps before a parent order: those who know of it are ahead of it by no more than they need
NEVER = 2.0 * BEFORE  # steps since an order that there was none of

LEAN = np.dtype(
    [
        ("parent", "i4"), ("agent", "i4"), ("way", "i4"), ("size", "f4"), ("begin", "i4"), ("lead", "f4"), ("against", "f4"),
        ("lots", "f4"), ("bold", "f4"), ("orders", "f4"),
    ],
    align=True,
)  # fmt: skip
"""The last order of an agent before a parent order was on the same side (way 1) or the other one (-1); lots of all of them on the same side
less those on the other, beside its usual order; the step of the last one on the same side, the steps from it to the parent order, and from
the last one on the other; its lots beside its usual order, and how bold its price was; how many orders there were."""


@kernel
def find_leans(fills: Fills, entered: Entered, parents: Array, ends: Column, seen: Column, places: Column, leans: Array) -> int:
    """Write the leans that there is room for, by parent, and return how many there are.

    `ends` are how many orders were entered before each parent order; `seen` and `places` (agents,) are -1.
    """
    count = 0
    for number in range(len(parents)):
        parent, begin = parents[number], fills.step[parents[number].begin]
        seen[parent.agent] = number
        before = ends[number] - 1
        while before >= 0 and entered.step[before] >= begin - BEFORE:
            agent, way = entered.agent[before], 1 if entered.side[before] == parent.side else -1
            if seen[agent] != number:
                seen[agent], places[agent] = number, count
                if count < len(leans):
                    lean = leans[count]
                    lean.parent, lean.agent, lean.way = number, agent, way
                    lean.size, lean.orders, lean.lead, lean.against = 0.0, 0.0, NEVER, NEVER
                count += 1
            if agent != parent.agent and places[agent] < len(leans):
                lean = leans[places[agent]]
                lean.size += way * entered.size[before]
                lean.orders += 1.0
                steps = begin - entered.step[before]
                if way > 0 and lean.lead == NEVER:
                    lean.begin, lean.lead = entered.step[before], steps
                    lean.lots, lean.bold = entered.size[before], entered.bold[before]
                elif way < 0 and lean.against == NEVER:
                    lean.against = steps
            before -= 1
    return count
