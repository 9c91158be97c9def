"""Which records are kept: by name, with a clear word where a package is missing; TensorBoard's and W&B's as those read them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pipelines.settings import Settings
from pipelines.workers.experiments import chosen
from pipelines.workers.experiments.chosen import checked, recorders
from pipelines.workers.experiments.mlflow_files import MlflowFiles
from pipelines.workers.experiments.record import About, RunEnding
from pipelines.workers.experiments.wandb_run import WandbRun

ABOUT = About(experiment="tries", run_id="r1", settings={"seed": "3"}, tags={"to": "none"})


def test_names_are_taken_once_and_a_project_asks_for_its_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chosen, "find_spec", lambda name: object())
    assert checked(["mlflow", "tensorboard", "mlflow"]) == ("mlflow", "tensorboard")
    assert checked(["mlflow"], "mine") == ("mlflow", "wandb")
    assert checked([]) == ()


@pytest.mark.parametrize(
    ("names", "installed", "message"),
    [
        (["neptune"], True, "log 'neptune' is unknown; choose one of mlflow, tensorboard, wandb, or none"),
        (["tensorboard"], False, r"install it with: pip install 'agora\[tensorboard\]'"),
        (["wandb"], True, "records of wandb need a project; name it with --wandb-project"),
    ],
)
def test_what_cannot_be_kept_is_refused(monkeypatch: pytest.MonkeyPatch, names: list[str], installed: bool, message: str) -> None:
    monkeypatch.setattr(chosen, "find_spec", lambda name: object() if installed else None)
    with pytest.raises(ValueError, match=message):
        checked(names)


def test_tensorboard_reads_its_file_and_forgets_what_comes_again(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    for after, value in ((0, 1.0), (1, 5.0)):
        mlflow, board = recorders(["mlflow", "tensorboard"], "", Settings(data_dir=tmp_path))
        assert isinstance(mlflow, MlflowFiles)
        board.begin(ABOUT, after)
        for update in (1, 2)[after:]:
            board.figures(update, {"rollout/return": value})
        board.end(RunEnding.STOPPED, {})
    found = EventAccumulator(str(tmp_path / "tensorboard" / "tries" / "r1"))
    found.Reload()
    assert [(point.step, point.value) for point in found.Scalars("rollout/return")] == [(1, 1.0), (2, 5.0)]
    assert (
        b"| seed | 3 |"
        in found.Tensors("settings/text_summary" if "settings/text_summary" in found.Tags()["tensors"] else "settings")[
            0
        ].tensor_proto.string_val[0]
    )


def test_weights_and_biases_is_told_everything(tmp_path: Path) -> None:
    told: list[Any] = []

    class Artifact:
        def __init__(self, name: str, type: str) -> None:
            self.name = name

        def add_file(self, path: str, name: str) -> None:
            told.append((self.name, name))

    run = SimpleNamespace(
        id="r1",
        log=lambda values, step: told.append((step, values)),
        log_artifact=lambda artifact: None,
        summary={},
        finish=lambda exit_code: told.append(exit_code),
    )
    package = SimpleNamespace(init=lambda **options: told.append(options) or run, Artifact=Artifact)
    records = WandbRun("mine", tmp_path / "wandb", package)
    records.begin(ABOUT, 0)
    records.figures(2, {"return": 1.0})
    records.artifact(tmp_path / "x", "best/policy.npz")
    records.end(RunEnding.FAILED, {"log_hash": "ff"})
    assert (told[0]["project"], told[0]["id"], told[0]["config"], told[0]["resume"]) == ("mine", "r1", {"seed": "3", "to": "none"}, "allow")
    assert told[1:] == [(2, {"return": 1.0}), ("r1-best-policy.npz", "best/policy.npz"), 1]
    assert run.summary == {"log_hash": "ff"}
