"""What `agora tables` says and does, over a lake that the tests wrote; beside a real stream: tests/flow/test_tables.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from typer.testing import CliRunner

from pipelines.apps.errors import UserError
from pipelines.apps.tables import build
from pipelines.apps.tables.listing import ago
from spark_jobs import document
from spark_jobs.catalog import table
from tests.spark_jobs.lakes import Bench
from tests.spark_jobs.records import kafka, trades

BATCHES = 3


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A lake of three batches in the data folder."""
    monkeypatch.setenv("AGORA_DATA_DIR", str(tmp_path))
    made = Bench(tmp_path)
    for number in range(BATCHES):
        made.batch(number, [kafka((trades(number, prev=number - 1), number))])
    return made


def agora(*words: str) -> Any:
    """Run `agora tables`; its line of JSON, or the error."""
    result = CliRunner().invoke(build(words), list(words))
    if result.exception is not None:
        raise result.exception
    return json.loads(result.stdout) if "--json" in words else result.stdout


def test_the_list_counts_rows_files_and_bytes(bench: Bench) -> None:
    found = {one["table"]: one for one in agora("--json")["tables"]}
    assert (found["silver.trades"]["rows"], found["silver.trades"]["files"], found["silver.trades"]["layer"]) == (3, 3, "silver")
    assert found["silver.trades"]["bytes"] > 0 and found["silver.orders"]["rows"] == 0
    assert "silver.trades" in agora()


def test_maintenance_is_a_dry_run_unless_it_is_to_be_applied(bench: Bench) -> None:
    before = found()["silver.trades"]["changed_at"]
    planned = agora("maintain", "--json")
    assert (planned["applied"], planned["retain_hours"]) == (False, 168)
    assert found()["silver.trades"]["files"] == BATCHES
    done = agora("maintain", "silver.trades", "--apply", "--json")
    assert [one["table"] for one in done["tables"]] == ["silver.trades"]
    assert (done["files_before"], done["files_after"], done["compacted"]) == (BATCHES, 1, BATCHES)
    assert found()["silver.trades"]["files"] == 1
    assert found()["silver.trades"]["changed_at"] == before, "maintenance changes no row"
    assert "bronze.events" in agora("maintain")


def found() -> dict[str, Any]:
    return {one["table"]: one for one in agora("--json")["tables"]}


def test_labels_lie_in_a_lake_of_their_own(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="evaluation holds no tables yet; fill them with `agora stream --once --labels`"):
        agora("maintain", "--labels")


def test_an_unknown_table_is_refused_with_those_there(bench: Bench) -> None:
    with pytest.raises(UserError, match=r"no table silver\.nothing; it has bronze\.events"):
        agora("maintain", "silver.nothing")


def test_show_tells_types_units_meaning_and_lineage(bench: Bench) -> None:
    shown = agora("show", "silver.trades", "--json")
    assert shown["upstream"] == ["bronze.events"]
    assert "gold.market_minutes" in shown["downstream"]
    assert {"name": "price", "type": "int", "unit": "ticks", "meaning": "at which it was traded"} in shown["columns"]
    assert [column["name"] for column in shown["columns"]] == table("silver.trades").schema.names
    assert "aggressor" in agora("show", "silver.trades")


def test_delta_knows_the_meaning_of_columns(bench: Bench) -> None:
    fields = {field.name: field for field in DeltaTable(table("silver.trades").path(bench.lake)).schema().fields}
    assert fields["price"].metadata["comment"] == "at which it was traded (ticks)"


def test_the_committed_reference_is_current() -> None:
    assert document.PAGE.read_text() == document.page(), "run `python -m spark_jobs.document` and commit what it writes"


@pytest.mark.parametrize(("seconds", "told"), [(3, "3 s ago"), (150, "2 min ago"), (7200, "2 h ago"), (200_000, "2 d ago")])
def test_age_in_the_largest_unit(seconds: float, told: str) -> None:
    assert ago(seconds) == told
