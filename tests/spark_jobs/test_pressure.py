"""What counts as one spell of pressure, and what is remembered of those before."""

from __future__ import annotations

import pytest

from spark_jobs.detection.habits import NEVER
from spark_jobs.detection.pressure import FEATURES
from spark_jobs.detection.watch import Watch
from tests.spark_jobs.watching import BUY, SELL, Row, cancelled, filled, placed, rows, taken

MARKET = [placed(1, 1, BUY, 99, 500), placed(2, 2, SELL, 101, 500)]
COLUMNS = ("agent", "side", "first", "last", *FEATURES)


def ended(*given: Row) -> list[dict[str, float]]:
    """The candidates of agent 7 in a market of one bid and one offer, and these rows."""
    found = [dict(zip(COLUMNS, row, strict=True)) for row in Watch().feed(rows(*MARKET, *given)).pressure.tolist()]
    return [spell for spell in found if spell["agent"] == 7]


def pressure(number: int, begin: int, end: int, lots: int = 40, side: int = BUY, agent: int = 7) -> list[Row]:
    """One order that is withdrawn."""
    return [placed(number, agent, side, 98 if side == BUY else 102, lots, begin), cancelled(number, agent, side, lots, end)]


def bought(number: int, lots: int, step: int) -> list[Row]:
    """Agent 7 takes from the offer of agent 2."""
    return [taken(number, 7, BUY, lots, step), filled(2, 2, number, 7, BUY, lots, step)]


def test_pressure_that_is_placed_anew_at_once_is_the_same() -> None:
    found = ended(*pressure(10, 5, 9), *pressure(11, 9, 12, lots=20), *pressure(12, 14, 16, lots=30))
    assert [(spell["first"], spell["last"], spell["duration"]) for spell in found] == [(5, 9, 4), (5, 12, 3), (5, 16, 2)]


@pytest.mark.parametrize(
    ("again", "why"),
    [
        (pressure(11, 12, 15), "three steps later"),
        (pressure(11, 9, 12, lots=150), "much larger"),
        (pressure(11, 9, 12, lots=12), "much smaller"),
        (pressure(11, 9, 12, side=SELL), "on the other side"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_comes_later_or_is_of_another_size_or_side_is_new(again: list[Row], why: str) -> None:
    assert ended(*pressure(10, 5, 9), *again)[-1]["first"] == again[0]["step"], why


def test_a_small_order_that_was_there_is_not_the_begin_of_the_pressure() -> None:
    small = placed(9, 7, BUY, 97, 5, step=1)
    (spell,) = ended(small, *pressure(10, 50, 53))
    assert (spell["first"], spell["last"], spell["duration"], spell["orders"]) == (50, 53, 3, 1)
    (both,) = ended(small | {"size": 30}, *pressure(10, 50, 53), cancelled(9, 7, BUY, 30, step=60))
    assert (both["first"], both["last"]) == (1, 60), "it is a part of it where it is as large"


def test_earlier_spells_count_by_their_size() -> None:
    small = pressure(10, 2, 32, lots=8)
    large = [placed(20, 7, SELL, 102, 72, step=40), *bought(21, 36, 41), cancelled(20, 7, SELL, 72, step=43)]
    first, second, third = ended(*small, *large, *pressure(30, 50, 53))
    assert (first["pause"], second["pause"], third["pause"]) == (NEVER, 8, 7)
    assert (first["earlier_answered"], second["earlier_answered"]) == (0.0, 0.0)
    assert third["earlier_answered"] == pytest.approx(36 / (0.97 * 8 + 72))
    assert third["size_to_earlier"] == pytest.approx(40 * 1.97 / (0.97 * 8 + 72))
    assert third["earlier_duration"] < 5 < second["earlier_duration"] < 31


@pytest.mark.parametrize(
    ("step", "lots", "share"), [(6, 10, 1.0), (10, 10, 1.0), (11, 10, 1.0), (12, 10, 0.0), (6, 30, 0.0)],
)  # fmt: skip
def test_a_trade_is_shielded_by_much_more_on_the_other_side_then_or_just_before(step: int, lots: int, share: float) -> None:
    rest = [placed(10, 7, SELL, 102, 40, step=5), cancelled(10, 7, SELL, 40, step=9)]
    rest[1:1] = bought(20, lots, step) if step < 9 else []
    rest += bought(20, lots, step) if step >= 9 else []
    assert ended(*rest, *pressure(30, 50, 53))[-1]["shielded_share"] == share


def test_orders_are_put_beside_the_trades_of_their_owner() -> None:
    (spell,) = ended(*bought(20, 2, 3), *bought(21, 6, 4), *pressure(10, 5, 9))
    assert spell["order_to_trade"] == 10 and spell["fill_ratio"] == pytest.approx(8 / 48)


def test_spells_are_put_beside_everybodys() -> None:
    others = [row for n in range(4) for row in pressure(100 + n, 10 * n, 10 * n + 5, lots=20, agent=3 + n % 2)]
    (spell,) = ended(*others, *pressure(10, 60, 71))
    assert spell["size_to_usual"] == pytest.approx(2) and spell["usual_opposite"] == 0
    assert spell["duration_to_usual"] == pytest.approx(2)


def test_the_last_trade_on_the_other_side_counts_from_before_the_spell_too() -> None:
    assert ended(*pressure(10, 5, 9))[0]["since_opposite"] == NEVER
    (spell,) = ended(*bought(20, 3, 2), placed(10, 7, SELL, 102, 40, step=5), cancelled(10, 7, SELL, 40, step=9))
    assert (spell["since_opposite"], spell["opposite_share"]) == (7, 0.0)
