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
        ({"message_templates": {"weather": "rain"}}, "template of topic weather, which is none of sentiment, order_flow"),
        ({"message_templates": {"sentiment": "{mood}"}}, "cannot be filled in"),
        ({"message_templates": {"sentiment": "{value_1"}}, "cannot be filled in"),
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


RESOURCE = {"name": "A", "resource": {}}
MAKER, USER = {"lots": 1, "cost": 1}, {"lots": 1, "value": 1}


def one(**fields: Any) -> dict[str, Any]:
    """A scenario's populations with one kind of agents."""
    return {"populations": [{"trader": "noise", "share": 1.0, **fields}]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"deals": {"rouns": 3}}, "unknown field `rouns`.*deals"),
        ({"alliances": {"member": 3}}, "unknown field `member`.*alliances"),
        ({"symbols": [{"name": "A", "resource": {"period": 5, "decays": 0.1}}]}, "unknown field `decays`.*resource"),
        ({"symbols": [{"name": "A", "resource": {"shortage": {"chance": 0.1, "length": 3}}}]}, "unknown field `length`.*shortage"),
        (one(production={**MAKER, "price": 3}), "unknown field `price`.*production"),
        (one(role="thief"), "Invalid enum value 'thief'.*role"),
        ({"symbols": [{"name": "A", "resource": {"kind": "gold"}}]}, "Invalid enum value 'gold'.*kind"),
        ({"symbols": [{"name": "A", "resource": {"decay": 1.5}}]}, "<= 1.*decay"),
        ({"symbols": [{"name": "A", "resource": {"storage": -1}}]}, ">= 0.*storage"),
        ({"symbols": [{"name": "A", "resource": {"period": 0}}]}, ">= 1.*period"),
        (one(production={"lots": -1, "cost": 1}), "> 0.*production.lots"),
        (one(production={"lots": 1, "cost": -1}), ">= 0.*production.cost"),
        (one(consumption={"lots": 0, "value": 1}), "> 0.*consumption.lots"),
        (one(consumption={"lots": 1, "value": 1, "spread": 1}), "< 1.*consumption.spread"),
        ({"alliances": {"members": 1}}, ">= 2.*alliances.members"),
        ({"alliances": {"members": 9}}, "<= 8.*alliances.members"),
        ({"gossip": {"neighbours": 0}}, ">= 1.*gossip.neighbours"),
        ({"gossip": {"keep": -0.1}}, ">= 0.*gossip.keep"),
        ({"oversight": {"highest_fine": -1}}, ">= 0.*oversight.highest_fine"),
        ({"oversight": {"longest_suspension": 1024}}, "<= 1023.*oversight.longest_suspension"),
        ({"deals": {"limit": 0}}, ">= 1.*deals.limit"),
        ({"reputation": {"memory": 2}}, "<= 1.*reputation.memory"),
        (one(production=MAKER), "population noise of scenario mine produces or consumes AGR, which is no resource"),
        (one(consumption=USER), "population noise of scenario mine produces or consumes AGR, which is no resource"),
        ({"symbols": [RESOURCE, {"name": "B"}], **one(consumption=USER)}, "produces or consumes B, which is no resource"),
        (
            {"symbols": [RESOURCE, {"name": "B"}], **one(production=MAKER, symbols=["A", "B"])},
            "produces or consumes B, which is no resource",
        ),
        (one(symbols=["XYZ"]), "symbol 'XYZ' is unknown; choose one of AGR"),
        (one(role="regulator"), "noise of scenario mine is a regulator in a scenario without `oversight`"),
        (one(role="mediator"), "noise of scenario mine is a mediator in a scenario without `deals`"),
        (one(linked=True), "population noise of scenario mine is linked over 0 symbols; name at least two"),
        (one(linked=True, symbols=["AGR"]), "population noise of scenario mine is linked over 1 symbols; name at least two"),
        (
            {"symbols": [{"name": name} for name in "ABC"], **one(linked=True, symbols=["A", "B", "C"])},
            "10 agents of the linked population noise are no whole number of owners with 3 each",
        ),
        (
            {"populations": [{"trader": "buyer", "share": 0.5}, {"trader": "seller", "share": 0.25}, {"trader": "noise", "count": 2}]},
            "sum to 0.75; change them so that they sum to one",
        ),
    ],
)
def test_what_is_wrong_beyond_the_book_is_named(change: dict[str, Any], message: str) -> None:
    data = {"name": "mine", "agents": 10, **one(), **change}
    with pytest.raises(ValueError, match=message):
        scenario.from_builtins(data)


@pytest.mark.parametrize(
    "change",
    [
        {"symbols": [RESOURCE, {"name": "B"}], **one(production=MAKER, consumption=USER, symbols=["A"])},
        {"oversight": {}, **one(role="regulator")},
        {"deals": {}, **one(role="mediator")},
        {"symbols": [{"name": "A"}, {"name": "B"}], **one(linked=True, symbols=["A", "B"])},
        {"symbols": [RESOURCE], **one(inventory=0)},
        {"alliances": {"members": 8}, "gossip": {"keep": 0, "chance": 0}, "reputation": {"memory": 0}},
    ],
)
def test_what_is_right_beyond_the_book_loads_and_plays(change: dict[str, Any]) -> None:
    found = scenario.from_builtins({"name": "mine", "agents": 10, **one(), **change})
    assert scenario.from_builtins(scenario.to_builtins(found)) == found
    world = World(found)
    world.advance(30)
    world.check()


def test_nobody_begins_short_of_a_resource() -> None:
    found = scenario.from_builtins({"name": "mine", "agents": 10, "symbols": [RESOURCE], **one(inventory=-3)})
    with pytest.raises(ValueError, match="inventory -3 of noise is less than nothing of a resource; give 0 or more"):
        World(found)


@pytest.mark.parametrize(
    ("name", "agents", "message"), [("multi_market", 18, "-1 are left over"), ("energy_trading", 3, "-1 are left over")]
)
def test_fewer_agents_than_are_counted_are_refused(name: str, agents: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load(name).with_agents(agents)
