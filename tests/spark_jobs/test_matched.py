"""Matched orders of two agents as candidates."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.events.vocabulary import Reason
from spark_jobs.detection.fellows import APART
from spark_jobs.detection.matched import NEAR, SOON
from spark_jobs.detection.meetings import FEATURES
from spark_jobs.detection.partners import LONGEST, SLOTS
from spark_jobs.detection.watch import Watch
from tests.spark_jobs.watching import BUY, SELL, Row, cancelled, filled, market, part, placed, rows, taken

MARKET = [placed(1, 1, BUY, 95, 5), placed(2, 2, SELL, 105, 5)]
END = taken(9999, 50, BUY, 1, step=9000)  # an order is done as the next one comes


def raised(*given: Row) -> list[dict[str, float]]:
    names = ("earlier", "later", "first", "last", *FEATURES)
    return [dict(zip(names, row, strict=True)) for row in Watch().feed(rows(*MARKET, *given, END)).matched.tolist()]


def arranged(order_id: int, seller: int, buyer: int, step: int, size: int = 4) -> list[Row]:
    """One rests an offer within the spread, the other takes it a step later."""
    return [
        placed(order_id, seller, SELL, 100, size, step), taken(order_id + 1, buyer, BUY, size, step + 1),
        filled(order_id, seller, order_id + 1, buyer, BUY, size, step + 1) | {"price": 100},
    ]  # fmt: skip


def session(count: int, first: int = 10, gap: int = 5, one: int = 7, other: int = 8) -> list[Row]:
    """Two agents sell to each other in turn."""
    turns = [(one, other) if trade % 2 == 0 else (other, one) for trade in range(count)]
    return [row for trade, two in enumerate(turns) for row in arranged(100 + 10 * first + 2 * trade, *two, first + gap * trade)]


def test_two_who_sell_to_each_other_are_candidates_from_the_second_time_on() -> None:
    found = raised(*session(4))
    assert [(each["earlier"], each["later"], each["last"]) for each in found] == [(8, 7, 16), (7, 8, 21), (8, 7, 26)]
    assert [each["matched"] for each in found] == [each["run"] for each in found] == [2, 3, 4]
    assert [each["net"] for each in found] == [0.0, pytest.approx(1 / 3), 0.0]
    last = found[-1]
    assert (last["similarity"], last["together"], last["elsewhere"], last["same_size"], last["unevenness"]) == (1, 1, 0, 1, 0)
    assert (last["lately_low"], last["matched_share_low"], last["since"]) == (1, 1, 5)
    assert last["first"] == 10, "since then their orders have not lasted"
    assert last["matched_excess"] > found[0]["matched_excess"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (session(1), "once is chance"),
        ([row for n in range(2) for row in [*arranged(100 + 2 * n, 7, 8, 10 + 5 * n)[:1], END]], "nobody took it"),
        (
            [row for n in range(2) for row in (placed(20 + 2 * n, 7, SELL, 100, 4, n), placed(21 + 2 * n, 8, BUY, 99, 4, n))],
            "the prices differ",
        ),
        (
            [row for n in range(2) for row in (placed(20 + 2 * n, 7, SELL, 100, 9, n), placed(21 + 2 * n, 8, BUY, 100, 4, n))],
            "the sizes differ",
        ),
        (
            [row for n in (0, 9) for row in (placed(20 + 2 * n, 7, SELL, 100, 4, n), placed(21 + 2 * n, 8, BUY, 100, 4, n + NEAR + 1))],
            "too much time between them",
        ),
        ([row for n in range(2) for row in (placed(20 + 2 * n, 7, SELL, 100, 4), placed(21 + 2 * n, 7, BUY, 100, 4))], "both are its own"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_candidate(given: list[Row], why: str) -> None:
    assert raised(*given) == []


def test_orders_of_one_size_and_price_need_not_trade_with_each_other() -> None:
    """An outsider is ahead of the accomplice at that price."""
    given = []
    for trade in range(2):
        first, step = 100 + 10 * trade, 10 + 5 * trade
        given += [
            placed(first, 3, SELL, 100, 4, step - 9), placed(first + 1, 7, SELL, 100, 4, step), placed(first + 2, 8, BUY, 100, 4, step + 1),
            filled(first, 3, first + 2, 8, BUY, 4, step + 1) | {"price": 100}, cancelled(first + 1, 7, SELL, 4, step + 2),
        ]  # fmt: skip
    (found,) = raised(*given)
    assert (found["earlier"], found["later"], found["together"], found["elsewhere"]) == (7, 8, 0, 1)
    assert (found["first"], found["withdrawn_low"], found["withdrawn_high"]) == (10, 0.0, 0.5)


def test_trades_of_other_sizes_are_candidates_as_they_repeat() -> None:
    given = []
    for trade in range(6):
        first, step = 100 + 2 * trade, 10 + 5 * trade
        given += [placed(first, 7, SELL, 100, 9, step), taken(first + 1, 8, BUY, 3, step + 1)]
        given += [filled(first, 7, first + 1, 8, BUY, 3, step + 1) | {"price": 100}]
    found = raised(*given)
    assert [(each["run"], each["matched"], each["net"]) for each in found] == [(3, 0, 1), (6, 0, 1)]


def test_a_maker_that_everybody_meets_does_not_meet_one_more_often_than_by_chance() -> None:
    everybody = [row for n in range(20) for row in arranged(100 + 2 * n, 7, 20 + n % 5, 10 + 3 * n)]
    of_a_maker, of_two = raised(*everybody)[-1], raised(*everybody, *session(4, first=200, one=8, other=9))[-1]
    assert of_a_maker["matched"] == of_two["matched"] == 4
    assert of_a_maker["matched_excess"] < 2 < of_two["matched_excess"]
    assert of_a_maker["matched_share_low"] == pytest.approx(0.2) and of_a_maker["net_lately"] == 1.0


def test_what_did_not_last_belongs_to_what_came_after_it() -> None:
    gone = [row for step in (20, 35) for row in (placed(step, 7, SELL, 101, 4, step), cancelled(step, 7, SELL, 4, step + 1))]
    lasting = [row for step in (20, 35) for row in (placed(step, 7, SELL, 101, 4, step), cancelled(step, 7, SELL, 4, step + 9))]
    assert raised(*session(2), *gone, *arranged(500, 7, 8, 50))[-1]["first"] == 10
    assert raised(*session(2), *lasting, *arranged(500, 7, 8, 50))[-1]["first"] == 50
    assert raised(*session(30, gap=10))[-1]["first"] == 300 - LONGEST


def test_an_order_that_gives_way_does_not_end_the_trading_of_the_one_that_came_in() -> None:
    given = [
        *session(1), placed(20, 7, SELL, 100, 4, 30), placed(21, 8, SELL, 100, 1, 30), placed(22, 8, BUY, 100, 4, 31),
        cancelled(21, 8, SELL, 1, 31, Reason.SELF_TRADE) | {"other_id": 22}, filled(20, 7, 22, 8, BUY, 4, 31) | {"price": 100},
    ]  # fmt: skip
    (found,) = raised(*given)
    assert found["together"] == 1.0


def lone(order_id: int, agent: int, step: int, lots: int = 4) -> list[Row]:
    """An offer within the spread that an outsider takes a step later."""
    return [
        placed(order_id, agent, SELL, 100, lots, step), taken(order_id + 1, 30, BUY, lots, step + 1),
        filled(order_id, agent, order_id + 1, 30, BUY, lots, step + 1) | {"price": 100},
    ]  # fmt: skip


def test_orders_of_two_who_belong_together_are_candidates_even_if_outsiders_take_both() -> None:
    known = session(30)
    found = raised(*known, *lone(800, 7, 200), *lone(810, 8, 212, lots=3))
    assert [each["alone"] for each in found[:-1]] == [0] * 29
    last = found[-1]
    assert (last["earlier"], last["later"], last["first"], last["last"]) == (7, 8, 200, 213), "a step later the other one was due"
    assert (last["alone"], last["apart"], last["similarity"], last["together"], last["elsewhere"]) == (1, 12, 0.75, 0, 1)
    assert last["matched"] == 30 and last["since"] == 212 - 156


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([*lone(800, 7, 200), *lone(810, 8, 212)], "they never met"),
        ([*session(30), *lone(800, 7, 200), *lone(810, 9, 212)], "the second is somebody else's"),
        ([*session(30), *lone(800, 7, 200), *lone(810, 7, 212)], "both are its own"),
        ([*session(30), *lone(800, 7, 200), *lone(810, 8, 200 + APART + 1)], "too much time between them"),
        ([*session(30), *lone(800, 7, 200), placed(810, 8, SELL, 100, 4, 212), cancelled(810, 8, SELL, 4, 212 + SOON + 1)], "it lasted"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_sign_of_two_who_belong_together(given: list[Row], why: str) -> None:
    assert not any(each["alone"] for each in raised(*given))


def test_an_order_that_goes_in_parts_is_one_candidate() -> None:
    parts = [row | {"size": 2} for row in lone(810, 8, 212)[1:]] + [row | {"size": 2} for row in lone(810, 8, 212)[1:]]
    found = raised(*session(30), *lone(800, 7, 200), lone(810, 8, 212)[0], *parts)
    assert sum(each["alone"] for each in found) == 1


def test_partners_are_bounded_and_the_most_frequent_ones_stay() -> None:
    others = [row for n in range(40) for row in arranged(500 + 2 * n, 7, 20 + n, 100 + 20 * n)]
    watch = Watch()
    watch.feed(rows(*MARKET, *session(6), *others, END))
    assert watch.known is not None
    remembered = watch.known.agents.partners["key"][7] - 1
    assert len(remembered) == SLOTS and 8 in remembered


def test_a_candidate_needs_nothing_that_came_after_it() -> None:
    orders = market(steps=2500)[2]
    whole = Watch().feed(orders).matched
    assert len(whole) > 100
    for step in (700, 1900):
        until = int(np.searchsorted(orders.step, step, side="right"))
        early = Watch().feed(part(orders, 0, until)).matched
        assert np.array_equal(early, whole[: len(early)]) and len(early) >= (whole[:, 3] < step).sum()
