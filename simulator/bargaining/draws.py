"""How negotiations begin: valuations and streams of chance, one for each number, whatever batch it is in."""

from __future__ import annotations

import numpy as np

from simulator.bargaining.mixing import later, streams, uniforms
from simulator.bargaining.protocol import NEGOTIATION, Rows
from simulator.bargaining.rules import Rules


def begin(rules: Rules, seed: int, count: int, start: int = 0) -> Rows:
    """Return (count,) NEGOTIATION: those of the numbers start..start+count-1 of a seed, at their first turn.

    Valuations are uniform in the rules' ranges. Each begins to believe that the other one's value is in the middle of its range.
    Raises ValueError for fewer than one, and for a seed that is none.
    """
    if count < 1:
        raise ValueError(f"{count} negotiations is fewer than one; ask for at least one")
    rows = np.zeros(count, NEGOTIATION)
    state = streams(seed, "negotiations", count, start)
    for party, (least, most) in enumerate((rules.supplier, rules.retailer)):
        rows["value"][:, party] = least + (most - least) * uniforms(state, party + 1)
        rows["belief"][:, 1 - party], rows["doubt"][:, 1 - party] = (least + most) / 2, (most - least) ** 2 / 12
    rows["random"], rows["turn"], rows["standing"] = later(state, 2), int(rules.first), -1
    return rows
