"""What the trading market is like: spread, trading, how far from value, and who earns what."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipelines.apps.bench.history import History, profit, watch
from simulator.metrics import autocorrelation, realised_volatility
from simulator.world.scenario_files import load

STEPS = 4000
_WARM_UP = 400  # steps until the book has filled


def market_figures(seeds: Sequence[int], steps: int = STEPS) -> dict[str, float]:
    """Return the figures of the trading market as means over the seeds; profits in ticks x lots per agent."""
    scenario = load("trading")
    rows = [_figures(watch(scenario, seed, steps)) for seed in seeds]
    return {f"trading_{name}": round(float(np.mean([row[name] for row in rows])), 3) for name in rows[0]}


def _figures(history: History) -> dict[str, float]:
    mid, value = history.mid[_WARM_UP:], history.value[_WARM_UP:]
    quoted = (history.bid[_WARM_UP:] > 0) & (history.ask[_WARM_UP:] > 0)
    moves = np.diff(mid)
    found = {
        "spread_ticks": float((history.ask - history.bid)[_WARM_UP:][quoted].mean()),
        "quoted_share": float(quoted.mean()),
        "traded_share": float((history.volume[_WARM_UP:] > 0).mean()),
        "volume_lots_per_step": float(history.volume[_WARM_UP:].mean()),
        "move_deviation_ticks": float(moves.std()),
        "value_move_deviation_ticks": float(np.diff(value).std()),
        "realised_volatility": float(realised_volatility(mid)) * 1e4,
        "move_autocorrelation_1": float(autocorrelation(moves, 1)[0]),
        "distance_from_value_ticks": float(np.abs(mid - value).mean()),
        "correlation_with_value": float(np.corrcoef(mid, value)[0, 1]),
    }
    earned, types = profit(history, float(history.value[-1])), np.array(history.types)
    return found | {f"profit_{name}": float(earned[types == name].mean()) for name in dict.fromkeys(history.types)}
