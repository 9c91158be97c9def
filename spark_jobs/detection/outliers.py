"""Price and message-rate outliers per symbol, found block by block while the stream is ingested.

This runs inside the tasks that decode the blocks for silver, not in a query of its own: each block is decoded once, it
is seen exactly once and in order because the marks have already judged it, and the alert leaves for Kafka before the
batch's tables are committed. The state (one `EwmaState` per detector, run, world and symbol) is small, and is kept by
batch id in the same journal entry as the marks, so a repeated batch raises the same alerts with the same ids.
Sources: z-scores against exponentially weighted moments (RiskMetrics, 1996); square roots of counts (Anscombe, 1948).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, MutableMapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.events.block import Block
from spark_jobs.detection.ewma import EwmaRule, EwmaState, update

PRICE = EwmaRule(alpha=0.02, warm_up=100, threshold=8.0, floor=2e-4, quiet=100)
RATE = EwmaRule(alpha=0.02, warm_up=100, threshold=8.0, floor=0.25, quiet=100)


def detect(block: Block, states: MutableMapping[str, EwmaState]) -> list[dict[str, Any]]:
    """Take one block into `states` (which is changed) and return the alerts that it raises, as rows of market.alerts."""
    detector = _DETECTORS.get(block.event.name)
    return detector(block, states) if detector else []


def price_outliers(block: Block, states: MutableMapping[str, EwmaState]) -> list[dict[str, Any]]:
    """Returns of the mid price of each symbol in a block of ticks; steps without both sides are left out."""
    alerts: list[dict[str, Any]] = []
    for symbol, mids, steps in _mids(block):
        name = _series("price_outlier", block, symbol)
        state = states.get(name, EwmaState())
        before = state.previous or mids[0]
        returns = np.diff(np.log(np.concatenate(([before], mids))))
        after, outliers = update(state, PRICE, returns, steps)
        states[name] = EwmaState(after.seen, after.mean, after.variance, float(mids[-1]), after.quiet_until)
        alerts += [_alert("price_outlier", block, symbol, int(steps[i]), score, mid=float(mids[i])) for i, score in outliers]
    return alerts


def rate_outliers(block: Block, states: MutableMapping[str, EwmaState]) -> list[dict[str, Any]]:
    """Order messages per step of each symbol in a block of orders."""
    alerts: list[dict[str, Any]] = []
    for symbol, counts, steps in _rates(block):
        name = _series("rate_outlier", block, symbol)
        after, outliers = update(states.get(name, EwmaState()), RATE, np.sqrt(counts), steps)
        states[name] = after
        alerts += [_alert("rate_outlier", block, symbol, int(steps[i]), score, messages=int(counts[i])) for i, score in outliers]
    return alerts


_DETECTORS = {"ticks": price_outliers, "orders": rate_outliers}


def _mids(block: Block) -> Iterator[tuple[int, NDArray[np.float64], NDArray[np.int64]]]:
    columns: dict[str, Any] = dict(block.columns)
    both = (columns["best_bid"] > 0) & (columns["best_ask"] > 0)
    for symbol in np.unique(columns["symbol"][both]):
        rows = both & (columns["symbol"] == symbol)
        yield int(symbol), (columns["best_bid"][rows] + columns["best_ask"][rows]) / 2.0, columns["step"][rows].astype(np.int64)


def _rates(block: Block) -> Iterator[tuple[int, NDArray[np.float64], NDArray[np.int64]]]:
    """Per symbol the messages of each step that has any."""
    columns: dict[str, Any] = dict(block.columns)
    for symbol in np.unique(columns["symbol"]):
        steps, counts = np.unique(columns["step"][columns["symbol"] == symbol], return_counts=True)
        yield int(symbol), counts.astype(np.float64), steps.astype(np.int64)


def _series(kind: str, block: Block, symbol: int) -> str:
    return f"{kind}/{block.head.run_id}/{block.head.world_id}/{symbol}"


def _alert(kind: str, block: Block, symbol: int, step: int, score: float, **evidence: float) -> dict[str, Any]:
    identity = f"{_series(kind, block, symbol)}/{step}"
    return {
        "run_id": block.head.run_id,
        "world_id": block.head.world_id,
        "step": step,
        "alert_id": hashlib.sha256(identity.encode()).hexdigest()[:24],
        "kind": kind,
        "symbol": symbol,
        "first_step": step,
        "last_step": step,
        "score": score,
        "suspects": "[]",
        "evidence": json.dumps(evidence, separators=(",", ":")),
    }
