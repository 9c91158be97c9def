"""Real markets as a worker plays them: names, labels, results, books rebuilt from what was published, snapshots."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipelines.events.from_simulator import BlockRule
from pipelines.testing import MemoryLog
from pipelines.workers.opening import MarketWorld, check_world, open_world, type_name
from pipelines.workers.publish import Publisher
from pipelines.workers.reconcile.books import book_differences
from pipelines.workers.reconcile.lake import Lake
from pipelines.workers.reconcile.proof import recomputed_differences
from pipelines.workers.registry import WorldResult
from pipelines.workers.run_config import SimulateConfig
from simulator.world.scenario import Scenario, to_builtins
from simulator.world.scenario_files import load
from tests.pipelines.workers.reconcile.lake_of import write_lake

RUN, STEPS = "20261121-101500-a1b2", 120


def config_of(scenario: Scenario, steps: int = STEPS) -> SimulateConfig:
    return SimulateConfig(scenario=to_builtins(scenario), steps=steps)


CONFIG = config_of(load("trading").with_agents(20))


def played(config: SimulateConfig = CONFIG, seed: int = 3) -> MarketWorld:
    world = open_world(config, seed, 0, None)
    for _ in world.advance(config.steps):
        pass
    return world


def test_agents_have_names_that_say_what_they_do_but_only_here() -> None:
    world = open_world(config_of(load("reference")), 1, 0, None)
    display = world.display
    assert {"MM_01", "Trend_01", "Arb_01"} <= set(display.agents) and len(set(display.agents)) == len(display.agents)
    public = world.names(7)
    assert {row["kind"] for row in public} == {"symbol", "topic"}
    assert not {name.partition("_")[0].lower() for name in display.agents} & {str(row["name"]).lower() for row in public}
    labels = world.labels()
    assert [row["agent"] for row in labels] == list(range(13))
    by_name = dict(zip(display.agents, (row["value"] for row in labels), strict=True))
    assert by_name["MM_01"] == "market_maker" and by_name["Arb_01"] == "arbitrage"


def test_roles_and_names_of_populations_are_labels() -> None:
    world = open_world(config_of(load("data_marketplace")), 1, 0, None)
    labels = world.labels()
    kinds = {row["agent"]: row["value"] for row in labels if row["kind"] == "agent_type"}
    roles = {row["agent"]: row["value"] for row in labels if row["kind"] == "role"}
    assert set(kinds) == set(roles) == set(range(80))
    assert {roles[agent] for agent, kind in kinds.items() if kind == "dishonest_seller"} == {"seller"}
    assert any(name.startswith("DishonestSeller_") for name in world.display.agents)


def test_a_result_counts_what_the_log_holds_and_money_is_conserved() -> None:
    world = played()
    result = world.result(0)
    assert sum(result.events.values()) == result.last_seq + 1 == world.next_seq
    assert sum(figures["agents"] for figures in result.finals.values()) == 20
    fees = float(world.world.agents["fees"].sum()) * 0.01
    total = sum(figures["profit"] * figures["agents"] for figures in result.finals.values())
    assert total == pytest.approx(-fees, abs=1e-6)


def test_a_world_restored_from_a_snapshot_comes_to_the_same_result() -> None:
    world = open_world(CONFIG, 3, 0, None)
    for _ in world.advance(50):
        pass
    again = open_world(CONFIG, 3, 0, world.snapshot())
    assert (again.step, again.next_seq) == (50, world.next_seq)
    for _ in again.advance(STEPS):
        pass
    assert again.result(0) == played().result(0)


def test_a_snapshot_of_another_scenario_is_refused() -> None:
    snapshot = played().snapshot()
    with pytest.raises(ValueError, match="snapshot"):
        open_world(config_of(load("trading").with_agents(30)), 3, 0, snapshot)


def test_simulating_again_agrees_with_itself_and_with_nothing_else() -> None:
    result = played().result(0)
    assert recomputed_differences(CONFIG, 3, result) == []
    found = recomputed_differences(CONFIG, 4, result)
    assert any("orders with hash" in text for text in found) and any("the world's hash" in text for text in found)


def test_books_are_rebuilt_from_silver_orders_alone(tmp_path: Path) -> None:
    log, world = MemoryLog(), open_world(CONFIG, 3, 0, None)
    sink = Publisher(log, RUN, 0, 1, BlockRule(events=100, steps=10))
    sink.announce(world.names(0), world.labels())
    for chunk in world.advance(STEPS):
        sink.write(*chunk)
    sink.close(STEPS)
    write_lake(log, tmp_path)
    result = world.result(0)
    assert len(result.books) == 1 and book_differences(Lake(tmp_path), RUN, [result]) == []
    wrong = WorldResult(world_id=0, events={}, hashes={}, world_hash="", books={"AGR": "00"}, steps=0, last_seq=0)
    assert "AGR rebuilt from silver.orders has hash" in book_differences(Lake(tmp_path), RUN, [wrong])[0]
    missing = WorldResult(world_id=5, events={}, hashes={}, world_hash="", books={"AGR": "00"}, steps=0, last_seq=0)
    assert "world 5, books" in book_differences(Lake(tmp_path), RUN, [missing])[0]


def test_what_would_fail_in_a_worker_fails_before_the_run_is_stored() -> None:
    scenario = to_builtins(load("trading"))
    scenario["populations"][0]["trader"] = "nois"
    with pytest.raises(ValueError, match="nois"):
        check_world(SimulateConfig(scenario=scenario, steps=1), 0)


def test_strategies_of_ones_own_are_called_by_their_class() -> None:
    assert type_name("my.traders:Scalper") == "scalper"
    assert type_name("noise") == "noise"


def test_the_digest_of_a_result_does_not_depend_on_the_chunks() -> None:
    whole = played().result(0)
    world = open_world(CONFIG, 3, 0, None)
    for until in np.arange(1, STEPS + 1):
        for _ in world.advance(int(until)):
            pass
    assert world.result(0) == whole
