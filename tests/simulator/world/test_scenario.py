"""Scenarios: what is loaded, what is refused and how clearly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simulator.world import scenario, scenario_files
from simulator.world.scenario import Population, Scenario
from simulator.world.scenario_files import load
from simulator.world.world import World

TEXT = """
mine:
  agents: 10
  symbols: [{name: A}, {name: B}]
  populations:
    - {trader: noise, share: 0.5}
    - {trader: market_maker, share: 0.5}
"""


def written(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("name", scenario_files.names())
def test_every_scenario_of_the_product_loads_and_plays(name: str) -> None:
    found = load(name)
    assert found.name == name
    assert sum(found.counts()) == found.agents
    assert found.description
    world = World(found)
    world.advance(50)
    world.check()


def test_trading_and_reference_are_there() -> None:
    assert {"trading", "reference"} <= set(scenario_files.names())


@pytest.mark.parametrize("path", sorted(Path("examples").glob("*.yaml")), ids=str)
def test_every_example_loads_and_plays(path: Path) -> None:
    world = World(load(path))
    world.advance(50)
    world.check()


def test_an_unknown_name_lists_the_known_ones() -> None:
    known = ", ".join(scenario_files.names())
    with pytest.raises(ValueError, match=rf"scenario 'tradin' is unknown; choose one of {known}"):
        load("tradin")


def test_a_file_of_ones_own_loads_by_path_and_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, TEXT)
    assert load(path) == load(f"{path}:mine")
    assert load(path).symbol("B") == 1
    with pytest.raises(ValueError, match=r"symbol 'C' is unknown; choose one of A, B"):
        load(path).symbol("C")


def test_a_scenario_survives_as_plain_data() -> None:
    trading = load("trading")
    assert scenario.from_builtins(scenario.to_builtins(trading)) == trading


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"agnets": 3}, "unknown field `agnets`"),
        ({"agents": -1}, ">= 1"),
        ({"symbols": []}, "has no symbols"),
        ({"symbols": [{"name": "A", "tick_size": 0}]}, ">= 1"),
        ({"symbols": [{"name": "A"}, {"name": "A"}]}, "symbol A of scenario mine appears twice"),
        ({"symbols": [{"name": "A", "initial_price": 10037, "tick_size": 5}]}, "10037 of A is not a multiple of tick size 5"),
        ({"limits": {"position": -5}}, ">= 0"),
        ({"populations": []}, "has no populations"),
        ({"populations": [{"trader": "noise", "share": 0.5}]}, "sum to 0.5; change them so that they sum to one"),
        ({"populations": [{"trader": "noise"}]}, "needs either a share or a count"),
        ({"populations": [{"trader": "noise", "count": 1, "share": 1}]}, "needs either a share or a count"),
        ({"populations": [{"trader": "noise", "count": 11}]}, "do not make up its 10 agents"),
        ({"populations": [{"trader": "noise", "count": 9}]}, "do not make up its 10 agents"),
        ({"populations": [{"trader": "noise", "share": 1.5}]}, "<= 1"),
    ],
)
def test_a_wrong_value_is_named(change: dict[str, Any], message: str) -> None:
    data = {"name": "mine", "agents": 10, "populations": [{"trader": "noise", "share": 1.0}], **change}
    with pytest.raises(ValueError, match=message):
        scenario.from_builtins(data)


@pytest.mark.parametrize("text", ["", "- 1", "mine: 3", "mine: {", "a: {populations: []}\nb: {populations: []}"])
def test_a_file_that_holds_no_scenario_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"scenario"):
        load(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none\.yaml does not exist"):
        load(tmp_path / "none.yaml")


@pytest.mark.parametrize("agents", [1, 2, 3, 7, 99, 100, 1000])
def test_shares_make_up_any_number_of_agents(agents: int) -> None:
    trading = load("trading").with_agents(agents)
    counts = trading.counts()
    assert sum(counts) == agents
    for count, population in zip(counts, trading.populations, strict=True):
        assert abs(count - (population.share or 0) * agents) < 1


def test_counts_come_before_shares() -> None:
    populations = (Population(trader="noise", count=3), Population(trader="momentum", share=1.0))
    assert Scenario(name="x", agents=10, populations=populations).counts() == (3, 7)


@pytest.mark.parametrize("agents", [0, -3])
def test_too_few_agents_are_refused(agents: int) -> None:
    with pytest.raises(ValueError, match=f"{agents} agents is fewer than one"):
        load("trading").with_agents(agents)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("agents: 10", "agnets: 10", r"unknown field `agnets`.*mine\.yaml, line 3\)"),
        ("share: 0.5}\n    - {trader: market", "share: -1}\n    - {trader: market", r">= 0.0.*line 6\)"),
        ("market_maker, share", "market_maker, sahre", r"unknown field `sahre`.*line 7\)"),
        ("{name: B}", "{name: B, tick_size: 0}", r">= 1.*line 4\)"),
        ("share: 0.5", "share: 0.25", r"sum to 0.75; .*line 2\)"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_its_line(tmp_path: Path, before: str, after: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load(written(tmp_path, TEXT.replace(before, after, 1)))
