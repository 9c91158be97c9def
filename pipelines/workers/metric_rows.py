"""What training measures, as rows of training.metrics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.training.evaluate import Earnings
from simulator.training.sb3 import Rollout


def metric_rows(rollout: Rollout, rollout_steps: int) -> list[dict[str, Any]]:
    """Rows of training.metrics for one rollout; the step is that of the markets' clocks, counted over all episodes."""
    step = rollout.number * rollout_steps
    rows = [metric("steps", float(rollout.steps), rollout.number, step)]
    return rows + [metric(name, value, rollout.number, step) for name, value in sorted(rollout.metrics.items())]


def metric(name: str, value: float, update: int, step: int, context: str = "") -> dict[str, Any]:
    """One row of training.metrics."""
    return {"step": step, "name": name, "value": value, "update": update, "agent": -1, "context": context}


def figures_of(found: Mapping[str, Earnings]) -> dict[str, dict[str, float]]:
    """What policies earned, in numbers: mean, interquartile mean and its interval."""
    intervals = {name: earned.interval() for name, earned in found.items()}
    return {
        name: {"mean": earned.mean, "middle": earned.middle, "low": intervals[name][0], "high": intervals[name][1]}
        for name, earned in found.items()
    }
