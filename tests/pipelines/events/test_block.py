"""Columns from plain values, as stores and tables give them back."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.events.block import Block, columns_of, columns_of_rows, rows_of
from pipelines.events.declarations import AGENTS, EVENT_TYPES, METRICS
from tests.contracts.check_event import assert_columns
from tests.pipelines.events import samples


@given(st.sampled_from(list(EVENT_TYPES)), st.integers(0, 5))
def test_rows_and_columns_are_inverse(name: str, count: int) -> None:
    event, values = EVENT_TYPES[name], samples.columns(EVENT_TYPES[name], count)
    block = Block(event, samples.head(values), values)
    assert_columns(block._replace(columns=columns_of_rows(event, list(rows_of(block)))), values)


def test_what_is_from_before_a_column_has_its_default() -> None:
    rows = [{"seq": seq, "step": 0, "agent": 1, "symbol": 0, "cash": 5, "inventory": 2, "fees": 0, "open_orders": 1} for seq in (0, 1)]
    columns = columns_of_rows(AGENTS, [rows[0] | {"alliance": 7}, rows[1] | {"alliance": None}])
    assert ([*columns["reputation"]], [*columns["alliance"]]) == ([0, 0], [7, -1])
    assert isinstance(columns["alliance"], np.ndarray) and columns["alliance"].dtype == np.int32
    whole = {name: [row[name] for row in rows] for name in rows[0]}
    assert [*columns_of(AGENTS, whole)["alliance"]] == [-1, -1]


def test_a_value_that_is_missing_is_named_but_a_double_was_no_number() -> None:
    row = {"seq": 0, "step": 0, "name": "loss", "value": None, "update": 1, "agent": -1, "context": "{}"}
    columns = columns_of_rows(METRICS, [row])
    assert isinstance(columns["value"], np.ndarray) and math.isnan(columns["value"][0])
    with pytest.raises(ValueError, match="column update has no value"):
        columns_of_rows(METRICS, [row | {"update": None}])
    with pytest.raises(ValueError, match="column name has no value"):
        columns_of_rows(METRICS, [{key: value for key, value in row.items() if key != "name"}])
