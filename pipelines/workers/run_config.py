"""What a run is asked to do, as run.json keeps it: everything that decides its events, so that a resumed run makes the same ones."""

from __future__ import annotations

from typing import Any

import msgspec

from pipelines.events.from_simulator import BlockRule
from pipelines.workers.pace import STEP_SECONDS, parse_pace
from pipelines.workers.registry import RunRecord


class ChosenPolicy(msgspec.Struct, frozen=True):
    """A checkpoint's folder or an exported policy that plays in a run, and its hash, so that a resumed run plays the same one."""

    folder: str
    sha256: str


DESTINATIONS = ("kafka", "csv", "none")


class SimulateConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The configuration of a simulation. Raises ValueError for values that make no sense."""

    scenario: dict[str, Any]
    """The whole scenario, with the number of agents it is played with."""

    steps: int
    """Steps of each world."""

    to: str = "none"
    """Where the events go: kafka, csv or none."""

    pace: str = "max"
    """max, or a multiple of real time like 10x."""

    policy: ChosenPolicy | None = None
    """A learner's checkpoint that plays in the world."""

    block: BlockRule = BlockRule()
    """When blocks close."""

    checkpoint_records: int = 2_000_000
    """Records between two checkpoints of a world."""

    key: str = ""
    """By which whoever asked for it finds it again; empty for none."""

    @property
    def step_seconds(self) -> float:
        """Simulated seconds in one step."""
        return float(self.scenario.get("step_nanoseconds", STEP_SECONDS * 1e9)) / 1e9

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"{self.steps} steps is fewer than one; ask for at least one")
        if self.to not in DESTINATIONS:
            raise ValueError(f"destination {self.to!r} is none of {', '.join(DESTINATIONS)}; choose one of them")
        if self.checkpoint_records < 1:
            raise ValueError(f"a checkpoint every {self.checkpoint_records} records is not possible; use at least 1")
        parse_pace(self.pace)


def block_rule(pace: str, step_seconds: float = STEP_SECONDS) -> BlockRule:
    """Blocks of about a fifth of a real second for a paced run, so that people see it live; the default as fast as possible.

    >>> block_rule("1x").steps, block_rule("max").steps
    (2, 100)
    """
    factor = parse_pace(pace)
    default = BlockRule()
    return default if factor is None else BlockRule(steps=max(1, min(default.steps, round(0.2 * factor / step_seconds))))


def config_of(record: RunRecord) -> SimulateConfig:
    """The configuration of a stored simulation. Raises ValueError if the run is of another kind."""
    if record.kind != "simulate":
        raise ValueError(f"run {record.run_id} is of kind {record.kind}, not simulate; resume it with `agora {record.kind} --resume`")
    return msgspec.convert(record.config, SimulateConfig)


def to_builtins(config: msgspec.Struct) -> dict[str, Any]:
    """A configuration as run.json stores it."""
    built: dict[str, Any] = msgspec.to_builtins(config)
    return built
