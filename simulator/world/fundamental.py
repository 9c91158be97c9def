"""The fundamental value of a symbol: a mean-reverting walk with jumps.

Source: Vasicek, "An equilibrium characterization of the term structure", Journal of Financial Economics 5 (1977), in steps, with the
jumps of Merton, "Option pricing when underlying stock returns are discontinuous", Journal of Financial Economics 3 (1976), and the
common factor of Sharpe, "A simplified model for portfolio analysis", Management Science 9 (1963). Calm and stormy times come from
Calvet and Fisher, "How to forecast long-run volatility: regime switching and the estimation of multifractal processes", Journal of
Financial Econometrics 2 (2004), and regimes from Hamilton, "A new approach to the economic analysis of nonstationary time series and
the business cycle", Econometrica 57 (1989).
"""

from __future__ import annotations

from math import floor, sqrt

from simulator.matching.compiled import inlined, u8
from simulator.world.draws import GAMMA, bell_of, below, mixed, next_word, unit_of
from simulator.world.layout import Array, Row

ONE = u8(1)
LOWEST = 1.0  # tick: a value is never worthless, because no price could follow it


@inlined
def move_values(state: Row, symbols: Array) -> None:
    """Move the fundamental value of every symbol by one step."""
    factor = 0.0
    if state.linked != 0:
        first = next_factor_word(state)
        factor = bell_of(first, next_factor_word(state))
    for number in range(len(symbols)):
        move_value(symbols[number], factor, state.step)


@inlined
def move_value(symbol: Row, factor: float, step: int) -> None:
    """Move one value: pull, noise (its own and that of all symbols), and now and then a jump."""
    if symbol.components > 0:
        stir(symbol)
    if symbol.regimes > 1:
        change_regime(symbol)
    regime = u8(symbol.regime)
    deviation, chance = symbol.volatility * symbol.scale * symbol.regime_volatility[regime], symbol.regime_jumps[regime]
    first = next_word(symbol)
    noise = symbol.loading * factor + symbol.own_weight * bell_of(first, next_word(symbol))
    level = symbol.anchor
    if symbol.season_height > 0.0:
        level += level * symbol.season_height * wave_of(step * symbol.season_turn + symbol.season_phase)
    value = symbol.value + symbol.reversion * (level - symbol.value) + deviation * noise + symbol.regime_drift[regime]
    if symbol.jump_probability > 0.0 and unit_of(next_word(symbol)) < symbol.jump_probability * chance:
        first = next_word(symbol)
        value += symbol.jump_size * bell_of(first, next_word(symbol))
    symbol.value = value if value > LOWEST else LOWEST


@inlined
def wave_of(turns: float) -> float:
    """Return nearly the sine of a number of whole turns, within 0.002: Bhaskara's formula, whose bits are the same on every machine."""
    part = 2.0 * (turns - floor(turns))
    rising = part if part < 1.0 else part - 1.0
    product = 4.0 * rising * (1.0 - rising)
    height = 4.0 * product / (5.0 - product)
    return height if part < 1.0 else -height


@inlined
def change_regime(symbol: Row) -> None:
    """Now and then let another regime follow, each with the same chance."""
    if unit_of(next_word(symbol)) < symbol.regime_end[u8(symbol.regime)]:
        other = below(next_word(symbol), symbol.regimes - 1)
        symbol.regime = other if other < symbol.regime else other + 1


@inlined
def stir(symbol: Row) -> None:
    """Draw some components of the volatility anew, each at its own rate: they are high or low by a coin."""
    changed = False
    for component in range(symbol.components):
        if unit_of(next_word(symbol)) < symbol.draws[component]:
            bit = ONE << u8(component)
            symbol.high = symbol.high | bit if next_word(symbol) & ONE else symbol.high & ~bit
            changed = True
    if changed:
        variance = 1.0
        for component in range(symbol.components):
            variance *= 1.0 + symbol.spread if (symbol.high >> u8(component)) & ONE else 1.0 - symbol.spread
        symbol.scale = sqrt(variance)


@inlined
def next_factor_word(state: Row) -> int:
    """Move the stream of the factor that all symbols share on and return its next word."""
    state.factor = state.factor + GAMMA
    return mixed(state.factor)
