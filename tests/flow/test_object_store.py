"""The tables in an S3-compatible object store, by settings alone: the whole flow, and nothing of it in the folder."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from pyarrow.fs import FileSelector

from pipelines.places import ObjectFolder
from spark_jobs.catalog import SILVER
from spark_jobs.delta_writes import merge_new, replace_runs
from spark_jobs.gold import agent_novelty, alerts
from tests.flow.conftest import Lab
from tests.flow.object_store import BUCKET, KEY, object_store, opened

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]
LAKE = f"s3://{BUCKET}/tables/lake"
WRITERS = 6


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A laboratory whose tables lie in an object store."""
    folder = tmp_path_factory.mktemp("stored")
    with object_store(folder / "store") as variables, pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        lab = Lab(folder, {"AGORA_LAKE": LAKE})
        lab.call("stack", "up")
        yield lab
        lab.call("stack", "down")


class Taken(NamedTuple):
    """A run, and what the simulator and the stream counted."""

    run_id: str
    events: dict[str, int]
    rows: dict[str, int]


@pytest.fixture(scope="module")
def taken(stored: Lab) -> Taken:
    """A run that the stream took in."""
    run = stored.json("simulate", "--worlds", "2", "--steps", "300", "--seed", "3")
    return Taken(run["run_id"], run["events"], stored.json("stream", "--once")["rows"])


def rows(stored: Lab) -> dict[str, int]:
    """Rows of each table."""
    return {one["table"]: one["rows"] for one in stored.json("tables")["tables"]}


def test_every_event_is_in_the_store(stored: Lab, taken: Taken) -> None:
    found = rows(stored)
    expected = {table.name: taken.events.get(table.event.name, 0) for table in SILVER}
    assert {name: found[name] for name in expected} == expected
    assert found["silver.trades"] > 1000
    proof = stored.json("verify", "--run", taken.run_id)
    assert proof["ok"] is True and proof["books"] == 2


def test_a_second_look_adds_nothing(stored: Lab, taken: Taken) -> None:
    before = rows(stored)
    again = stored.json("stream", "--once")
    assert again["rows"]["silver.orders"] == taken.rows["silver.orders"]
    after = rows(stored)
    alerts_read = again["rows"]["bronze.events"] - taken.rows["bronze.events"]  # which the stream itself raised
    assert after == before | {"bronze.events": before["bronze.events"] + alerts_read}


def test_gold_is_made_anew_from_files_put_together(stored: Lab, taken: Taken) -> None:
    before = rows(stored)
    done = {one["table"]: one for one in stored.json("tables", "maintain", "--apply")["tables"]}
    assert done["silver.trades"]["files_before"] == 2 and done["silver.trades"]["files_after"] == 1
    assert "rows keep their order" in done["silver.trades"]["note"]
    made = stored.json("refresh")["rows"]
    assert made["gold.market_minutes"] == before["gold.market_minutes"] > 0
    assert rows(stored) == before
    found = stored.json("check")
    assert found["ok"] is True and found["rows"]["silver.trades"] == taken.events["trades"]
    assert stored.json("verify", "--run", taken.run_id)["ok"] is True


def test_duckdb_answers_and_spark_names_it(stored: Lab, taken: Taken) -> None:
    question = f"SELECT count(*), count(DISTINCT symbol_name) FROM silver.trades_named WHERE run_id = '{taken.run_id}'"
    assert stored.json("sql", "--engine", "duckdb", question)["rows"] == [[taken.events["trades"], 1]]
    for command in (("sql", question), ("tables", "serve")):
        assert "ask DuckDB: agora sql --engine duckdb" in stored.call(*command, code=2).stderr


def test_rows_are_exported_into_a_folder(stored: Lab, taken: Taken) -> None:
    done = stored.json("export", "silver.trades", "gold.market_minutes")
    assert done["exported"][0]["rows"] == taken.events["trades"]
    assert pq.read_table(done["exported"][0]["folder"]).num_rows == taken.events["trades"]


def test_commits_at_once_are_all_kept(stored: Lab) -> None:
    lake, runs = ObjectFolder(LAKE) / "beside", [f"run-{number}" for number in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda run: replace_runs(lake, agent_novelty.TABLE, row(agent_novelty.SCHEMA, run), [run]), runs))
        list(pool.map(lambda run: merge_new(lake, alerts.TABLE, row(alerts.SCHEMA, run)), runs))
    for table in (agent_novelty.TABLE, alerts.TABLE):
        found = DeltaTable(str(table.path(lake))).to_pyarrow_table(columns=["run_id"])
        assert sorted(found["run_id"].to_pylist()) == runs


def row(schema: pa.Schema, text: str) -> pa.Table:
    """A row with that text in each column of texts."""
    values: dict[str, Any] = {field.name: text if pa.types.is_string(field.type) else 0 for field in schema}
    return pa.Table.from_pylist([values]).cast(schema)


def test_tables_lie_in_the_store_alone_and_its_key_nowhere(stored: Lab, taken: Taken) -> None:
    store = opened(stored.environment["AWS_ENDPOINT_URL"])
    assert {entry.base_name for entry in store.get_file_info(FileSelector(f"{BUCKET}/tables/lake"))} >= {"bronze", "silver", "gold"}
    assert not (stored.folder / "data" / "lake").exists()
    assert not Path("s3:").exists()
    files = [path for path in (stored.folder / "data").rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    assert files == []
