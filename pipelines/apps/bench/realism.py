"""How real the trading market looks: spread, trading, moves, and who earns what.

What to expect of real markets is in Cont, "Empirical properties of asset returns: stylized facts and statistical issues",
Quantitative Finance 1 (2001): no linear correlation of returns, fat tails, correlated sizes of moves.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipelines.apps.bench.history import History, Numbers, profit, watch
from simulator.metrics import realised_volatility
from simulator.world.scenario_files import load

STEPS = 4000
_WARM_UP = 400  # steps until the book has filled


def realism(seeds: Sequence[int], steps: int = STEPS) -> dict[str, float]:
    """Return the figures of the trading market as means over the seeds; profits in ticks x lots per agent."""
    scenario = load("trading")
    rows = [_figures(watch(scenario, seed, steps)) for seed in seeds]
    return {f"trading_{name}": round(float(np.mean([row[name] for row in rows])), 3) for name in rows[0]}


def autocorrelation(series: Numbers, lag: int) -> float:
    """Return the correlation of a series with itself `lag` steps later; 0 for one that does not move.

    >>> import numpy as np
    >>> autocorrelation(np.array([1.0, -1.0, 1.0, -1.0]), 1)
    -1.0
    """
    early, late = series[:-lag], series[lag:]
    if early.std() == 0 or late.std() == 0:
        return 0.0
    return round(float(np.corrcoef(early, late)[0, 1]), 12)


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
        "move_kurtosis": float(((moves - moves.mean()) ** 4).mean() / moves.var() ** 2),
        "move_autocorrelation_1": autocorrelation(moves, 1),
        "move_autocorrelation_10": autocorrelation(moves, 10),
        "move_size_autocorrelation_1": autocorrelation(np.abs(moves), 1),
        "distance_from_value_ticks": float(np.abs(mid - value).mean()),
        "correlation_with_value": float(np.corrcoef(mid, value)[0, 1]),
    }
    earned, types = profit(history, float(history.value[-1])), np.array(history.types)
    return found | {f"profit_{name}": float(earned[types == name].mean()) for name in dict.fromkeys(history.types)}
