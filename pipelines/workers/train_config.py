"""What a training run is asked to do, as run.json keeps it."""

from __future__ import annotations

from typing import Any

import msgspec

from pipelines.events.from_simulator import BlockRule
from pipelines.workers.registry import RunRecord

KIND = "train"
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
    """Markets in which the learner is compared with its untrained self and the noise trader; 0: none."""

    def __post_init__(self) -> None:
        if self.to not in ("kafka", "none"):
            raise ValueError(f"destination {self.to!r} is none of kafka, none; choose one of them")
        if self.checkpoint_rollouts < 1:
            raise ValueError(f"a checkpoint every {self.checkpoint_rollouts} rollouts is not possible; use at least 1")
        if self.evaluate < 0:
            raise ValueError(f"{self.evaluate} markets to evaluate in is negative; use 0 for none")


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


def train_config_of(record: RunRecord) -> TrainRunConfig:
    """The configuration of a stored training. Raises ValueError if the run is of another kind."""
    if record.kind != KIND:
        raise ValueError(f"run {record.run_id} is of kind {record.kind}, not {KIND}; resume it with `agora {record.kind} --resume`")
    return msgspec.convert(record.config, TrainRunConfig)
