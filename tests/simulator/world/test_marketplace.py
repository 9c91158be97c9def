"""The marketplaces of the product: what must hold in them, the same log in every way of playing them, and what each mechanism is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import pytest

from simulator.traders.registry import make_trader
from simulator.traders.trader import Trader
from simulator.types import DealStep, MessageKind, RecordKind
from simulator.world.layout import Array
from simulator.world.mechanisms import Alliances, Oversight, RoleName, Shortage
from simulator.world.scenario import Scenario, Symbol
from simulator.world.scenario_files import load
from simulator.world.world import Capacity, World
from tests.simulator.world.markets import TINY, log_of, only

AGENTS = {"balanced": 20, "energy_trading": 34, "data_marketplace": 34, "multi_market": 49}
NAMES = sorted(AGENTS)
STEPS = 150


def small(name: str) -> Scenario:
    """One of the marketplaces with few agents."""
    return load(name).with_agents(AGENTS[name])


@pytest.fixture(scope="module")
def expected() -> dict[str, tuple[str, int]]:
    """Hash and number of records of each marketplace, played in one go."""
    found = {}
    for name in NAMES:
        world = World(small(name), seed=6)
        log_of(world, STEPS)
        found[name] = world.hash(), world.next_seq
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_marketplace_keeps_its_invariants(name: str) -> None:
    world = World(small(name), seed=2)
    for _ in range(8):
        log_of(world, 50)
        world.check()
    assert world.digest.counts()[RecordKind.TRADE] > 20


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("capacity", [TINY, Capacity(ring_records=9, commands=3)])
def test_a_marketplace_is_the_same_in_memory_that_must_grow(name: str, capacity: Capacity, expected: dict[str, tuple[str, int]]) -> None:
    world = World(small(name), 0, 6, capacity=capacity)
    log_of(world, STEPS)
    assert (world.hash(), world.next_seq) == expected[name]


@pytest.mark.parametrize("name", NAMES)
def test_a_marketplace_goes_on_from_a_snapshot(name: str, expected: dict[str, tuple[str, int]]) -> None:
    world = World(small(name), seed=6)
    for cut in (1, 19, 20, 73, 100, STEPS):
        log_of(world, cut - world.step)
        stored = world.snapshot()
        log_of(world, 3)  # what comes after the snapshot is forgotten
        world = World(small(name), seed=6)
        world.restore(stored)
        world.check()
    assert (world.hash(), world.next_seq) == expected[name]


@pytest.mark.parametrize("name", NAMES)
def test_another_seed_gives_another_marketplace(name: str, expected: dict[str, tuple[str, int]]) -> None:
    world = World(small(name), seed=7)
    log_of(world, STEPS)
    assert world.hash() != expected[name][0]


def in_python(name: str, parameters: Mapping[str, Any]) -> Trader:
    """Make a trader whose compiled form is not known to the world."""
    trader = make_trader(name, parameters)
    trader.address = 0
    return trader


@pytest.mark.parametrize(("name", "steps"), [("balanced", STEPS), ("data_marketplace", 60), ("multi_market", 60)])
def test_strategies_in_plain_python_play_the_same_marketplace(name: str, steps: int, expected: dict[str, tuple[str, int]]) -> None:
    plain, compiled = World(small(name), 0, 6, in_python), World(small(name), 0, 6)
    log_of(plain, steps)
    log_of(compiled, steps)
    assert plain.hash() == compiled.hash()
    if steps == STEPS:
        assert plain.hash() == expected[name][0]


@pytest.mark.parametrize("name", ["balanced", "energy_trading", "data_marketplace"])
def test_without_sellers_nothing_is_made(name: str) -> None:
    scenario = small(name)
    kept = [population for population in scenario.populations if population.trader != "seller"]
    total = sum(population.share or 0.0 for population in kept)
    shared = tuple(msgspec.structs.replace(p, share=p.share and p.share / total) for p in kept)
    world = World(msgspec.structs.replace(scenario, populations=shared), seed=1)
    records = log_of(world, 300)
    assert only(records, RecordKind.RESOURCE)["price"].sum() == 0
    assert world.markets["supply"][0] == 0 < world.markets["scarcity"][0]
    world.check()


@pytest.mark.parametrize("trader", ["buyer", "seller", "speculator", "mediator", "regulator"])
def test_one_agent_is_a_marketplace(trader: str) -> None:
    scenario = load("balanced")
    (only_one,) = (population for population in scenario.populations if population.trader == trader)
    alone = msgspec.structs.replace(scenario, agents=1, populations=(msgspec.structs.replace(only_one, share=1.0),))
    world = World(alone, seed=1)
    records = log_of(world, 300)
    assert len(only(records, RecordKind.TRADE)) == 0
    assert (len(only(records, RecordKind.RESOURCE)) > 0) == (trader != "mediator" and trader != "regulator")
    world.check()


def test_a_thousand_agents_are_a_marketplace() -> None:
    world = World(load("balanced").with_agents(1000), seed=1)
    for _ in range(3):
        log_of(world, 10)
        world.check()
    assert world.digest.counts()[RecordKind.TRADE] > 50


def test_a_hundred_resources_are_a_marketplace() -> None:
    scenario = load("balanced")
    (grain,) = scenario.symbols
    symbols = tuple(Symbol(name=f"S{number}", initial_price=5000, resource=grain.resource) for number in range(100))
    world = World(msgspec.structs.replace(scenario, symbols=symbols).with_agents(500), seed=1)
    for _ in range(3):
        log_of(world, 20)
        world.check()
    assert (world.markets["stock"] > 0).sum() == 100


LIVELY = {"alliances": Alliances(period=100, full=50), "oversight": Oversight(window=100)}


def lively(**changes: Any) -> tuple[World, Array]:
    """Play `balanced` with short periods and alliances that pay; a mechanism that is None is gone, with the roles that need it."""
    scenario = load("balanced")
    gone = {"deals": "mediator", "oversight": "regulator"}
    roles = {gone.get(name) for name, value in changes.items() if value is None}
    populations = [msgspec.structs.replace(p, role=RoleName.TRADER) if p.role.value in roles else p for p in scenario.populations]
    if changes.pop("resource", True) is None:
        changes["symbols"] = (msgspec.structs.replace(scenario.symbols[0], resource=None),)
        populations = [msgspec.structs.replace(p, production=None, consumption=None) for p in populations]
    strict = [msgspec.structs.replace(p, parameters={"position": 25}) if p.trader == "regulator" else p for p in populations]
    world = World(msgspec.structs.replace(scenario, populations=tuple(strict), **{**LIVELY, **changes}), seed=5)
    records = log_of(world, 600)
    world.check()
    return world, records


@pytest.fixture(scope="module")
def everything() -> tuple[World, Array]:
    """The market in which nothing is switched off."""
    return lively()


def negotiated(records: Array, step: DealStep) -> int:
    return int((only(records, RecordKind.NEGOTIATION)["reason"] == step).sum())


def told(records: Array, kind: MessageKind) -> int:
    return int((only(records, RecordKind.MESSAGE)["reason"] == kind).sum())


def reputations(records: Array) -> set[int]:
    return set(only(records, RecordKind.ACCOUNT)["price"].tolist())


def test_without_deals_nothing_is_delivered(everything: tuple[World, Array]) -> None:
    (_, with_it), (_, without) = everything, lively(deals=None)
    assert min(negotiated(with_it, step) for step in (DealStep.DELIVERED, DealStep.AGREED, DealStep.SOLD)) > 0
    assert len(only(without, RecordKind.NEGOTIATION)) == 0


def test_without_reputation_nothing_becomes_known_of_anybody(everything: tuple[World, Array]) -> None:
    (_, with_it), (world, without) = everything, lively(reputation=None)
    assert len(reputations(with_it)) > 3 and 500_000 in reputations(with_it)
    assert reputations(without) == {0}
    assert not world.parties.publics["good"].any() and not world.parties.trust["good"].any()


def test_without_alliances_nothing_is_shared(everything: tuple[World, Array]) -> None:
    (before, with_it), (after, without) = everything, lively(alliances=None)
    assert told(with_it, MessageKind.SHARED) > 0 < told(with_it, MessageKind.JOINED)
    assert before.parties.parties["shared"].sum() > 0 == after.parties.parties["shared"].sum()
    assert told(without, MessageKind.SHARED) == told(without, MessageKind.JOINED) == told(without, MessageKind.INVITED) == 0
    assert set(after.agents["alliance"].tolist()) == {-1}


def test_without_gossip_no_rumours_go_around(everything: tuple[World, Array]) -> None:
    (_, with_it), (world, without) = everything, lively(gossip=None)
    assert told(with_it, MessageKind.GOSSIP) > 0 == told(without, MessageKind.GOSSIP)
    assert not world.parties.parties["rumour_strength"].any()


def test_without_oversight_nobody_intervenes(everything: tuple[World, Array]) -> None:
    (before, with_it), (after, without) = everything, lively(oversight=None)
    assert len(only(with_it, RecordKind.INTERVENTION)) > 0 == len(only(without, RecordKind.INTERVENTION))
    assert before.parties.publics["orders"].sum() > 0 == after.parties.publics["orders"].sum()


def test_without_a_resource_nothing_is_made_and_consumed(everything: tuple[World, Array]) -> None:
    (before, with_it), (after, without) = everything, lively(resource=None)
    assert min(int(only(with_it, RecordKind.RESOURCE)[name].sum()) for name in ("price", "size", "order_id", "other_id")) > 0
    assert len(only(without, RecordKind.RESOURCE)) == 0
    assert before.parties.parties["consumed"].sum() > 0 == after.parties.parties["consumed"].sum()
    assert after.agents["inventory"].sum() + after.parties.parties["escrow"].sum() == sum(
        population.inventory * count for population, count in zip(after.scenario.populations, after.scenario.counts(), strict=True)
    )


def test_every_mechanism_makes_another_market(everything: tuple[World, Array]) -> None:
    hashes = [everything[0].hash()] + [
        lively(**{name: None})[0].hash() for name in ("deals", "reputation", "alliances", "gossip", "oversight")
    ]
    assert len(set(hashes)) == len(hashes)


def test_shortages_make_a_resource_scarce_and_dear() -> None:
    def played(seed: int, shortage: bool) -> tuple[int, int, int]:
        scenario = load("balanced")
        (grain,) = scenario.symbols
        resource, harder = grain.resource, Shortage(chance=1.0, depth=0.8, duration=1e6) if shortage else None
        assert resource is not None
        symbol = msgspec.structs.replace(grain, resource=msgspec.structs.replace(resource, shortage=harder))
        world = World(msgspec.structs.replace(scenario, symbols=(symbol,)), seed=seed)
        log_of(world, 800)
        world.check()
        businesses = world.parties.parties
        return int(businesses["produced"].sum()), int(businesses["lacked"].sum()), int(world.markets["mids_twice"].sum())

    scarce, plenty = (np.sum([played(seed, shortage) for seed in (1, 2, 3, 4)], axis=0) for shortage in (True, False))
    assert scarce[0] < 0.4 * plenty[0]
    assert scarce[1] > 1.3 * plenty[1]
    assert scarce[2] > plenty[2]
