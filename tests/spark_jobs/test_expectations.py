"""Which rows offend, and with which reason."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.types import RecordKind, Side
from spark_jobs.expectations import at_least, filled_in, offenders, one_of, only_where
from spark_jobs.silver import orders

RULES = (one_of("side", Side), at_least("price", 0), filled_in("name"))
COLUMNS = {"side": np.array([0, 2, -1, 1]), "price": np.array([5, -1, 3, -2]), "name": ["a", "b", "", "d"]}


def test_the_first_broken_rule_is_the_reason() -> None:
    found = offenders(RULES, COLUMNS, 4)
    assert [RULES[index].reason if index >= 0 else "" for index in found] == ["", "unknown side", "unknown side", "price below 0"]


def test_a_rule_may_hold_for_some_rows_only() -> None:
    rule = only_where(lambda columns: np.asarray(columns["side"] == 1), at_least("price", 0))
    assert rule.broken(COLUMNS).tolist() == [False, False, False, True]


def test_one_of_wants_neighbours() -> None:
    with pytest.raises(ValueError, match="neighbouring"):
        one_of("kind", [1, 3])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({}, ""),
        ({"kind": RecordKind.REJECTED, "price": -5, "size": 0, "side": 9}, ""),
        ({"kind": RecordKind.HALTED, "size": 0}, ""),
        ({"kind": 0}, "unknown kind"),
        ({"kind": 9}, "unknown kind"),
        ({"side": 2}, "unknown side"),
        ({"price": -1}, "price below 0"),
        ({"size": 0}, "size below 1"),
        ({"remaining": -1}, "remaining below 0"),
    ],
)
def test_rules_of_orders(row: dict[str, int], reason: str) -> None:
    full = {"kind": 1, "side": 0, "price": 100, "size": 5, "remaining": 5} | row
    index = int(offenders(orders.RULES, {name: np.array([value]) for name, value in full.items()}, 1)[0])
    assert (orders.RULES[index].reason if index >= 0 else "") == reason
