"""How negotiations begin: valuations and streams of chance, one for each number, whatever batch it is in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator import seeding
from simulator.bargaining.protocol import NEGOTIATION, Rows
from simulator.bargaining.rules import Rules

_GAMMA, _MIX_A, _MIX_B = (np.uint64(word) for word in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_S11, _S27, _S30, _S31 = (np.uint64(shift) for shift in (11, 27, 30, 31))


def begin(rules: Rules, seed: int, count: int, start: int = 0) -> Rows:
    """Return (count,) NEGOTIATION: those of the numbers start..start+count-1 of a seed, at their first turn.

    Valuations are uniform in the rules' ranges. Each begins to believe that the other one's value is in the middle of its range.
    Raises ValueError for fewer than one, and for a seed that is none.
    """
    if count < 1:
        raise ValueError(f"{count} negotiations is fewer than one; ask for at least one")
    rows = np.zeros(count, NEGOTIATION)
    state = np.uint64(seeding.stream(seed, "negotiations")) + _mixed(np.arange(start, start + count, dtype=np.uint64) * _GAMMA)
    for party, (least, most) in enumerate((rules.supplier, rules.retailer)):
        rows["value"][:, party] = least + (most - least) * _unit(state + _times_gamma(party + 1))
        rows["belief"][:, 1 - party], rows["doubt"][:, 1 - party] = (least + most) / 2, (most - least) ** 2 / 12
    rows["random"], rows["turn"], rows["standing"] = state + _times_gamma(2), int(rules.first), -1
    return rows


def _times_gamma(number: int) -> np.uint64:
    return np.uint64(number * int(_GAMMA) & (1 << 64) - 1)


def _mixed(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    words = (words ^ (words >> _S30)) * _MIX_A
    words = (words ^ (words >> _S27)) * _MIX_B
    return words ^ (words >> _S31)


def _unit(states: NDArray[np.uint64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = (_mixed(states) >> _S11).astype(np.float64) * 2.0**-53
    return found
