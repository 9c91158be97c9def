"""Chance for traders: draws from the agent's own stream, bit for bit the same in Python and in compiled code.

The stream is splitmix64 (Steele, Lea and Flood 2014): a counter with a mixing function, one word of state. Everything that
follows from a word is integer arithmetic or one exact multiplication, so no library of the platform has a say in it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.matching.compiled import i8, inlined, u8
from simulator.world.jit import both_ways, compiled_form

_MASK = (1 << 64) - 1
_GAMMA, _MIX_A, _MIX_B = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
GAMMA, _MIX_A_U8, _MIX_B_U8 = np.uint64(_GAMMA), np.uint64(_MIX_A), np.uint64(_MIX_B)
_S11, _S16, _S27, _S30, _S31, _S32 = (np.uint64(shift) for shift in (11, 16, 27, 30, 31, 32))
_EVEN = np.uint64(0x0000FFFF0000FFFF)
_UNIT = 2.0**-53
_SUM_MEAN = 262140  # of eight 16-bit words: 8 x 32767.5
_SUM_SCALE = 1.0 / 53509.91992145008  # their standard deviation is the root of 8 x (65536 ** 2 - 1) / 12


@inlined
def mixed(state: int) -> int:
    """Return the word that belongs to a state of a stream, in compiled code."""
    word: Any = u8(state)
    word = (word ^ (word >> _S30)) * _MIX_A_U8
    word = (word ^ (word >> _S27)) * _MIX_B_U8
    return word ^ (word >> _S31)  # type: ignore[no-any-return]


@inlined
def next_word(row: Any) -> int:
    """Move the stream in the field `random` of a row on and return its next word, in compiled code."""
    row.random = row.random + GAMMA
    return mixed(row.random)


@inlined
def unit_of(word: int) -> float:
    """Return a number in [0, 1) from a word, in compiled code."""
    return (word >> _S11) * _UNIT


@inlined
def below(word: int, bound: int) -> int:
    """Return a whole number in 0..bound-1 from a word, in compiled code; bound is at most 2^32."""
    return i8(((word >> _S32) * u8(bound)) >> _S32)


@inlined
def bell_of(first: int, second: int) -> float:
    """Return a nearly normal number (the sum of eight words of 16 bits, within 4.9) from two words, in compiled code."""
    pairs = (first & _EVEN) + ((first >> _S16) & _EVEN) + (second & _EVEN) + ((second >> _S16) & _EVEN)
    return (i8(pairs & np.uint64(0xFFFFFFFF)) + i8(pairs >> _S32) - _SUM_MEAN) * _SUM_SCALE


def random_word(view: Any) -> int:
    """Return the next 64-bit word of the agent's own stream, in 0..2^64-1."""
    state = (int(view.random) + _GAMMA) & _MASK
    view.random = state
    word = ((state ^ (state >> 30)) * _MIX_A) & _MASK
    word = ((word ^ (word >> 27)) * _MIX_B) & _MASK
    return word ^ (word >> 31)


@compiled_form(random_word)
def _random_word(view: Any) -> int:
    return next_word(view.own)


def uniform(view: Any) -> float:
    """Return a number in [0, 1)."""
    return (random_word(view) >> 11) * _UNIT


@compiled_form(uniform)
def _uniform(view: Any) -> float:
    return unit_of(next_word(view.own))


def randint(view: Any, low: int, high: int) -> int:
    """Return a whole number in low..high-1; high must lie above low, by at most 2^32."""
    return low + (((random_word(view) >> 32) * (high - low)) >> 32)


@compiled_form(randint)
def _randint(view: Any, low: int, high: int) -> int:
    return i8(low) + below(next_word(view.own), i8(high) - i8(low))


def normal(view: Any) -> float:
    """Return a nearly normal number of mean 0 and deviation 1: the scaled sum of eight uniform words, always within 4.9."""
    total = 0
    for _ in range(2):
        word = random_word(view)
        total += (word & 0xFFFF) + ((word >> 16) & 0xFFFF) + ((word >> 32) & 0xFFFF) + (word >> 48)
    return (total - _SUM_MEAN) * _SUM_SCALE


@compiled_form(normal)
def _normal(view: Any) -> float:
    first = next_word(view.own)
    return bell_of(first, next_word(view.own))


@both_ways
def chance(view: Any, probability: float) -> bool:
    """Return True with a probability, at the cost of one draw."""
    return uniform(view) < probability
