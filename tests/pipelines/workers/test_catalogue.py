"""What the stores are told of runs: a real training and a simulation that has not ended."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update
from typer.testing import CliRunner

from pipelines.apps.catalogue import app
from pipelines.settings import Settings
from pipelines.sinks.sql_database import made_engine
from pipelines.sinks.sql_questions import QUESTIONS
from pipelines.sinks.sql_tables import POLICIES, RUNS
from pipelines.workers.catalogue import Catalogue
from tests.pipelines.workers.test_training import Place


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A finished training, its checkpoint where `agora train` puts it, and a simulation that has only begun."""
    made = Place(tmp_path_factory.mktemp("data"), to="none", evaluate=0)
    assert made.train()
    own = made.folder / "checkpoints" / made.record.run_id
    own.mkdir()
    shutil.move(made.folder / "checkpoints" / "learner", own / "learner")
    made.registry.create(datetime(2026, 11, 21, tzinfo=UTC), kind="simulate", config={"to": "none"}, seed=1, worlds=2, code_version="1")
    return made


def test_what_has_ended_is_a_document_and_everything_is_a_row(place: Place) -> None:
    found = Catalogue(Settings(data_dir=place.folder))
    run_id, result = place.record.run_id, place.result()
    (run,) = found.runs()
    assert (run["run_id"], run["kind"], len(run["results"])) == (run_id, "train", 6)
    assert run["training"]["log_hash"] == result.log_hash
    (experiment,) = found.experiments()
    assert (experiment["run_id"], experiment["experiment"], experiment["returns"]) == (run_id, "agora", result.returns)
    rows = {row["run_id"]: row for row in found.run_rows()}
    assert (len(rows), rows[run_id]["events"], rows[run_id]["score"]) == (2, sum(result.events.values()), result.returns[-1])
    assert {row["worlds_done"] for row in rows.values()} == {0, 6}
    (policy,) = found.policy_rows()
    assert (policy["policy_id"], policy["algorithm"], policy["role"]) == (f"{run_id}/learner/0", "ppo", "trader")
    assert len(policy["sha256"]) == 64 and Path(policy["checkpoint"]).is_dir()


def test_the_command_writes_the_tables_again_and_again(place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'agora.db'}"
    monkeypatch.setenv("AGORA_DATA_DIR", str(place.folder))
    monkeypatch.setenv("AGORA_DATABASE_URL", address)
    for _ in range(2):
        said = CliRunner().invoke(app, ["--json"])
        assert (said.exit_code, said.output.strip()) == (0, '{"sql":3}'), said.output
    with made_engine(address, writes=False).connect() as connection:
        counts = [connection.execute(select(func.count()).select_from(table)).scalar() for table in (RUNS, POLICIES)]
        assert counts == [2, 1]
        assert QUESTIONS["best-runs"].answer(connection, kind="", limit=1)[0]["run_id"] == place.record.run_id
        right = CliRunner().invoke(app, ["--check", "--json"])
        assert (right.exit_code, right.output.strip()) == (0, '{"ok":true,"lacking":{"sql":[]}}')
    refused = CliRunner().invoke(app, ["--to", "redis"])
    assert "store 'redis' is unknown" in str(refused.exception)


def test_what_the_database_lacks_or_has_otherwise_is_told(place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'agora.db'}"
    monkeypatch.setenv("AGORA_DATA_DIR", str(place.folder))
    monkeypatch.setenv("AGORA_DATABASE_URL", address)
    assert CliRunner().invoke(app).exit_code == 0
    with made_engine(address).begin() as connection:
        connection.execute(update(POLICIES).values(sha256="another"))
        connection.execute(delete(RUNS).where(RUNS.c.kind == "simulate"))
    said = CliRunner().invoke(app, ["--check"])
    begun = next(run for run in place.registry.recent(2) if run != place.record.run_id)
    assert (said.exit_code, said.output.strip()) == (1, f"sql lacks {begun}, {place.record.run_id}/learner/0")
