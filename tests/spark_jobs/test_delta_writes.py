"""Tables as they are made and grow: columns are only ever added."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from spark_jobs.catalog import LABEL_TABLES, TABLES, table
from spark_jobs.delta_writes import Lake, create
from spark_jobs.ingest.files import FileWriter
from spark_jobs.maintain import Maintenance, maintain
from spark_jobs.silver.typed import TypedTable
from spark_jobs.table import ColumnDoc, Table
from tests.spark_jobs.lakes import Bench
from tests.spark_jobs.records import kafka, trades

TRADES = table("silver.trades")
WIDER = replace(
    TRADES, schema=TRADES.schema.append(pa.field("venue", pa.int32())), columns={**TRADES.columns, "venue": ColumnDoc("id", "where")}
)


@pytest.mark.parametrize("declared", [*TABLES, *LABEL_TABLES], ids=lambda declared: declared.name)
def test_every_column_says_its_unit_and_meaning(declared: Table, tmp_path: Path) -> None:
    assert set(declared.columns) == set(declared.schema.names)
    assert all(told.unit and told.meaning for told in declared.columns.values())
    assert set(declared.cluster_by) | set(declared.stats) | set(declared.key) <= set(declared.schema.names)
    made = create(tmp_path, declared)
    assert all(field.metadata["comment"] for field in made.schema().fields)
    assert made.metadata().description == declared.doc


def test_an_added_column_is_null_in_rows_of_before(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    for number in range(2):
        bench.batch(number, [kafka((trades(number, prev=number - 1), number))])
    lake = Lake(bench.lake, [WIDER], "test")
    assert lake.committed("silver.trades") == 1
    append_wider(bench)
    rows = DeltaTable(TRADES.path(bench.lake)).to_pyarrow_table().sort_by("seq")
    assert rows.column("venue").to_pylist() == [None, None, 7]
    assert maintain(Maintenance(bench.lake, tmp_path / "journal", apply=True), [WIDER])[0].files_after == 1
    rows = DeltaTable(TRADES.path(bench.lake)).to_pyarrow_table().sort_by("seq")
    assert rows.column("venue").to_pylist() == [None, None, 7]


def append_wider(bench: Bench) -> None:
    """Append a row of the wider table."""
    writer = FileWriter(bench.lake, WIDER, {"run_id": "r1"})
    row = dict.fromkeys(WIDER.stored.names, 2) | {"venue": 7}
    writer.append(pa.Table.from_pylist([row], schema=WIDER.stored))
    Lake(bench.lake, [WIDER], "test").commit("silver.trades", 2, writer.close())


def test_a_table_with_other_columns_is_refused_with_both_lists(tmp_path: Path) -> None:
    create(tmp_path, WIDER)
    with pytest.raises(ValueError, match="venue integer; this version writes.*aggressor integer; move it away"):
        create(tmp_path, TRADES)
    other = replace(TRADES, schema=TRADES.schema.set(3, pa.field("step", pa.int64())))
    create(tmp_path / "other", TRADES)
    with pytest.raises(ValueError, match="step integer.*this version writes.*step long"):
        create(tmp_path / "other", other)


def test_tables_of_a_symbol_are_clustered_by_it_and_time() -> None:
    clustered = {declared.name: declared.cluster_by for declared in TABLES if isinstance(declared, TypedTable)}
    assert clustered["silver.ticks"] == ("world_id", "symbol", "seq")
    assert clustered["silver.metrics"] == ("world_id", "seq")
