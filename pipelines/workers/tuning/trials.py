"""The trials of a search in Optuna's journal: asked for, reported on, told.

Each trial is chosen with a generator of its own number, so that a search that was stopped goes on as it would have.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import optuna
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, Trial, TrialState

from pipelines.workers.study.task import Outcome, State
from pipelines.workers.tuning.record import PrunerName, SamplerName, Tuning
from pipelines.workers.tuning.space import trader_defaults
from simulator import seeding

RUNGS = 8
"""At how many points of its budget a trial is compared with the others."""

RUN = "run_id"
STEPS = "steps"
_STATES = {State.FINISHED: TrialState.COMPLETE, State.PRUNED: TrialState.PRUNED, State.FAILED: TrialState.FAIL}

optuna.logging.set_verbosity(optuna.logging.WARNING)


class Trials:
    """The journal of one search, opened in this process.

    Parameters
    ----------
    tuning : the search.
    """

    def __init__(self, tuning: Tuning) -> None:
        self.tuning, record = tuning, tuning.record
        storage = JournalStorage(JournalFileBackend(str(tuning.folder / "trials.journal")))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            self.study = optuna.create_study(
                storage=storage, study_name=record.tuning_id, direction="maximize", load_if_exists=True, pruner=pruner(record.pruner)
            )

    def all(self) -> list[FrozenTrial]:
        """Those that count: not what ended before it had begun."""
        return [trial for trial in self.study.get_trials(deepcopy=False) if trial.state is not TrialState.FAIL or RUN in trial.user_attrs]

    def open(self) -> Iterator[FrozenTrial]:
        """The trials to work on: those that were cut off, then new ones until there are enough; a new one is chosen when it is taken.

        The first is the configuration that the search starts from.
        """
        for trial in self.study.get_trials(states=(TrialState.RUNNING,)):
            if RUN in trial.user_attrs:
                yield trial
            else:
                self.study.tell(trial.number, state=TrialState.FAIL)
        while len(self.all()) < self.tuning.record.trials:
            yield self._ask()

    def _ask(self) -> FrozenTrial:
        number, space = len(self.study.get_trials(deepcopy=False)), self.tuning.space
        self.study.sampler = sampler(self.tuning.record.sampler, seeding.stream(self.tuning.base.seed, "tuning", number) % 2**32)
        if not self.all():
            start = self._start()
            self.study.enqueue_trial({axis.name: axis.nearest(start[axis.name]) for axis in space}, skip_if_exists=True)
        trial = self.study.ask()
        for axis in space:
            axis.suggest(trial)
        return self.study.get_trials()[trial.number]

    def _start(self) -> dict[str, Any]:
        trader = self.tuning.record.trader
        return trader_defaults(trader) if trader else self.tuning.base.as_dict()

    def assign(self, number: int, run_id: str) -> None:
        """Note which run a trial is, durably, before it begins."""
        self._trial(number).set_user_attr(RUN, run_id)

    def report(self, number: int, rung: int, value: float) -> bool:
        """Compare a trial with the others at a rung; whether to give it up."""
        trial = self._trial(number)
        trial.report(value, rung)
        return bool(trial.should_prune())

    def settle(self, number: int, outcome: Outcome) -> None:
        """Store how a trial ended; one that was stopped stays open."""
        if outcome.state not in _STATES:
            return
        self._trial(number).set_user_attr(STEPS, outcome.steps)
        value = outcome.value if outcome.state is State.FINISHED else None
        self.study.tell(number, value, state=_STATES[outcome.state])

    def _trial(self, number: int) -> Trial:
        return Trial(self.study, self.study.get_trials(deepcopy=False)[number]._trial_id)

    def best(self) -> FrozenTrial | None:
        """The best of those that ended; None before the first did."""
        ended = [trial for trial in self.all() if trial.state is TrialState.COMPLETE]
        return max(ended, key=lambda trial: (trial.value or 0.0, -trial.number), default=None)

    def importance(self) -> dict[str, float]:
        """The share of each setting in the differences between trials (functional ANOVA: Hutter and others, ICML 2014).

        Empty where there are too few trials to tell.
        """
        ended = [trial for trial in self.all() if trial.state is TrialState.COMPLETE]
        if len(ended) < 2 * RUNGS:
            return {}
        try:
            found = get_param_importances(self.study, evaluator=FanovaImportanceEvaluator(seed=0))
        except (ValueError, RuntimeError):  # all trials alike
            return {}
        return {name: round(share, 3) for name, share in found.items()}


def sampler(name: SamplerName, seed: int) -> optuna.samplers.BaseSampler:
    """The sampler of that name."""
    if name is SamplerName.RANDOM:
        return optuna.samplers.RandomSampler(seed=seed)
    return optuna.samplers.TPESampler(seed=seed, n_startup_trials=5, constant_liar=True)


def pruner(name: PrunerName) -> optuna.pruners.BasePruner:
    """The pruner of that name, over rungs 1 to RUNGS."""
    if name is PrunerName.MEDIAN:
        return optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=2)
    if name is PrunerName.HYPERBAND:
        return optuna.pruners.HyperbandPruner(min_resource=1, max_resource=RUNGS, reduction_factor=2)
    return optuna.pruners.NopPruner()
