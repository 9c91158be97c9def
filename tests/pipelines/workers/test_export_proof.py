"""An export that has other rows than its table is found, whatever the format."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from typer.testing import CliRunner

from pipelines.apps.export import app
from pipelines.workers.export_proof import differences
from pipelines.workers.lake_export import MANIFEST, Format, export
from spark_jobs.catalog import table
from tests.pipelines.workers.test_lake_export import ROWS, SCHEMA, TABLE


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    write_deltalake(TABLE.path(tmp_path / "lake"), pa.Table.from_pylist(ROWS, SCHEMA), partition_by=["run_id"])
    return tmp_path / "lake"


@pytest.mark.parametrize("format", Format)
@pytest.mark.parametrize("runs", [[], ["b"], ["nobody's"]])
def test_what_was_exported_is_right_also_when_its_table_has_gone_on(lake: Path, tmp_path: Path, format: Format, runs: list[str]) -> None:
    export(lake, TABLE, tmp_path / "out", format, runs)
    write_deltalake(TABLE.path(lake), pa.Table.from_pylist(ROWS[:1], SCHEMA), mode="append")
    assert differences(lake, TABLE, tmp_path / "out", format, runs) == []


def test_one_value_that_differs_is_found_and_another_order_is_none(lake: Path, tmp_path: Path) -> None:
    folder = Path(export(lake, TABLE, tmp_path / "out", Format.PARQUET).folder)
    pq.write_table(pa.Table.from_pylist(ROWS[::-1], SCHEMA), folder / "part-0.parquet")
    assert differences(lake, TABLE, tmp_path / "out", Format.PARQUET) == []
    pq.write_table(pa.Table.from_pylist([*ROWS[:-1], ROWS[-1] | {"parts": [1, 3]}], SCHEMA), folder / "part-0.parquet")
    (text,) = differences(lake, TABLE, tmp_path / "out", Format.PARQUET)
    assert "has 6 rows" in text and "version 0 of silver.things 6" in text


def test_a_row_that_is_missing_is_found(lake: Path, tmp_path: Path) -> None:
    rows = Path(export(lake, TABLE, tmp_path / "csv", Format.CSV).folder) / "rows.csv"
    rows.write_text("".join(rows.read_text().splitlines(keepends=True)[:-1]))
    assert "has 5 rows" in differences(lake, TABLE, tmp_path / "csv", Format.CSV)[0]
    folder = export(lake, TABLE, tmp_path / "delta", Format.DELTA).folder
    DeltaTable(folder).delete("seq = 0")
    assert "has 4 rows" in differences(lake, TABLE, tmp_path / "delta", Format.DELTA)[0]


def test_rows_that_the_export_did_not_count_are_found(lake: Path, tmp_path: Path) -> None:
    folder = Path(export(lake, TABLE, tmp_path / "out", Format.PARQUET).folder)
    told = msgspec.json.decode((folder / MANIFEST).read_bytes())
    (folder / MANIFEST).write_bytes(msgspec.json.encode(told | {"rows": 7}))
    assert differences(lake, TABLE, tmp_path / "out", Format.PARQUET)


def test_an_export_of_something_else_or_none_is_told(lake: Path, tmp_path: Path) -> None:
    folder = export(lake, TABLE, tmp_path / "out", Format.CSV, ["a"]).folder
    assert "was exported as csv of a" in differences(lake, TABLE, tmp_path / "out", Format.CSV)[0]
    shutil.rmtree(folder)
    assert "holds no export" in differences(lake, TABLE, tmp_path / "out", Format.CSV)[0]


def test_the_command_ends_with_1_if_an_export_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_DATA_DIR", str(tmp_path))
    trades, run = table("silver.trades"), CliRunner().invoke
    rows = pa.Table.from_pylist([dict.fromkeys(trades.schema.names) | {"run_id": "a"}], schema=trades.schema)
    write_deltalake(trades.path(tmp_path / "lake"), rows, partition_by=list(trades.partition_by))
    assert run(app, ["silver.trades", "--json"]).exit_code == 0
    right = run(app, ["silver.trades", "--check", "--json"])
    assert (right.exit_code, right.stdout.strip()) == (0, '{"ok":true,"compared":["silver.trades"],"differences":[]}')
    (tmp_path / "exports" / "silver.trades" / "part-0.parquet").unlink()
    wrong = run(app, ["silver.trades", "--check"])
    assert (wrong.exit_code, wrong.stdout.strip()) == (1, "1 of the exports differ")
