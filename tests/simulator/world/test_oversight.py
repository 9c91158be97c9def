"""What regulators do, and by which public facts, on tiny markets with scripted agents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from simulator.traders.registry import make_trader
from simulator.types import InterventionKind, Reason, RecordKind, Rule
from simulator.world.acts import fine, halt_trading, resume_trading, suspend, warn
from simulator.world.commands import BUY, SELL, Commands, cancel, modify, place_limit, place_market
from simulator.world.layout import Array
from simulator.world.looking import public_of
from simulator.world.mechanisms import Gossip, Oversight, RoleName
from simulator.world.moves import Fundamental
from simulator.world.scenario import CircuitBreaker, Limits, Symbol
from simulator.world.view import View
from simulator.world.world import World
from tests.simulator.world.markets import TINY, Decide, agent_of, at_steps, log_of, nothing, only, scripted, trading

STILL = (Symbol(name="A", initial_price=100, fundamental=Fundamental(volatility=0.0)),)
RULES = Oversight(highest_fine=500, longest_suspension=50)
Act = Callable[[Commands, int], None]


def overseen(regulator: Decide, *others: Decide, **changes: Any) -> World:
    """A world whose first script is a regulator."""
    fields = {"symbols": STILL, "limits": Limits(messages=16), "oversight": RULES, **changes}
    return scripted(regulator, *others, populations={0: {"role": RoleName.REGULATOR}}, **fields)


def acting(step: int, *acts: Act, whom: int = 1) -> tuple[Decide, list[World]]:
    """Return a script that does something to another one's agent in a step, and the list into which its world must be put."""
    worlds: list[World] = []

    def decide(view: View, commands: Commands) -> None:
        if view.step == step:
            for act in acts:
                act(commands, agent_of(worlds[0], whom))

    return decide, worlds


def done(records: Array) -> list[tuple[Any, ...]]:
    """Return interventions as (step, kind, by, whom, rule, observed, allowed, fine, until)."""
    names = ("owner", "other_owner", "time_in_force", "price", "size", "order_id", "other_id")
    rows = only(records, RecordKind.INTERVENTION)
    return [(int(r["step"]), InterventionKind(int(r["reason"])).name, *(int(r[name]) for name in names)) for r in rows]


ACTS: list[Act] = [
    lambda c, agent: warn(c, agent, Rule.POSITION, 7, 5),
    lambda c, agent: fine(c, agent, Rule.POSITION, 7, 5, 100),
    lambda c, agent: suspend(c, agent, Rule.POSITION, 7, 5, 10),
    lambda c, agent: halt_trading(c, 0, Rule.CIRCUIT_BREAKER, 7, 5),
    lambda c, agent: resume_trading(c, 0),
]


@pytest.mark.parametrize("role", [role for role in RoleName if role not in (RoleName.REGULATOR, RoleName.MEDIATOR)])
def test_only_regulators_intervene(role: RoleName) -> None:
    meddler, worlds = acting(0, *ACTS)
    fields: dict[str, Any] = {"symbols": STILL, "limits": Limits(messages=16), "oversight": RULES}
    world = scripted(meddler, nothing, populations={0: {"role": role}}, **fields)
    worlds.append(world)
    records = log_of(world, 5)
    assert only(records, RecordKind.REJECTED)["reason"].tolist() == [Reason.NOT_PERMITTED] * 5
    assert done(records) == []
    world.check()


@pytest.mark.parametrize(("gossip", "reason"), [(None, Reason.SWITCHED_OFF), (Gossip(), Reason.NOT_PERMITTED)])
def test_without_oversight_nobody_intervenes(gossip: Gossip | None, reason: Reason) -> None:
    meddler, worlds = acting(0, *ACTS)
    world = scripted(meddler, nothing, limits=Limits(messages=16), gossip=gossip)
    worlds.append(world)
    assert only(log_of(world, 5), RecordKind.REJECTED)["reason"].tolist() == [reason] * 5


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (lambda c, agent: fine(c, agent, Rule.POSITION, 7, 5, 501), Reason.INVALID_AMOUNT),
        (lambda c, agent: fine(c, agent, Rule.POSITION, 7, 5, -1), Reason.INVALID_AMOUNT),
        (lambda c, agent: fine(c, agent, 99, 7, 5, 1), Reason.INVALID_AMOUNT),
        (lambda c, agent: warn(c, agent, -1, 7, 5), Reason.INVALID_AMOUNT),
        (lambda c, agent: suspend(c, agent, Rule.POSITION, 7, 5, 51), Reason.INVALID_AMOUNT),
        (lambda c, agent: suspend(c, agent, Rule.POSITION, 7, 5, 0), Reason.INVALID_AMOUNT),
        (lambda c, agent: suspend(c, agent, Rule.POSITION, 7, 5, -4), Reason.INVALID_AMOUNT),
        (lambda c, agent: halt_trading(c, 0, 99, 7, 5), Reason.INVALID_AMOUNT),
        (lambda c, agent: fine(c, 99, Rule.POSITION, 7, 5, 1), Reason.UNKNOWN_RECEIVER),
        (lambda c, agent: suspend(c, -1, Rule.POSITION, 7, 5, 1), Reason.UNKNOWN_RECEIVER),
        (lambda c, agent: halt_trading(c, 1, Rule.NONE, 7, 5), Reason.UNKNOWN_SYMBOL),
        (lambda c, agent: resume_trading(c, -1), Reason.UNKNOWN_SYMBOL),
    ],
)
def test_what_is_too_much_or_meets_nobody_is_refused(act: Act, reason: Reason) -> None:
    regulator, worlds = acting(0, act)
    world = overseen(regulator, nothing)
    worlds.append(world)
    records = log_of(world, 5)
    assert only(records, RecordKind.REJECTED)["reason"].tolist() == [reason]
    assert done(records) == []
    assert world.agents["cash"].tolist() == [10_000_000] * 2
    world.check()


def test_a_fine_is_taken_made_public_and_written_down() -> None:
    regulator, worlds = acting(2, ACTS[0], lambda c, agent: fine(c, agent, Rule.ORDER_TO_TRADE, 30, 20, 500))
    world = overseen(regulator, nothing)
    worlds.append(world)
    by, whom = agent_of(world, 0), agent_of(world, 1)
    records = log_of(world, 4)
    assert done(records) == [
        (2, "WARNED", by, whom, Rule.POSITION, 7, 5, 0, 0),
        (2, "FINED", by, whom, Rule.ORDER_TO_TRADE, 30, 20, 500, 0),
    ]
    assert world.agents["cash"][whom] == 9_999_500
    assert (world.parties.publics["fined"][whom], world.parties.parties["fines"][whom]) == (500, 500)
    (account,) = only(records, RecordKind.ACCOUNT)
    assert (account["step"], account["owner"], account["order_id"]) == (2, whom, 9_999_500)
    world.check()


def busy(steps: list[int]) -> Decide:
    """A script that notes when it is asked, and leaves an order each time."""

    def decide(view: View, commands: Commands) -> None:
        steps.append(view.step)
        place_limit(commands, BUY, 50 + view.step, 1)

    return decide


def test_who_is_suspended_is_not_asked_and_its_orders_are_withdrawn_until_it_is_restored() -> None:
    asked: list[int] = []
    regulator, worlds = acting(3, lambda c, agent: suspend(c, agent, Rule.POSITION, 7, 5, 5))
    world = overseen(regulator, busy(asked))
    worlds.append(world)
    by, whom = agent_of(world, 0), agent_of(world, 1)
    records = log_of(world, 5)
    withdrawn = only(records, RecordKind.CANCELLED)
    assert withdrawn[["step", "owner", "price", "reason"]].tolist() == [(4, whom, 50 + n, Reason.BY_OWNER) for n in range(4)]
    assert world.agents["open_orders"][whom] == 0
    assert world.parties.publics["suspended_until"][whom] == 8
    world.check()
    records = np.concatenate([records, log_of(world, 6)])
    assert asked == [0, 1, 2, 3, 9, 10]
    assert done(records) == [(3, "SUSPENDED", by, whom, Rule.POSITION, 7, 5, 0, 8), (8, "RESTORED", -1, whom, 0, 0, 0, 0, 0)]
    assert world.parties.publics["suspended_until"][whom] == 0
    world.check()


@pytest.mark.parametrize("commands", [1, 2, 3, 1024])
def test_orders_are_withdrawn_at_once_in_memory_that_must_grow(commands: int) -> None:
    asked: list[int] = []
    regulator, worlds = acting(9, lambda c, agent: suspend(c, agent, Rule.POSITION, 7, 5, 20))
    world = overseen(regulator, busy(asked), capacity=TINY._replace(commands=commands))
    worlds.append(world)
    log_of(world, 9)
    world.halt("A")
    records = log_of(world, 1)
    assert [RecordKind(kind).name for kind in records["kind"][:2]] == ["HALTED", "INTERVENTION"]
    world.resume("A")
    records = log_of(world, 1)
    assert len(only(records, RecordKind.RESUMED)) == 1
    assert only(records, RecordKind.CANCELLED)["step"].tolist() == [10] * 9
    world.check()


@pytest.mark.parametrize(("second", "restored"), [(2, 8), (10, 14)])
def test_the_longer_of_two_suspensions_counts(second: int, restored: int) -> None:
    def twice(view: View, commands: Commands) -> None:
        if view.step in (3, 4):
            suspend(commands, agent_of(world, 1), Rule.POSITION, 7, 5, 5 if view.step == 3 else second)

    world = overseen(twice, nothing)
    records = log_of(world, 30)
    assert [row[0] for row in done(records) if row[1] == "RESTORED"] == [restored]


def test_who_is_restored_is_asked_as_often_as_before() -> None:
    regulator, worlds = acting(0, lambda c, agent: suspend(c, agent, Rule.POSITION, 7, 5, 5))
    world = scripted(regulator, nothing, populations={0: {"role": RoleName.REGULATOR}, 1: {"activity": 0.25}}, oversight=RULES)
    worlds.append(world)
    log_of(world, 3)
    assert world.agents["activity"][agent_of(world, 1)] == 0.0
    log_of(world, 5)
    assert world.agents["activity"][agent_of(world, 1)] == 0.25


def test_a_suspension_goes_on_from_a_snapshot() -> None:
    def world(asked: list[int]) -> World:
        regulator, worlds = acting(3, lambda c, agent: suspend(c, agent, Rule.POSITION, 7, 5, 5))
        worlds.append(overseen(regulator, busy(asked)))
        return worlds[0]

    whole = world([])
    log_of(whole, 12)
    for cut in (3, 4, 5, 8, 9):
        first, second = world([]), world([])
        log_of(first, cut)
        second.restore(first.snapshot())
        log_of(second, 12 - cut)
        assert second.hash() == whole.hash()


def test_a_regulator_halts_and_resumes_trading_from_the_next_step_on() -> None:
    def work(view: View, commands: Commands) -> None:
        if view.step == 2:
            halt_trading(commands, 0, Rule.CIRCUIT_BREAKER, 70_000, 50_000)
        if view.step == 5:
            resume_trading(commands, 0)

    world = overseen(work, busy([]))
    records, by = log_of(world, 8), agent_of(world, 0)
    assert done(records) == [
        (3, "HALTED", by, -1, Rule.CIRCUIT_BREAKER, 70_000, 50_000, 0, 0),
        (6, "RESUMED", by, -1, Rule.NONE, 0, 0, 0, 0),
    ]
    assert only(records, RecordKind.REJECTED)[["step", "reason"]].tolist() == [(step, Reason.HALTED) for step in (3, 4, 5)]
    world.check()


def test_who_halts_by_hand_is_not_taken_for_a_regulator_that_asked_in_vain() -> None:
    regulator, worlds = acting(1, lambda c, agent: resume_trading(c, 0))
    world = overseen(regulator, nothing)
    worlds.append(world)
    records = log_of(world, 4)
    assert only(records, RecordKind.REJECTED)["reason"].tolist() == [Reason.NOT_HALTED]
    world.halt(0)
    assert done(log_of(world, 1)) == [(4, "HALTED", -1, -1, Rule.NONE, 100, 0, 0, 0)]


def test_a_circuit_breaker_is_an_intervention_of_nobody() -> None:
    def quote(view: View, commands: Commands) -> None:
        place_limit(commands, SELL, 101, 5)
        place_limit(commands, SELL, 121, 5)
        place_limit(commands, BUY, 99, 50)

    quotes, takes = at_steps(s0=quote), at_steps(s5=lambda view, commands: place_market(commands, BUY, 5))
    breaker = CircuitBreaker(move=0.05, window=50, pause=8)
    found = done(log_of(scripted(quotes, takes, symbols=STILL, circuit_breaker=breaker), 30))
    assert found == [
        (6, "HALTED", -1, -1, Rule.CIRCUIT_BREAKER, 110, 50_000, 0, 14),
        (14, "RESUMED", -1, -1, Rule.CIRCUIT_BREAKER, 110, 50_000, 0, 0),
    ]


def test_counts_of_orders_and_trades_are_those_of_the_log() -> None:
    world = World(trading(20, oversight=Oversight(window=200)), seed=3)
    records = log_of(world, 199)
    orders, trades = np.zeros(20, int), np.zeros(20, int)
    for row in records:
        kind, reason = row["kind"], row["reason"]
        if kind in (RecordKind.ACCEPTED, RecordKind.MODIFIED) or (kind == RecordKind.CANCELLED and reason == Reason.BY_OWNER):
            orders[row["owner"]] += 1
        if kind == RecordKind.TRADE:
            trades[row["owner"]] += 1
            trades[row["other_owner"]] += 1
    assert trades.sum() > 50 and orders.min() >= 0
    assert world.parties.publics["orders"].tolist() == orders.tolist()
    assert world.parties.publics["trades"].tolist() == trades.tolist()
    assert world.parties.publics["position"].tolist() == world.agents["inventory"].tolist()


def test_counts_are_halved_at_the_end_of_the_window() -> None:
    seen: list[tuple[int, int]] = []

    def look(view: View, commands: Commands) -> None:
        known = public_of(view, agent_of(world, 1))
        seen.append((known.orders, known.trades))

    def work(view: View, commands: Commands) -> None:
        if view.step == 0:
            place_limit(commands, BUY, 90, 5)
        elif view.step == 1:
            modify(commands, view.orders[0].order_id, 91, 4)
        elif view.step == 2:
            cancel(commands, view.orders[0].order_id)
        elif view.step == 3:
            cancel(commands, 999)

    world = overseen(look, work, oversight=Oversight(window=6))
    log_of(world, 14)
    assert seen == [(n, 0) for n in (0, 1, 2, 3, 3, 3, 1, 1, 1, 1, 1, 1, 0, 0)]


def test_the_position_of_everybody_is_public_once_it_is_on_record() -> None:
    seen: list[int] = []

    def look(view: View, commands: Commands) -> None:
        seen.append(public_of(view, agent_of(world, 2)).position)

    sells, buys = at_steps(s0=lambda v, c: place_limit(c, SELL, 100, 9)), at_steps(s2=lambda v, c: place_market(c, BUY, 4))
    world = overseen(look, sells, buys)
    log_of(world, 5)
    assert seen == [0, 0, 0, 4, 4]


def guarded(regulator: bool) -> tuple[World, Array]:
    """A market in which script 1 hoards what scripts 2 and 4 offer, and script 3 does nothing but place and withdraw orders."""
    strategy = make_trader("regulator", {"position": 5, "ratio": 4, "orders": 10, "fine": 400, "suspension": 20, "move": 1, "looks": 4})

    def hoard(view: View, commands: Commands) -> None:
        place_market(commands, BUY, 1)

    def offer(view: View, commands: Commands) -> None:
        place_limit(commands, SELL, 100, 10)

    def flood(view: View, commands: Commands) -> None:
        if view.orders:
            cancel(commands, view.orders[0].order_id)
        else:
            place_limit(commands, BUY, 50, 1)

    populations = {0: {"role": RoleName.REGULATOR}, 2: {"inventory": 5}, 4: {"inventory": 5}}
    world = scripted(strategy.act if regulator else nothing, hoard, at_steps(s0=offer), flood, at_steps(s0=offer),
                     populations=populations, symbols=STILL, limits=Limits(messages=8, position=100), oversight=RULES)  # fmt: skip
    world.agents["parameters"][agent_of(world, 0), : len(strategy.parameters)] = strategy.parameters
    records = log_of(world, 18)
    world.check()
    return world, records


def test_a_regulator_fines_and_suspends_who_breaks_its_rules_and_nobody_else() -> None:
    world, records = guarded(True)
    found: dict[tuple[int, str, int], list[tuple[int, ...]]] = {}
    for _, kind, by, whom, rule, observed, allowed, amount, _ in done(records):
        assert by == agent_of(world, 0)
        found.setdefault((whom, kind, rule), []).append((observed, allowed, amount))
    hoarder, flooder = agent_of(world, 1), agent_of(world, 3)
    assert found[hoarder, "FINED", Rule.POSITION][:2] == [(6, 5, 400), (7, 5, 400)]
    assert found[flooder, "FINED", Rule.ORDER_TO_TRADE][0] == (10, 4, 400)
    assert {key[:2] for key in found} == {(who, kind) for who in (hoarder, flooder) for kind in ("FINED", "SUSPENDED")}


def test_without_the_regulator_the_same_market_ends_otherwise() -> None:
    (with_one, _), (without, records) = guarded(True), guarded(False)
    hoarder = agent_of(without, 1)
    assert done(records) == []
    assert with_one.agents["inventory"][hoarder] < without.agents["inventory"][hoarder]
    assert (with_one.parties.parties["fines"].sum() > 0, without.parties.parties["fines"].sum()) == (True, 0)
