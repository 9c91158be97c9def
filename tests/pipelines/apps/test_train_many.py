"""agora train with many seeds, and agora tune, as the command line has them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipelines.apps.main import main
from pipelines.apps.train_options import configured
from pipelines.settings import Settings
from pipelines.workers.study.record import Study
from pipelines.workers.training_file import training_of
from simulator.training.config import Algorithm
from tests.pipelines.workers.study.conftest import TINY, client, dask_here, study_of

pytestmark = pytest.mark.slow

__all__ = ["client", "dask_here"]
SMALL = ("--to", "none", "--evaluate", "0", "--worlds", "1")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("AGORA_DATA_DIR", str(tmp_path / "data"))
    return Settings()


def context(*given: str) -> Any:
    return SimpleNamespace(get_parameter_source=lambda name: SimpleNamespace(name="COMMANDLINE" if name in given else "DEFAULT"))


def test_options_that_are_given_come_before_the_file(tmp_path: Path) -> None:
    path = tmp_path / "best.yaml"
    path.write_text("algorithm: sac\ngamma: 0.9\nseed: 7\nsteps: 1000\n")
    asked = {"algorithm": Algorithm.PPO, "seed": 0, "steps": 5}
    found = configured(context("steps"), training_of(path), "", 0, None, asked)
    assert (found.algorithm, found.gamma, found.seed, found.steps) == (Algorithm.SAC, 0.9, 7, 5)
    assert configured(context("steps"), None, "", 0, None, asked).algorithm is Algorithm.PPO


@pytest.mark.usefixtures("dask_here")
def test_one_line_of_json_with_every_run_and_point(data: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "small.json"
    path.write_text(json.dumps(TINY.as_dict() | {"steps": 24}))
    words = ["train", "--config", str(path), *SMALL, "--seeds", "2", "--grid", "gamma=0.9,0.8", "--json"]
    assert main(words) == 0
    [line] = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert [run["seed"] for run in found["runs"]] == [0, 1, 0, 1] and found["failed"] == {}
    assert {point["point"]["gamma"] for point in found["points"]} == {0.9, 0.8}
    assert all(set(point) >= {"middle", "low", "high", "best", "best_run", "runs"} for point in found["points"])
    assert main(["train", "--resume", found["study_id"]]) == 0
    shown = capsys.readouterr().out
    assert "gamma=0.9" in shown and "last return" in shown


@pytest.mark.usefixtures("dask_here")
def test_what_failed_is_told_with_the_way_on(data: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    study = study_of(data, {}, 1)
    lineage = data.checkpoints_dir / study.record.members[0].run_id / "learner" / "lineage.json"
    lineage.parent.mkdir(parents=True)
    lineage.write_text("{}")
    assert main(["train", "--resume", study.record.study_id]) == 1
    assert f"try them again with: agora train --resume {study.record.study_id}" in " ".join(capsys.readouterr().err.split())


@pytest.mark.usefixtures("dask_here")
def test_a_search_ends_with_its_settings_and_budgets(data: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "small.json"
    path.write_text(json.dumps(TINY.as_dict()))
    words = ["tune", "--trader", "noise", "--config", str(path), "--trials", "2", "--steps", "40"]
    assert main([*words, "--json"]) == 0
    [line] = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert found["budget"]["trials"] == 2 and found["budget"]["taken"] == 2 * 240
    assert main([*words, "--beside", found["budget"]["tuning_id"]]) == 0
    shown = capsys.readouterr().out
    assert shown.count("noise") >= 2 and "512" in shown and "best.yaml" in shown


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train", "--grid", "gama=1"], "unknown training settings gama"),
        (["train", "--config", "nowhere.yaml"], "there is no file nowhere.yaml"),
        (["train", "--resume", "study-none"], "run 'study-none' is not among the runs"),
        (["train", *SMALL, "--dask", "tcp://127.0.0.1:1", "--steps", "1"], "no Dask scheduler answers at tcp://127.0.0.1:1"),
        (["tune", "--trader", "nobody"], "there is no strategy nobody"),
        (["tune", "--resume", "tune-none"], "search 'tune-none' is not among those"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    data: Settings, words: list[str], message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.workers.dask_entry.CONNECT_S", "1s")
    assert main(words) == 2
    assert message in capsys.readouterr().err


@pytest.mark.flow
def test_ctrl_c_stops_every_training_at_a_checkpoint_and_the_study_goes_on(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pipelines.apps.main", "train", *SMALL, "--seeds", "2", "--workers", "2", "--steps", "3840", "--json"]
    environment = os.environ | {"AGORA_DATA_DIR": str(tmp_path / "data")}
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    running = subprocess.Popen(command, env=environment, **pipes)
    while not all_have_checkpoints(tmp_path / "data" / "checkpoints"):
        assert running.poll() is None
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGINT)  # a terminal sends it to every process
    out, err = running.communicate(timeout=300)
    assert running.returncode == 130, err
    study_id = json.loads(out)["run_id"]
    assert f"agora train --resume {study_id}" in err
    assert "died" not in err and "Traceback" not in err
    study = Study.resume(Settings(data_dir=tmp_path / "data"), study_id)
    assert study.left()
    again = subprocess.run([*command[:4], "--resume", study_id, "--json"], env=environment, capture_output=True, text=True, check=True)
    assert len(json.loads(again.stdout)["runs"]) == 2


def all_have_checkpoints(folder: Path) -> bool:
    return sum(any(path.stem != "streams-0" for path in run.glob("streams-*.checkpoint")) for run in folder.glob("*")) == 2
