"""A lake of an earlier version gets the columns that came since; one that contradicts is refused and left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from pipelines.events.declarations import AGENTS, LABELS
from pipelines.workers.reconcile.lake import Lake
from spark_jobs.catalog import LABEL_TABLES, TABLES
from spark_jobs.delta_writes import create
from spark_jobs.schemas import arrow_schema
from spark_jobs.silver import agents
from tests.spark_jobs.lakes import Bench
from tests.spark_jobs.records import block, kafka


def test_silver_of_before_takes_old_and_new_blocks(tmp_path: Path) -> None:
    """A block of before, too, that comes only now."""
    before = replace(agents.TABLE, schema=arrow_schema(AGENTS.as_of(1)), added=())
    create(tmp_path / "lake", before)
    bench = Bench(tmp_path)
    old = block("agents", [{"seq": 0}], kind=AGENTS.as_of(1))
    new = block("agents", [{"seq": 1, "reputation": 9, "alliance": 3}], prev=0)
    bench.batch(0, [kafka((old, 0), (new, 1))])
    assert bench.rows("silver.agents", "seq", "cash", "reputation", "alliance") == [(0, 500, 0, -1), (1, 500, 9, 3)]


def test_a_column_that_was_not_the_last_is_added_to_rows_of_before(tmp_path: Path) -> None:
    (table,) = LABEL_TABLES
    old = replace(table, schema=arrow_schema(LABELS.as_of(1)), added=())
    made = create(tmp_path / "lake", old)
    row = {"run_id": "r1", "world_id": 0, "seq": 0, "step": 0, "time_ns": 0, "kind": "role", "agent": 1, "symbol": -1, "first_step": 0}
    write_deltalake(made, pa.Table.from_pylist([row | {"last_step": -1, "value": "buyer"}], schema=old.schema), mode="append")
    assert episodes_of(tmp_path / "lake") == [-1]
    bench = Bench(tmp_path)
    bench.batch(0, [kafka((block("labels", [{"seq": 1, "episode": 4, "value": "begun"}], prev=-1), 0))])
    found = DeltaTable(table.path(tmp_path / "lake")).to_pyarrow_table(columns=["seq", "value", "episode"]).to_pylist()
    assert sorted((row["seq"], row["value"], row["episode"]) for row in found) == [(0, "buyer", None), (1, "begun", 4)]
    assert episodes_of(tmp_path / "lake") == [-1, 4]


def episodes_of(lake: Path) -> list[int]:
    """As the rows are compared with what the simulator made."""
    return [int(episode) for _, columns in Lake(lake).silver("labels", "r1") for episode in columns["episode"]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda schema: schema.remove(schema.get_field_index("cash")), "has the columns .*; move it away, or use what wrote it"),
        (lambda schema: schema.append(pa.field("mood", pa.int32())), "has the columns .*mood, this version writes"),
        (
            lambda schema: schema.set(schema.get_field_index("cash"), pa.field("cash", pa.string())),
            "column cash of .* is .*string",
        ),
    ],
)
def test_a_table_that_contradicts_is_refused(tmp_path: Path, change: object, message: str) -> None:
    create(tmp_path, replace(agents.TABLE, schema=change(agents.TABLE.schema)))  # type: ignore[operator]
    with pytest.raises(ValueError, match=message):
        create(tmp_path, agents.TABLE)
    assert DeltaTable(agents.TABLE.path(tmp_path)).version() == 0


@pytest.mark.parametrize("table", [*TABLES, *LABEL_TABLES], ids=lambda table: table.name)
def test_a_table_of_this_version_is_left_as_it_is(tmp_path: Path, table: object) -> None:
    create(tmp_path, table)  # type: ignore[arg-type]
    assert create(tmp_path, table).version() == 0  # type: ignore[arg-type]
