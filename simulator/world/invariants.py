"""What must hold between any two steps, checked in plain Python: for tests, and for anybody who doubts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.matching.state import BookState
from simulator.types import Side
from simulator.world.layout import Array

if TYPE_CHECKING:
    from simulator.world.world import World


def check(world: World) -> None:
    """Check a world. Raises ValueError that names the first rule that is broken, with the numbers."""
    conserved(world)
    for symbol in range(len(world.markets)):
        state = world.book_state(symbol)
        uncrossed(world, symbol)
        listed(world, symbol, state)
    within_limits(world)


def conserved(world: World) -> None:
    """Cash with the fees paid, and the inventory of each symbol, are over all agents what they were at the start."""
    populations, agents = world.scenario.populations, world.agents
    counts = world.scenario.counts()
    cash, before = int(agents["cash"].sum() + agents["fees"].sum()), sum(p.cash * n for p, n in zip(populations, counts, strict=True))
    if cash != before:
        raise ValueError(f"step {world.step}: cash and fees sum to {cash} and began as {before}; a trade was not booked on both sides")
    begun = np.array([population.inventory for population in populations])[agents["trader_type"]]
    for symbol in range(len(world.markets)):
        mine = agents["symbol"] == symbol
        if (held := int(agents["inventory"][mine].sum())) != (had := int(begun[mine].sum())):
            raise ValueError(f"step {world.step}: agents hold {held} lots of symbol {symbol} and began with {had}; lots were made or lost")


def uncrossed(world: World, symbol: int) -> None:
    """The best bid lies below the best ask, except in a call auction."""
    if world.books["in_call"][symbol]:
        return
    bid, ask = (int(price) for price in world.books["best"][symbol])
    if bid and ask and bid >= ask:
        raise ValueError(f"step {world.step}: symbol {symbol} is crossed, best bid {bid} and best ask {ask}; matching left them standing")


def listed(world: World, symbol: int, state: BookState) -> None:
    """The agents' lists of open orders and their sums are exactly what rests in the book."""
    agents = world.agents
    for agent in np.flatnonzero(agents["symbol"] == symbol).tolist():
        orders, resting = world.table.orders_of(agent), state.resting[state.resting["owner"] == agent]
        known = sorted(orders.tolist())
        found = sorted((int(r["order_id"]), int(r["price"]), int(r["remaining"]), int(r["side"])) for r in resting)
        if known != found:
            raise ValueError(f"step {world.step}: agent {agent} is listed with {known}, the book has {found}; a record was missed")
        _summed(world.step, agents[agent], orders)


def _summed(step: int, own: Array, orders: Array) -> None:
    bids, asks = orders[orders["side"] == Side.BUY], orders[orders["side"] == Side.SELL]
    expected = int(bids["size"].sum()), int(asks["size"].sum()), int((bids["price"] * bids["size"]).sum())
    counted = int(own["bid_lots"]), int(own["ask_lots"]), int(own["reserved"])
    if expected != counted:
        raise ValueError(f"step {step}: agent {own['agent']} counts {counted} lots and money in its orders, they hold {expected}")


def within_limits(world: World) -> None:
    """No agent is beyond its position or open order limit."""
    agents = world.agents
    worst = np.maximum(agents["inventory"] + agents["bid_lots"], agents["ask_lots"] - agents["inventory"])
    for name, value, limit in (("position", worst, "position_limit"), ("open orders", agents["open_orders"], "order_limit")):
        beyond = np.flatnonzero(value > agents[limit])
        if len(beyond):
            agent = int(beyond[0])
            raise ValueError(f"step {world.step}: {name} {value[agent]} of agent {agent} is beyond its limit {agents[limit][agent]}")
