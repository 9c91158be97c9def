"""How a world begins: the rows of its symbols and its own, as its scenario describes them."""

from __future__ import annotations

from math import prod, sqrt

import msgspec
import numpy as np

from simulator import seeding
from simulator.matching.arrays import aligned_zeros
from simulator.types import CommandKind
from simulator.world.bands import band_of
from simulator.world.layout import MARKET, STATE, SYMBOL, Array
from simulator.world.loop import Phase
from simulator.world.moves import Storms
from simulator.world.scenario import Scenario
from simulator.world.view import begin_history


def initial_markets(scenario: Scenario) -> Array:
    """(symbols,) MARKET: prices, bands and an empty history."""
    markets = aligned_zeros(len(scenario.symbols), MARKET)
    markets["agents"], markets["broadcast_sender"], markets["newest_auction"] = scenario.agents, -1, -1
    for row, symbol in enumerate(scenario.symbols):
        markets["tick_size"][row], markets["lot_size"][row] = symbol.tick_size, symbol.lot_size
        begin_history(markets, row, symbol.initial_price)
        if scenario.price_band is not None:
            band = band_of(symbol.initial_price, round(1_000_000 * scenario.price_band.width), symbol.tick_size)
            markets["band_low"][row], markets["band_high"][row] = band
    return markets


def initial_symbols(scenario: Scenario, world_id: int, seed: int) -> Array:
    """(symbols,) SYMBOL: fundamental values with their moves, and the breakers."""
    symbols = np.zeros(len(scenario.symbols), SYMBOL)
    symbols["asked_by"] = -1
    for row, symbol in enumerate(scenario.symbols):
        moves = symbol.fundamental
        symbols["random"][row] = seeding.stream(seed, "world", world_id, "fundamental", row)
        symbols["value"][row] = symbols["anchor"][row] = symbol.initial_price
        symbols["reversion"][row], symbols["volatility"][row] = moves.reversion, moves.volatility
        symbols["jump_probability"][row], symbols["jump_size"][row] = moves.jump_probability, moves.jump_size
        symbols["loading"][row], symbols["own_weight"][row] = moves.loading, sqrt(1 - moves.loading**2)
        symbols["scale"][row] = 1.0
        if moves.seasons is not None:
            symbols["season_height"][row], symbols["season_phase"][row] = moves.seasons.height, moves.seasons.phase
            symbols["season_turn"][row] = 1 / moves.seasons.period
        for number, regime in enumerate(moves.described()):
            symbols["regimes"][row] = number + 1
            symbols["regime_volatility"][row, number], symbols["regime_jumps"][row, number] = regime.volatility, regime.jumps
            symbols["regime_drift"][row, number], symbols["regime_end"][row, number] = regime.drift, 1 / regime.duration
        if scenario.circuit_breaker is not None:
            symbols["breaker_move"][row] = round(1_000_000 * scenario.circuit_breaker.move)
            symbols["breaker_window"][row], symbols["breaker_pause"][row] = scenario.circuit_breaker.window, scenario.circuit_breaker.pause
        if moves.storms is not None:
            _begin_storms(symbols[row], moves.storms, seeding.stream(seed, "world", world_id, "storms", row))
    if scenario.session is not None and scenario.session.opening:
        symbols["phase"] = int(CommandKind.CALL)
    return symbols


def _begin_storms(symbol: np.void, storms: Storms, start: int) -> None:
    draws = storms.draws()
    symbol["components"], symbol["spread"], symbol["draws"][: len(draws)] = len(draws), storms.spread, draws
    symbol["high"] = high = start & ((1 << len(draws)) - 1)
    symbol["scale"] = sqrt(prod(1 + storms.spread if high >> place & 1 else 1 - storms.spread for place in range(len(draws))))


def initial_state(scenario: Scenario, world_id: int, seed: int) -> Array:
    """(1,) STATE: what is one for the whole world."""
    state = np.zeros(1, STATE)
    state["random"], state["factor"] = (seeding.stream(seed, "world", world_id, name) for name in ("turns", "factor"))
    state["phase"], state["linked"] = int(Phase.BEGIN), any(symbol.fundamental.loading for symbol in scenario.symbols)
    state["maker_fee"], state["taker_fee"] = scenario.fees.maker, scenario.fees.taker
    if scenario.price_band is not None:
        state["band_width"], state["band_window"] = round(1_000_000 * scenario.price_band.width), scenario.price_band.window
    if scenario.session is not None:
        state["session_steps"], state["opening"], state["closing"] = msgspec.structs.astuple(scenario.session)
    state["graded"] = any(symbol.resource is not None for symbol in scenario.symbols)
    state["tick_interval"], state["account_interval"] = scenario.tick_interval, scenario.account_interval
    return state
