"""A training to bargain from its configuration to its judgement and its folder, whatever learns.

The folder is a checkpoint's: lineage.json, and of each policy NAME.npz (the greedy policy as arrays; tables: tables.npz) and NAME.zip
(Stable-Baselines3's own file). A training takes minutes and is begun anew rather than resumed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulator.bargaining.best_response import GridGame
from simulator.bargaining.negotiators.registry import make_negotiator
from simulator.bargaining.rules import Party
from simulator.envs.bargaining.types import ActionView
from simulator.training.bargaining.grid_strategies import grid_strategy, looks_at_state
from simulator.training.bargaining.judge import Judgement, judge
from simulator.training.bargaining.judge_private import PrivateJudgement, judge_private
from simulator.training.bargaining.opponents import NegotiatorOpponent, Opponent, TableOpponent, played
from simulator.training.bargaining.q_learning import QLearner
from simulator.training.bargaining.tables import Table
from simulator.training.bargaining.train_config import Algorithm, BargainingTrainConfig, Sight
from simulator.training.checkpoint import Draft, Lineage

Progress = Callable[[int, Mapping[str, float]], None]
"""Told the steps so far, and mean returns by policy where there are any."""


@dataclass(frozen=True)
class Trained:
    """What a training came to."""

    config: BargainingTrainConfig
    sides: tuple[Opponent, Opponent]  # supplier and retailer as they play when nothing is explored any more
    steps: int
    log_hash: str
    write: Callable[[Path], None]  # the policies' files into a folder

    def negotiated(self, count: int = 20_000) -> PrivateJudgement:
        """Judge new negotiations, in which nobody learned."""
        rows, rewards = played(self.config.rules, self.sides, _new(self.config.seed), count)
        return judge_private(self.config.rules, rows, rewards)

    def exact(self) -> Judgement | None:
        """Judge the strategies exactly; None where they are no strategies over a grid of the turn and the standing offer.

        So it is with private valuations, a policy that sees the history or names any price, and most opponents that do not learn.
        """
        config = self.config
        gridded = config.algorithm is Algorithm.Q_LEARNING or (config.sight is Sight.STATE and config.action_view is not ActionView.BOX)
        if not (config.known and gridded and (len(config.learners) == 2 or looks_at_state(make_negotiator(config.opponent)))):
            return None
        game = GridGame(config.rules, config.rules.supplier[0], config.rules.retailer[0], config.price_step)
        supplier, retailer = (grid_strategy(game, side) for side in self.sides)
        return judge(game, (supplier, retailer))

    def save(self, folder: Path, code_version: str = "unknown") -> Lineage:
        """Store everything in a folder, whole or not at all; an older one there is replaced."""
        config = self.config
        lineage = Lineage(config=config.as_dict(), seed=config.seed, code_version=code_version, steps=self.steps, log_hash=self.log_hash)
        with Draft(folder) as draft:
            self.write(draft.folder)
            draft.commit(lineage)
        return lineage


def train(config: BargainingTrainConfig, progress: Progress | None = None) -> Trained:
    """Train to the end of a configuration. Raises ValueError for an unknown opponent, or what is not installed."""
    return _tables(config, progress) if config.algorithm is Algorithm.Q_LEARNING else _networks(config, progress)


def _tables(config: BargainingTrainConfig, progress: Progress | None) -> Trained:
    settings = config.tables()
    other = None if len(config.learners) == 2 else _scripted(config)
    learner = QLearner(settings, other)
    for turn in range(settings.turns):
        learner.turn()
        if progress and turn % 100 == 99:
            progress((turn + 1) * settings.negotiations, {})
    learned = TableOpponent(learner.table)
    supplier, retailer = (learned if party in config.learners else _scripted(config) for party in Party)
    table = learner.table
    digest = hashlib.blake2b(table.values.tobytes() + table.visits.tobytes(), digest_size=16).hexdigest()
    return Trained(config, (supplier, retailer), settings.turns * settings.negotiations, digest, lambda folder: _write(table, folder))


def _write(table: Table, folder: Path) -> None:
    np.savez_compressed(folder / "tables.npz", values=table.values, visits=table.visits)


def _scripted(config: BargainingTrainConfig) -> NegotiatorOpponent:
    return NegotiatorOpponent(config.rules, make_negotiator(config.opponent), config.scenario.learn, config.scenario.settle)


def _networks(config: BargainingTrainConfig, progress: Progress | None) -> Trained:
    from simulator.training.bargaining.learner import BargainingLearner  # torch, which tables need not wait for

    learner = BargainingLearner(config)
    for rollout in learner.rollouts():
        if progress:
            progress(rollout.steps, rollout.returns)

    def write(folder: Path) -> None:
        learner.save_models(folder)
        for party, policy in learner.policies().items():
            policy.save(folder / f"{config.policies[party]}.npz")

    return Trained(config, learner.sides(), learner.steps, learner.log_hash(), write)


def _new(seed: int) -> int:
    """The seed of the negotiations that a training is judged in."""
    return seed + 1_000_000
