"""A trial as a task of Dask: train, or let a scripted trader play, for the budget; compare at each rung; judge in unseen markets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.settings import Settings
from pipelines.workers.dask_worker import logged
from pipelines.workers.job import Learned, Message
from pipelines.workers.registry import Registry
from pipelines.workers.study.task import Ask, Outcome, State, Tell, attempt, teller, train_run
from pipelines.workers.tuning.record import Tuning
from pipelines.workers.tuning.space import settings_of
from pipelines.workers.tuning.trials import RUNGS, Trials
from simulator.traders.registry import make_trader
from simulator.traders.trader import Trader
from simulator.training.checkpoint import Checkpoint
from simulator.training.config import TrainConfig
from simulator.training.evaluate import Earnings, earnings, player
from simulator.training.policy import Policy

UNSEEN = 2_000_003
"""Added to the seed for the markets that judge trials: neither those of the training nor those of the last evaluation."""


@dataclass
class Rungs:
    """Reports a value whenever a rung of the budget has been reached.

    Parameters
    ----------
    budget : steps.
    report : called with rung, 1 to RUNGS - 1, and value; whether to give up.
    """

    budget: int
    report: Callable[[int, float], bool]
    reached: int = 0
    pruned: bool = False

    def at(self, steps: int, value: float | None) -> None:
        """So many steps have been taken."""
        rung = min(RUNGS - 1, steps * RUNGS // self.budget)
        if value is not None and rung > self.reached and not self.pruned:
            self.reached, self.pruned = rung, self.report(rung, value)


def learner_task(name: str, run_id: str, tuning_id: str, number: int, dumped: dict[str, Any]) -> Outcome:
    """The task: train the run of a trial. Raises OSError for what may pass."""
    tuning = Tuning.resume(Settings(**dumped), tuning_id)
    registry, stop = Registry(tuning.settings.runs_dir), tuning.folder / "stop"
    with logged("trainer", run_id=run_id, trial=number):
        return attempt(lambda: learned(tuning, number, run_id, teller(name, tuning_id), stop.exists), stop, registry.folder(run_id))


def learned(tuning: Tuning, number: int, run_id: str, tell: Tell, should_stop: Ask) -> Outcome:
    """Train until the end, a rung at which the trial is given up, or a stop."""
    trials, taken = Trials(tuning), 0
    rungs = Rungs(tuning.base.steps, lambda rung, value: trials.report(number, rung, value))

    def listen(message: Message) -> None:
        nonlocal taken
        if isinstance(message, Learned):
            taken = message.steps
            rungs.at(message.steps, message.mean_return)
        tell(message)

    if not train_run(tuning.settings, run_id, listen, lambda: rungs.pruned or should_stop()):
        return Outcome(State.PRUNED if rungs.pruned else State.STOPPED, steps=taken)
    found = judged(tuning, policy_of(tuning.settings, run_id), UNSEEN, tuning.record.evaluate)
    return Outcome(State.FINISHED, value=found.middle, steps=tuning.base.steps)


def policy_of(settings: Settings, run_id: str) -> Trader:
    """The trained policy of a run as a trader."""
    checkpoint = Checkpoint(settings.checkpoints_dir / run_id / "learner")
    return player(checkpoint.lineage.training(), Policy.load(checkpoint.policy))


def judged(tuning: Tuning, trader: Trader, seeds_on: int, episodes: int) -> Earnings:
    """What a trader earns in markets of the search's configuration that lie `seeds_on` seeds away."""
    return earnings(tuning.base.market(), trader, tuning.base.seed + seeds_on, episodes)


def trader_task(name: str, tuning_id: str, number: int, chosen: dict[str, Any], dumped: dict[str, Any]) -> Outcome:
    """The task: let a scripted trader play as many steps as a learner may take."""
    tuning = Tuning.resume(Settings(**dumped), tuning_id)
    stop, folder = tuning.folder / "stop", tuning.folder / "trials" / str(number)
    folder.mkdir(parents=True, exist_ok=True)
    with logged("trial", tuning=tuning_id, trial=number):
        return attempt(lambda: played(tuning, number, chosen, teller(name, tuning_id), stop.exists), stop, folder)


def played(tuning: Tuning, number: int, chosen: dict[str, Any], tell: Tell, should_stop: Ask) -> Outcome:
    """Play the budget's steps in unseen markets: all that a learner would learn from goes into judging the numbers."""
    base, trader = tuning.base, make_trader(tuning.record.trader, chosen)
    market, trials, profits = base.market(), Trials(tuning), np.zeros(0)
    rungs = Rungs(base.steps, lambda rung, value: trials.report(number, rung, value))
    per_episode = market.learners * market.horizon
    for episode in range(episodes_of(base)):
        found = earnings(market, trader, base.seed + UNSEEN, 1, episode)
        profits = np.append(profits, found.mean)
        steps = (episode + 1) * per_episode
        tell(Learned(episode + 1, steps, float(profits.mean())))
        rungs.at(steps, float(profits.mean()))
        if rungs.pruned or should_stop():
            return Outcome(State.PRUNED if rungs.pruned else State.STOPPED, steps=steps)
    return Outcome(State.FINISHED, value=Earnings(profits[:, None]).middle, steps=len(profits) * per_episode)


def episodes_of(base: TrainConfig) -> int:
    """Markets that a scripted trader plays for the same steps as a training takes: whole ones, at least one."""
    return max(1, base.steps // (base.learners * base.episode_steps))


def final_task(tuning_id: str, run_id: str, chosen: dict[str, Any], dumped: dict[str, Any]) -> Earnings:
    """What the best trial earns in the markets of the last evaluation, which nobody was trained or chosen in."""
    from pipelines.workers.training import HELD_OUT  # torch takes seconds to import

    tuning = Tuning.resume(Settings(**dumped), tuning_id)
    trader = make_trader(tuning.record.trader, chosen) if tuning.record.trader else policy_of(tuning.settings, run_id)
    return judged(tuning, trader, HELD_OUT, tuning.record.evaluate)


def training_of(tuning: Tuning, chosen: dict[str, Any]) -> TrainConfig:
    """The training of a trial."""
    return TrainConfig.from_dict(tuning.record.base | settings_of(chosen))
