"""Trials in their journal."""

from __future__ import annotations

import pytest
from optuna.trial import TrialState

from pipelines.settings import Settings
from pipelines.workers.study.task import Outcome, State
from pipelines.workers.tuning.record import PrunerName, SamplerName, Tuning
from pipelines.workers.tuning.trials import Trials
from tests.pipelines.workers.tuning.conftest import tuning_of

ENDED = Outcome(State.FINISHED, value=1.0, steps=256)


def played(tuning: Tuning, stop_after: int = 99) -> list[dict[str, object]]:
    """The settings of the trials, each opened in a journal of its own."""
    found = []
    for number, trial in enumerate(Trials(tuning).open()):
        trials = Trials(tuning)
        trials.assign(trial.number, f"run-{trial.number}")
        found.append(dict(trial.params))
        if number >= stop_after:
            break
        trials.settle(trial.number, Outcome(State.FINISHED, value=float(trial.params["learning_rate"]), steps=256))
    return found


@pytest.mark.parametrize("sampler", list(SamplerName))
def test_a_search_that_is_cut_off_tries_what_it_would_have_tried(settings: Settings, sampler: SamplerName) -> None:
    whole, cut = (tuning_of(settings, trials=8, sampler=sampler) for _ in range(2))
    expected = played(whole)
    assert len(expected) == 8 and len({str(params) for params in expected}) == 8
    assert played(cut, stop_after=3) + played(cut)[1:] == expected  # the open one comes first again
    assert len(Trials(cut).all()) == 8


def test_the_first_trial_is_what_the_search_starts_from(tuning: Tuning) -> None:
    first = next(Trials(tuning).open())
    assert first.params["learning_rate"] == 2e-3 and first.params["gamma"] == 0.95
    assert first.params["entropy"] == 1e-5  # the nearest that is searched


def test_a_trial_without_a_run_never_began(tuning: Tuning) -> None:
    next(Trials(tuning).open())
    assert len(played(tuning)) == 3


def test_a_stopped_trial_stays_open_and_the_others_are_told(tuning: Tuning) -> None:
    outcomes = {0: Outcome(State.STOPPED), 1: Outcome(State.PRUNED, steps=64), 2: Outcome(State.FAILED, "no")}
    trials = Trials(tuning)
    for trial in trials.open():
        trials.assign(trial.number, "run")
        trials.settle(trial.number, outcomes[trial.number])
    assert [trial.state for trial in trials.all()] == [TrialState.RUNNING, TrialState.PRUNED, TrialState.FAIL]
    assert [trial.user_attrs.get("steps") for trial in trials.all()] == [None, 64, 0]
    assert trials.best() is None


def test_the_worse_half_is_given_up_after_the_first_trials(settings: Settings) -> None:
    tuning = tuning_of(settings, trials=6, pruner=PrunerName.MEDIAN)
    trials, given_up = Trials(tuning), []
    for trial in trials.open():
        trials.assign(trial.number, "run")
        value = -1.0 if trial.number == 5 else float(trial.number)
        given_up.append([trials.report(trial.number, rung, value) for rung in (1, 2, 3)])
        trials.settle(trial.number, ENDED)
    assert given_up == [[False] * 3] * 5 + [[False, True, True]]


def test_of_equals_the_first_is_the_best(tuning: Tuning) -> None:
    trials = Trials(tuning)
    for trial in trials.open():
        trials.assign(trial.number, "run")
        trials.settle(trial.number, ENDED)
    best = trials.best()
    assert best is not None and best.number == 0
    assert trials.importance() == {}  # three trials tell nothing


def test_importance_finds_what_matters(settings: Settings) -> None:
    trials = Trials(tuning_of(settings, trials=16, sampler=SamplerName.RANDOM, trader="trend_follower"))
    for trial in trials.open():
        trials.assign(trial.number, "run")
        trials.settle(trial.number, Outcome(State.FINISHED, value=float(trial.params["band"]), steps=240))
    found = trials.importance()
    assert set(found) == {"window", "band", "size", "activity"}
    assert found["band"] > 0.5
