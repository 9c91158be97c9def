"""What a world looked like after every step, for benchmarks that judge markets rather than speed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.world.scenario import Scenario
from simulator.world.world import World

Numbers = NDArray[np.float64]


class History(NamedTuple):
    """One world with one symbol, step by step; prices in ticks, money in ticks x lots."""

    bid: Numbers  # (steps,) 0 if nobody bids
    ask: Numbers  # (steps,) 0 if nobody offers
    mid: Numbers  # (steps,)
    value: Numbers  # (steps,) fundamental value
    volume: Numbers  # (steps,) lots
    inventory: Numbers  # (steps, agents) lots
    cash: Numbers  # (steps, agents) change since the start
    types: list[str]  # (agents,) name of the strategy


def watch(scenario: Scenario, seed: int, steps: int | None = None) -> History:
    """Play a world from its first step and look at it after each."""
    world = World(scenario, 0, seed)
    length, agents = scenario.steps if steps is None else steps, len(world.agents)
    prices, inventory, cash = np.zeros((length, 5)), np.zeros((length, agents)), np.zeros((length, agents))
    market, start = world.markets[0], world.agents["cash"].copy()
    for step in range(length):
        world.advance()
        prices[step] = market["best_bid"], market["best_ask"], 0.5 * market["mid_twice"], world.symbols["value"][0], market["volume"]
        inventory[step], cash[step] = world.agents["inventory"], world.agents["cash"] - start
    bid, ask, mid, value, volume = prices.T
    return History(bid, ask, mid, value, volume, inventory, cash, world.table.types())


def profit(history: History, price: float) -> Numbers:
    """Return every agent's profit at the end, with its inventory worth `price` a lot; (agents,), ticks x lots."""
    return np.asarray(history.cash[-1] + history.inventory[-1] * price)
