"""Agent steps per second: the default market against bourse's with agents in Python, both of 100 agents polled every step.

bourse's agents follow the default scenario's: the same shares, chances to act, and rules of the same kind, written as its own
example agents are (a class with `update`), so that both markets see about as many orders per agent and step.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import numpy as np

from simulator.run import run_world
from simulator.seeding import generator
from simulator.types import RecordKind
from simulator.world.scenario_files import load
from simulator.world.world import World

AGENTS, SEED = 100, 1
OUR_STEPS, BOURSE_STEPS = 20_000, 500
START_PRICE = 10_000
_ACTIVE = 1  # bourse's status of an order in its book
_NO_ASK = 2**32 - 1  # bourse's best ask of an empty side


def our_agents() -> tuple[float, dict[str, float]]:
    """Run the default market with every record written; return agent steps per second of processor time."""
    world, orders = World(load("trading").with_agents(AGENTS), 0, SEED), 0
    start = time.process_time()
    for block in run_world(world, OUR_STEPS):
        orders += int(np.count_nonzero(block.records["kind"] == RecordKind.ACCEPTED))
    seconds = time.process_time() - start
    agent_steps = OUR_STEPS * AGENTS
    return agent_steps / seconds, {"orders_per_agent_step": orders / agent_steps}


def bourse_agents() -> tuple[float, dict[str, float]]:
    """Run bourse's market with the loop of its own runner; return agent steps per second of processor time."""
    import bourse

    environment, random = bourse.core.StepEnv(SEED, 0, 1, 1_000_000), generator(SEED, "bourse")
    agents = [_AGENTS[number](number) for number in range(AGENTS)]
    start = time.process_time()
    for _ in range(BOURSE_STEPS):
        for agent in agents:
            agent.update(random, environment)
        environment.step()
    seconds = time.process_time() - start
    agent_steps = BOURSE_STEPS * AGENTS
    return agent_steps / seconds, {"orders_per_agent_step": len(environment.get_orders()) / agent_steps}


class Noise:
    """Half market orders, half limit orders near the touch; now and then withdraws its last order."""

    activity = 0.12

    def __init__(self, number: int) -> None:
        """An agent of that number."""
        self.number, self.order = number, -1

    def update(self, random: Any, environment: Any) -> None:
        """Look at the market, as every step hands our agents their view, then act with the chance that its kind acts with."""
        bid, ask = environment.bid_ask
        self.look(bid, ask)
        if random.random() < self.activity:
            self.act(random, environment, bid or START_PRICE - 1, ask if ask < _NO_ASK else START_PRICE + 1)

    def look(self, bid: int, ask: int) -> None:
        """Keep what it needs to remember: nothing."""

    def act(self, random: Any, environment: Any, bid: int, ask: int) -> None:
        """Buy, sell or withdraw."""
        coin = random.random()
        if coin > 0.6:
            if self.order >= 0 and environment.order_status(self.order) == _ACTIVE:
                environment.cancel_order(self.order)
            return
        buys, size = coin < 0.3, int(random.integers(1, 10))
        if random.random() < 0.5:
            environment.place_order(buys, size, self.number)
            return
        away = int(random.integers(1, 13))
        self.order = environment.place_order(buys, size, self.number, price=ask - away if buys else bid + away)


class Maker(Noise):
    """Keeps one bid and one ask around the mid, moving those that are out of place."""

    activity = 0.5

    def __init__(self, number: int) -> None:
        """An agent of that number."""
        super().__init__(number)
        self.quotes: dict[bool, tuple[int, int]] = {}

    def act(self, random: Any, environment: Any, bid: int, ask: int) -> None:
        """Replace what is gone or more than two ticks out of place."""
        mid = (bid + ask) // 2
        for buys, price in ((True, mid - 3), (False, mid + 3)):
            order, at = self.quotes.get(buys, (-1, 0))
            rests = order >= 0 and environment.order_status(order) == _ACTIVE
            if rests and abs(at - price) <= 2:
                continue
            if rests:
                environment.cancel_order(order)
            self.quotes[buys] = (environment.place_order(buys, 10, self.number, price=price), price)


class Momentum(Noise):
    """Buys what rose and sells what fell over the last 20 steps."""

    activity = 0.05

    def __init__(self, number: int) -> None:
        """An agent of that number."""
        super().__init__(number)
        self.mids: deque[float] = deque(maxlen=20)

    def look(self, bid: int, ask: int) -> None:
        """Remember the mid."""
        self.mids.append((bid + ask) / 2)

    def act(self, random: Any, environment: Any, bid: int, ask: int) -> None:
        """Trade with the trend."""
        change = self.mids[-1] - self.mids[0]
        if change:
            environment.place_order(change > 0, 3, self.number)


class MeanReversion(Momentum):
    """Sells above the average of the last 20 steps and buys below it."""

    def act(self, random: Any, environment: Any, bid: int, ask: int) -> None:
        """Trade back towards the average."""
        away = self.mids[-1] - sum(self.mids) / len(self.mids)
        if abs(away) > 1:
            environment.place_order(away < 0, 3, self.number)


_AGENTS = [Noise] * 50 + [Maker] * 18 + [Momentum] * 24 + [MeanReversion] * 8
