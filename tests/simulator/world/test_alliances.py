"""Who belongs to which alliance, what members see, and how what they gain is divided."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, permutations
from typing import Any

import pytest

from simulator.types import MessageKind, Reason, RecordKind
from simulator.world.acts import expel, invite, join, leave
from simulator.world.commands import BUY, SELL, Commands, place_limit, place_market
from simulator.world.layout import Array
from simulator.world.mechanisms import Alliances, Gossip
from simulator.world.moves import Fundamental
from simulator.world.scenario import Fees, Limits, Symbol
from simulator.world.view import View
from simulator.world.world import Capacity, World
from tests.simulator.world.markets import TINY, Decide, agent_of, log_of, only, scripted

Plan = dict[int, list[Any]]
"""What a script does in a step: "join" and "leave" by themselves, ("invite", script), ("expel", script), ("buy", lots), ("offer", lots)."""

A, B, C, D = range(4)


def play(*plans: Plan, steps: int = 8, populations: dict[int, dict[str, Any]] | None = None, **changes: Any) -> tuple[World, Array]:
    """Play plans of scripts, which know each other by the order of the plans."""
    numbers: dict[int, int] = {}

    def script(plan: Plan) -> Decide:
        def decide(view: View, commands: Commands) -> None:
            for act in plan.get(view.step, []):
                if act == "join":
                    join(commands)
                elif act == "leave":
                    leave(commands)
                elif act[0] == "buy":
                    place_market(commands, BUY, act[1])
                elif act[0] == "offer":
                    place_limit(commands, SELL, 100, act[1])
                else:
                    {"invite": invite, "expel": expel}[act[0]](commands, numbers.get(act[1], act[1]))

        return decide

    fields = {"limits": Limits(messages=16), "alliances": Alliances(), **changes}
    world = scripted(*(script(plan) for plan in plans), populations=populations or {}, **fields)
    numbers.update({number: agent_of(world, number) for number in range(len(plans))})
    records = log_of(world, steps)
    world.check()
    return world, records


def events(world: World, records: Array) -> list[tuple[str, int, int, int]]:
    """Return what happened as (kind, who, to whom, members), agents as numbers of plans."""
    script = [*world.agents["trader_type"].tolist(), -1]
    rows = only(records, RecordKind.MESSAGE)
    return [(MessageKind(int(r["reason"])).name, script[r["owner"]], script[r["other_owner"]], int(r["size"])) for r in rows]


def allied(world: World) -> list[int]:
    """Return the alliance of every plan's agent, after checking that it is public."""
    assert world.agents["alliance"].tolist() == world.parties.publics["allied"].tolist()
    return [int(world.agents["alliance"][agent_of(world, number)]) for number in range(len(world.scenario.populations))]


def test_who_is_invited_may_join() -> None:
    world, records = play({0: [("invite", B)]}, {1: ["join"]}, {})
    assert events(world, records) == [("INVITED", A, B, 1), ("JOINED", B, A, 2)]
    assert allied(world) == [0, 0, -1]
    assert [int(world.agents["letters"][agent_of(world, number)]) for number in (A, B, C)] == [1, 1, 0]


PAIR: list[Plan] = [{0: [("invite", B)]}, {1: ["join"]}]


def followed(*later: Plan) -> list[Plan]:
    """Return the plans of a pair that is allied from step 2 on, with what each does besides."""
    return [{**(PAIR[number] if number < 2 else {}), **plan} for number, plan in enumerate(later)]


@pytest.mark.parametrize(
    ("plans", "reason"),
    [
        ([{0: [("invite", A)]}], Reason.UNKNOWN_RECEIVER),
        ([{0: [("invite", 99)]}], Reason.UNKNOWN_RECEIVER),
        ([{0: [("invite", -1)]}], Reason.UNKNOWN_RECEIVER),
        ([{0: ["join"]}], Reason.NOT_INVITED),
        ([{0: ["leave"]}], Reason.NOT_ALLIED),
        ([{0: [("expel", B)]}, {}], Reason.NOT_ALLIED),
        (followed({}, {}, {2: [("invite", A)]}), Reason.ALREADY_ALLIED),
        (followed({2: [("invite", B)]}, {}), Reason.ALREADY_ALLIED),
        (followed({2: ["join"]}, {}), Reason.ALREADY_ALLIED),
        (followed({2: [("invite", C)]}, {}, {}), Reason.ALLIANCE_FULL),
        ([{0: [("invite", B), ("invite", C)]}, {1: ["join"]}, {2: ["join"]}], Reason.ALLIANCE_FULL),
        (followed({}, {2: [("expel", A)]}), Reason.NOT_PERMITTED),
        (followed({2: [("expel", A)]}, {}), Reason.UNKNOWN_RECEIVER),
        (followed({2: [("expel", C)]}, {}, {}), Reason.UNKNOWN_RECEIVER),
        (followed({2: [("expel", 99)]}, {}), Reason.UNKNOWN_RECEIVER),
        (followed({2: ["leave"]}, {3: ["leave"]}), Reason.NOT_ALLIED),
        (followed({2: [("expel", B)]}, {3: ["join"]}), Reason.NOT_INVITED),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(plans: list[Plan], reason: Reason) -> None:
    _, records = play(*plans, alliances=Alliances(members=2))
    assert only(records, RecordKind.REJECTED)["reason"].tolist() == [reason]


@pytest.mark.parametrize("gossip", [None, Gossip()])
@pytest.mark.parametrize("act", [("invite", B), "join"])
def test_without_alliances_there_are_none(act: Any, gossip: Gossip | None) -> None:
    world, records = play({0: [act]}, {}, alliances=None, gossip=gossip)
    assert only(records, RecordKind.REJECTED)["reason"].tolist() == [Reason.SWITCHED_OFF]
    assert allied(world) == [-1, -1]


def test_invitations_count_as_messages() -> None:
    world, records = play({0: [("invite", B), ("invite", C)]}, {1: ["join"]}, {1: ["join"]}, limits=Limits(messages=1))
    assert sorted(only(records, RecordKind.REJECTED)["reason"].tolist()) == [Reason.MESSAGE_LIMIT, Reason.NOT_INVITED]
    assert allied(world) == [0, 0, -1]


@pytest.mark.parametrize(
    ("later", "last"), [([{2: ["leave"]}, {}], ("LEFT", A, B, 1)), ([{}, {2: ["leave"]}], ("LEFT", B, A, 1)),
                        ([{2: [("expel", B)]}, {}], ("EXPELLED", A, B, 1))],
)  # fmt: skip
def test_an_alliance_of_one_is_over(later: list[Plan], last: tuple[Any, ...]) -> None:
    world, records = play(*followed(*later))
    assert events(world, records)[2:] == [last]
    assert allied(world) == [-1, -1]
    assert world.parties.alliances["members"].tolist() == [0, 0]


def test_who_leaves_before_anybody_joined_tells_nobody() -> None:
    world, records = play({0: [("invite", B)], 1: ["leave"]}, {})
    assert events(world, records) == [("INVITED", A, B, 1), ("LEFT", A, -1, 0)]
    assert allied(world) == [-1, -1]


def test_the_next_member_follows_a_founder_who_leaves() -> None:
    plans: list[Plan] = [{0: [("invite", B), ("invite", C)], 3: ["leave"]}, {1: ["join"], 4: [("expel", C)]}, {2: ["join"]}]
    world, records = play(*plans, steps=4)
    assert allied(world) == [-1, 0, 0]
    assert world.parties.alliances["founder"][0] == agent_of(world, B)
    assert events(world, records)[-1] == ("LEFT", A, B, 2)
    world, records = play(*plans)
    assert events(world, records)[-1] == ("EXPELLED", B, C, 1)
    assert allied(world) == [-1, -1, -1]


def test_an_invitation_ends_with_the_alliance() -> None:
    world, records = play({0: [("invite", B)], 1: ["leave"]}, {3: ["join"]}, {2: [("invite", D)]}, {})
    assert only(records, RecordKind.REJECTED)["reason"].tolist() == [Reason.NOT_INVITED]
    assert allied(world) == [-1, -1, 0, -1]


def test_members_see_what_one_of_them_sees_and_no_more_when_they_left() -> None:
    signals: list[float] = []

    def partner(view: View, commands: Commands) -> None:
        signals.append(view.signal)
        if view.step == 1:
            join(commands)
        if view.step == 4:
            leave(commands)

    numbers: list[int] = []

    def knowing(view: View, commands: Commands) -> None:
        assert view.signal == 700.0
        if view.step == 0:
            invite(commands, numbers[0])

    symbols = (Symbol(name="A", initial_price=700, fundamental=Fundamental(volatility=0.0)),)
    world = scripted(knowing, partner, populations={0: {"informed": True}}, symbols=symbols, alliances=Alliances())
    numbers.append(agent_of(world, 1))
    log_of(world, 8)
    assert signals == [0.0, 0.0, 700.0, 700.0, 700.0, 0.0, 0.0, 0.0]
    assert world.agents["informed"].sum() == 1
    world.check()


def test_who_leaves_takes_what_it_knows_with_it() -> None:
    plans: list[Plan] = [{0: [("invite", B), ("invite", C)], 3: ["leave"]}, {1: ["join"]}, {1: ["join"]}]
    informed = {0: {"informed": True}}
    assert play(*plans, steps=2, populations=informed)[0].agents["informed"].tolist() == [1, 1, 1]
    world, _ = play(*plans, populations=informed)
    assert [int(world.agents["informed"][agent_of(world, number)]) for number in (A, B, C)] == [1, 0, 0]
    assert allied(world) == [-1, 0, 0]


def traded(bought: tuple[int, ...], alliances: Alliances | None, **changes: Any) -> tuple[World, Array]:
    """Let members buy so many lots each at 100, with a fee of 10 a lot, from somebody who is no member; the first one founds."""
    others = range(1, len(bought))
    founder: Plan = {0: [("invite", number) for number in others], 2: [("buy", lots) for lots in bought[:1] if lots]}
    members: list[Plan] = [{1: ["join"], 2: [("buy", bought[number])] if bought[number] else []} for number in others]
    seller: Plan = {0: [("offer", sum(bought))]}
    symbols = (Symbol(name="A", initial_price=100, fundamental=Fundamental(volatility=0.0)),)
    fields = {"fees": Fees(taker=100_000), "symbols": symbols, "alliances": alliances, **changes}
    return play(founder, *members, seller, steps=12, **fields)


def brute_force(fees: list[int], full: int, rebate: Fraction) -> tuple[list[int], int]:
    """Return the parts by averaging over all orders of coming, and by how much the worst-off members would do better alone."""

    def worth(members: frozenset[int]) -> int:
        paid = sum(fees[member] for member in members)
        rate = int(rebate * 10**6) * min(paid * 10**6 // full, 10**6) // 10**6
        return paid * rate // 10**6

    everybody = range(len(fees))
    known = {frozenset(some): worth(frozenset(some)) for size in range(len(fees) + 1) for some in combinations(everybody, size)}
    totals, number = [0] * len(fees), 0
    for order in permutations(everybody):
        number += 1
        there: frozenset[int] = frozenset()
        for member in order:
            totals[member] += known[there | {member}] - known[there]
            there |= {member}
    parts = [total // number for total in totals]
    parts[0] += known[frozenset(everybody)] - sum(parts)
    excess = max(value - sum(parts[member] for member in some) for some, value in known.items())
    return parts, max(excess, 0)


@pytest.mark.parametrize(
    ("bought", "full", "rebate"),
    [
        ((10, 10), 1000, 0.5),
        ((1, 2), 1000, 1.0),
        ((7, 0), 100, 0.5),
        ((3, 3, 3), 77, 1.0),
        ((10, 10, 2), 100, 1.0),
        ((10, 10, 2), 100, 0.3),
        ((5, 0, 7, 20), 333, 0.7),
        ((40, 33, 15, 42), 100, 1.0),
        ((13, 8, 5, 3, 2), 400, 0.9),
        ((11, 3, 4, 11), 50, 1.0),
        ((11, 11, 6), 200, 1.0),
        ((1, 2, 3, 4, 5, 6, 7, 8), 321, 0.5),
        ((9, 9, 9, 9, 9, 9, 9, 8), 10_000, 1.0),
    ],
)
def test_what_is_gained_is_divided_by_shapley_value(bought: tuple[int, ...], full: int, rebate: float) -> None:
    world, records = traded(bought, Alliances(members=max(len(bought), 2), period=10, rebate=rebate, full=full))
    agents = [agent_of(world, number) for number in range(len(bought))]
    shared = only(records, RecordKind.MESSAGE)
    shared = shared[shared["reason"] == MessageKind.SHARED]
    fees = [10 * lots for lots in bought]
    parts, excess = brute_force(fees, full, Fraction(str(rebate)))
    found = {int(row["owner"]): int(row["order_id"]) for row in shared}
    assert [found[agent] for agent in agents] == parts
    assert set(shared["step"].tolist()) == {9} and set(shared["other_id"].tolist()) == {excess}
    assert set(shared["size"].tolist()) == {len(bought)} and set(shared["other_owner"].tolist()) == {-1}
    assert world.agents["fees"][agents].tolist() == [fee - part for fee, part in zip(fees, parts, strict=True)]
    assert world.parties.parties["shared"][agents].tolist() == parts
    paid = int(sum(fees) * 10**6 // full)
    assert sum(parts) == sum(fees) * (int(rebate * 10**6) * min(paid, 10**6) // 10**6) // 10**6
    assert (world.parties.alliances["gained"][0], world.parties.alliances["excess"][0]) == (sum(parts), excess)


def test_a_part_of_a_large_alliance_may_do_better_alone() -> None:
    assert brute_force([100, 100, 20], 100, Fraction(1))[1] == 4
    world, _ = traded((10, 10, 2), Alliances(members=3, period=10, rebate=1.0, full=100))
    assert world.parties.alliances["excess"][0] == 4


def test_without_alliances_nobody_gets_fees_back() -> None:
    alone, allied_ones = (traded((10, 20), alliances)[0] for alliances in (None, Alliances(period=10, full=100)))
    assert [world.agents["fees"].sum() for world in (alone, allied_ones)] == [300, 150]


def test_fees_of_before_joining_and_of_the_period_before_count_no_more() -> None:
    early: Plan = {0: [("invite", B)], 1: [("buy", 10)]}
    plans: list[Plan] = [early, {0: [], 2: [("buy", 5)], 3: ["join"], 4: [("buy", 2)]}, {0: [("offer", 50)]}]
    symbols = (Symbol(name="A", initial_price=100, fundamental=Fundamental(volatility=0.0)),)
    rules = {"alliances": Alliances(period=10, rebate=1.0, full=1), "fees": Fees(taker=100_000), "symbols": symbols}
    _, records = play(*plans, steps=30, **rules)
    shared = only(records, RecordKind.MESSAGE)
    shared = shared[shared["reason"] == MessageKind.SHARED]
    assert shared["step"].tolist() == [9, 9, 19, 19, 29, 29]
    assert shared["order_id"].tolist() == [100, 20, 0, 0, 0, 0]


def test_what_alliances_do_is_the_same_in_memory_that_must_grow() -> None:
    rules = Alliances(members=8, period=10)
    tiny, roomy = (traded((3, 4, 5, 6, 1, 2, 8, 9), rules, capacity=each)[0] for each in (TINY, Capacity()))
    assert roomy.hash() == tiny.hash()
