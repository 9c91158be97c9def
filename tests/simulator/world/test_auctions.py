"""Trading days with call auctions: when they are held, at one price for all, and that accounts and books stay in step with the log."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from simulator.matching import rebuild
from simulator.types import Reason, RecordKind
from simulator.world.commands import BUY, SELL, Commands, place_limit, place_market
from simulator.world.layout import Array
from simulator.world.scenario import CircuitBreaker, Fees, Scenario, Session
from simulator.world.view import View
from simulator.world.world import Capacity, World
from tests.simulator.world.markets import TINY, agent_of, at_steps, log_of, nothing, only, scripted, trading

DAY = Session(steps=300, opening=60, closing=40)


def market(session: Session | None = DAY) -> Scenario:
    return msgspec.structs.replace(trading(60), session=session, fees=Fees(maker=-5, taker=30))


def reasons_at(log: Array) -> list[tuple[int, str]]:
    """The phases of a log: step and what began or ended."""
    return [(int(row["step"]), Reason(row["reason"]).name) for row in only(log, RecordKind.PHASE)]


def test_a_day_begins_and_ends_with_an_auction() -> None:
    day = [(0, "CALL_BEGAN"), (60, "UNCROSSED"), (259, "CALL_BEGAN"), (299, "UNCROSSED")]
    next_day = [(step + 300, reason) for step, reason in day]
    assert reasons_at(log_of(World(market()), 600)) == day + next_day


@pytest.mark.parametrize(
    ("session", "phases"),
    [
        (Session(steps=50, opening=10, closing=0), [(0, "CALL_BEGAN"), (10, "UNCROSSED"), (50, "CALL_BEGAN"), (60, "UNCROSSED")]),
        (Session(steps=50, opening=0, closing=1), [(48, "CALL_BEGAN"), (49, "UNCROSSED")]),
        (Session(steps=50, opening=0, closing=0), []),
        (None, []),
    ],
)
def test_either_auction_can_be_left_out(session: Session | None, phases: list[tuple[int, str]]) -> None:
    assert reasons_at(log_of(World(market(session)), 80)) == phases


def prices_of_the_opening(session: Session | None) -> set[int]:
    trades = only(log_of(World(market(session), seed=5), 100), RecordKind.TRADE)
    return set(trades["price"][trades["step"] <= DAY.opening].tolist())


def test_all_who_trade_at_the_opening_trade_at_one_price_which_without_an_auction_they_do_not() -> None:
    assert len(prices_of_the_opening(DAY)) == 1
    assert len(prices_of_the_opening(None)) > 1


def test_nothing_trades_while_orders_are_collected_and_only_orders_that_can_rest_are_taken() -> None:
    log = log_of(World(market(), seed=2), 300)
    trades, refused = only(log, RecordKind.TRADE), log[log["reason"] == Reason.IN_CALL]
    collected = (trades["step"] < 60) | ((trades["step"] >= 259) & (trades["step"] < 299))
    assert not collected.any()
    assert (trades["step"] == 60).any()
    assert set(refused["time_in_force"].tolist()) <= {1, 2}
    assert len(only(log, RecordKind.ACCEPTED)) > 100


def test_accounts_open_orders_and_books_are_those_of_the_log() -> None:
    world = World(market(), seed=4)
    cash = int(world.agents["cash"].sum())
    log = log_of(world, 600)
    world.check()
    assert int(world.agents["inventory"].sum()) == 0
    assert int((world.agents["cash"] + world.agents["fees"]).sum()) == cash
    assert rebuild(log).state_hash() == world.book_hashes()["AGR"]


@pytest.mark.parametrize("cut", [30, 60, 270])
def test_a_day_goes_on_from_a_snapshot_and_in_any_memory(cut: int) -> None:
    whole = log_of(World(market(), seed=6), 300)
    tight = World(market(), 0, 6, capacity=TINY)
    first = log_of(tight, cut)
    restored = World(market(), 0, 6, capacity=Capacity(ring_records=64))
    restored.restore(tight.snapshot())
    assert np.array_equal(np.concatenate([first, log_of(restored, 300 - cut)]), whole)


def test_both_sides_of_an_auction_pay_the_makers_fee_and_the_price_of_all() -> None:
    def buy(view: View, commands: Commands) -> None:
        place_limit(commands, BUY, 10_200, 10)

    def sell(view: View, commands: Commands) -> None:
        place_limit(commands, SELL, 9_900, 10)
        place_market(commands, BUY, 1)

    session = Session(steps=100, opening=5, closing=0)
    world = scripted(at_steps(s1=buy), at_steps(s2=sell), nothing, session=session, fees=Fees(maker=100, taker=900))
    before = world.agents["cash"].copy()
    log = log_of(world, 10)
    [trade] = only(log, RecordKind.TRADE)
    assert (trade["price"], trade["size"], trade["owner"]) == (10_000, 10, agent_of(world, 0))  # nearest to the last price
    changes = {script: int((world.agents["cash"] - before)[agent_of(world, script)]) for script in range(3)}
    assert changes == {0: -100_000 - 10, 1: 100_000 - 10, 2: 0}
    assert [int(row["reason"]) for row in only(log, RecordKind.REJECTED)] == [Reason.IN_CALL]


def test_the_mid_price_is_the_indicative_one_while_the_best_prices_cross_and_breaks_no_circuit() -> None:
    mids: list[tuple[int, int, int]] = []

    def bid(view: View, commands: Commands) -> None:
        place_limit(commands, BUY, 10_400, 5)

    def offer(view: View, commands: Commands) -> None:
        place_limit(commands, SELL, 10_300, 5)

    def look(view: View, commands: Commands) -> None:
        mids.append((view.in_call, view.best_bid, view.mid_twice))

    session = Session(steps=100, opening=4, closing=0)
    breaker = CircuitBreaker(move=0.001, window=50, pause=5)
    log = log_of(scripted(at_steps(s0=bid), at_steps(s1=offer), look, session=session, circuit_breaker=breaker), 6)
    assert mids == [(0, 0, 20_000), (1, 10_400, 20_000), *[(1, 10_400, 20_600)] * 3, (0, 0, 20_600)]
    assert not len(only(log, RecordKind.HALTED))


def test_a_halted_market_holds_no_auction() -> None:
    world = World(market(Session(steps=100, opening=0, closing=20)))
    world.halt("AGR")
    log = log_of(world, 100)
    refused = only(log, RecordKind.REJECTED)
    by_world = refused[refused["owner"] == -1]
    assert by_world["reason"].tolist() == [Reason.HALTED, Reason.HALTED]
    assert reasons_at(log) == []


@pytest.mark.parametrize(("steps", "opening", "closing"), [(100, 60, 40), (100, 99, 0), (100, 0, 99), (2, 1, 0)])
def test_a_day_without_time_to_trade_is_refused(steps: int, opening: int, closing: int) -> None:
    with pytest.raises(ValueError, match=f"opening {opening} and closing {closing} leave nothing of a session of {steps} steps"):
        Session(steps=steps, opening=opening, closing=closing)
