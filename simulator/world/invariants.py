"""What must hold between any two steps, checked in plain Python: for tests, and for anybody who doubts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.matching.state import BookState
from simulator.types import Side
from simulator.world.deal_rows import DealState
from simulator.world.layout import Array
from simulator.world.party_rows import MILLION, WHEEL

if TYPE_CHECKING:
    from simulator.world.world import World


def check(world: World) -> None:
    """Check a world. Raises ValueError that names the first rule that is broken, with the numbers."""
    conserved(world)
    graded(world)
    scheduled(world)
    for symbol in range(len(world.markets)):
        state = world.book_state(symbol)
        uncrossed(world, symbol)
        listed(world, symbol, state)
    within_limits(world)


def conserved(world: World) -> None:
    """All money and all lots are where they began, or went where accounts say."""
    populations, agents, parties = world.scenario.populations, world.agents, world.parties.parties
    counts = world.scenario.counts()
    gone = agents["fees"] + parties["fines"] + parties["spent"] - parties["earned"]
    money, before = int((agents["cash"] + gone).sum()), sum(p.cash * n for p, n in zip(populations, counts, strict=True))
    if money != before:
        raise ValueError(
            f"step {world.step}: cash and what left the market sum to {money} and began as {before}; a payment was not booked on both sides"
        )
    if unpaid := int(parties["paid"].sum()):
        raise ValueError(f"step {world.step}: payments outside the book sum to {unpaid}, not 0; one was not booked on both sides")
    begun = np.array([population.inventory for population in populations])[agents["trader_type"]]
    lots = agents["inventory"] + parties["escrow"] + parties["consumed"] + parties["perished"] - parties["produced"]
    for symbol in range(len(world.markets)):
        mine = agents["symbol"] == symbol
        if (held := int(lots[mine].sum())) != (had := int(begun[mine].sum())):
            raise ValueError(
                f"step {world.step}: {held} lots of symbol {symbol} are accounted for and there were {had}; lots were made or lost"
            )


def graded(world: World) -> None:
    """The quality of a stock is that of no more lots than there are."""
    agents, parties = world.agents, world.parties.parties
    for held, quality in ((agents["inventory"], "quality"), (parties["escrow"], "escrow_quality")):
        beyond = np.flatnonzero((parties[quality] < 0) | (parties[quality] > np.maximum(held, 0) * MILLION))
        if len(beyond):
            agent = int(beyond[0])
            raise ValueError(f"step {world.step}: {quality} {parties[quality][agent]} of agent {agent} is not that of {held[agent]} lots")


def scheduled(world: World) -> None:
    """Every deal that is open is due once, at a step to come, and its maker counts it."""
    deals, wheel, found = world.parties.deals, world.parties.wheel, []
    for slot, first in enumerate(wheel.tolist()):
        row = first
        while row >= 0:
            found.append(row)
            if deals["slot"][row] != slot or not world.step <= deals["due"][row] < world.step + WHEEL:
                raise ValueError(
                    f"step {world.step}: deal {deals['id'][row]} is due at {deals['due'][row]} and found in slot {slot}; it was misplaced"
                )
            row = int(deals["next"][row])
    open_rows = np.flatnonzero(np.isin(deals["state"], (DealState.OFFERED, DealState.AGREED, DealState.DISPUTED, DealState.AUCTION)))
    if sorted(found) != open_rows.tolist():
        raise ValueError(f"step {world.step}: deals {sorted(found)} are due and {open_rows.tolist()} are open; one was forgotten")
    counted = np.bincount(deals["first"][open_rows], minlength=len(world.agents))
    if wrong := np.flatnonzero(counted != (counts := world.parties.parties["deals"])).tolist():
        agent = wrong[0]
        raise ValueError(
            f"step {world.step}: agent {agent} counts {counts[agent]} open deals and began {counted[agent]}; one was not ended"
        )


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
    long, short = agents["inventory"] + agents["bid_lots"], agents["ask_lots"] - agents["inventory"]
    for name, value, limit in (
        ("position", long, "position_limit"),
        ("short position", short, "short_limit"),
        ("open orders", agents["open_orders"], "order_limit"),
    ):
        beyond = np.flatnonzero(value > agents[limit])
        if len(beyond):
            agent = int(beyond[0])
            raise ValueError(f"step {world.step}: {name} {value[agent]} of agent {agent} is beyond its limit {agents[limit][agent]}")
