"""A search from request to result: its trials on Dask, the best settings in a file, and what the search took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import yaml
from optuna.trial import FrozenTrial

from pipelines.workers.dask_entry import connected
from pipelines.workers.durable import write_atomic
from pipelines.workers.simulation import shown
from pipelines.workers.study.crew import Crew, Task, places
from pipelines.workers.study.lock import held
from pipelines.workers.study.record import begin_run
from pipelines.workers.study.task import Outcome
from pipelines.workers.study.view import StudyView
from pipelines.workers.supervise import Ending
from pipelines.workers.train_config import TrainRunConfig
from pipelines.workers.training_file import write_training
from pipelines.workers.tuning.record import Tuning
from pipelines.workers.tuning.space import settings_of
from pipelines.workers.tuning.task import final_task, learner_task, trader_task, training_of
from pipelines.workers.tuning.trials import RUN, STEPS, Trials

SCRIPTED = "-"
"""Instead of a run's id, for a trial that is no training."""


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """What a search may take and what it took."""

    tuning_id: str
    what: str
    trials: int
    steps: int  # of each trial
    total: int  # trials x steps
    taken: int  # environment steps that were taken; fewer where trials were given up


class TuningSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What a search came to. Profits are per episode and seat, in currency."""

    budget: Budget
    beside: Budget | None  # of the search that this one is compared with
    ended: dict[str, int]  # state -> trials
    start: float | None  # profit with the settings that it started from
    best: float  # profit of the best trial in the markets that judge trials
    best_trial: int
    best_run: str  # empty for a scripted trader
    final: dict[str, float]  # middle, low, high: the best trial in markets that nobody was trained or chosen in
    settings: dict[str, Any]
    importance: dict[str, float]
    file: str
    seconds: float


def search(tuning: Tuning, address: str, workers: int, view: StudyView) -> tuple[Ending, dict[str, float]]:
    """Run what is left of a search on Dask: how that ended, and the final figures of the best trial.

    Raises ValueError if no scheduler answers at the address, or no trial ended well; Taken if another command works on the search.
    """
    with held(tuning.folder / "lock", f"search {tuning.record.tuning_id}"), connected(address, workers) as client:
        trials = Trials(tuning)

        def settle(task: Task, outcome: Outcome) -> None:
            trials.settle(int(task.key.rpartition("/")[2]), outcome)

        at_once = min(workers, places(client)) if address == "local" else places(client)
        if not Crew(client, tuning.folder, view).run(tasks(tuning, trials), at_once, settle):
            return Ending.STOPPED, {}
        best = best_of(tuning, trials)
        arguments = (tuning.record.tuning_id, best.user_attrs[RUN], best.params, tuning.settings.portable())
        earned = client.submit(final_task, *arguments, key=f"{tuning.record.tuning_id}/final", pure=False).result()
        low, high = earned.interval()
        return Ending.FINISHED, {"middle": earned.middle, "low": low, "high": high}


def tasks(tuning: Tuning, trials: Trials) -> Iterator[Task]:
    """A task for each open trial, made when it is taken."""
    dumped, tuning_id = tuning.settings.portable(), tuning.record.tuning_id
    for trial in trials.open():
        name, key = f"trial {trial.number}", f"{tuning_id}/{trial.number}"
        run_id = str(trial.user_attrs.get(RUN) or _begun(tuning, trials, trial))
        if tuning.record.trader:
            yield Task(key, name, tuning.base.steps, trader_task, (name, tuning_id, trial.number, trial.params, dumped))
        else:
            yield Task(key, name, tuning.base.steps, learner_task, (name, run_id, tuning_id, trial.number, dumped))


def _begun(tuning: Tuning, trials: Trials, trial: FrozenTrial) -> str:
    """Store the run of a new trial and say which it is."""
    run_id = SCRIPTED
    if not tuning.record.trader:
        training = training_of(tuning, trial.params)
        run_id = begin_run(tuning.settings, training, TrainRunConfig(training={}, to="none", evaluate=0), datetime.now(UTC))
    trials.assign(trial.number, run_id)
    return run_id


def best_of(tuning: Tuning, trials: Trials) -> FrozenTrial:
    """The best trial. Raises ValueError if none ended well."""
    best = trials.best()
    if best is None:
        raise ValueError(
            f"no trial of {tuning.record.tuning_id} came to its end; look at what failed, and search with more steps or trials"
        )
    return best


def budget_of(tuning: Tuning, trials: Trials) -> Budget:
    """What a search may take, and has taken so far."""
    taken = sum(int(trial.user_attrs.get(STEPS, 0)) for trial in trials.all())
    return Budget(
        tuning_id=tuning.record.tuning_id, what=tuning.what, trials=tuning.record.trials, steps=tuning.base.steps,
        total=tuning.budget, taken=taken,
    )  # fmt: skip


def summary_of(tuning: Tuning, final: dict[str, float], beside: Tuning | None, seconds: float) -> TuningSummary:
    """What a search came to; the best settings are written to their file."""
    trials = Trials(tuning)
    best, every = best_of(tuning, trials), trials.all()
    settings = best.params if tuning.record.trader else settings_of(best.params)
    return TuningSummary(
        budget=budget_of(tuning, trials), beside=budget_of(beside, Trials(beside)) if beside else None,
        ended=dict(Counter(trial.state.name.lower() for trial in every)), start=every[0].value, best=best.value or 0.0,
        best_trial=best.number, best_run="" if tuning.record.trader else best.user_attrs[RUN], final=final, settings=settings,
        importance=trials.importance(), file=shown(write_best(tuning, best)), seconds=round(seconds, 3),
    )  # fmt: skip


def write_best(tuning: Tuning, best: FrozenTrial) -> Path:
    """Write the best settings: a training's for `agora train --config`, a scripted trader's as a scenario's population has them."""
    path = tuning.folder / "best.yaml"
    told = f"{tuning.what}: trial {best.number} of {tuning.record.tuning_id}, best of {tuning.record.trials} of {tuning.base.steps} steps"
    if tuning.record.trader:
        found = yaml.safe_dump({"trader": tuning.record.trader, "parameters": best.params}, sort_keys=False)
        write_atomic(path, f"# {told}\n{found}".encode())
    else:
        write_training(path, training_of(tuning, best.params), told)
    return path
