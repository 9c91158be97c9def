"""Chance of negotiations: a stream for each, named by its number, whatever batch it is in; one definition for arrays and compiled code.

Source: the splitmix64 generator of Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import seeding
from simulator.matching.compiled import inlined

GAMMA, _MIX_A, _MIX_B = (np.uint64(word) for word in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_S11, _S27, _S30, _S31 = (np.uint64(shift) for shift in (11, 27, 30, 31))


def mixed(words: Any) -> Any:
    """Return 64-bit words so mixed that neighbours have nothing in common."""
    words = (words ^ (words >> _S30)) * _MIX_A
    words = (words ^ (words >> _S27)) * _MIX_B
    return words ^ (words >> _S31)


def streams(seed: int, purpose: str, count: int, start: int = 0) -> NDArray[np.uint64]:
    """Return (count,) first states of the streams of the numbers start..start+count-1 for a purpose."""
    numbers = np.arange(start, start + count, dtype=np.uint64)
    return np.asarray(np.uint64(seeding.stream(seed, purpose)) + mixed(numbers * GAMMA), np.uint64)


def later(states: NDArray[np.uint64], draws: int) -> NDArray[np.uint64]:
    """Return the states of streams after so many draws."""
    return states + np.uint64(draws * int(GAMMA) & (1 << 64) - 1)


def uniforms(states: NDArray[np.uint64], place: int) -> NDArray[np.float64]:
    """Return the numbers in [0, 1) at a place, counted from 1, of streams by their first states."""
    words = mixed(later(states, place))
    return np.asarray((words >> _S11).astype(np.float64) * 2.0**-53)


_mixed_word = inlined(mixed)


@inlined
def unit(state: Any) -> float:
    """Return the number in [0, 1) of a stream's state, in compiled code; its next state is GAMMA further on."""
    return (_mixed_word(state) >> _S11) * 2.0**-53  # type: ignore[no-any-return]
