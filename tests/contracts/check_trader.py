"""What every trader must do, scripted or a user's own: legal commands, within its limits, the same from either form.

A strategy is checked by being registered; `check_trader(trader)` serves a user's own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from simulator.traders.trader import Trader
from simulator.types import CommandKind, Side, TimeInForce
from simulator.world.commands import Commands
from simulator.world.layout import COMMANDS, HISTORY, MARKET, MEMORY, MESSAGE, QUEUED
from simulator.world.party_rows import PLACES
from simulator.world.view import Around, View, example_view
from simulator.world.view_type import call_trader, view_of

Row = tuple[int, ...]

MARKET_SIDE = (CommandKind.LIMIT, CommandKind.MARKET)


@njit
def _call(address: Any, market: Any, own: Any, commands: Any) -> None:
    call_trader(address, view_of(market[0], own[0]), commands[0])


def random_view(generator: np.random.Generator, trader: Trader, **fields: float) -> View:
    """Return a view of a market in any state that can occur: empty sides, halts, coarse grids, limits reached."""
    tick, lot = int(generator.choice([1, 5])), int(generator.choice([1, 10]))
    prices = (1000 + np.cumsum(generator.integers(-3, 4, int(generator.integers(2, 300)))) * tick).tolist()
    limit = int(generator.choice([0, 3, 40, 1000])) * lot
    inventory = int(generator.integers(-limit, limit + 1))
    orders = _random_orders(generator, prices[-1], tick, lot, limit, inventory)
    view = example_view(prices=prices, parameters=trader.parameters, orders=orders, seed=int(generator.integers(1, 2**62)))
    half = int(generator.integers(1, 20)) * tick
    bid, ask = prices[-1] - half, prices[-1] + half
    state: dict[str, float] = {
        "tick_size": tick,
        "lot_size": lot,
        "position_limit": limit,
        "short_limit": limit,
        "inventory": inventory,
        "bid_lots": sum(size for _, _, size, side in orders if side == Side.BUY),
        "ask_lots": sum(size for _, _, size, side in orders if side == Side.SELL),
        "best_bid": (bid - bid % tick) * int(generator.random() > 0.1),
        "best_ask": (ask + -ask % tick) * int(generator.random() > 0.1),
        "halted": int(generator.random() < 0.1),
        "informed": int(generator.random() < 0.7),
        "signal": float(prices[-1]) + 10.0 * tick * generator.standard_normal(),
    }
    state["bid_size"] = int(generator.integers(1, 9)) * lot * (state["best_bid"] > 0)
    state["ask_size"] = int(generator.integers(1, 9)) * lot * (state["best_ask"] > 0)
    state["in_call"] = int(generator.random() < 0.1)
    for name, value in (state | fields).items():
        (view.own if name in view.own.dtype.names else view.market)[name] = value
    _fill_tables(generator, view, limit)
    return view


def _fill_tables(generator: np.random.Generator, view: View, limit: int) -> None:
    """Let all that can be looked up be in any state: a business, a partner, letters about deals and alliances, others' conduct."""
    markets = np.zeros(2, MARKET)
    markets[:] = view.market
    other = 1000 + np.cumsum(generator.integers(-3, 4, HISTORY))
    markets["mids_twice"][1], markets["mid_sums"][1] = 2 * other, np.cumsum(2 * other)
    view.around = around = view.around._replace(markets=markets)
    agents, around.agents["symbol"][1] = len(around.publics), 1
    party = view.party
    party["makes"], party["cost"], party["grade"] = generator.choice([0.0, 2.5]), int(generator.integers(1, 1500)), 900_000
    party["uses"], party["worth"] = generator.choice([0.0, 2.5]), int(generator.integers(1, 2000))
    party["rumour_strength"], party["rumour_topic"] = int(generator.integers(0, 1_000_000)), int(generator.integers(0, 4))
    party["rumour_value"], view.own["partner"] = int(generator.integers(1, 2000)), 1
    around.agents["position_limit"] = around.agents["short_limit"] = limit
    around.agents["inventory"][1] = generator.choice([-int(view.inventory), 0, limit // 2])
    around.publics["position"] = generator.integers(-2000, 2000, agents)
    around.publics["orders"], around.publics["trades"] = generator.integers(0, 200, (2, agents))
    around.publics["good"], around.publics["bad"] = generator.integers(0, 4_000_000, (2, agents))
    around.publics["fined"] = generator.choice([0, 50_000], agents)
    around.mechanisms["deal_limit"], around.mechanisms["rounds"], around.mechanisms["alliances"] = 4, 6, 4
    deals = around.deals
    deals["id"], deals["state"] = np.arange(len(deals)), generator.choice([1, 3, 5], len(deals))
    deals["first"], deals["turn"] = generator.integers(0, 3, (2, len(deals)))
    deals["second"], deals["breaker"] = 1, deals["turn"]
    deals["price"], deals["lots"] = generator.integers(900, 1100, len(deals)), 10
    deals["round"], deals["claim"] = generator.integers(1, 7, len(deals)), generator.integers(0, 1000, len(deals))
    deals["amount"], deals["protocol"] = deals["claim"] // 2, generator.integers(0, 5, len(deals))
    deals["side"], deals["reserve"] = generator.integers(0, 2, len(deals)), 900
    view.market["newest_auction"], view.market["scarcity"] = int(generator.integers(-1, 10)), int(generator.integers(0, 1_000_000))
    view.own["letters"] = int(generator.integers(0, 12))
    letters = around.letters
    letters["kind"], letters["sender"] = generator.choice([2, 7], len(letters)), generator.integers(1, agents, len(letters))
    letters["value_1"], letters["value_3"] = generator.integers(1, 10, len(letters)), generator.integers(0, 10, len(letters))


def _random_orders(
    generator: np.random.Generator, price: int, tick: int, lot: int, limit: int, inventory: int
) -> list[tuple[int, int, int, int]]:
    """Return resting orders (id, price, size, side) that the position limit has room for."""
    left = {int(Side.BUY): (limit - inventory) // lot, int(Side.SELL): (limit + inventory) // lot}
    orders = []
    for number in range(int(generator.integers(0, 5))):
        side = int(generator.integers(0, 2))
        if left[side] > 0:
            size = int(generator.integers(1, min(left[side], 9) + 1))
            left[side] -= size
            away = int(generator.integers(1, 30)) * tick * (1 if side == Side.SELL else -1)
            orders.append((100 + number, (price // tick) * tick + away, size * lot, side))
    return orders


def plain_rows(trader: Trader, view: View) -> list[Row]:
    """Return what the Python form commands."""
    commands = Commands()
    trader.act(view, commands)
    return commands.rows


def compiled_rows(trader: Trader, view: View) -> list[Row]:
    """Return what the compiled form commands."""
    queue, commands = np.zeros(64, QUEUED), np.zeros(1, COMMANDS)
    commands["capacity"], commands["address"] = len(queue), queue.ctypes.data
    _call(np.uint64(trader.address), view.market.base, view.own.base, commands)
    return [row.tolist() for row in queue[: int(commands["count"][0])]]


def twin(view: View) -> View:
    """Return a copy of a view that shares nothing with it."""
    market, own = np.zeros(1, view.market.dtype), np.zeros(1, view.own.dtype)
    market[0], own[0] = view.market, view.own
    orders = np.array(view.orders.rows)
    own["orders_address"] = orders.ctypes.data
    return View(market[0], own[0], orders, attached(own, Around(*(table.copy() for table in view.around))))


def attached(own: Any, around: Around) -> Around:
    """Let the rows of compiled views point at the tables around them."""
    places = np.zeros(1, PLACES)
    for name in PLACES.names:
        places[name] = len(around.deals) if name == "deal_rows" else getattr(around, name).ctypes.data
    _KEPT.append(places)
    around.parties["places"], own["party_address"] = places.ctypes.data, around.parties.ctypes.data
    return around


_KEPT: list[Any] = []  # as long as views point there


def check_commands(view: View, rows: list[Row]) -> None:
    """Check that commands are legal, concern own orders only, keep the limits, and are those that the phase allows."""
    if view.halted:
        assert all(row[0] == CommandKind.CANCEL or row[0] >= MESSAGE for row in rows), f"orders while trading is halted: {rows}"
    if view.in_call:
        assert all(row[0] != CommandKind.MARKET for row in rows), f"market orders in a call auction: {rows}"
    mine = {order.order_id: order for order in view.orders}
    for kind, side, tif, price, size, order_id, _, _ in rows:
        if kind in MARKET_SIDE:
            assert side in tuple(Side) and tif in tuple(TimeInForce), f"unknown side or time in force: {rows}"
        if kind in (CommandKind.LIMIT, CommandKind.MARKET, CommandKind.MODIFY):
            assert size > 0 and size % view.lot_size == 0, f"size {size} is not a number of lots of {view.lot_size}"
        if kind in (CommandKind.LIMIT, CommandKind.MODIFY):
            assert price > 0 and price % view.tick_size == 0, f"price {price} is off the grid of {view.tick_size}"
        if kind in (CommandKind.CANCEL, CommandKind.MODIFY):
            assert order_id in mine, f"order {order_id} is not the trader's own: {sorted(mine)}"
        assert kind >= MESSAGE or kind in tuple(CommandKind), f"unknown kind of command {kind}"
    _check_limits(view, rows, mine)


def _check_limits(view: View, rows: list[Row], mine: dict[int, Any]) -> None:
    lots = {int(Side.BUY): view.bid_lots, int(Side.SELL): view.ask_lots}
    resting = len(mine)
    for kind, side, _, _, size, order_id, _, _ in rows:
        if kind in MARKET_SIDE:
            lots[side] += size
            resting += kind == CommandKind.LIMIT
        elif kind in (CommandKind.CANCEL, CommandKind.MODIFY):
            lots[int(mine[order_id].side)] += (size if kind == CommandKind.MODIFY else 0) - int(mine[order_id].size)
            resting -= kind == CommandKind.CANCEL
    assert lots[Side.BUY] <= max(view.position_limit - view.inventory, view.bid_lots), f"could become too long: {rows}"
    assert lots[Side.SELL] <= max(view.short_limit + view.inventory, view.ask_lots), f"could become too short: {rows}"
    assert resting <= max(view.order_limit, len(mine)), f"{resting} resting orders are more than {view.order_limit}"


def check_trader(trader: Trader, views: int = 300, seed: int = 7) -> int:
    """Run every check over random views and return how many commands there were. Raises AssertionError naming the first offence."""
    generator, commanded = np.random.default_rng(seed), 0
    for _ in range(views):
        view = random_view(generator, trader)
        view.own["memory"][: trader.memory_words] = generator.choice([0.0, 1.0, 900.0], trader.memory_words)
        again, compiled = twin(view), twin(view)
        rows = plain_rows(trader, view)
        check_commands(again, rows)
        commanded += len(rows)
        if trader.address:
            from_compiled = compiled_rows(trader, compiled)
            assert from_compiled == rows, f"{trader}: Python commands {rows}, the compiled form {from_compiled}"
            assert compiled.random == view.random, "the two forms draw differently"
            assert np.array_equal(compiled.memory, view.memory), "the two forms remember differently"
        assert plain_rows(trader, again) == rows, "the same view and stream gave other commands"
        used = trader.memory_words
        assert used <= MEMORY and not view.memory[used:].any(), f"memory beyond its {used} words was used"
    return commanded
