"""Exported tables have the rows of the lake, whole or not at all."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from pipelines.workers import lake_export
from pipelines.workers.lake_export import MANIFEST, Format, export
from spark_jobs.table import Table

SCHEMA = pa.schema([("run_id", pa.string()), ("seq", pa.int64()), ("value", pa.binary()), ("parts", pa.list_(pa.int32()))])
TABLE = Table("silver.things", SCHEMA, key=("run_id", "seq"), doc="", partition_by=("run_id",))
ROWS = [{"run_id": run, "seq": seq, "value": b"\xff", "parts": [1, 2]} for run in ("a", "b") for seq in range(3)]


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    write_deltalake(TABLE.path(tmp_path / "lake"), pa.Table.from_pylist(ROWS, SCHEMA), partition_by=["run_id"])
    return tmp_path / "lake"


def test_parquet_has_every_row(lake: Path, tmp_path: Path) -> None:
    done = export(lake, TABLE, tmp_path / "out", Format.PARQUET)
    assert done.rows == 6 and done.version == 0
    assert sorted(pq.read_table(done.folder).to_pylist(), key=str) == sorted(ROWS, key=str)


def test_csv_has_bytes_as_digits_and_lists_as_json(lake: Path, tmp_path: Path) -> None:
    done = export(lake, TABLE, tmp_path / "out", Format.CSV, ["b"])
    with (Path(done.folder) / "rows.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["seq"] for row in rows] == ["0", "1", "2"]
    assert rows[0] == {"run_id": "b", "seq": "0", "value": "ff", "parts": "[1,2]"}


def test_delta_is_a_table_of_its_own(lake: Path, tmp_path: Path) -> None:
    done = export(lake, TABLE, tmp_path / "out", Format.DELTA)
    assert DeltaTable(done.folder).to_pyarrow_table().num_rows == 6


def test_one_before_is_replaced_whole(lake: Path, tmp_path: Path) -> None:
    export(lake, TABLE, tmp_path / "out", Format.CSV)
    done = export(lake, TABLE, tmp_path / "out", Format.PARQUET)
    names = {path.name for path in Path(done.folder).iterdir()}
    assert names == {"part-0.parquet", MANIFEST}


def test_one_that_fails_leaves_the_one_before(lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = export(lake, TABLE, tmp_path / "out", Format.PARQUET)

    def broken(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(lake_export, "_write", broken)
    with pytest.raises(OSError, match="full"):
        export(lake, TABLE, tmp_path / "out", Format.CSV)
    assert pq.read_table(done.folder).num_rows == 6


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"silver\.things"):
        export(tmp_path, TABLE, tmp_path / "out", Format.CSV)
