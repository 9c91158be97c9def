"""What a training run is asked to do, as run.json keeps it."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from pipelines.events.from_simulator import BlockRule
from pipelines.workers.registry import RunRecord

KIND = "train"
EXPERIMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]*")
TRAINER = "trainer"
"""Whose epochs the learner's own stream of metrics counts."""

METRICS_WORLD = 0
"""The world under whose key training.metrics are published; their sequence is the topic's own."""


class TrainRunConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The configuration of a training that is published or not. Raises ValueError for values that make no sense."""

    training: dict[str, Any]
    """simulator.training.config.TrainConfig, as plain data."""

    to: str = "kafka"
    """Where the rollouts' events go: kafka or none."""

    block: BlockRule = BlockRule()
    """When blocks close."""

    checkpoint_rollouts: int = 4
    """Rollouts between two checkpoints."""

    evaluate: int = 20
    """Markets in which the learner is compared with its untrained self and the noise trader, and in which it is evaluated; 0: none."""

    evaluate_every: int = 0
    """Episodes between two evaluations while it learns, of which the best checkpoint is kept; 0: none."""

    patience: int = 0
    """Episodes without a better evaluation after which it stops; 0: it never does."""

    keep: int = 0
    """Older checkpoints that stay beside the newest and the best."""

    experiment: str = "agora"
    """Under which its records are compared with others'."""

    log: tuple[str, ...] = ("mlflow",)
    """Who keeps records: names of pipelines.workers.experiments.chosen."""

    wandb_project: str = ""
    """Where Weights & Biases keeps them."""

    key: str = ""
    """By which whoever asked for it finds it again; empty for none."""

    def __post_init__(self) -> None:
        if self.to not in ("kafka", "none"):
            raise ValueError(f"destination {self.to!r} is none of kafka, none; choose one of them")
        if self.checkpoint_rollouts < 1:
            raise ValueError(f"a checkpoint every {self.checkpoint_rollouts} rollouts is not possible; use at least 1")
        if self.evaluate < 0:
            raise ValueError(f"{self.evaluate} markets to evaluate in is negative; use 0 for none")
        for name in ("evaluate_every", "patience", "keep"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} {getattr(self, name)} is negative; use 0 for never")
        if self.patience and not self.evaluate_every:
            raise ValueError(f"patience {self.patience} needs evaluations to be patient about; give --evaluate-every as well")
        if self.evaluate_every and not self.evaluate:
            raise ValueError(f"an evaluation every {self.evaluate_every} episodes needs markets; give --evaluate 1 or more")
        if EXPERIMENT.fullmatch(self.experiment) is None:
            raise ValueError(f"experiment {self.experiment!r} is no name; use letters, digits, spaces, dots, dashes and underscores")


class TrainResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a training came to, beside its worlds; runs/<run_id>/training.json."""

    steps: int
    rollouts: int
    log_hash: str
    checkpoint: str
    returns: list[float]  # mean return of the episodes that ended last, after each rollout from the first that has one
    evaluation: dict[str, dict[str, float]]  # policy -> profit per episode and seat, in currency: mean, middle, low, high
    events: dict[str, int]
    hashes: dict[str, str]
    worlds: int | None = None  # how many were played; None: all of the run
    best_checkpoint: str = ""  # of the best evaluation while it learned; empty without any
    best_eval_score: float | None = None
    stopped_early: str = ""  # why, or empty


def train_config_of(record: RunRecord) -> TrainRunConfig:
    """The configuration of a stored training. Raises ValueError if the run is of another kind."""
    if record.kind != KIND:
        raise ValueError(f"run {record.run_id} is of kind {record.kind}, not {KIND}; resume it with `agora {record.kind} --resume`")
    return msgspec.convert(record.config, TrainRunConfig)
