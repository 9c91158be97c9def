"""Stances in the book, and those who come to the same price together."""

from __future__ import annotations

from spark_jobs.detection.cartels import FEATURES, candidates
from spark_jobs.detection.movers import Movers
from spark_jobs.detection.stances import CROWD, LASTING, OPEN, joint, stances
from tests.spark_jobs.dealing import public
from tests.spark_jobs.watching import BUY, SELL, Row, cancelled, filled, moved, placed, rows, taken


def held(*given: Row) -> list[tuple[int, ...]]:
    """(side, price, begin, end, agent) of every stance."""
    found = stances(rows(*given))
    return list(zip(*(column.tolist() for column in found), strict=True))


def test_a_stance_lasts_until_its_order_is_gone() -> None:
    assert held(placed(1, 5, BUY, 99, 4, step=2), cancelled(1, 5, BUY, 4, step=9)) == [(BUY, 99, 2, 9, 5)]
    given = [placed(1, 5, SELL, 99, 4, step=2), taken(2, 6, BUY, 4, step=7), filled(1, 5, 2, 6, BUY, 3, step=7)]
    assert held(*given) == [(SELL, 99, 2, OPEN, 5)], "a part is left"
    assert held(*given, filled(1, 5, 3, 6, BUY, 1, step=8)) == [(SELL, 99, 2, 8, 5)]


def test_another_price_is_another_stance_and_a_renewed_order_is_not() -> None:
    assert held(placed(1, 5, BUY, 99, 4, step=2), moved(1, 5, 98, 4, step=6)) == [(BUY, 98, 6, OPEN, 5), (BUY, 99, 2, 6, 5)]
    assert held(placed(1, 5, BUY, 99, 4, step=2), moved(1, 5, 99, 9, step=6)) == [(BUY, 99, 2, OPEN, 5)]
    again = [placed(1, 5, BUY, 99, 4, step=2), cancelled(1, 5, BUY, 4, step=5), placed(2, 5, BUY, 99, 4, step=6)]
    assert held(*again) == [(BUY, 99, 2, OPEN, 5)]
    assert len(held(*again[:2], placed(2, 5, BUY, 99, 4, step=20))) == 2


def pairs(*given: Row) -> list[tuple[int, int]]:
    known = stances(rows(*given))
    return [(int(known.agent[one]), int(known.agent[two])) for one, two in zip(*joint(known)[:2], strict=True)]


def test_two_who_come_together_and_stay_are_a_pair() -> None:
    assert pairs(placed(1, 5, SELL, 99, 4, step=2), placed(2, 6, SELL, 99, 4, step=5)) == [(5, 6)]
    assert pairs(placed(1, 5, SELL, 99, 4, step=2), placed(2, 6, SELL, 98, 4, step=5)) == [], "another price"
    assert pairs(placed(1, 5, SELL, 99, 4, step=2), placed(2, 6, BUY, 99, 4, step=5)) == [], "another side"
    assert pairs(placed(1, 5, SELL, 99, 4, step=2), placed(2, 6, SELL, 99, 4, step=80)) == [], "much later"
    left = [placed(1, 5, SELL, 99, 4, step=2), placed(2, 6, SELL, 99, 4, step=5), cancelled(2, 6, SELL, 4, step=5 + LASTING)]
    assert pairs(*left) == [], "not for long"


def test_where_many_are_nobody_is_together() -> None:
    assert len(pairs(*(placed(n, n, SELL, 99, 4, step=2) for n in range(CROWD)))) == CROWD * (CROWD - 1) // 2
    assert pairs(*(placed(n, n, SELL, 99, 4, step=2) for n in range(CROWD + 1))) == []


def test_who_shares_few_moves_with_many_is_tied_to_nobody() -> None:
    movers = Movers()
    for n in range(40):
        movers.take_in((5, 100 + n), SELL, 50 * n, 50 * n + 30, 2, 2)
    for n in range(6):
        movers.take_in((7, 8), SELL, 50 * n, 50 * n + 30, 2, 2)
    assert movers.tie((5, 100)) == 0.0 and movers.tie((7, 8)) > 5.0
    assert movers.community((7, 8), 270) == [7, 8] and movers.community((5, 100), 20) == []


def test_pairs_that_are_tied_go_by_the_name_of_the_first_at_a_price() -> None:
    movers = Movers()
    for n in range(8):
        for pair in ((1, 2), (3, 4), (1, 3)):
            movers.take_in(pair, SELL, 200 * n, 200 * n + 60, 2, 4)
    for n in range(60):
        movers.take_in((100 + n, 200 + n), SELL, 10 * n, 10 * n + 20, 2, 2)
    movers.take_in((1, 2), SELL, 2000, 2060, 2, 2)
    movers.take_in((3, 4), SELL, 2010, 2060, 2, 2)
    assert movers.head((3, 4)) == (1, 2) and movers.head((1, 2)) == (1, 2)
    movers.take_in((100, 200), SELL, 2015, 2060, 2, 2)
    assert movers.head((100, 200)) == (100, 200), "nothing ties these to them"


def test_a_common_price_is_told_again_and_again_from_its_begin() -> None:
    given: list[Row] = []
    for n in range(90):
        given += [placed(1000 + n, 20 + n, SELL, 110 + n, 2, 10 * n)]
        given += [placed(2000 + n, 20 + (n + 7) % 90, SELL, 110 + n, 2, 10 * n + 1)]
    for n in range(6):
        for member in (1, 2, 3):
            given += [placed(10 * n + member, member, SELL, 300 + n, 5, 150 * n + 2 * member)]
            given += [cancelled(10 * n + member, member, SELL, 5, 150 * n + 80)]
    given.sort(key=lambda row: row["step"])
    names = ("one", "two", "first", "last", *FEATURES)
    told = [dict(zip(names, row, strict=True)) for row in candidates(public(orders=tuple(given))).tolist()]
    ring = [each for each in told if each["one"] in (1, 2, 3)]
    assert ring and {each["two"] for each in ring} <= {1, 2, 3}
    last = ring[-1]
    assert (last["auction"], last["members"], last["first"] > 500, last["occasions"]) == (0, 3, True, 6)
    assert last["lag_deviation"] < 0.1 and last["steady"] > LASTING and last["since"] > 90
