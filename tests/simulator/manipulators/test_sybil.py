"""Reputation made up by several identities, step by step."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.manipulators.sybil import SybilReputation
from simulator.types import DealStep, MessageKind, Outcome, Side
from simulator.world.acts import Act
from simulator.world.commands import BUY, SELL, CancelOrder, Commands, PlaceOrder
from simulator.world.deal_rows import DealState
from simulator.world.mechanisms import RoleName
from simulator.world.scenario_files import load
from simulator.world.view import View, example_view
from tests.contracts.check_manipulator import check_manipulator
from tests.simulator.manipulators.members import acted, of_three

SETTINGS: dict[str, float] = {"every": 200, "length": 100, "exploit": 99, "pace": 1, "size": 3, "delay": 4, "camouflage": 0}
MILLION = 1_000_000


def made(**settings: float) -> SybilReputation:
    return SybilReputation(**(SETTINGS | {"boosted": 0, "cheat": 1, "markup": 0.1} | settings))  # type: ignore[arg-type]


def seen(trader: SybilReputation, **fields: Any) -> View:
    """What one of three identities, agents 0, 4 and 6, sees when a campaign begins."""
    return of_three(trader, {"deal_limit": 4, "rounds": 6}, **({"short_limit": 0} | fields))


def offers(commands: Commands) -> list[tuple[int, Side, int, int, int]]:
    """Receiver, side, price, lots and promised quality of each offer."""
    return [(row[5], Side(row[1]), row[3], row[4], row[6]) for row in commands.rows if row[0] == Act.OFFER]


def acts(commands: Commands, kind: Act) -> list[tuple[int, int]]:
    """Deal and stars of each act of a kind."""
    return [(row[5], row[4]) for row in commands.rows if row[0] == kind]


def outcomes(commands: Commands) -> list[Outcome]:
    return [outcome for _, outcome in commands.declared()]


def told(view: View, step: DealStep, sender: int, side: Side, price: int = 100, lots: int = 2, first: int = -1, number: int = 3) -> View:
    """A letter about a deal of the agent, on whose `side` it would be."""
    row, letter = view.around.deals[number], view.around.letters[view.letters]
    row["id"], row["first"], row["side"] = number, sender if first < 0 else first, 1 - side if first < 0 else side
    row["turn"], row["price"], row["lots"], row["second"] = view.agent, price, lots, view.agent if first < 0 else sender
    row["state"] = DealState.DELIVERED if step is DealStep.DELIVERED else DealState.OFFERED
    letter["kind"], letter["sender"], letter["value_1"], letter["value_3"] = MessageKind.DEAL, sender, step, number
    view.own["letters"] += 1
    return view


def test_helpers_offer_small_deals_to_the_identity_that_a_campaign_is_for() -> None:
    sides = set()
    for seed in range(30):
        trader = made()
        view = seen(trader, member=1, partner=6, inventory=9, quality=9 * 700_000, seed=seed)
        commands = acted(trader, view)
        ((receiver, side, price, lots, promised),) = offers(commands)
        assert (receiver, price) == (0, 100) and 1 <= lots <= 3 and promised == (700_000 if side is Side.SELL else 0)
        assert outcomes(commands) == [Outcome.BEGUN]
        sides.add(side)
    assert sides == {Side.BUY, Side.SELL}


def test_whom_a_campaign_is_for() -> None:
    for boosted, step, member, expected in (
        (0, 0, 0, set()), (0, 200, 0, set()), (1, 0, 0, set()), (1, 200, 0, {4}), (2, 0, 0, {4, 6}), (1, 400, 0, {6}),
    ):  # fmt: skip
        trader = made(boosted=boosted)
        views = [seen(trader, member=member, inventory=9, step=step, seed=seed) for seed in range(20)]
        assert {offer[0] for view in views for offer in offers(acted(trader, view))} == expected


def test_what_rests_in_the_book_goes_when_a_campaign_begins() -> None:
    trader = made()
    view = example_view(prices=[100], parameters=trader.parameters, orders=[(8, 90, 1, BUY)], members=3)
    view.around.mechanisms["deal_limit"] = 4
    assert acted(trader, view).placed() == [CancelOrder(8)]


def test_only_what_one_has_is_offered() -> None:
    trader = made()
    for fields, expected in (
        ({"inventory": 0}, {Side.BUY}), ({"inventory": 5, "due_lots": 5}, {Side.BUY}), ({"inventory": 9, "cash": 0}, {Side.SELL}),
        ({"inventory": 0, "cash": 0}, set()), ({"inventory": 9, "deals": 4}, set()),
    ):  # fmt: skip
        views = [seen(trader, member=1, partner=6, seed=seed, **fields) for seed in range(20)]
        assert {offer[1] for view in views for offer in offers(acted(trader, view))} == expected


@pytest.mark.parametrize(
    ("sender", "side", "price", "fields", "agrees"),
    [
        (4, Side.BUY, 100, {}, True), (4, Side.SELL, 100, {"inventory": 2}, True), (4, Side.SELL, 100, {"inventory": 1}, False),
        (4, Side.SELL, 100, {"inventory": 3, "due_lots": 2}, False), (9, Side.BUY, 90, {}, False),
        (9, Side.SELL, 100, {"inventory": 2}, True), (9, Side.SELL, 99, {"inventory": 2}, False),
    ],
)  # fmt: skip
def test_offers_of_the_own_kind_are_accepted_and_others_only_if_they_pay(
    sender: int, side: Side, price: int, fields: dict[str, Any], agrees: bool
) -> None:
    trader = made()
    commands = acted(trader, told(seen(trader, **fields), DealStep.OFFERED, sender, side, price))
    assert acts(commands, Act.ACCEPT) == [(3, 0)] * agrees and acts(commands, Act.WALK_AWAY) == [(3, 0)] * (not agrees)
    assert outcomes(commands) == [Outcome.BEGUN] * (agrees and sender == 4)


def test_nothing_is_agreed_outside_a_campaign_and_old_letters_are_not_answered() -> None:
    trader = made()
    commands = acted(trader, told(seen(trader, member=1, partner=6, step=150), DealStep.OFFERED, 6, Side.BUY))
    assert acts(commands, Act.ACCEPT) == [] and acts(commands, Act.WALK_AWAY) == [(3, 0)]
    view = told(seen(trader), DealStep.OFFERED, 4, Side.BUY)
    view.around.deals["state"][3] = DealState.FREE
    assert acted(trader, view).rows == []


def test_lots_are_promised_once() -> None:
    trader = made()
    view = told(told(seen(trader, inventory=3), DealStep.OFFERED, 4, Side.SELL), DealStep.OFFERED, 6, Side.SELL, number=5)
    commands = acted(trader, view)
    assert acts(commands, Act.ACCEPT) == [(3, 0)] and acts(commands, Act.WALK_AWAY) == [(5, 0)]


def test_sellers_of_the_own_kind_are_praised_and_others_talked_down() -> None:
    trader = made()
    for sender, stars in ((6, 2), (9, -2)):
        commands = acted(trader, told(seen(trader), DealStep.DELIVERED, sender, Side.BUY))
        assert acts(commands, Act.RATE) == [(3, stars)]


def test_a_buyer_of_the_own_kind_is_praised_when_it_has_paid() -> None:
    trader = made()
    view = told(seen(trader, inventory=9), DealStep.OFFERED, 4, Side.SELL)
    other = told(seen(trader, inventory=9), DealStep.AGREED, 4, Side.SELL, first=0)
    for each in (view, other):
        assert acts(acted(trader, each), Act.RATE) == []
        each.around.deals["state"][3] = DealState.DELIVERED
        assert acts(acted(trader, each), Act.RATE) == [(3, 2)]
        assert acts(acted(trader, each), Act.RATE) == []


def test_competitors_are_lured_into_deals() -> None:
    trader = made(slander=1)
    for fields, receiver in (({"newest_auction": 2}, {8}), ({}, {1, 2, 3, 5, 7, 8, 9})):
        found = set()
        for seed in range(60):
            view = seen(trader, member=1, partner=4, seed=seed, **fields)
            view.around.deals["id"][2], view.around.deals["first"][2] = 2, 8
            found |= {(offer[0], offer[1]) for offer in offers(acted(trader, view))}
        assert {side for _, side in found} == {Side.BUY} and {agent for agent, _ in found} == receiver
    for price, agrees in ((112, True), (113, False)):
        view = told(seen(trader), DealStep.COUNTERED, 9, Side.BUY, price, first=0)
        assert acts(acted(trader, view), Act.ACCEPT) == [(3, 0)] * agrees


@pytest.mark.parametrize(
    ("settings", "member", "inventory", "expected"),
    [
        ({"cheat": 1}, 0, 2, (Side.SELL, 111, 12, 700_000)), ({"cheat": 2}, 0, 12, (Side.SELL, 111, 12, MILLION)),
        ({"cheat": 2}, 0, 11, None),
        ({"cheat": 0}, 0, 12, None), ({"cheat": 1}, 1, 12, None), ({"cheat": 1, "boosted": 2}, 1, 12, (Side.SELL, 111, 12, 700_000)),
    ],
)  # fmt: skip
def test_after_a_campaign_the_trust_is_lived_on(settings: dict[str, float], member: int, inventory: int, expected: Any) -> None:
    trader = made(**settings)
    found = set()
    for seed in range(20):
        view = seen(trader, member=member, step=150, inventory=inventory, quality=inventory * 700_000, seed=seed)
        commands = acted(trader, view)
        assert commands.declared() == []
        found |= {offer[1:] for offer in offers(commands)}
    assert found == ({expected} if expected else set())


def test_who_promised_more_than_it_has_agrees_to_sell_it() -> None:
    for cheat, step, agrees in ((1, 150, True), (2, 150, False), (1, 50, False)):
        trader = made(cheat=cheat)
        view = told(seen(trader, step=step, inventory=1), DealStep.COUNTERED, 9, Side.SELL, first=0)
        assert acts(acted(trader, view), Act.ACCEPT) == [(3, 0)] * agrees


@pytest.mark.parametrize(("good", "expected"), [(MILLION, Outcome.CONSUMMATED), (0, Outcome.ATTEMPTED)])
def test_a_campaign_ends_by_whether_the_reputation_rose(good: int, expected: Outcome) -> None:
    for boosted in (0, 2):
        trader = made(boosted=boosted)
        view = seen(trader, member=1, partner=6, inventory=9)
        assert outcomes(acted(trader, view)) == [Outcome.BEGUN]
        view.around.publics["good"][0] += good
        view.market["step"] = 99
        assert outcomes(acted(trader, view)) == []
        view.market["step"] = 100
        assert outcomes(acted(trader, view)) == [expected]


def test_a_campaign_without_a_deed_is_nobodys_episode() -> None:
    trader = made()
    view = seen(trader)
    acted(trader, view)
    view.market["step"] = 100
    assert acted(trader, view).declared() == []


def test_without_deals_it_trades_as_others_do() -> None:
    trader = made(camouflage=1, hidden=5)
    view = seen(trader, makes=1.0, cost=60, inventory=9)
    view.around.mechanisms["deal_limit"] = 0
    commands = acted(trader, view)
    assert [(type(order), order.side) for order in commands.placed() if isinstance(order, PlaceOrder)] == [(PlaceOrder, SELL)]
    assert commands.declared() == []


def test_identities_share_one_business() -> None:
    scenario = load("data_marketplace")
    seat, own = SybilReputation.seat(scenario, 4, {}), scenario.populations[0].production
    assert own is not None and seat["production"].lots == own.lots / 4 and seat["production"].cost == own.cost
    assert seat["role"] is RoleName.SELLER and seat["symbols"] == ("RECORDS",) * 4 and seat["linked"]
    assert "production" not in SybilReputation.seat(load("trading"), 4, {})


@pytest.mark.parametrize("scenario", ["balanced", "data_marketplace"])
def test_it_is_a_manipulator(scenario: str) -> None:
    check_manipulator("simulator.manipulators.sybil:SybilReputation", load(scenario))
