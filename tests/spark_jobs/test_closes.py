"""What agents do at the close of trading days as candidates."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.events.vocabulary import Reason, RecordKind
from spark_jobs.detection.closes import FEATURES
from spark_jobs.detection.columns import Array, Orders
from spark_jobs.detection.watch import Watch
from tests.spark_jobs.watching import BUY, SELL, Row, cancelled, filled, market, part, placed, rows, taken

MARKET = [placed(1, 1, BUY, 99, 500), placed(2, 2, SELL, 101, 500)]


def began(step: int) -> Row:
    return {"kind": RecordKind.PHASE, "reason": Reason.CALL_BEGAN, "owner": -1, "step": step}


def uncrossed(step: int, price: int, *deals: tuple[int, int, int, int, int]) -> list[Row]:
    """An auction ends; each deal is the seller's order and number, the buyer's, and lots."""
    phase = {"kind": RecordKind.PHASE, "reason": Reason.UNCROSSED, "owner": -1, "step": step, "price": price}
    fills = [
        filled(order, seller, other, buyer, BUY, lots, step) | {"reason": Reason.UNCROSSED} for order, seller, other, buyer, lots in deals
    ]
    return [phase | {"size": sum(deal[-1] for deal in deals)}, *(fill | {"price": price} for fill in fills)]


def bought(order_id: int, owner: int, lots: int, step: int) -> list[Row]:
    return [taken(order_id, owner, BUY, lots, step), filled(2, 2, order_id, owner, BUY, lots, step) | {"price": 101}]


def sold(order_id: int, owner: int, lots: int, step: int) -> list[Row]:
    return [taken(order_id, owner, SELL, lots, step), filled(1, 1, order_id, owner, SELL, lots, step) | {"price": 99}]


def closes(orders: Orders) -> list[dict[str, float]]:
    names = ("agent", "side", "first", "last", *FEATURES)
    return [dict(zip(names, row, strict=True)) for row in Watch().feed(orders).closes.tolist()]


def raised(*given: Row) -> list[dict[str, float]]:
    return closes(rows(*MARKET, *given))


def test_who_takes_before_the_call_and_enters_in_it_is_described() -> None:
    (found,) = raised(
        *bought(10, 7, 8, 95), *bought(11, 7, 8, 99), began(100), placed(12, 7, BUY, 105, 12, step=104),
        placed(13, 3, SELL, 104, 2, step=105), placed(14, 4, SELL, 104, 2, step=108),
        *uncrossed(110, 104, (13, 3, 12, 7, 2), (14, 4, 12, 7, 2)),
    )  # fmt: skip
    assert (found["agent"], found["side"], found["first"], found["last"]) == (7, BUY, 104, 110)
    lots = 8 * np.exp(-5 / 60) + 8 * np.exp(-1 / 60) + 4
    assert found["to_touch"] > 0.5 and found["one_sidedness"] == 1.0 and found["taken_share"] == pytest.approx(1 - 4 / lots)
    assert found["entered_share"] == pytest.approx(12 / 16) and found["lateness"] == pytest.approx(0.4)
    assert found["market_share"] == pytest.approx(lots / (lots + 1)) and found["move_in_call"] == pytest.approx(4 / 2, abs=0.1)
    assert found["position"] == pytest.approx(0.0, abs=0.1) and found["earlier_rate"] == 0.0


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([*bought(10, 7, 16, 99), began(100)], "the auction has not traded yet"),
        ([began(0), placed(9, 3, SELL, 104, 9), placed(10, 7, BUY, 105, 9), *uncrossed(10, 104, (9, 3, 10, 7, 9))], "it opens"),
        ([began(100), *uncrossed(110, 0), placed(9, 7, BUY, 101, 9, step=110), filled(2, 2, 9, 7, BUY, 9, step=110), began(111),
          *uncrossed(120, 0)], "the day had ended"),
        ([*bought(10, 7, 3, 99), began(100), *uncrossed(110, 0)], "it is too little"),
        ([*bought(10, 7, 16, 20), *sold(11, 7, 1, 600), began(601), *uncrossed(610, 0)], "it was long before"),
        ([*bought(10, 7, 16, 98), *sold(11, 7, 16, 98), began(100), *uncrossed(110, 0)], "it went both ways"),
        ([*bought(10, 7, 16, 99)], "there is no auction"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_no_candidate(given: list[Row], why: str) -> None:
    assert raised(*given) == []


def day(first: int, buys: int) -> list[Row]:
    """A day of 200 steps, at whose end 7 buys."""
    opening = [began(first), *uncrossed(first + 10, 0)]
    return [*opening, *bought(first + 50, 7, buys, first + 179), began(first + 180), *uncrossed(first + 199, 0)]


def test_what_is_worked_off_on_the_next_day_is_remembered() -> None:
    first, second, third = raised(*day(0, 20), *sold(900, 7, 20, 240), *day(200, 10), *sold(901, 7, 5, 440), *day(400, 10))
    assert (first["last_turned"], first["days_since"], first["earlier_kept"]) == (0.0, 50.0, 0.0)
    assert (second["earlier_rate"], second["days_since"], second["earlier_same_side"]) == (0.5, 1.0, 0.0)
    assert second["last_turned"] == pytest.approx(1.0, abs=0.1) and second["earlier_kept"] == pytest.approx(0.0, abs=0.1)
    assert 0.4 < third["last_turned"] < 0.6 < second["last_turned"] and third["earlier_same_side"] == 1.0


def test_a_position_of_before_counts_with_its_sign() -> None:
    long, short = (raised(*trade(10, 7, 30, 5), *bought(11, 7, 10, 499), began(500), *uncrossed(510, 0))[-1] for trade in (bought, sold))
    assert long["position"] == pytest.approx(-short["position"], abs=0.1) and long["built"] > 2.5


def test_what_is_withdrawn_in_the_call_is_seen() -> None:
    (found,) = raised(
        *bought(10, 7, 16, 99), began(100), placed(12, 7, BUY, 105, 10, step=104), cancelled(12, 7, BUY, 10, step=106), *uncrossed(110, 0),
    )  # fmt: skip
    assert found["withdrawn_share"] == 1.0 and found["entered_to_touch"] > 0


def test_who_gets_out_in_the_auction_went_one_way_ahead_of_it() -> None:
    auction = [began(100), placed(12, 7, SELL, 97, 16, step=104), placed(13, 3, BUY, 104, 16, step=105)]
    found = raised(*bought(10, 7, 16, 99), *auction, *uncrossed(110, 100, (12, 7, 13, 3, 16)))
    assert [(each["agent"], each["side"]) for each in found] == [(3, BUY), (7, BUY)]
    assert found[1]["taken_share"] == 1.0 and found[1]["one_sidedness"] == pytest.approx(0.0, abs=0.05)


def in_order(found: Array) -> Array:
    return found[np.lexsort((found[:, 5], found[:, 4], found[:, 3]))]


def test_cuts_and_other_numbers_of_agents_change_nothing() -> None:
    orders = market("examples/trading_day.yaml", 2500)[2]
    whole, watch, rng, first = Watch().feed(orders).closes, Watch(), np.random.default_rng(2), 0
    pieces = []
    while first < len(orders.kind):
        end = first + int(rng.integers(1, 700))
        pieces.append(watch.feed(part(orders, first, end)).closes)
        first = end
    assert len(whole) > 5 and np.array_equal(np.concatenate(pieces), whole)
    renamed = rng.permutation(3000)
    other = orders._replace(owner=renamed[orders.owner], other_owner=np.where(orders.other_owner < 0, -1, renamed[orders.other_owner]))
    assert np.array_equal(in_order(Watch().feed(other).closes)[:, 1:], in_order(whole)[:, 1:])


def test_a_close_is_told_with_the_row_that_ends_it() -> None:
    orders = market("examples/trading_day.yaml", 2500)[2]
    ends = np.flatnonzero((orders.kind == RecordKind.FILLED) & (orders.reason == Reason.UNCROSSED))
    last_of_first_close = max(row for row in ends if orders.step[row] == Watch().feed(orders).closes[0, 3])
    watch = Watch()
    assert len(watch.feed(part(orders, 0, last_of_first_close)).closes) == 0
    assert len(watch.feed(part(orders, last_of_first_close, last_of_first_close + 1)).closes) > 0
