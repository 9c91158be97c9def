"""What is produced, stored, lost and consumed, on tiny markets with scripted agents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.types import Reason, RecordKind
from simulator.world.commands import BUY, SELL, Commands, cancel, place_limit, place_market
from simulator.world.layout import Array
from simulator.world.mechanisms import Consumption, Production, Resource, ResourceKind, RoleName, Shortage
from simulator.world.moves import Fundamental, Seasons
from simulator.world.scenario import Fees, Limits, Population, Scenario, Symbol
from simulator.world.view import View
from simulator.world.world import World
from tests.simulator.world.markets import TINY, Decide, agent_of, at_steps, log_of, nothing, only, scripted

STILL = Fundamental(volatility=0.0)


def listed(**fields: Any) -> tuple[Symbol, ...]:
    """One resource that neither perishes nor costs storage unless told so, with a period of two steps."""
    resource = Resource(**{"period": 2, "decay": 0.0, "storage": 0, **fields})
    return (Symbol(name="A", initial_price=100, fundamental=STILL, resource=resource),)


def alone(script: Decide = nothing, resource: dict[str, Any] | None = None, limits: Limits = Limits(), **fields: Any) -> World:  # noqa: B008
    """A world of one agent and one resource."""
    return scripted(script, populations={0: fields}, symbols=listed(**(resource or {})), limits=limits)


def what(records: Array) -> list[tuple[int, ...]]:
    """Resource records as (step, produced, consumed, lacked, lost, paid, gained)."""
    names = ("step", "price", "size", "remaining", "other_owner", "order_id", "other_id")
    return [tuple(int(row[name]) for name in names) for row in only(records, RecordKind.RESOURCE)]


def test_production_costs_money_and_stops_at_the_position_limit() -> None:
    world = alone(production=Production(lots=3, cost=7), cash=100, limits=Limits(position=8))
    assert what(log_of(world, 8)) == [(1, 3, 0, 0, 0, 21, 0), (3, 3, 0, 0, 0, 21, 0), (5, 2, 0, 0, 0, 14, 0)]
    assert (world.agents["inventory"][0], world.agents["cash"][0]) == (8, 44)
    world.check()


def test_a_resting_bid_takes_room_from_production() -> None:
    bids = at_steps(s0=lambda view, commands: place_limit(commands, BUY, 1, 6))
    world = alone(bids, production=Production(lots=3, cost=0), limits=Limits(position=8))
    assert what(log_of(world, 4)) == [(1, 2, 0, 0, 0, 0, 0)]
    world.check()


@pytest.mark.parametrize(("cash", "credit", "bid", "made"), [(20, 0, 0, 2), (20, 1, 0, 3), (20, 0, 10, 1), (6, 0, 0, 0), (-5, 0, 0, 0)])
def test_nobody_produces_more_than_it_has_the_money_for(cash: int, credit: int, bid: int, made: int) -> None:
    bids = at_steps(s0=lambda view, commands: place_limit(commands, BUY, 10, 1) if bid else None)
    world = alone(bids, production=Production(lots=5, cost=7), cash=cash, limits=Limits(credit=credit))
    log_of(world, 2)
    assert (world.agents["inventory"][0], world.agents["cash"][0]) == (made, cash - 7 * made)
    world.check()


def test_production_ends_when_all_that_may_be_made_is_made() -> None:
    world = alone(production=Production(lots=3, cost=1, limit=5))
    assert [row[1] for row in what(log_of(world, 10))] == [3, 2]
    assert world.parties.parties["left"][0] == 0
    world.check()


def test_a_fraction_of_a_lot_is_made_by_chance_with_the_right_mean() -> None:
    world = alone(production=Production(lots=2.25, cost=0), limits=Limits(position=100_000), resource={"period": 1})
    log_of(world, 4000)
    assert world.agents["inventory"][0] / 4000 == pytest.approx(2.25, abs=0.03)
    world.check()


def test_consumption_earns_what_it_is_worth_and_a_shortage_costs_the_penalty() -> None:
    world = alone(consumption=Consumption(lots=4, value=10, penalty=3), inventory=10, cash=0)
    assert what(log_of(world, 6)) == [(1, 0, 4, 0, 0, 0, 40), (3, 0, 4, 0, 0, 0, 40), (5, 0, 2, 2, 0, 6, 20)]
    assert (world.agents["inventory"][0], world.agents["cash"][0]) == (0, 94)
    world.check()


def test_what_is_consumed_is_worth_as_much_as_its_quality() -> None:
    world = alone(
        production=Production(lots=4, cost=1, quality=0.5), consumption=Consumption(lots=3, value=10), cash=0, limits=Limits(credit=9)
    )
    records = log_of(world, 2)
    assert what(records) == [(1, 4, 3, 0, 0, 4, 15)]
    assert only(records, RecordKind.RESOURCE)["reason"].tolist() == [50]
    world.check()


def test_lots_under_a_resting_offer_are_not_consumed() -> None:
    offers = at_steps(s0=lambda view, commands: place_limit(commands, SELL, 900, 3))
    world = alone(offers, consumption=Consumption(lots=4, value=10, penalty=1), inventory=5)
    assert what(log_of(world, 2)) == [(1, 0, 2, 2, 0, 2, 20)]
    assert world.agents["inventory"][0] == 3
    world.check()


def test_a_share_of_the_stock_perishes_in_a_period() -> None:
    world = alone(inventory=8, resource={"decay": 0.5})
    assert [row[4] for row in what(log_of(world, 6))] == [4, 2, 1]
    assert (world.agents["inventory"][0], world.parties.parties["perished"][0]) == (1, 7)
    world.check()


def test_what_would_have_perished_under_an_offer_is_owed_until_the_lots_are_free() -> None:
    def withdraw(view: View, commands: Commands) -> None:
        cancel(commands, view.orders[0].order_id)

    offers = at_steps(s0=lambda view, commands: place_limit(commands, SELL, 900, 6), s4=withdraw)
    world = alone(offers, inventory=8, resource={"decay": 0.5, "period": 4})
    assert what(log_of(world, 4)) == [(3, 0, 0, 0, 2, 0, 0)]
    assert (world.agents["inventory"][0], world.parties.parties["owed"][0]) == (6, 2)
    world.check()
    assert what(log_of(world, 4)) == [(7, 0, 0, 0, 5, 0, 0)]
    assert (world.agents["inventory"][0], world.parties.parties["owed"][0]) == (1, 0)
    world.check()


def test_storage_costs_money_for_every_lot_and_period() -> None:
    world = alone(inventory=5, cash=3, resource={"storage": 2})
    assert what(log_of(world, 4)) == [(1, 0, 0, 0, 0, 10, 0), (3, 0, 0, 0, 0, 10, 0)]
    assert world.agents["cash"][0] == -17
    world.check()


@pytest.mark.parametrize(
    ("kind", "lost", "paid"), [(ResourceKind.ENERGY, 50, 3800), (ResourceKind.GOODS, None, None), (ResourceKind.DATA, 0, 0)]
)
def test_what_is_stored_perishes_and_costs_by_its_kind(kind: ResourceKind, lost: int | None, paid: int | None) -> None:
    world = alone(inventory=1000, resource={"kind": kind, "decay": None, "storage": None})
    log_of(world, 2)
    kept = int(world.agents["inventory"][0])
    assert 1000 - kept in ((0, 1) if lost is None else (lost,))
    assert world.parties.parties["spent"][0] == (kept if paid is None else paid)
    world.check()


def test_nobody_can_sell_what_it_does_not_have() -> None:
    def sells(view: View, commands: Commands) -> None:
        place_limit(commands, SELL, 200, 4)
        place_market(commands, SELL, 4)
        place_limit(commands, SELL, 200, 3)
        place_limit(commands, SELL, 201, 1)

    world = alone(at_steps(s0=sells), inventory=3, limits=Limits(position=10, short=10))
    records = log_of(world, 1)
    assert only(records, RecordKind.REJECTED)["reason"].tolist() == [Reason.POSITION_LIMIT] * 3
    assert only(records, RecordKind.ACCEPTED)["size"].tolist() == [3]
    world.check()


@pytest.mark.parametrize(
    ("shortage", "made"),
    [
        (None, [4, 4, 4, 4]),
        (Shortage(chance=1, depth=0.5, duration=1), [2, 4, 2, 4]),
        (Shortage(chance=1, depth=0.5, duration=1e9), [2, 2, 2, 2]),
        (Shortage(chance=1, depth=1, duration=1), [4, 4]),
        (Shortage(chance=0, depth=1, duration=1), [4, 4, 4, 4]),
    ],
)
def test_a_shortage_leaves_a_share_of_the_production(shortage: Shortage | None, made: list[int]) -> None:
    world = alone(production=Production(lots=4, cost=1), resource={"shortage": shortage})
    assert [row[1] for row in what(log_of(world, 8))] == made
    world.check()


def test_production_comes_and_goes_with_the_seasons() -> None:
    seasons = Seasons(period=8, height=0.5)
    world = alone(production=Production(lots=100, cost=1), resource={"seasons": seasons})
    made = [row[1] for row in what(log_of(world, 16))]
    assert made[:4] == pytest.approx([100 * (1 + 0.5 * np.sin(2 * np.pi * step / 8)) for step in (1, 3, 5, 7)], abs=2)
    assert made[4:] == pytest.approx(made[:4], abs=1)
    world.check()


def test_everybody_sees_what_was_made_and_wanted() -> None:
    seen: list[tuple[int, ...]] = []

    def look(view: View, commands: Commands) -> None:
        seen.append((view.supply, view.demand, view.stock, round(view.scarcity, -1)))

    populations = {0: {"production": Production(lots=4, cost=1)}, 1: {"consumption": Consumption(lots=6, value=9), "inventory": 3}}
    world = scripted(nothing, nothing, look, populations=populations, symbols=listed())
    log_of(world, 5)
    assert seen == [(0, 0, 0, 0), (0, 0, 0, 0), (4, 6, 4, 50_000), (4, 6, 4, 50_000), (4, 6, 8, 145_000)]
    world.check()


@pytest.mark.parametrize("resource", [None, Resource(period=2, decay=0, storage=1)])
def test_what_is_no_resource_is_not_stored(resource: Resource | None) -> None:
    symbols = (Symbol(name="A", resource=resource), Symbol(name="B", resource=Resource()))
    world = scripted(nothing, populations={0: {"inventory": 5, "symbols": ("A",)}}, symbols=symbols)
    assert (what(log_of(world, 10)) == []) == (resource is None)
    world.check()


def test_quality_goes_with_the_lots_and_mixes() -> None:
    def offer_two(price: int) -> Decide:
        return lambda view, commands: place_limit(commands, SELL, price, 2)

    def buy_four(view: View, commands: Commands) -> None:
        place_market(commands, BUY, 4)

    good, bad = at_steps(s2=offer_two(100)), at_steps(s2=offer_two(101))
    populations = {0: {"inventory": 4}, 1: {"production": Production(lots=4, cost=0, quality=0.25, limit=4)}}
    world = scripted(good, bad, at_steps(s3=buy_four), populations=populations, symbols=listed(storage=1))
    records = log_of(world, 4)
    buyer, quality = agent_of(world, 2), world.parties.parties["quality"]
    assert quality[[buyer, agent_of(world, 0), agent_of(world, 1)]].tolist() == [2_500_000, 2_000_000, 500_000]
    stored = only(records, RecordKind.RESOURCE)
    assert stored["reason"][stored["owner"] == buyer].tolist() == [62]
    world.check()


def test_who_sells_from_a_mixed_stock_hands_over_its_mean_quality() -> None:
    sells, buys = at_steps(s2=lambda v, c: place_limit(c, SELL, 100, 3)), at_steps(s3=lambda v, c: place_market(c, BUY, 3))
    populations = {0: {"inventory": 2, "production": Production(lots=4, cost=0, quality=0.4, limit=4)}}
    world = scripted(sells, buys, populations=populations, symbols=listed())
    log_of(world, 4)
    assert world.parties.parties["quality"][[agent_of(world, 0), agent_of(world, 1)]].tolist() == [1_800_000, 1_800_000]
    world.check()


def test_costs_values_and_qualities_lie_within_their_spread() -> None:
    makes, uses = Production(lots=1, cost=1000, spread=0.5, quality=0.5, quality_spread=0.25), Consumption(lots=1, value=2000, spread=0.1)
    populations = {0: {"count": 200, "production": makes, "consumption": uses}}
    rows = scripted(nothing, populations=populations, symbols=listed()).parties.parties
    for name, low, high in (("cost", 500, 1500), ("worth", 1800, 2200), ("grade", 250_000, 750_000)):
        assert low <= rows[name].min() < low + 0.1 * (high - low)
        assert high - 0.1 * (high - low) < rows[name].max() <= high


def energy(agents: int = 30) -> Scenario:
    """Buyers, sellers, makers and speculators of power that perishes, with fees and nothing else beyond the book."""
    resource = Resource(kind=ResourceKind.ENERGY, period=5, decay=0.02, shortage=Shortage(chance=0.1, depth=0.5, duration=5))
    populations = (
        Population(trader="buyer", role=RoleName.BUYER, share=0.4, inventory=10, consumption=Consumption(lots=2, value=150, penalty=20)),
        Population(trader="seller", role=RoleName.SELLER, share=0.4, inventory=5, production=Production(lots=2.5, cost=70, quality=0.9)),
        Population(trader="speculator", share=0.1, inventory=20),
        Population(trader="market_maker", share=0.1, inventory=50, activity=0.5),
    )
    symbol = Symbol(name="POWER", initial_price=100, fundamental=STILL, resource=resource)
    return Scenario(name="energy", agents=agents, symbols=(symbol,), populations=populations, fees=Fees(maker=-100, taker=3000))


def rebuilt(world: World, records: Array) -> tuple[list[int], list[int]]:
    """Return inventory and cash of every agent from what it began with and from the records alone."""
    populations = [world.scenario.populations[kind] for kind in world.agents["trader_type"]]
    inventory, cash = [population.inventory for population in populations], [population.cash for population in populations]
    for row in only(records, RecordKind.TRADE):
        buyer, seller, value = int(row["owner"]), int(row["other_owner"]), int(row["price"]) * int(row["size"])
        inventory[buyer] += int(row["size"])
        inventory[seller] -= int(row["size"])
        cash[buyer] -= value
        cash[seller] += value
        taker, maker = (buyer, seller) if row["side"] == BUY else (seller, buyer)
        cash[taker] -= value * world.scenario.fees.taker // 1_000_000
        cash[maker] -= value * world.scenario.fees.maker // 1_000_000
    for row in only(records, RecordKind.RESOURCE):
        agent = int(row["owner"])
        inventory[agent] += int(row["price"]) - int(row["size"]) - int(row["other_owner"])
        cash[agent] += int(row["other_id"]) - int(row["order_id"])
    return inventory, cash


def test_records_of_trades_and_resources_alone_rebuild_every_account() -> None:
    world = World(energy(), seed=3)
    records = log_of(world, 600)
    counts = world.digest.counts()
    assert counts[RecordKind.TRADE] > 100 and counts[RecordKind.RESOURCE] > 1000
    for name in ("produced", "consumed", "perished", "lacked", "spent", "earned"):
        assert world.parties.parties[name].sum() > 0, name
    assert rebuilt(world, records) == (world.agents["inventory"].tolist(), world.agents["cash"].tolist())
    world.check()


def test_periods_are_the_same_in_memory_that_must_grow() -> None:
    hashes = set()
    for ring_records in (2, 3, 5, 7, 11, 32768):
        world = World(energy(), 0, 3, capacity=TINY._replace(ring_records=ring_records))
        log_of(world, 100)
        hashes.add(world.hash())
    assert len(hashes) == 1
