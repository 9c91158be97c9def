"""Studies trained on Dask: the same runs as alone, stopped and gone on with, and what the points came to."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from pipelines.settings import Settings
from pipelines.workers.job import Message
from pipelines.workers.learning import LearningSummary
from pipelines.workers.registry import Registry
from pipelines.workers.study import task as study_task
from pipelines.workers.study.lock import Taken, held
from pipelines.workers.study.record import Member, Study
from pipelines.workers.study.task import Tell
from pipelines.workers.study.train import PROFIT, RETURN, points_of, steps_of, summary_of, task_of, train_study
from pipelines.workers.study.view import StudyView
from pipelines.workers.supervise import Ending
from pipelines.workers.training import Training
from tests.pipelines.said import said_in
from tests.pipelines.workers.study.conftest import NOW, TINY, study_of

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("dask_here")]


def view_of(study: Study) -> StudyView:
    members = len(study.record.members)
    return StudyView(members * steps_of(TINY), members, members - len(study.left()), Console(file=io.StringIO()))


def test_every_run_is_what_it_would_have_been_alone(settings: Settings, tmp_path: Path) -> None:
    study = study_of(settings, {}, 2)
    view = view_of(study)
    assert train_study(study, "local", 2, view) == (Ending.FINISHED, {})
    summary = summary_of(study, view, {})
    assert [run.seed for run in summary.runs] == [0, 1]
    assert summary.steps == 2 * steps_of(TINY)
    for run in summary.runs:
        begins = said_in(settings.runs_dir / run.run_id / "worker-0.log")[0]
        assert (begins["process"], begins["run_id"], begins["event"]) == ("trainer", run.run_id, "a training begins")
        assert begins["worker"]
    [point] = summary.points
    assert (point.figure, point.runs) == (PROFIT, 2)
    assert point.low <= point.middle <= point.high <= point.best

    registry = Registry(tmp_path / "alone")
    config = study.learning(study.record.members[1]).record.config
    own = registry.create(NOW, kind="train", config=config, seed=1, worlds=TINY.episodes, code_version="x")
    assert Training(own, registry, tmp_path / "checkpoints", None, lambda message: None, lambda: False).run()
    assert hash_in(registry.training_path(own.run_id)) == summary.runs[1].run_hash


def hash_in(path: Path) -> str:
    return str(json.loads(path.read_text())["log_hash"])


def hashes(study: Study) -> list[str]:
    return [study.learning(member).result().log_hash for member in study.record.members]


def test_a_stopped_study_goes_on_to_the_same_end(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, study = study_of(settings, {}, 2, evaluate=0), study_of(settings, {}, 2, evaluate=0)
    train_study(whole, "local", 1, view_of(whole))
    heard: list[Message] = []

    def teller(name: str, topic: str) -> Tell:
        def tell(message: Message) -> None:
            heard.append(message)
            if len(heard) == 3:  # in the midst of the first training
                (study.folder / "stop").touch()

        return tell

    with monkeypatch.context() as patched:
        patched.setattr(study_task, "teller", teller)
        train_study(study, "local", 1, view_of(study))
    assert study.left() == study.record.members  # the second was stopped before it began
    assert train_study(study, "local", 1, view_of(study)) == (Ending.FINISHED, {})
    assert hashes(study) == hashes(whole)
    assert train_study(study, "local", 1, view_of(study)) == (Ending.FINISHED, {})  # nothing is left to do


def test_a_training_that_cannot_go_on_leaves_the_others_alone(settings: Settings) -> None:
    study = study_of(settings, {}, 2, evaluate=0)
    broken, other = study.record.members
    lineage = settings.checkpoints_dir / broken.run_id / "learner" / "lineage.json"
    lineage.parent.mkdir(parents=True)
    lineage.write_text("{}")
    view = view_of(study)
    ending, failed = train_study(study, "local", 1, view)
    assert ending is Ending.FINISHED and list(failed) == [broken.run_id]
    assert f"{broken.run_id}/learner has format version None" in failed[broken.run_id]
    assert [run.run_id for run in summary_of(study, view, failed).runs] == [other.run_id]
    assert study.left() == [broken]


def test_two_commands_do_not_work_on_one_study(settings: Settings) -> None:
    study = study_of(settings, {}, 1)
    with held(study.folder / "lock", "it"), pytest.raises(Taken, match=f"study {study.record.study_id} is at work elsewhere"):
        train_study(study, "local", 1, view_of(study))


def test_the_key_of_a_task_is_that_of_its_run(settings: Settings) -> None:
    study = study_of(settings, {"gamma": [0.9]}, 1)
    [member] = study.record.members
    found = task_of(study, member)
    assert (found.key, found.name, found.steps) == (f"{study.record.study_id}/{member.run_id}", "gamma=0.9 seed 0", 96)


def run_of(run_id: str, profit: float | None, returns: list[float]) -> LearningSummary:
    evaluation = {} if profit is None else {"trained": {"middle": profit}}
    return LearningSummary(
        run_id=run_id, run_hash="", env="market", algorithm="ppo", seed=0, steps=1, worlds=1, to="none", events={}, total_events=0,
        seconds=0.0, steps_per_second=0.0, checkpoint="", returns=returns, evaluation=evaluation,
    )  # fmt: skip


def test_points_are_compared_by_the_middle_of_their_seeds() -> None:
    profits = {"a": [0.0, 1.0, 3.0, 1000.0], "b": [3.0, 3.0, 3.0, 3.0]}
    members = [Member(run_id=f"{name}{seed}", point={"gamma": name}, seed=seed) for name in profits for seed in range(4)]
    runs = {f"{name}{seed}": run_of(f"{name}{seed}", values[seed], []) for name, values in profits.items() for seed in range(4)}
    first, second = points_of(members, runs)
    assert (first.point, first.middle, first.low, first.high, first.best) == ({"gamma": "b"}, 3.0, 3.0, 3.0, 3.0)
    assert (second.point, second.middle, second.best, second.best_run) == ({"gamma": "a"}, 2.0, 1000.0, "a3")


def test_without_an_evaluation_the_last_return_counts_and_without_either_nothing() -> None:
    members = [Member(run_id=name, point={}, seed=seed) for seed, name in enumerate("ab")]
    runs = {"a": run_of("a", None, [1.0, 5.0]), "b": run_of("b", None, [])}
    [point] = points_of(members, runs)
    assert (point.figure, point.middle, point.runs, point.best_run) == (RETURN, 5.0, 1, "a")
    assert points_of(members[1:], runs) == []
