"""Searches on Dask, from request to file."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from pipelines.settings import Settings
from pipelines.workers.study.view import StudyView
from pipelines.workers.supervise import Ending
from pipelines.workers.training_file import training_of
from pipelines.workers.tuning.record import Tuning
from pipelines.workers.tuning.search import TuningSummary, search, summary_of
from pipelines.workers.tuning.space import SPACES
from pipelines.workers.tuning.task import Rungs, episodes_of
from simulator.training.config import Algorithm
from tests.pipelines.workers.study.conftest import TINY
from tests.pipelines.workers.tuning.conftest import tuning_of

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("dask_here")]


def searched(tuning: Tuning, beside: Tuning | None = None) -> TuningSummary:
    view = StudyView(tuning.budget, tuning.record.trials, 0, Console(file=io.StringIO()))
    ending, final = search(tuning, "local", 1, view)
    assert ending is Ending.FINISHED
    return summary_of(tuning, final, beside, 1.0)


def test_a_learner_and_a_scripted_trader_are_tuned_with_the_same_budget(settings: Settings) -> None:
    learner, scripted = tuning_of(settings, trials=2), tuning_of(settings, trials=2, trader="market_maker")
    first = searched(learner)
    assert first.ended == {"complete": 2}
    assert (first.budget.steps, first.budget.total, first.budget.taken) == (256, 512, 512)
    found = training_of(learner.folder / "best.yaml")
    assert {axis.name for axis in SPACES[Algorithm.PPO]} == set(first.settings)
    assert (found.steps, found.worlds, found.learning_rate) == (256, TINY.worlds, first.settings["learning_rate"])

    second = searched(scripted, learner)
    assert second.beside == first.budget
    assert (second.budget.steps, second.budget.total) == (first.budget.steps, first.budget.total)
    assert second.budget.taken == 2 * 240 <= second.budget.total  # whole markets of 20 steps
    assert yaml.safe_load((scripted.folder / "best.yaml").read_text()) == {"trader": "market_maker", "parameters": second.settings}
    assert second.best >= (second.start or 0.0)
    assert set(second.final) == {"middle", "low", "high"}


def test_a_search_that_has_ended_comes_to_the_same_again(settings: Settings) -> None:
    tuning = tuning_of(settings, trials=2, trader="market_maker")
    assert searched(tuning) == searched(Tuning.resume(settings, tuning.record.tuning_id))


def test_rungs_are_told_once_each_and_not_at_the_end() -> None:
    told: list[tuple[int, float]] = []

    def report(rung: int, value: float) -> bool:
        told.append((rung, value))
        return rung >= 6

    rungs = Rungs(800, report)
    for steps, value in ((50, 1.0), (100, None), (120, 2.0), (130, 3.0), (450, 4.0), (600, 5.0), (750, 6.0), (800, 7.0)):
        rungs.at(steps, value)
    assert told == [(1, 2.0), (4, 4.0), (6, 5.0)]
    assert rungs.pruned


def test_a_scripted_trader_plays_whole_markets() -> None:
    assert episodes_of(TINY) == 96 // 20
    assert episodes_of(type(TINY)(steps=1)) == 1


def test_what_cannot_be_searched_is_refused_before_anything_is_stored(settings: Settings) -> None:
    for asked, message in (({"trader": "nobody"}, "no strategy nobody"), ({"trials": 0}, "0 trials is fewer than one")):
        with pytest.raises(ValueError, match=message):
            tuning_of(settings, **asked)
    assert not settings.runs_dir.exists()
    with pytest.raises(ValueError, match="search 'tune-x' is not among those in .*start one with `agora tune`"):
        Tuning.resume(settings, "tune-x")


@pytest.mark.parametrize(
    ("text", "message"), [("- 1", "holds no settings by name"), ("gama: 1", "unknown training settings gama"), (":\n:", "no YAML")]
)
def test_a_file_that_holds_no_training_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "settings.yaml"
    with pytest.raises(ValueError, match="there is no file"):
        training_of(path)
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        training_of(path)
