"""What the rules of the market say, on tiny markets with scripted agents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from simulator.metrics import autocorrelation
from simulator.types import CommandKind, InterventionKind, Reason, RecordKind
from simulator.world.accounts import values
from simulator.world.commands import (
    BUY,
    EVERYBODY,
    FOK,
    IOC,
    POST_ONLY,
    SELL,
    Commands,
    cancel,
    message,
    modify,
    place_limit,
    place_market,
    put,
)
from simulator.world.invariants import check
from simulator.world.layout import MESSAGE
from simulator.world.moves import Fundamental, Storms
from simulator.world.scenario import CircuitBreaker, Fees, Limits, Symbol
from simulator.world.view import View
from simulator.world.world import World
from tests.simulator.world.markets import TINY, agent_of, at_steps, kinds_of, log_of, nothing, only, scripted, trading

STILL = (Symbol(name="A", fundamental=Fundamental(volatility=0.0)),)


def sell_ten(view: View, commands: Commands) -> None:
    place_limit(commands, SELL, 10_000, 10)


def buy_four(view: View, commands: Commands) -> None:
    place_market(commands, BUY, 4)


def test_a_trade_moves_cash_inventory_and_fees_and_leaves_its_records() -> None:
    world = scripted(at_steps(s0=sell_ten), at_steps(s1=buy_four), symbols=STILL, fees=Fees(maker=-100, taker=250))
    seller, buyer = agent_of(world, 0), agent_of(world, 1)
    log = log_of(world, 2)
    assert kinds_of(log) == ["ACCEPTED", "TICK", "ACCEPTED", "FILLED", "TRADE", "TICK", "ACCOUNT", "ACCOUNT"]
    trade, tick = only(log, RecordKind.TRADE)[0], only(log, RecordKind.TICK)[1]
    assert (trade["owner"], trade["other_owner"], trade["order_id"], trade["other_id"]) == (buyer, seller, 1, 0)
    assert (trade["price"], trade["size"], trade["side"]) == (10_000, 4, BUY)
    assert (tick["price"], tick["size"], tick["remaining"], tick["order_id"], tick["other_id"]) == (10_000, 4, 1, 0, 10_000)
    assert (tick["owner"], tick["other_owner"]) == (0, 6)
    accounts = {int(row["owner"]): row for row in only(log, RecordKind.ACCOUNT)}
    for agent, inventory, cash, fees, orders in ((buyer, 4, -40_010, 10, 0), (seller, -4, 40_004, -4, 1)):
        own, row = world.agents[agent], accounts[agent]
        assert (own["inventory"], own["cash"] - 10_000_000, own["fees"], own["open_orders"]) == (inventory, cash, fees, orders)
        assert (row["size"], row["order_id"] - 10_000_000, row["other_id"], row["remaining"]) == (inventory, cash, fees, orders)
    world.check()


def test_value_is_cash_and_inventory_at_the_mid() -> None:
    def quote(view: View, commands: Commands) -> None:
        place_limit(commands, BUY, 9_997, 1)
        place_limit(commands, SELL, 10_000, 10)

    world = scripted(at_steps(s0=quote), at_steps(s1=buy_four), symbols=STILL)
    log_of(world, 2)
    assert world.markets["mid_twice"][0] == 19_997
    twice = values(world.agents, world.markets)
    assert twice[agent_of(world, 1)] == 2 * (10_000_000 - 40_000) + 4 * 19_997
    assert twice.sum() == 2 * 20_000_000


def test_a_view_shows_the_state_at_the_start_of_the_step() -> None:
    seen: list[Any] = []

    def look(view: View, commands: Commands) -> None:
        seen.append((view.step, view.best_ask, view.ask_size, view.last, view.volume, view.trades, view.open_orders))

    log_of(scripted(at_steps(s0=sell_ten), at_steps(s1=buy_four), look, symbols=STILL), 3)
    assert seen == [(0, 0, 0, 10_000, 0, 0, 0), (1, 10_000, 10, 10_000, 0, 0, 0), (2, 10_000, 6, 10_000, 4, 1, 0)]


def test_an_agent_sees_its_own_orders_until_they_are_gone() -> None:
    seen: list[Any] = []

    def work(view: View, commands: Commands) -> None:
        seen.append([(int(o.order_id), int(o.price), int(o.size), int(o.side)) for o in view.orders])
        if view.step == 0:
            place_limit(commands, BUY, 90, 5)
            place_limit(commands, BUY, 91, 6)
            place_limit(commands, SELL, 95, 7)
        if view.step == 1:
            modify(commands, view.orders[0].order_id, 90, 2)
            modify(commands, view.orders[1].order_id, 92, 9)
        if view.step == 2:
            cancel(commands, view.orders[1].order_id)

    world = scripted(work)
    log_of(world, 4)
    assert seen == [
        [],
        [(0, 90, 5, 0), (1, 91, 6, 0), (2, 95, 7, 1)],
        [(0, 90, 2, 0), (2, 95, 7, 1), (1, 92, 9, 0)],
        [(0, 90, 2, 0), (1, 92, 9, 0)],
    ]
    world.check()


def test_ones_own_resting_order_is_cancelled_rather_than_traded_with() -> None:
    world = scripted(at_steps(s0=sell_ten, s1=buy_four), symbols=STILL)
    log = log_of(world, 2)
    assert kinds_of(log)[2:] == ["ACCEPTED", "CANCELLED", "CANCELLED", "TICK"]
    assert log["reason"][3:5].tolist() == [Reason.SELF_TRADE, Reason.UNFILLED]
    world.check()


WRONG: list[tuple[Callable[[Commands], None], Reason]] = [
    (lambda c: place_limit(c, BUY, 10_037, 10), Reason.OFF_TICK),
    (lambda c: place_limit(c, BUY, 10_000, 15), Reason.OFF_LOT),
    (lambda c: place_limit(c, BUY, 10_000, -10), Reason.INVALID_SIZE),
    (lambda c: place_limit(c, BUY, 10_000, 0), Reason.INVALID_SIZE),
    (lambda c: place_limit(c, BUY, 10_000, 2**33), Reason.INVALID_SIZE),
    (lambda c: place_limit(c, BUY, 0, 10), Reason.INVALID_PRICE),
    (lambda c: place_limit(c, BUY, -5, 10), Reason.INVALID_PRICE),
    (lambda c: place_limit(c, BUY, 2**31 + 4, 10), Reason.INVALID_PRICE),
    (lambda c: place_limit(c, 2, 10_000, 10), Reason.INVALID_SIDE),
    (lambda c: place_limit(c, -1, 10_000, 10), Reason.INVALID_SIDE),
    (lambda c: place_limit(c, BUY, 10_000, 10, 4), Reason.INVALID_TIME_IN_FORCE),
    (lambda c: place_limit(c, BUY, 10_000, 10, 256), Reason.INVALID_TIME_IN_FORCE),
    (lambda c: place_market(c, SELL, -3), Reason.INVALID_SIZE),
    (lambda c: place_market(c, 7, 10), Reason.INVALID_SIDE),
    (lambda c: place_limit(c, BUY, 10_000, 10, FOK), Reason.NOT_FILLABLE),
    (lambda c: cancel(c, 999), Reason.UNKNOWN_ORDER),
    (lambda c: cancel(c, -1), Reason.UNKNOWN_ORDER),
    (lambda c: modify(c, 999, 10_000, 10), Reason.UNKNOWN_ORDER),
    (lambda c: put(c, int(CommandKind.HALT), 0, 0, 0, 0, 0), Reason.INVALID_KIND),
    (lambda c: put(c, 99, 0, 0, 0, 0, 0), Reason.INVALID_KIND),
    (lambda c: put(c, -1, 0, 0, 0, 0, 0), Reason.INVALID_KIND),
    (lambda c: place_limit(c, BUY, 10_000, 1010), Reason.POSITION_LIMIT),
    (lambda c: place_market(c, SELL, 1010), Reason.POSITION_LIMIT),
    (lambda c: place_limit(c, BUY, 20_000, 1000), Reason.CREDIT_LIMIT),
    (lambda c: message(c, 77, 0, 0), Reason.UNKNOWN_RECEIVER),
    (lambda c: message(c, -2, 0, 0), Reason.UNKNOWN_RECEIVER),
]


@pytest.mark.parametrize(("wrong", "reason"), WRONG)
def test_a_command_against_the_rules_is_a_record_with_the_reason(wrong: Callable[[Commands], None], reason: Reason) -> None:
    symbols = (Symbol(name="A", tick_size=5, lot_size=10, fundamental=Fundamental(volatility=0.0)),)
    world = scripted(at_steps(s0=lambda view, commands: wrong(commands)), symbols=symbols)
    log = log_of(world, 2)
    assert kinds_of(log) == ["REJECTED"]
    assert Reason(int(log["reason"][0])) == reason
    assert world.agents["open_orders"][0] == 0
    world.check()


def test_an_order_of_somebody_else_can_be_neither_cancelled_nor_changed() -> None:
    def meddle(view: View, commands: Commands) -> None:
        cancel(commands, 0)
        modify(commands, 0, 9_999, 1)

    world = scripted(at_steps(s0=sell_ten), at_steps(s1=meddle), symbols=STILL)
    log = log_of(world, 2)
    refused = only(log, RecordKind.REJECTED)
    assert refused["reason"].tolist() == [Reason.NOT_OWNER] * 2
    assert refused["owner"].tolist() == [agent_of(world, 1)] * 2
    assert world.books["size"][0].tolist() == [0, 10]


def test_limits_count_what_rests() -> None:
    def twice(view: View, commands: Commands) -> None:
        place_limit(commands, BUY, 100, 6)
        place_limit(commands, BUY, 100, 5)  # 11 if both were filled
        place_limit(commands, BUY, 100, 4)
        place_limit(commands, SELL, 200, 10)
        place_limit(commands, SELL, 200, 1)

    log = log_of(scripted(at_steps(s0=twice), limits=Limits(position=10, open_orders=3)), 1)
    assert log["reason"][:5].tolist() == [0, Reason.POSITION_LIMIT, 0, 0, Reason.OPEN_ORDER_LIMIT]


def test_a_larger_modification_must_keep_to_the_limits_and_a_smaller_one_may() -> None:
    def place(view: View, commands: Commands) -> None:
        place_limit(commands, BUY, 100, 8)

    def change(view: View, commands: Commands) -> None:
        modify(commands, 0, 100, 11)
        modify(commands, 0, 2**30, 8)
        modify(commands, 0, 101, 10)
        modify(commands, 0, 100, 1)

    log = log_of(scripted(at_steps(s0=place, s1=change), limits=Limits(position=10)), 2)
    assert log["reason"][2:6].tolist() == [Reason.POSITION_LIMIT, Reason.CREDIT_LIMIT, Reason.REQUEUED, Reason.REQUEUED]


def test_time_in_force_is_honoured() -> None:
    def takes(view: View, commands: Commands) -> None:
        place_limit(commands, BUY, 10_000, 4, POST_ONLY)
        place_limit(commands, BUY, 10_000, 12, IOC)

    world = scripted(at_steps(s0=sell_ten), at_steps(s1=takes), symbols=STILL)
    log = log_of(world, 2)
    assert kinds_of(log)[2:7] == ["REJECTED", "ACCEPTED", "FILLED", "CANCELLED", "TRADE"]
    assert world.agents["inventory"][agent_of(world, 1)] == 10
    world.check()


def test_halt_refuses_orders_accepts_cancellations_and_resume_ends_it() -> None:
    def work(view: View, commands: Commands) -> None:
        place_limit(commands, BUY, 100 + view.step, 1)
        if view.step == 1:
            cancel(commands, 0)

    world = scripted(work)
    log_of(world, 1)
    world.halt("AGR")
    log = log_of(world, 1)
    assert kinds_of(log) == ["HALTED", "INTERVENTION", "REJECTED", "CANCELLED", "TICK"]
    assert log["reason"][1:3].tolist() == [InterventionKind.HALTED, Reason.HALTED]
    assert log["owner"][1] == -1
    assert world.markets["halted"][0] == 1
    world.halt(0)
    assert log_of(world, 1)["reason"].tolist() == [Reason.ALREADY_HALTED, Reason.HALTED]
    world.resume(0)
    assert kinds_of(log_of(world, 1)) == ["RESUMED", "INTERVENTION", "ACCEPTED", "TICK"]
    world.check()


@pytest.mark.parametrize("symbol", ["XYZ", 1, -1])
def test_a_symbol_that_does_not_exist_cannot_be_halted(symbol: str | int) -> None:
    with pytest.raises(ValueError, match="symbol"):
        scripted(nothing).halt(symbol)


def test_messages_arrive_in_the_next_step_and_have_a_budget() -> None:
    seen: list[Any] = []

    def talk(view: View, commands: Commands) -> None:
        message(commands, EVERYBODY, 1, 55)
        message(commands, 1 - view.agent, 0, -(2**40), 19)
        message(commands, EVERYBODY, 1, 56)

    def listen(view: View, commands: Commands) -> None:
        seen.append((view.broadcasts, view.broadcast_sender, view.broadcast_value, view.messages, view.message_sender, view.message_value))

    world = scripted(at_steps(s0=talk), listen, limits=Limits(messages=2))
    sender = agent_of(world, 0)
    log = log_of(world, 2)
    assert seen == [(0, -1, 0, 0, -1, 0), (1, sender, 55, 1, sender, -(2**40))]
    assert kinds_of(log) == ["MESSAGE", "MESSAGE", "REJECTED"]
    assert log["reason"].tolist() == [0, 19, Reason.MESSAGE_LIMIT]
    assert log["other_owner"].tolist() == [-1, 1 - sender, -1]
    assert log["order_id"][:2].tolist() == [55, -(2**40)]
    assert MESSAGE not in {int(kind) for kind in CommandKind}


def test_intervals_repeat_what_did_not_change() -> None:
    world = scripted(nothing, nothing, tick_interval=3, account_interval=4, symbols=(Symbol(name="A"), Symbol(name="B")))
    log = log_of(world, 6)
    assert [(int(r["step"]), RecordKind(int(r["kind"])).name) for r in log] == [
        (2, "TICK"), (2, "TICK"), (3, "ACCOUNT"), (3, "ACCOUNT"), (5, "TICK"), (5, "TICK"),
    ]  # fmt: skip


def test_many_commands_in_one_step_are_all_carried_out_in_order() -> None:
    def flood(view: View, commands: Commands) -> None:
        for number in range(300):
            place_limit(commands, BUY, 100 + number, 1)

    world = scripted(at_steps(s0=flood), limits=Limits(open_orders=1000), capacity=TINY)
    log = log_of(world, 1)
    assert only(log, RecordKind.ACCEPTED)["price"].tolist() == list(range(100, 400))
    world.check()


def test_the_fundamental_value_reverts_jumps_and_shows_to_informed_agents_only() -> None:
    moves = Fundamental(reversion=0.05, volatility=2.0, jump_probability=0.02, jump_size=50.0)
    world = World(trading(10, symbols=(Symbol(name="A", fundamental=moves),)), seed=4)
    found = []
    for _ in range(2000):
        world.advance(1)
        found.append(float(world.symbols["value"][0]))
    assert np.mean(found) == pytest.approx(10_000, abs=15)
    assert np.abs(np.diff(found)).max() > 50
    assert (world.agents["signal"][world.agents["informed"] == 0] == 0).all()
    assert (world.agents["signal"][world.agents["informed"] == 1] > 0).all()


@pytest.mark.parametrize(("agents", "symbols"), [(1, 1), (2, 3), (1000, 1), (300, 100)])
def test_markets_of_any_size_keep_their_invariants(agents: int, symbols: int) -> None:
    listed = tuple(Symbol(name=f"S{number}", initial_price=1000 * (number + 1)) for number in range(symbols))
    world = World(trading(agents, symbols=listed), seed=2)
    for _ in range(10):
        world.advance(5)
        world.check()
    assert world.next_seq > 0 or agents < 3


def test_trading_keeps_its_invariants_after_every_step() -> None:
    world = World(trading(60, fees=Fees(maker=-150, taker=300), limits=Limits(position=20, open_orders=3)), seed=9)
    for _ in range(300):
        world.advance(1)
        world.check()
    assert world.digest.counts()[RecordKind.TRADE] > 100
    assert world.agents["fees"].sum() != 0


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("cash", "cash and what left"),
        ("inventory", "lots were made or lost"),
        ("reserved", "lots and money"),
        ("order_limit", "beyond its limit"),
    ],
)
def test_check_finds_what_is_wrong(field: str, message: str) -> None:
    world = World(trading(), seed=1)
    world.advance(50)
    check(world)
    agent = int(world.agents["open_orders"].argmax())
    world.agents[field][agent] = 0 if field == "order_limit" else world.agents[field][agent] + 1
    with pytest.raises(ValueError, match=message):
        check(world)


def test_check_finds_a_list_that_differs_from_the_book() -> None:
    world = World(trading(), seed=1)
    world.advance(50)
    agent = int(world.agents["open_orders"].argmax())
    world.table.orders_of(agent)["size"][0] += 1
    with pytest.raises(ValueError, match=f"agent {agent} is listed with"):
        check(world)


def test_numbers_of_agents_do_not_tell_what_they_are() -> None:
    one, other = World(trading(), 0, 1), World(trading(), 1, 1)
    assert one.table.types() != other.table.types()
    assert sorted(one.table.types()) == sorted(other.table.types())


def test_a_market_that_is_only_made_is_not_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    def compile_now() -> None:
        raise AssertionError("compiled")

    monkeypatch.setattr("simulator.world.world._entry", compile_now)
    world = World(trading())
    with pytest.raises(AssertionError, match="compiled"):
        world.advance()


def test_symbols_move_together_by_the_product_of_their_loadings() -> None:
    moves = [Fundamental(reversion=0.0, volatility=2.0, loading=loading) for loading in (0.8, 0.5, -0.9, 0.0)]
    listed = tuple(Symbol(name=name, initial_price=10**6, fundamental=each) for name, each in zip("ABCD", moves, strict=True))
    world = World(trading(4, symbols=listed), seed=5)
    values = np.array([world.advance() and world.symbols["value"].copy() for _ in range(8000)])
    found = np.corrcoef(np.diff(values, axis=0).T)
    expected = np.outer((0.8, 0.5, -0.9, 0.0), (0.8, 0.5, -0.9, 0.0))
    np.fill_diagonal(expected, 1.0)
    assert found == pytest.approx(expected, abs=0.04)
    assert np.diff(values, axis=0).std(axis=0) == pytest.approx([2.0] * 4, rel=0.04)


def test_a_symbol_without_a_loading_moves_as_if_it_were_alone() -> None:
    def values(*loadings: float) -> list[float]:
        listed = tuple(Symbol(name=f"S{row}", fundamental=Fundamental(loading=loading)) for row, loading in enumerate(loadings))
        world = World(trading(4, symbols=listed), seed=5)
        return [float(world.symbols["value"][0]) for _ in range(50) if world.advance()]

    assert values(0.0, 0.0) == values(0.0, 0.9)
    assert values(0.5, 0.0) != values(0.0, 0.0)


def test_storms_keep_the_mean_variance_and_make_the_sizes_of_moves_last() -> None:
    def moves(storms: Storms | None) -> np.ndarray[Any, Any]:
        still = Fundamental(reversion=0.0, volatility=3.0, storms=storms)
        world = World(trading(2, symbols=(Symbol(name="A", initial_price=10**7, fundamental=still),)), seed=11)
        return np.diff([world.advance() and float(world.symbols["value"][0]) for _ in range(40_000)])

    even, stormy = moves(None), moves(Storms(components=4, spread=0.6, slowest=300, ratio=2))
    assert even.std() == pytest.approx(3.0, rel=0.02)
    assert stormy.std() == pytest.approx(3.0, rel=0.1)
    assert np.abs(autocorrelation(np.abs(even), 20)).max() < 0.03
    assert autocorrelation(np.abs(stormy), 20).min() > 0.05
    assert np.abs(autocorrelation(stormy, 20)).max() < 0.05


def test_the_rates_of_storms_rise_from_component_to_component() -> None:
    assert Storms(components=4, slowest=100, ratio=5).draws() == pytest.approx([0.01, 0.05, 0.25, 1.0])


def lively_market(breaker: CircuitBreaker | None) -> World:
    """A book of two levels a side, the upper of which somebody takes in step 5: the mid price then moves from 10000 to 10100."""

    def quote(view: View, commands: Commands) -> None:
        for price in (10_010, 10_210):
            place_limit(commands, SELL, price, 5)
        place_limit(commands, BUY, 9_990, 50)

    def take(view: View, commands: Commands) -> None:
        place_market(commands, BUY, 5)

    def try_in_vain(view: View, commands: Commands) -> None:
        place_limit(commands, BUY, 9_000, 1)

    takes = at_steps(s5=take, s10=try_in_vain, s20=try_in_vain)
    return scripted(at_steps(s0=quote), takes, symbols=STILL, circuit_breaker=breaker)


def test_a_circuit_breaker_stops_trading_after_a_large_move_and_lets_it_go_on_after_the_pause() -> None:
    records = log_of(lively_market(CircuitBreaker(move=0.009, window=50, pause=8)), 60)
    assert only(records, RecordKind.HALTED)["step"].tolist() == [6]
    assert only(records, RecordKind.RESUMED)["step"].tolist() == [14]
    assert only(records, RecordKind.REJECTED)[["step", "reason"]].tolist() == [(10, Reason.HALTED)]


@pytest.mark.parametrize("breaker", [None, CircuitBreaker(move=0.011, window=50, pause=8)])
def test_without_a_breaker_or_a_large_move_trading_goes_on(breaker: CircuitBreaker | None) -> None:
    assert not set(kinds_of(log_of(lively_market(breaker), 60))) & {"HALTED", "RESUMED", "REJECTED"}


def test_a_move_is_counted_over_the_window_only() -> None:
    def step_up(view: View, commands: Commands) -> None:
        if view.step % 10 == 0 and view.orders:
            modify(commands, view.orders[0].order_id, int(view.orders[0].price) + 20, 1)
        if view.step == 0:
            place_limit(commands, SELL, 10_001, 1)

    def quote(view: View, commands: Commands) -> None:
        place_limit(commands, BUY, 9_999, 1)

    def halts(window: int) -> int:
        breaker = CircuitBreaker(move=0.004, window=window, pause=5)
        return len(only(log_of(scripted(step_up, at_steps(s0=quote), symbols=STILL, circuit_breaker=breaker), 120), RecordKind.HALTED))

    assert halts(window=9) == halts(window=30) == 0
    assert halts(window=60) > 0


def test_who_resumes_by_hand_is_not_resumed_again() -> None:
    world = lively_market(CircuitBreaker(move=0.009, window=50, pause=30))
    log_of(world, 10)
    world.resume("A")
    records = log_of(world, 60)
    assert len(only(records, RecordKind.RESUMED)) == 1
    assert not (only(records, RecordKind.REJECTED)["reason"] == Reason.NOT_HALTED).any()
