"""Records in MLflow's files: read back by MLflow's own client, and exact when a training goes on."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from pipelines.workers.experiments.mlflow_files import MlflowFiles, experiment_id
from pipelines.workers.experiments.record import About, RunEnding, recorded

ABOUT = About(
    experiment="first tries", run_id="20261121-101500-a1b2", settings={"seed": "3", "objectives.risk": "0.5"}, tags={"to": "none"}
)


def files(folder: Path) -> MlflowFiles:
    now = count(1_800_000_000_000)
    return MlflowFiles(folder / "mlruns", lambda: next(now))


def lines(folder: Path, name: str) -> list[str]:
    path = folder / "mlruns" / experiment_id("first tries") / ABOUT.run_id / "metrics" / name
    return path.read_text().splitlines() if path.exists() else []


def test_mlflows_own_client_finds_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    from mlflow.tracking import MlflowClient

    records, kept = files(tmp_path), tmp_path / "lineage.json"
    kept.write_text("{}")
    records.begin(ABOUT, 0)
    records.figures(1, {"rollout/return": -2.5, "train/explained_variance": float("nan")})
    records.figures(2, {"rollout/return": 4.0, "steps": 128})
    records.artifact(kept, "learner/lineage.json")
    client = MlflowClient(tracking_uri=(tmp_path / "mlruns").as_uri())
    experiment = client.get_experiment_by_name("first tries")
    assert client.get_run(ABOUT.run_id).info.status == "RUNNING"
    records.end(RunEnding.FINISHED, {"log_hash": "ff"})
    (run,) = client.search_runs([experiment.experiment_id])
    assert (run.info.run_id, run.info.status, run.info.run_name) == (ABOUT.run_id, "FINISHED", ABOUT.run_id)
    assert (run.info.start_time, run.info.end_time) == (1_800_000_000_001, 1_800_000_000_004)
    assert run.data.params == {"seed": "3", "objectives.risk": "0.5"}
    assert run.data.tags == {"to": "none", "log_hash": "ff", "mlflow.runName": ABOUT.run_id, "mlflow.source.type": "LOCAL"}
    history = client.get_metric_history(ABOUT.run_id, "rollout/return")
    assert [(point.step, point.value) for point in history] == [(1, -2.5), (2, 4.0)]
    assert run.data.metrics["steps"] == 128.0
    assert [file.path for file in client.list_artifacts(ABOUT.run_id, "learner")] == ["learner/lineage.json"]
    assert [found.run_id for found in (run.info,)] == [ABOUT.run_id]


def test_going_on_forgets_what_comes_again_and_half_a_line(tmp_path: Path) -> None:
    first = files(tmp_path)
    first.begin(ABOUT, 0)
    for update in (1, 2, 3):
        first.figures(update, {"return": float(update)})
    first.figures(3, {"late": 1.0})
    path = tmp_path / "mlruns" / experiment_id("first tries") / ABOUT.run_id / "metrics" / "return"
    path.write_text(path.read_text() + "18000")
    again = files(tmp_path)
    again.begin(ABOUT, 2)
    assert [line.split()[1:] for line in lines(tmp_path, "return")] == [["1.0", "1"], ["2.0", "2"]]
    assert lines(tmp_path, "late") == []
    again.figures(3, {"return": 3.0})
    assert lines(tmp_path, "return")[-1].split()[1:] == ["3.0", "3"]


@pytest.mark.parametrize(("ending", "status"), [(RunEnding.FAILED, "FAILED"), (RunEnding.STOPPED, "KILLED")])
def test_each_ending_has_mlflows_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: RunEnding, status: str) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    from mlflow.tracking import MlflowClient

    records = files(tmp_path)
    records.begin(ABOUT, 0)
    records.end(ending, {})
    assert MlflowClient(tracking_uri=(tmp_path / "mlruns").as_uri()).get_run(ABOUT.run_id).info.status == status


def test_an_error_within_ends_a_record_as_failed(tmp_path: Path) -> None:
    records = files(tmp_path)
    with pytest.raises(KeyError), recorded([records], ABOUT, 0):
        raise KeyError("x")
    meta = (tmp_path / "mlruns" / experiment_id("first tries") / ABOUT.run_id / "meta.yaml").read_text()
    assert "status: 4" in meta
