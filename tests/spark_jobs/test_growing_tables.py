"""A lake of an earlier version takes old and new blocks, and is read with defaults; test_delta_writes.py has the table itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
from deltalake import write_deltalake

from pipelines.events.declarations import AGENTS
from pipelines.workers.reconcile.lake import Lake
from spark_jobs.delta_writes import create
from spark_jobs.schemas import arrow_schema
from spark_jobs.silver import agents
from tests.spark_jobs.lakes import Bench
from tests.spark_jobs.records import block, kafka


def alliances(lake: Path) -> list[int]:
    """As the rows are compared with what the simulator made."""
    return [int(value) for _, columns in Lake(lake).silver("agents", "r1") for value in columns["alliance"]]


def test_silver_of_before_takes_old_and_new_blocks(tmp_path: Path) -> None:
    """Rows of before have null in the new columns; a block of before that comes only now has the defaults."""
    before = replace(agents.TABLE, schema=arrow_schema(AGENTS.as_of(1)))
    row = dict.fromkeys(before.schema.names, 0) | {"run_id": "r1", "cash": 400}
    write_deltalake(create(tmp_path / "lake", before), pa.Table.from_pylist([row], schema=before.schema), mode="append")
    assert alliances(tmp_path / "lake") == [-1]
    bench = Bench(tmp_path)
    old = block("agents", [{"seq": 1}], kind=AGENTS.as_of(1))
    new = block("agents", [{"seq": 2, "reputation": 9, "alliance": 3}], prev=1)
    bench.batch(0, [kafka((old, 0), (new, 1))])
    found = bench.rows("silver.agents", "seq", "cash", "reputation", "alliance")
    assert found == [(0, 400, None, None), (1, 500, 0, -1), (2, 500, 9, 3)]
    assert alliances(tmp_path / "lake") == [-1, -1, 3]
