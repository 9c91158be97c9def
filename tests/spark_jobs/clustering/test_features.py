"""All features of a lively market: neither numbers of agents nor the order or the cuts of rows make a difference."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.types import Reason, RecordKind, Side, TimeInForce
from spark_jobs.clustering.features import FEATURES, measure
from spark_jobs.clustering.window import Window
from tests.spark_jobs.clustering.market import Rows, market

STEPS = 600
OWNERS = {"orders": ("owner",), "trades": ("buyer", "seller"), "messages": ("sender",)}


@pytest.fixture(scope="module")
def lively() -> Rows:
    """Eight agents who do everything by chance."""
    chance = np.random.default_rng(7)
    tables: dict[str, list[dict[str, int]]] = {"orders": [], "trades": [], "ticks": [], "messages": []}
    mid = 1000
    for step in range(2 * STEPS):
        mid += int(chance.integers(-2, 3))
        tables["ticks"].append({"step": step, "best_bid": mid - 1, "best_ask": mid + 1})
        one, other = chance.permutation(8)[:2].tolist()
        side, force = int(chance.integers(0, 2)), int(chance.choice([TimeInForce.GTC, TimeInForce.IOC]))
        order = {"step": step, "owner": one, "order_id": step, "side": side, "size": int(chance.integers(1, 9))}
        tables["orders"].append(order | {"price": mid - 3 + 6 * side, "time_in_force": force})
        if force == TimeInForce.GTC and step % 3 == 0:
            tables["orders"].append(order | {"kind": RecordKind.CANCELLED, "reason": Reason.BY_OWNER, "step": step + 1})
        if step % 4 == 0:
            tables["trades"].append({"step": step, "buyer": one, "seller": other, "price": mid, "aggressor": int(Side.BUY), "size": 2})
        if step % 50 == 0:
            tables["messages"].append({"step": step, "sender": other, "value_3": 1})
    return market(**tables)


def test_every_feature_is_a_number_for_somebody(lively: Rows) -> None:
    table = measure(Window(lively, 0, STEPS))
    assert table.shape == (8, len(FEATURES))
    assert not np.isnan(table).all(0).any()
    for feature in FEATURES.values():
        assert all(feature)


def test_numbers_of_agents_say_nothing(lively: Rows) -> None:
    other = np.random.default_rng(1).permutation(8) * 1000 + 5
    renamed = {table: columns | {name: other[columns[name]] for name in OWNERS.get(table, ())} for table, columns in lively.items()}
    before, after = Window(lively, 0, STEPS), Window(renamed, 0, STEPS)
    place = np.searchsorted(after.agents, other[before.agents])
    np.testing.assert_allclose(measure(after)[place], measure(before), rtol=1e-9, atol=1e-12)


def test_rows_may_come_in_any_order(lively: Rows) -> None:
    shuffled = {}
    for table, columns in lively.items():
        order = np.random.default_rng(2).permutation(len(columns["step"]))
        shuffled[table] = {name: column[order] for name, column in columns.items()}
    np.testing.assert_array_equal(measure(Window(shuffled, 0, STEPS)), measure(Window(lively, 0, STEPS)))


def test_rows_of_other_windows_change_nothing(lively: Rows) -> None:
    alone = {table: {n: c[columns["step"] < STEPS] for n, c in columns.items()} for table, columns in lively.items()}
    np.testing.assert_array_equal(measure(Window(alone, 0, STEPS)), measure(Window(lively, 0, STEPS)))


def test_a_window_says_the_same_wherever_it_lies(lively: Rows) -> None:
    later = {table: columns | {"step": columns["step"] + 5 * STEPS} for table, columns in lively.items()}
    np.testing.assert_array_equal(measure(Window(later, 5 * STEPS, STEPS)), measure(Window(lively, 0, STEPS)))


def test_a_window_without_rows_has_nobody() -> None:
    assert measure(Window(market(), 0, STEPS)).shape == (0, len(FEATURES))
