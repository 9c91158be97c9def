"""What manipulators share: ranges, numbers of episodes, ordinary trading that hides them, markets with them in it."""

from __future__ import annotations

import pytest

from simulator.manipulators.infiltrated import infiltrated
from simulator.manipulators.manipulator import Range, behind, gained, hide, own_episode, shared_episode
from simulator.manipulators.spoofing import Spoofing
from simulator.types import Side
from simulator.world.commands import BUY, SELL, CancelOrder, Commands, PlaceOrder
from simulator.world.mechanisms import RoleName
from simulator.world.scenario_files import load
from simulator.world.view import example_view


@pytest.mark.parametrize(
    ("found", "unit", "expected"),
    [
        (Range(1, 3), 0.0, 1), (Range(1, 3), 0.999, 3), (Range(0.5, 1.5), 0.25, 0.75), (Range(1, 100, log=True), 0.5, 10),
        (Range(0.01, 1.0, log=True), 0.5, 0.1),
    ],
)  # fmt: skip
def test_a_place_in_a_range_is_a_number(found: Range, unit: float, expected: float) -> None:
    assert found.at(unit) == pytest.approx(expected) and isinstance(found.at(unit), int) == found.whole


def test_parameters_are_drawn_by_seed_and_path_and_stay_in_their_ranges() -> None:
    assert Spoofing.drawn(1, "a") == Spoofing.drawn(1, "a") != Spoofing.drawn(1, "b")
    for number in range(50):
        for name, value in Spoofing.drawn(2, number).items():
            assert Spoofing.RANGES[name].low <= value <= Spoofing.RANGES[name].high
        Spoofing(**Spoofing.drawn(2, number))  # type: ignore[arg-type]


def test_numbers_of_episodes_differ_between_agents_and_groups() -> None:
    mine, others = example_view(agent=3, trader_type=1), example_view(agent=4, trader_type=2)
    numbers = [number(view, count) for number in (own_episode, shared_episode) for view in (mine, others) for count in (0, 1)]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize(
    ("side", "ticks", "fields", "expected"),
    [
        (BUY, 2, {}, 97), (SELL, 2, {}, 103), (BUY, -1, {}, 100), (BUY, -5, {}, 100), (SELL, -5, {}, 100), (BUY, 1, {"best_bid": 0}, 98),
        (SELL, 1, {"best_ask": 0}, 102), (BUY, 500, {}, 1), (SELL, 1, {"tick_size": 5, "best_ask": 105}, 110),
    ],
)  # fmt: skip
def test_prices_behind_and_ahead_of_the_best(side: int, ticks: int, fields: dict[str, int], expected: int) -> None:
    assert behind(example_view(prices=[100], **fields), side, ticks) == expected


def test_what_was_gained_is_counted_in_the_direction_of_the_side() -> None:
    view = example_view(inventory=7)
    assert (gained(view, BUY, 5.0), gained(view, SELL, 5.0)) == (2, -2)


def test_hiding_trades_as_others_do_and_works_off_what_it_holds() -> None:
    seen = set()
    for seed in range(60):
        view, commands = example_view(prices=[100], seed=seed, inventory=30), Commands()
        hide(view, commands, 1.0, 5)
        (order,) = commands.placed()
        assert isinstance(order, PlaceOrder) and order.side is Side.SELL and 1 <= order.size <= 5
        seen.add(order.kind.name)
    assert seen == {"LIMIT", "MARKET"}
    view, commands = example_view(orders=[(n, 90, 1, BUY) for n in (4, 5, 6)]), Commands()
    hide(view, commands, 1.0, 5)
    assert commands.placed() == [CancelOrder(4)]
    hide(view, quiet := Commands(), 0.0, 5)
    assert quiet.placed() == []


def test_a_market_is_infiltrated_by_groups_with_numbers_of_their_own() -> None:
    found = infiltrated(load("trading"), ["spoofing"], seed=3, groups=2)
    added = found.populations[-2:]
    assert found.agents == 102 and [population.count for population in added] == [1, 1]
    assert added[0].parameters != added[1].parameters
    assert infiltrated(load("trading"), ["spoofing"], seed=3, groups=2) == found
    with pytest.raises(ValueError, match="noise names no family"):
        infiltrated(load("trading"), ["noise"], seed=3)


def test_a_group_gets_the_seat_that_its_family_asks_for() -> None:
    scenario = load("balanced")
    assert Spoofing.seat(scenario, 1, {}) == {}
    added = infiltrated(scenario, ["simulator.manipulators.cartel:Cartel", "spoofing"], seed=3).populations[-2:]
    assert [population.role for population in added] == [RoleName.BUYER, RoleName.TRADER]
    assert added[0].consumption == scenario.populations[0].consumption and added[1].consumption is None


def test_what_detectors_learn_from_has_further_numbers_and_forms() -> None:
    usual, wider = ([Spoofing.drawn(2, number, wider=way) for number in range(200)] for way in (False, True))
    assert all("turn" not in each and each["levels"] <= 6 for each in usual)
    assert {each["turn"] for each in wider} == {0, 1} and max(each["levels"] for each in wider) == 8
    assert [each["rate"] for each in usual] == [each["rate"] for each in wider], "the rest is drawn as ever"
