"""The book that surveillance keeps is the market's, and a spell of pressure is what it should be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pipelines.events.vocabulary import Reason, RecordKind
from spark_jobs.detection.book import ASK, BID, WIDTH
from spark_jobs.detection.known import WIDTHS, Found
from spark_jobs.detection.pressure import FEATURES
from spark_jobs.detection.watch import Watch
from tests.spark_jobs.watching import BUY, SELL, Row, cancelled, filled, market, moved, part, placed, rows, taken

MARKET = [placed(1, 1, BUY, 99, 5), placed(2, 2, SELL, 101, 5)]


def ended(*given: Row) -> list[dict[str, float]]:
    """The candidates of a market of one bid and one offer, and these rows."""
    names = ("agent", "side", "first", "last", *FEATURES)
    return [dict(zip(names, row, strict=True)) for row in Watch().feed(rows(*MARKET, *given)).pressure.tolist()]


@pytest.mark.parametrize("scenario", ["trading", "trading_days"])
def test_its_touch_and_depth_are_those_of_the_market(scenario: str) -> None:
    world, _, orders = market("examples/trading_day.yaml" if scenario == "trading_days" else scenario, 2500)
    watch = Watch()
    watch.feed(orders)
    watch.feed(rows(taken(10**9, 0, BUY, 1, step=10**6)))  # a row of a later step: what came in last rests now
    known = watch.known
    assert known is not None
    book, base = world.book_state(0), int(known.touch["base"][0])
    resting = dict(zip(book.resting["order_id"].tolist(), book.resting["remaining"].tolist(), strict=True))
    kept = {int(order["key"]) - 1: int(order["left"]) for order in known.orders if order["key"]}
    assert kept == resting and len(kept) > 20
    prices = np.arange(WIDTH) + base
    for side, best in ((BID, world.markets["best_bid"][0]), (ASK, world.markets["best_ask"][0])):
        there = prices[known.levels[side] > 0]
        assert best == (there.max() if side == BID else there.min())
        assert prices[known.touch["best"][0, side]] == best


def test_cuts_of_the_stream_change_nothing() -> None:
    orders = market()[2]
    whole, watch, first, rng = Watch().feed(orders), Watch(), 0, np.random.default_rng(1)
    found = []
    while first < len(orders.kind):
        end = first + int(rng.integers(1, 900))
        found.append(watch.feed(part(orders, first, end)))
        first = end
    for name in Found._fields:
        assert np.array_equal(np.concatenate([getattr(each, name) for each in found]), getattr(whole, name))
    assert len(whole.pressure) > 100


def test_pressure_that_is_withdrawn_after_a_trade_on_the_other_side_is_described() -> None:
    (spell,) = ended(
        placed(10, 7, BUY, 98, 20, step=5), placed(11, 7, BUY, 97, 20, step=5), placed(12, 7, SELL, 101, 3, step=5),
        taken(13, 3, BUY, 8, step=9), filled(2, 2, 13, 3, BUY, 5, step=9), filled(12, 7, 13, 3, BUY, 3, step=9),
        cancelled(10, 7, BUY, 20, step=10), cancelled(11, 7, BUY, 20, step=10),
    )  # fmt: skip
    assert (spell["agent"], spell["side"], spell["first"], spell["last"]) == (7, BUY, 5, 10)
    assert (spell["withdrawn_share"], spell["orders"], spell["duration"], spell["burst_share"]) == (1.0, 2, 5, 1.0)
    assert (spell["opposite_passive"], spell["opposite_active"], spell["since_opposite"]) == (3, 0, 1)
    assert spell["opposite_share"] == pytest.approx(3 / 40) and spell["size_to_own"] > 1


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([placed(10, 7, BUY, 98, 20), cancelled(10, 7, BUY, 20, reason=Reason.UNCROSSED)], "it was not withdrawn by its owner"),
        ([placed(10, 7, BUY, 98, 5), cancelled(10, 7, BUY, 5)], "it is too small to matter"),
        ([placed(10, 7, BUY, 98, 20), placed(11, 7, BUY, 98, 20), cancelled(10, 7, BUY, 20)], "half of it still rests"),
        ([placed(10, 7, BUY, 98, 20), taken(11, 3, SELL, 20), filled(10, 7, 11, 3, SELL, 20)], "it traded"),
        ([taken(10, 7, BUY, 20), cancelled(10, 7, BUY, 20)], "it never rested"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_candidate(given: list[Row], why: str) -> None:
    assert ended(*given) == []


def test_an_order_that_trades_as_it_comes_in_rests_with_what_is_left() -> None:
    (spell,) = ended(placed(10, 7, BUY, 101, 25, step=3), filled(2, 2, 10, 7, BUY, 5, step=3), cancelled(10, 7, BUY, 20, step=8))
    assert (spell["withdrawn_share"], spell["opposite_active"]) == (1.0, 0.0)
    assert spell["size_to_touch"] == pytest.approx(20 / (5.0 + 1), rel=0.2)


def test_an_order_that_is_moved_keeps_its_spell() -> None:
    (spell,) = ended(placed(10, 7, BUY, 98, 20, step=2), moved(10, 7, 97, 20, step=6), cancelled(10, 7, BUY, 20, step=9))
    assert (spell["first"], spell["orders"], spell["duration"]) == (2, 1, 7)


def test_what_an_order_loses_by_a_change_is_withdrawn() -> None:
    (spell,) = ended(placed(10, 7, BUY, 98, 80, step=2), moved(10, 7, 98, 1, step=6), cancelled(10, 7, BUY, 1, step=9))
    assert (spell["last"], spell["withdrawn_share"]) == (6, 1.0) and spell["burst_share"] == pytest.approx(79 / 80)
    assert ended(placed(10, 7, BUY, 98, 20, step=2), moved(10, 7, 98, 30, step=6)) == []


def test_an_owners_own_order_that_gives_way_leaves_the_new_one_coming_in() -> None:
    """Self-trade prevention cancels what rested, in the middle of the new order's trading."""
    given = [
        placed(10, 7, SELL, 101, 4, step=1), placed(20, 7, BUY, 102, 45, step=3), filled(2, 2, 20, 7, BUY, 5, step=3),
        cancelled(10, 7, SELL, 4, step=3, reason=Reason.SELF_TRADE) | {"other_id": 20}, placed(30, 3, SELL, 102, 40, step=3),
    ]  # fmt: skip
    watch = Watch()
    watch.feed(rows(*MARKET, *given[:4]))
    assert watch.known is not None
    assert watch.known.arriving["left"][0] == 40 and watch.known.agents.spells["most"][7, BUY] == 0
    watch.feed(rows(given[4]))
    assert watch.known.agents.spells["most"][7, BUY] == 40


def test_rows_before_the_first_price_are_kept_for_it() -> None:
    early = [taken(1, 5, BUY, 3), cancelled(1, 5, BUY, 3), taken(2, 5, BUY, 3), placed(3, 6, SELL, 101, 5)]
    whole, cut = Watch(), Watch()
    whole.feed(rows(*early))
    for row in early:
        cut.feed(rows(row))
    assert whole.known is not None and cut.known is not None
    assert whole.known.agents.history["orders"][5] == cut.known.agents.history["orders"][5] == 2


def test_any_number_of_orders_may_rest() -> None:
    many = [placed(100 + n, n % 50, BUY, 90 - n % 40, 1, step=1) for n in range(20_000)]
    watch = Watch()
    for first in range(0, len(many), 3000):
        watch.feed(rows(*many[first : first + 3000]))
    watch.feed(rows(*(cancelled(100 + n, n % 50, BUY, 1, step=2) for n in range(0, 20_000, 2))))
    known = watch.known
    assert known is not None
    kept = {int(key) - 1 for key in known.orders["key"] if key}
    assert kept == {100 + n for n in range(1, 20_000, 2)} and known.touch["resting"][0] == len(kept)


def test_what_a_spell_leaves_over_is_no_spell_of_its_own() -> None:
    orders = [placed(10 + n, 7, BUY, 98 - n, 10, step=2) for n in range(6)]
    assert len(ended(*orders, *(cancelled(10 + n, 7, BUY, 10, step=5) for n in range(6)))) == 1


def test_earlier_spells_are_remembered() -> None:
    one = [placed(10, 7, BUY, 98, 20, step=2), cancelled(10, 7, BUY, 20, step=4)]
    again = [placed(20, 7, BUY, 98, 20, step=12), cancelled(20, 7, BUY, 20, step=14)]
    first, second = ended(*one, *again)
    assert (first["earlier_rate"], first["earlier_withdrawn"]) == (0.0, 0.0)
    assert second["earlier_withdrawn"] == 1.0 and second["earlier_rate"] == pytest.approx(1000 / 15)


def test_no_feature_knows_what_detectors_must_not() -> None:
    """Columns are public ones, and other numbers for the agents leave every feature as it is."""
    orders = market(steps=1500)[2]
    renamed = np.random.default_rng(3).permutation(5000)
    others: Any = orders._replace(
        owner=renamed[orders.owner], other_owner=np.where(orders.other_owner < 0, -1, renamed[orders.other_owner]),
    )  # fmt: skip
    for name, one, other in zip(Found._fields, Watch().feed(orders), Watch().feed(others), strict=True):
        agents = 2 if name == "matched" else 1
        assert np.array_equal(one[:, agents:], other[:, agents:])
        assert np.array_equal(renamed[one[:, :agents].astype(int)], other[:, :agents])


def test_nothing_comes_of_nothing() -> None:
    assert [len(each) for each in Watch().feed(rows())] == [0] * len(WIDTHS)
    assert [len(each) for each in Watch().feed(rows({"kind": RecordKind.REJECTED, "order_id": 4}))] == [0] * len(WIDTHS)
