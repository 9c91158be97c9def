"""The price band: what it refuses, how far a market order goes, and how it follows the market."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.types import Reason, RecordKind, TimeInForce
from simulator.world.bands import band_of
from simulator.world.commands import BUY, SELL, Commands, modify, place_limit, place_market
from simulator.world.scenario import PriceBand, Session, Symbol
from simulator.world.view import View
from simulator.world.world import World
from tests.simulator.world.markets import Decide, agent_of, at_steps, log_of, only, scripted, trading

BAND = PriceBand(width=0.01, window=10)  # 100 ticks around 10,000


def offer(*prices: int, size: int = 5) -> Decide:
    def decide(view: View, commands: Commands) -> None:
        for price in prices:
            place_limit(commands, SELL, price, size)

    return decide


def bid(price: int, size: int = 5) -> Decide:
    return lambda view, commands: place_limit(commands, BUY, price, size)


def test_bids_above_and_offers_below_are_refused_and_the_others_rest() -> None:
    def ask_for_all(view: View, commands: Commands) -> None:
        for price in (1, 9_900, 10_100, 10_101):
            place_limit(commands, BUY, price, 1)
        for price in (9_899, 10_150, 20_000):
            place_limit(commands, SELL, price, 1)

    log = log_of(scripted(at_steps(s0=ask_for_all), price_band=BAND), 1)
    refused = only(log, RecordKind.REJECTED)
    assert refused["price"].tolist() == [10_101, 9_899]
    assert set(refused["reason"].tolist()) == {Reason.PRICE_BAND}
    assert only(log, RecordKind.ACCEPTED)["price"].tolist() == [1, 9_900, 10_100, 10_150, 20_000]


def take_all(view: View, commands: Commands) -> None:
    place_market(commands, BUY, 15)


def traded(band: PriceBand | None) -> list[int]:
    """Prices of the trades of one too large market order."""
    log = log_of(scripted(at_steps(s0=offer(10_050, 10_100, 14_000)), at_steps(s1=take_all), price_band=band), 2)
    return only(log, RecordKind.TRADE)["price"].tolist()


def test_a_market_order_goes_no_further_than_the_band_which_without_one_it_does() -> None:
    assert traded(BAND) == [10_050, 10_100]
    assert traded(None) == [10_050, 10_100, 14_000]


def test_what_the_band_leaves_of_a_market_order_is_cancelled() -> None:
    world = scripted(at_steps(s0=offer(10_050, 14_000)), at_steps(s1=take_all), price_band=BAND)
    [accepted] = [row for row in only(log_of(world, 2), RecordKind.ACCEPTED) if row["owner"] == agent_of(world, 1)]
    assert (accepted["price"], accepted["time_in_force"]) == (10_100, TimeInForce.IOC)
    assert world.agents["open_orders"][agent_of(world, 1)] == 0
    world.check()


def test_a_modification_out_of_the_band_is_refused_and_a_smaller_size_is_not() -> None:
    def change(view: View, commands: Commands) -> None:
        [order] = view.orders
        modify(commands, order.order_id, 10_101, 5)
        modify(commands, order.order_id, 10_000, 4)

    log = log_of(scripted(at_steps(s0=bid(10_000), s1=change), price_band=BAND), 2)
    assert only(log, RecordKind.REJECTED)["reason"].tolist() == [Reason.PRICE_BAND]
    assert only(log, RecordKind.MODIFIED)["size"].tolist() == [4]


def test_the_band_follows_the_mean_mid_price_and_everybody_sees_it() -> None:
    seen: list[tuple[int, int]] = []

    def look(view: View, commands: Commands) -> None:
        seen.append((view.band_low, view.band_high))

    quote = at_steps(s0=offer(10_080), s1=bid(10_060))
    scripted_world = scripted(quote, look, price_band=PriceBand(width=0.01, window=4))
    scripted_world.advance(8)
    assert seen[:3] == [(9_900, 10_100)] * 2 + [(9_917, 10_117)]  # one mid in four is 10,070
    assert seen[-1] == (9_970, 10_170)


@pytest.mark.parametrize("tick", [1, 5, 30])
def test_edges_are_legal_prices_within_the_band(tick: int) -> None:
    for reference in range(900, 1100, 7):
        low, high = band_of(reference, 20_000, tick)
        assert low % tick == high % tick == 0
        assert reference - reference // 50 <= low < reference - reference // 50 + tick
        assert reference + reference // 50 >= high > reference + reference // 50 - tick


def test_in_a_lively_market_no_bid_comes_in_above_the_band_and_no_offer_below() -> None:
    scenario = trading(60, price_band=PriceBand(width=0.0005, window=50), session=Session(steps=200, opening=30, closing=20))
    world, orders, refused = World(scenario, seed=3), 0, 0
    for _ in range(400):
        low, high = int(world.markets["band_low"][0]), int(world.markets["band_high"][0])
        log = world.advance().records
        accepted = only(log, RecordKind.ACCEPTED)
        orders, refused = orders + len(accepted), refused + int(np.count_nonzero(log["reason"] == Reason.PRICE_BAND))
        assert (accepted["price"][accepted["side"] == BUY] <= high).all()
        assert (accepted["price"][accepted["side"] == SELL] >= low).all()
        world.check()
    assert orders > 100
    assert refused > 0


def test_tick_sizes_and_bands_of_symbols_are_their_own() -> None:
    symbols = (Symbol(name="A", initial_price=1_000), Symbol(name="B", initial_price=5_000, tick_size=100))
    world = scripted(offer(1), offer(1), price_band=PriceBand(width=0.05), symbols=symbols)
    assert world.markets[["band_low", "band_high"]].tolist() == [(950, 1_050), (4_800, 5_200)]
