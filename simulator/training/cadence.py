"""When a training is looked at between its rollouts, which state of it was the best, and when it ends before its time.

All of it is a function of the training alone: what is looked at plays in markets of its own, on a seed of its own, and nothing of it
is learned from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np

from simulator.training.config import TrainConfig
from simulator.training.judging.statistics import interquartile_mean
from simulator.training.policy import Policy
from simulator.training.sb3 import Rollout
from simulator.training.vectorise import MarketVecEnv

VALIDATION = 2_000_003
"""Added to the seed for the markets in which states of a training are compared; nobody is trained in them, nor judged at the end."""

PROGRESS = "progress.json"
"""The file of a checkpoint that holds the Progress."""

CHECKED_EVERY = 50
"""Rollouts between two looks at whether the returns still move."""

_SETTLED = 2.0  # standard errors that two halves of a stretch differ by chance


@dataclass(frozen=True, kw_only=True)
class Cadence:
    """How often a training is evaluated, and how long it may go without a better evaluation. Episodes are counted over all markets.

    Raises ValueError for values that make no sense.
    """

    evaluate_every: int = 500
    """Episodes between two evaluations; 0: none. There is one at the end as well."""
    patience: int = 2000
    """Episodes without a better evaluation after which the training stops; 0: it never does."""
    markets: int = 20
    """Markets of an evaluation."""
    keep: int = 3
    """Older checkpoints that stay beside the newest and the best."""

    def __post_init__(self) -> None:
        for name in ("evaluate_every", "patience", "keep"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} {getattr(self, name)} is negative; use 0 for never")
        if self.markets < 1:
            raise ValueError(f"an evaluation in {self.markets} markets is none; use at least 1, or evaluate_every 0")
        if self.patience and not self.evaluate_every:
            raise ValueError(f"patience {self.patience} needs evaluations to be patient about; give evaluate_every as well")


class Progress(msgspec.Struct):
    """What the looks so far came to; kept in each checkpoint."""

    episodes: list[int] = []  # after how many there was an evaluation
    scores: list[float] = []  # of each
    recent: list[float] = []  # mean return after each of the last CHECKED_EVERY rollouts
    stopped: str = ""  # why the training ended before its time

    @property
    def best(self) -> int | None:
        """Which evaluation was the best, the first of equals; None without any."""
        return self.scores.index(max(self.scores)) if self.scores else None

    @property
    def best_score(self) -> float | None:
        """The score of that one."""
        return max(self.scores) if self.scores else None

    def has_stopped(self) -> bool:
        """Whether it did."""
        return bool(self.stopped)

    def encode(self) -> bytes:
        """As a checkpoint keeps it."""
        return msgspec.json.encode(self)


def progress_of(folder: Path | None) -> Progress:
    """What a checkpoint keeps of the looks before it; nothing yet without one."""
    path = folder / PROGRESS if folder else None
    return msgspec.json.decode(path.read_bytes(), type=Progress) if path and path.exists() else Progress()


@dataclass(frozen=True)
class Look:
    """What looking at a training after a rollout came to."""

    metrics: dict[str, float] = field(default_factory=dict)  # evaluation/... and convergence/..., where there was one
    best: bool = False  # no earlier evaluation was as good


class Watch:
    """Looks at a training after its rollouts.

    Parameters
    ----------
    config : the training.
    cadence : how often.
    progress : of the checkpoint from which it goes on.
    """

    def __init__(self, config: TrainConfig, cadence: Cadence, progress: Progress | None = None) -> None:
        self.config, self.cadence, self.progress = config, cadence, progress or Progress()

    def after(self, rollout: Rollout, policies: Callable[[], Sequence[Policy]]) -> Look:
        """Look; the learner's policies are asked for where there is an evaluation. Afterwards `progress` is up to date."""
        metrics = self._convergence(rollout)
        if not self._due(rollout.number):
            return Look(metrics)
        found = appraise(self.config, policies(), self.config.seed + VALIDATION, self.cadence.markets)
        progress, episodes = self.progress, self.config.ended_after(rollout.number)
        best = progress.best_score is None or found["score"] > progress.best_score
        progress.episodes.append(episodes)
        progress.scores.append(found["score"])
        progress.stopped = self._impatience(rollout.number)
        metrics |= {f"evaluation/{name}": value for name, value in found.items()} | {"evaluation/best_score": max(progress.scores)}
        return Look(metrics, best)

    def _due(self, rollout: int) -> bool:
        every = self.cadence.evaluate_every
        return every > 0 and (passes(self.config, rollout, every) or rollout == self.config.rollouts)

    def _impatience(self, rollout: int) -> str:
        best, now = self.progress.best or 0, self.progress.episodes[-1]
        waited = now - self.progress.episodes[best]
        if not self.cadence.patience or waited < self.cadence.patience or rollout == self.config.rollouts:
            return ""
        score = self.progress.scores[best]
        return f"no better evaluation than {score:.6g} after {self.progress.episodes[best]} episodes in the {waited} episodes since"

    def _convergence(self, rollout: Rollout) -> dict[str, float]:
        mean_return, recent = rollout.metrics.get("rollout/return"), self.progress.recent
        if mean_return is not None:
            recent.append(mean_return)
            del recent[:-CHECKED_EVERY]
        if rollout.number % CHECKED_EVERY or len(recent) < CHECKED_EVERY:
            return {}
        moved = drift(recent)
        return {"convergence/drift": moved, "convergence/settled": float(abs(moved) < _SETTLED)}


def passes(config: TrainConfig, rollout: int, every: int) -> bool:
    """Whether a rollout ended the episode at which a multiple of `every` episodes is complete."""
    return config.ended_after(rollout - 1) // every < config.ended_after(rollout) // every


def drift(returns: list[float]) -> float:
    """By how many standard errors the mean of the later half of a stretch of returns lies above that of the earlier half.

    The error is that of the successive differences (von Neumann, "Distribution of the ratio of the mean square successive difference to
    the variance", 1941), so that a steady rise counts as a rise and not as noise. 0 where nothing moves.

    >>> drift([0.0, 1.0, 0.0, 1.0]), drift([0.0, 0.1, 0.2, 0.3]) > 2.0
    (0.0, True)
    """
    half = len(returns) // 2
    moved = float(np.mean(returns[half:]) - np.mean(returns[:half]))
    noise = float(np.sqrt(np.mean([(late - early) ** 2 for early, late in pairwise(returns)]) / 2.0))
    return moved / (noise * float(np.sqrt(2.0 / half))) if moved else 0.0


def appraise(config: TrainConfig, policies: Sequence[Policy], seed: int, markets: int) -> dict[str, float]:
    """What greedy policies, one for all learners or one for each of a market, come to in markets of a seed, per episode and seat.

    `score` is the interquartile mean of the return over markets, in the weights of the configuration; the components of the return
    (simulator.training.objectives) are means.
    """
    env = MarketVecEnv(config.market(), markets, config.action_view, seed, weights=config.objectives)
    seen, returns = env.reset(), np.zeros(env.num_envs)
    for _ in range(config.episode_steps):
        chosen = [policy.act(seen[number :: len(policies)]) for number, policy in enumerate(policies)]
        actions = np.stack(chosen, axis=1).reshape(env.num_envs, *chosen[0].shape[1:])
        seen, _, _, returns = env.step_arrays(actions)
    parts = env.objectives.means() if env.objectives else {}
    return {"score": interquartile_mean(returns.reshape(markets, config.learners).mean(axis=1))} | parts
