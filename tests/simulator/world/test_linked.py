"""Owners with one agent in each of several books: what the agents see of each other, and what that does to prices."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from simulator.traders.registry import make_trader
from simulator.types import CommandKind, Side, TimeInForce
from simulator.world.commands import BUY, SELL, Commands, PlaceOrder, place_limit, place_market
from simulator.world.layout import MARKET
from simulator.world.looking import partner_account, partner_market
from simulator.world.moves import Fundamental
from simulator.world.scenario import Population, Scenario, Symbol
from simulator.world.scenario_files import load
from simulator.world.view import View, begin_history, example_view
from simulator.world.world import World
from tests.simulator.world.markets import agent_of, at_steps, log_of, nothing, scripted

STILL = Fundamental(volatility=0.0)
THREE = tuple(Symbol(name=name, initial_price=price, fundamental=STILL) for name, price in (("A", 100), ("B", 200), ("C", 300)))


@pytest.mark.parametrize("names", [("A", "B"), ("C", "A"), ("A", "B", "C")])
def test_the_agents_of_an_owner_form_a_ring_over_the_symbols(names: tuple[str, ...]) -> None:
    linked = {0: {"linked": True, "symbols": names, "count": 4 * len(names)}}
    world = scripted(nothing, nothing, populations=linked, symbols=THREE)
    partner, symbol = world.agents["partner"], world.agents["symbol"]
    mine = np.flatnonzero(world.agents["trader_type"] == 0)
    numbers = [world.scenario.symbol(name) for name in names]
    for agent in mine.tolist():
        ring = [agent]
        while len(ring) < len(names):
            ring.append(int(partner[ring[-1]]))
        assert int(partner[ring[-1]]) == agent
        place = numbers.index(int(symbol[agent]))
        assert [int(symbol[other]) for other in ring] == numbers[place:] + numbers[:place]
    assert sorted(partner[mine].tolist()) == mine.tolist()
    assert partner[agent_of(world, 1)] == -1


def test_each_sees_the_market_and_the_account_of_the_next() -> None:
    seen: dict[str, Any] = {}

    def look(view: View, commands: Commands) -> None:
        there, account = partner_market(view), partner_account(view)
        seen["AB"[view.symbol]] = there.best_ask, there.ask_size, account.inventory, account.agent == view.partner
        if view.symbol == 1 and view.step == 1:
            place_market(commands, BUY, 3)

    def sells(price: int, lots: int) -> Any:
        return at_steps(s0=lambda view, commands: place_limit(commands, SELL, price, lots))

    populations = {0: {"linked": True, "symbols": ("A", "B"), "count": 2}, 1: {"symbols": ("A",)}, 2: {"symbols": ("B",)}}
    world = scripted(look, sells(105, 7), sells(206, 8), populations=populations, symbols=THREE[:2])
    log_of(world, 2)
    assert seen == {"A": (206, 8, 0, True), "B": (105, 7, 0, True)}
    log_of(world, 1)
    assert seen == {"A": (206, 5, 3, True), "B": (105, 7, 0, True)}
    world.check()


def gap(threshold: int | None) -> float:
    """Return the mean distance between two books of the same thing, whose values move apart, with arbitrage between them or without."""
    value = Fundamental(reversion=0.005, volatility=4.0)
    symbols = tuple(Symbol(name=name, initial_price=10_000, fundamental=value) for name in ("NORTH", "SOUTH"))
    crowd = (
        Population(trader="noise", share=0.6, activity=0.2, parameters={"market_share": 0.5, "depth": 12}),
        Population(trader="market_maker", share=0.2, activity=0.5, parameters={"half_spread": 3, "skew": 0.15, "tolerance": 2, "size": 10}),
        Population(trader="arbitrage", share=0.2, informed=True, activity=0.25),
    )
    linked = Population(
        trader="linked_arbitrage", count=8, linked=True, symbols=("NORTH", "SOUTH"), parameters={"threshold": threshold or 0}
    )
    populations = crowd if threshold is None else (*crowd, linked)
    scenario = Scenario(name="gap", agents=40 if threshold is None else 48, symbols=symbols, populations=populations)
    apart = []
    for seed in (1, 2):
        world = World(scenario, seed=seed)
        for _ in range(1500):
            world.advance(1)
            apart.append(abs(int(world.markets["mid_twice"][0] - world.markets["mid_twice"][1])) / 2)
        world.check()
    return float(np.mean(apart))


def test_arbitrage_between_two_books_keeps_their_prices_together() -> None:
    without, idle, lively = gap(None), gap(10_000), gap(3)
    assert lively < 0.7 * min(without, idle)


def test_linked_agents_hold_nothing_in_sum_but_for_what_the_other_half_missed() -> None:
    scenario = load("multi_market").with_agents(60)
    world = World(scenario, seed=4)
    log_of(world, 1000)
    number = [population.trader for population in scenario.populations].index("linked_arbitrage")
    mine = np.flatnonzero(world.agents["trader_type"] == number)
    net = world.agents["inventory"][mine] + world.agents["inventory"][world.agents["partner"][mine]]
    assert np.abs(world.agents["inventory"][mine]).sum() > 0
    assert np.abs(net).max() <= 10
    world.check()


def portfolio_view(here: list[int], there: list[int], **fields: Any) -> View:
    """A view of the portfolio strategy with literal mids of its own symbol and of its partner's, oldest first."""
    parameters = make_trader("portfolio", {"window": 12, "aversion": 0.001, "size": 5, "lag": 1}).parameters
    view = example_view(prices=here, parameters=parameters, partner=1, **fields)
    other = np.zeros(2, MARKET)
    other[0] = view.around.markets[0]
    begin_history(other, 1, there[0])
    partner_view = example_view(prices=there)
    other[1] = partner_view.market
    view.around.agents["symbol"][1] = 1
    return View(view.market, view.own, view.orders.rows, view.around._replace(markets=other))


UP_AND_DOWN = [100, 102, 100, 98, 100, 102, 100, 98, 100, 102, 100, 98, 100]
OUT_OF_STEP = [100, 101, 103, 101, 99, 101, 103, 101, 99, 101, 103, 101, 101]


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        ([*UP_AND_DOWN, 90], [*OUT_OF_STEP, 101], Side.BUY),  # below its mean
        ([*UP_AND_DOWN, 110], [*OUT_OF_STEP, 101], Side.SELL),
        (UP_AND_DOWN, UP_AND_DOWN, None),  # perfectly correlated: no portfolio can be told from another
    ],
)
def test_a_portfolio_holds_what_is_to_rise_and_is_short_of_what_is_to_fall(
    here: list[int], there: list[int], expected: Side | None
) -> None:
    trader, commands = make_trader("portfolio", {"window": 12, "aversion": 0.001, "size": 5, "lag": 1}), Commands()
    trader.act(portfolio_view(here, there), commands)
    orders = [] if expected is None else [PlaceOrder(CommandKind.MARKET, expected, 5, None, TimeInForce.IOC)]
    assert commands.placed() == orders


@pytest.mark.parametrize(("sign", "side"), [(1, Side.SELL), (-1, Side.BUY)])
def test_a_portfolio_hedges_what_its_partner_holds(sign: int, side: Side) -> None:
    wave = [0, 4, 0, -4, 0, 4, 0, -4, 0, 4, 0, -4, 0]
    noise = [0, 1, 0, 1, 0, -1, 0, -1, 0, 1, 0, 1, 0]
    here = [100 + w for w in wave]
    there = [200 + sign * w + n for w, n in zip(wave, noise, strict=True)]
    there[-1] -= 8  # about to rise, and what moves with it is to be sold against it
    trader, commands = make_trader("portfolio", {"window": 12, "aversion": 0.001, "size": 5, "lag": 1}), Commands()
    trader.act(portfolio_view(here, there), commands)
    assert commands.placed() == [PlaceOrder(CommandKind.MARKET, side, 5, None, TimeInForce.IOC)]


def test_who_has_no_partner_or_is_halted_does_nothing() -> None:
    for fields in ({"halted": 1}, {"inventory": 0}):
        trader, commands = make_trader("portfolio", {}), Commands()
        trader.act(portfolio_view(UP_AND_DOWN, OUT_OF_STEP, **fields), commands)
        assert commands.rows == []


def test_a_world_without_linked_agents_has_no_partners() -> None:
    scenario = load("multi_market")
    alone = tuple(population for population in scenario.populations if not population.linked)
    world = World(msgspec.structs.replace(scenario, populations=alone).with_agents(20))
    assert set(world.agents["partner"].tolist()) == {-1}
