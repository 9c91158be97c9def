"""Plans that several agents share: each knows the same words from the same number, without a message between them."""

from __future__ import annotations

from simulator.world.jit import both_ways

WORDS = 2**31  # words lie below
_MULTIPLIER, _INCREMENT = 1103515245, 12345  # of the linear congruential generator in the C standard's example of rand


@both_ways
def stirred(word: int) -> int:
    """Return the successor of a word in 0..2^31-1, mixed; no step of it leaves 62 bits."""
    word = (word % WORDS * _MULTIPLIER + _INCREMENT) % WORDS
    return word ^ (word >> 16)


@both_ways
def planned(plan: int, number: int, draw: int) -> int:
    """Return word `draw` in 0..2^31-1 of part `number` of a plan: all who share the plan know it, and it looks like chance."""
    return stirred(stirred(stirred(stirred(stirred(plan) ^ number % WORDS)) ^ draw % WORDS))
