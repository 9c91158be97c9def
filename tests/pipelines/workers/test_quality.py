"""What `agora check` finds wrong in tables, and that it finds nothing where nothing is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from pipelines.workers.quality import check
from spark_jobs.catalog import table
from spark_jobs.delta_writes import merge_new

TRADES = [{"run_id": "a", "seq": seq, "price": 100, "size": 5} for seq in (1, 2)] + [{"run_id": "b", "seq": 1, "price": 99, "size": 1}]
MINUTES = [
    {"run_id": "a", "minute": 0, "open": 100, "high": 101, "low": 99, "close": 100, "volume": 10, "trades": 2},
    {"run_id": "b", "minute": 0, "open": 99, "high": 99, "low": 99, "close": 99, "volume": 1, "trades": 1},
    {"run_id": "b", "minute": 1, "volume": 0, "trades": 0},  # a minute without a trade
]


def filled(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows for a table, of whose columns only the given ones have values; ids that are not given are 0."""
    made = table(name)
    ids = dict.fromkeys(("world_id", "symbol", "step"), 0)
    full = [{**dict.fromkeys(made.schema.names), **ids, **row} for row in rows]
    return pa.Table.from_pylist([{key: row[key] for key in made.schema.names} for row in full], schema=made.schema)


def write(lake: Path, name: str, rows: list[dict[str, Any]]) -> None:
    """A table of such rows."""
    made = table(name)
    write_deltalake(made.path(lake), filled(name, rows), mode="overwrite", partition_by=list(made.partition_by))


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    write(tmp_path, "silver.trades", TRADES)
    write(tmp_path, "gold.market_minutes", MINUTES)
    return tmp_path


def test_nothing_is_wrong(lake: Path) -> None:
    found = check(lake)
    assert found.ok, found.failures
    assert found.rows == {"silver.trades": 3, "gold.market_minutes": 3}


def test_no_table_is_not_wrong(tmp_path: Path) -> None:
    assert check(tmp_path).ok


def test_only_the_layers_and_runs_that_are_asked_for(lake: Path) -> None:
    assert check(lake, ["gold"], ["b"]).rows == {"gold.market_minutes": 2}


def test_a_table_by_its_name_alone(lake: Path) -> None:
    assert check(lake, names=["silver.trades"]).rows == {"silver.trades": 3}
    with pytest.raises(FileNotFoundError, match="holds no table gold.alerts; it holds silver.trades"):
        check(lake, names=["gold.alerts"])


def test_runs_of_a_table_into_which_alerts_were_merged(tmp_path: Path) -> None:
    rows = filled("gold.alerts", [{"run_id": run, "alert_id": run} for run in ("a", "b", "c")])
    merge_new(tmp_path, table("gold.alerts"), rows)
    assert check(tmp_path, ["gold"], ["b"]).rows == {"gold.alerts": 1}


@pytest.mark.parametrize(
    ("name", "row", "words"),
    [
        ("silver.trades", {**TRADES[0]}, "more than once"),
        ("silver.trades", {**TRADES[0], "seq": None}, "lack a part of the key"),
        ("silver.trades", {**TRADES[0], "seq": 7, "price": 0}, "price and size are positive"),
        ("gold.market_minutes", {**MINUTES[0], "minute": 5, "high": 90}, "open and close lie within"),
        ("gold.market_minutes", {**MINUTES[0], "minute": 5}, "agora refresh --run a"),
    ],
)
def test_what_is_wrong_is_named(lake: Path, name: str, row: dict[str, Any], words: str) -> None:
    write(lake, name, [*(TRADES if name == "silver.trades" else MINUTES), row])
    found = check(lake)
    assert any(words in failure for failure in found.failures), found.failures
