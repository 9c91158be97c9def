"""Trading ahead of another one's parent orders as candidates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spark_jobs.detection.ahead import PLACED, candidates
from spark_jobs.detection.ahead_features import FEATURES
from spark_jobs.detection.columns import Array, Deals, Messages, Orders, Public
from spark_jobs.detection.outs import OUT, SUPPLIES
from tests.spark_jobs.watching import BUY, SELL, Row, cancelled, filled, market, part, placed, rows, taken

BROKER, CUSTOMER, OTHER, NOISE = 7, 8, 9, 3
NOTHING: Any = np.zeros(0, np.int64)
ROUND = 1000  # steps from one order of the customer to the next


def found(orders: Orders, what: int = -1) -> Array:
    """All candidates, or those of the broker of one sort."""
    nothing = Messages(*[NOTHING] * len(Messages._fields)), Deals(*[NOTHING] * len(Deals._fields))
    raised = candidates(Public(orders, *nothing))
    return raised if what < 0 else raised[(raised[:, 4 + FEATURES.index("what")] == what) & (raised[:, 0] == BROKER)]


def named(row: Array) -> dict[str, float]:
    return dict(zip(("agent", "other", "first", "last", *FEATURES), row.tolist(), strict=True))


def takes(owner: int, side: int, lots: int, step: int, price: int = 100) -> list[Row]:
    """A market order comes in and trades with somebody who does nothing else."""
    order = 1000 * step + owner
    return [taken(order, owner, side, lots, step), filled(1, 1, order, owner, side, lots, step) | {"price": price}]


def order_of(owner: int, step: int, each: int = 8) -> list[Row]:
    return [row for piece in range(3) for row in takes(owner, BUY, each, step + 2 * piece, 101 + piece)]


def broker(side: int, step: int, price: int = 100, lots: int = 6) -> list[Row]:
    return takes(BROKER, side, lots, step, price)


def rounds(*of_each: list[Row], count: int = 10) -> Orders:
    """So often: small trades, an order of the other one, one of the customer at step 300, and these rows of the broker, by step."""
    given: list[Row] = []
    for number in range(count):
        small = [row for step in range(0, 290, 10) for row in takes(NOISE, (number + step // 10) % 2, 1, step)]
        there = [*small, *order_of(OTHER, 100), *(row for each in of_each for row in each)]
        for row in sorted(there, key=lambda row: row["step"]):
            ids = {name: row[name] + 10**6 * number for name in ("order_id", "other_id") if row.get(name, -1) > 1}
            given.append(row | ids | {"step": row["step"] + ROUND * number})
    return rows(*given)


def test_who_is_ahead_of_the_same_one_again_and_again_is_described() -> None:
    raised = found(rounds(broker(BUY, 290), order_of(CUSTOMER, 300), broker(SELL, 310, 104)), OUT)
    assert {tuple(row) for row in raised[:, :2].tolist()} == {(BROKER, CUSTOMER)}
    last = dict(zip(("agent", "other", "first", "last", *FEATURES), raised[-1].tolist(), strict=True))
    assert (last["first"], last["last"]) == (9290, 9310) and (last["orders"], last["events"], last["event_share"]) == (9, 9, 1.0)
    assert (last["lead"], last["ahead_share"], last["active_share"], last["out_share"]) == (10, 6 / 24, 1.0, 1.0)
    assert (last["exact"], last["into_share"], last["late"], last["against_share"]) == (1.0, 0.0, 6, 0.0) and last["gain"] > 0
    assert last["rival_share"] == 0.0 and last["lift"] > 5 and last["earlier_gain"] == pytest.approx(last["gain"], rel=0.5)
    surprise = raised[:, 4 + FEATURES.index("surprise")]
    assert (np.diff(surprise) > 0).all(), "the evidence grows"


def test_out_by_resting_where_the_order_itself_takes_it() -> None:
    sold = filled(2, BROKER, 1000 * 304 + CUSTOMER, CUSTOMER, BUY, 6, 304) | {"price": 103}
    raised = found(rounds(broker(BUY, 290), order_of(CUSTOMER, 300), [sold]), OUT)
    assert raised[-1, 3] == 9304 and raised[-1, 4 + FEATURES.index("into_share")] == 1.0


@pytest.mark.parametrize(
    ("rows_of_broker", "each", "why"),
    [
        ([*broker(SELL, 290), *broker(BUY, 310)], 8, "it traded against the order"),
        ([*broker(BUY, 250), *broker(SELL, 310)], 8, "it was long before"),
        ([*broker(BUY, 290)], 8, "it never got out"),
        ([*broker(BUY, 290), *broker(SELL, 420)], 8, "it got out long after"),
        ([*broker(BUY, 290), *broker(SELL, 310)], 1, "there was no large order"),
        ([*broker(BUY, 301), *broker(SELL, 310)], 8, "it followed the order"),
        ([*broker(BUY, 290), *broker(SELL, 295), *broker(SELL, 310)], 8, "it was out before the order"),
        ([*broker(BUY, 90), *broker(SELL, 110), *broker(BUY, 290), *broker(SELL, 310)], 8, "it does so ahead of everybody"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_candidate(rows_of_broker: list[Row], each: int, why: str) -> None:
    assert BROKER not in found(rounds(rows_of_broker, order_of(CUSTOMER, 300, each)), OUT)[:, 0]


def test_a_few_times_are_chance() -> None:
    ahead = broker(BUY, 290), order_of(CUSTOMER, 300), broker(SELL, 310, 104)
    assert len(found(rounds(*ahead, count=3), OUT)) == 0 < len(found(rounds(*ahead, count=8), OUT))


def test_what_is_hidden_before_it_leaves_it_exact() -> None:
    raised = found(rounds(broker(BUY, 275, lots=2), broker(BUY, 290), order_of(CUSTOMER, 300), broker(SELL, 310, 104)), OUT)
    last = dict(zip(FEATURES, raised[-1, 4:].tolist(), strict=True))
    assert (last["exact"], last["span"], last["ahead_share"]) == (1.0, 10, 6 / 24)


def test_what_comes_later_and_the_numbers_of_agents_change_nothing() -> None:
    orders = market(steps=3000)[2]
    whole, fills = found(orders), orders.step
    assert len(whole) > 20
    for step in (1500, 2600):
        until = found(part(orders, 0, int(np.searchsorted(fills, step, "right"))))
        assert np.array_equal(until, whole[whole[:, 3] <= step])
    renamed = np.random.default_rng(3).permutation(5000)
    other = orders._replace(owner=renamed[orders.owner], other_owner=np.where(orders.other_owner < 0, -1, renamed[orders.other_owner]))
    again = found(other)
    assert np.array_equal(again[:, 2:], whole[:, 2:]) and np.array_equal(renamed[whole[:, :2].astype(int)], again[:, :2])


def test_nothing_comes_of_nothing() -> None:
    assert len(found(rows())) == 0


def rests(side: int, step: int, until: int, price: int = 101, lots: int = 6) -> list[Row]:
    """The broker's limit order, withdrawn later without a trade."""
    order = 1000 * step + BROKER
    return [placed(order, BROKER, side, price, lots, step), cancelled(order, BROKER, side, lots, until)]


def rested(step: int) -> list[Row]:
    """The customer's limit order trades."""
    return [taken(step, 2, SELL, 6, step), filled(9, CUSTOMER, step, 2, SELL, 6, step) | {"price": 100}]


def test_an_order_before_it_that_never_trades_is_evidence_enough_after_some_times() -> None:
    raised = found(rounds(rests(BUY, 297, 299), order_of(CUSTOMER, 300)), PLACED)
    assert {tuple(row) for row in raised[:, :2].tolist()} == {(BROKER, CUSTOMER)}
    last = named(raised[-1])
    assert (last["first"], last["ordered"], last["off_lead"], last["earlier_spread"]) == (9297, 3, 0, 0)
    assert last["near_2"] == 0 < last["near_6"]
    assert last["reverse"] == 0.0 and last["rival"] < last["near_6"]
    alike = raised[(raised[:, 4:][:, [FEATURES.index("pace"), FEATURES.index("level")]] == 0).all(axis=1)]
    assert len(alike) > 5 and (np.diff(alike[:, 4 + FEATURES.index("near_6")]) > 0).all()
    assert CUSTOMER not in found(rounds(rests(SELL, 297, 299), order_of(CUSTOMER, 300)), PLACED)[:, 1], "it is on the other side"


def test_who_sells_to_the_order_what_it_takes_meanwhile_stands_between() -> None:
    sold = [filled(step, BROKER, 1000 * step + CUSTOMER, CUSTOMER, BUY, 6, step) | {"price": 103} for step in (302, 304)]
    meanwhile = [row for step in (299, 303) for row in broker(BUY, step)]
    raised = found(rounds(meanwhile, order_of(CUSTOMER, 300), sold), SUPPLIES)
    assert {tuple(row) for row in raised[:, :2].tolist()} == {(BROKER, CUSTOMER)}
    last = named(raised[-1])
    assert last["into_share"] == 1.0 and last["active_share"] == 1.0 and last["gain"] > 0 and last["events"] == 9
    assert not len(found(rounds(order_of(CUSTOMER, 300), sold), SUPPLIES)), "it got into nothing"


@pytest.mark.parametrize("works", ["takes", "rests"])
def test_a_slow_order_is_one_too_by_taking_or_by_resting(works: str) -> None:
    steps = range(300, 390, 15)
    order = [row for step in steps for row in takes(CUSTOMER, BUY, 6, step)]
    if works == "rests":
        order = [row for step in steps for row in rested(step)]
    raised = found(rounds(rests(BUY, 297, 299), order), PLACED)
    slow = raised[raised[:, 4 + FEATURES.index("pace")] == 1]
    assert len(slow) and {tuple(row) for row in slow[:, :2].tolist()} == {(BROKER, CUSTOMER)}
    assert not len(found(rounds(rests(BUY, 297, 299), takes(CUSTOMER, BUY, 1, 300)), PLACED)), "it is not large"
