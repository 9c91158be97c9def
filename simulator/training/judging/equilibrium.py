"""The game of choosing a strategy, told: its equilibria, what evolution leaves, and one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.training.judging.cross_play import Payoffs
from simulator.training.judging.metagame import MOST, evolved, regrets, survivors, symmetric_equilibria, table, undominated
from simulator.training.judging.report import MetagameReport

_SHOWN = 0.005


def metagame(names: Sequence[str], payoffs: Payoffs) -> MetagameReport:
    """Analyse what each earned beside each; equilibria only for as many strategies as can be gone through."""
    payoff = table(payoffs)
    mix, survival = evolved(payoff), survivors(payoffs)
    found = list(symmetric_equilibria(payoff)) if len(undominated(payoff)) <= MOST else None
    equilibria = [{"mix": _shares(names, each.mix), "value": each.value} for each in found or []]
    told = _told(_shares(names, mix), None if found is None else len(found), len(names))
    return MetagameReport(
        names=list(names), payoff=payoff.tolist(), equilibria=equilibria, evolved=_by_name(names, mix),
        survival=_by_name(names, survival), regrets=_by_name(names, regrets(payoff, mix)), told=told,
    )  # fmt: skip


def _by_name(names: Sequence[str], numbers: NDArray[np.float64]) -> dict[str, float]:
    return dict(zip(names, numbers.tolist(), strict=True))


def _shares(names: Sequence[str], mix: NDArray[np.float64]) -> dict[str, float]:
    return {name: share for name, share in _by_name(names, mix).items() if share >= _SHOWN}


def _told(mix: Mapping[str, float], equilibria: int | None, strategies: int) -> str:
    parts = ", ".join(f"{name} {share:.0%}" for name, share in sorted(mix.items(), key=lambda item: -item[1]))
    known = "too many strategies to look for equilibria" if equilibria is None else f"symmetric equilibria found: {equilibria}"
    return f"from equal shares, what earns more spreads until the mix is {parts}; {known} among {strategies} strategies"
