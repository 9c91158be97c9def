"""The fundamental value of a symbol: a mean-reverting walk with jumps.

Source: Vasicek, "An equilibrium characterization of the term structure", Journal of Financial Economics 5 (1977), in steps, with the
jumps of Merton, "Option pricing when underlying stock returns are discontinuous", Journal of Financial Economics 3 (1976).
"""

from __future__ import annotations

from simulator.matching.compiled import inlined
from simulator.world.draws import bell_of, next_word, unit_of
from simulator.world.layout import Array, Row

LOWEST = 1.0  # tick: a value is never worthless, because no price could follow it


@inlined
def move_values(symbols: Array) -> None:
    """Move the fundamental value of every symbol by one step."""
    for number in range(len(symbols)):
        move_value(symbols[number])


@inlined
def move_value(symbol: Row) -> None:
    """Move one value: pull, noise, and now and then a jump."""
    first = next_word(symbol)
    value = symbol.value + symbol.reversion * (symbol.anchor - symbol.value) + symbol.volatility * bell_of(first, next_word(symbol))
    if symbol.jump_probability > 0.0 and unit_of(next_word(symbol)) < symbol.jump_probability:
        first = next_word(symbol)
        value += symbol.jump_size * bell_of(first, next_word(symbol))
    symbol.value = value if value > LOWEST else LOWEST
