"""A page of plots of the stylised facts of a scenario: the band of all seeds, and what chance alone would give."""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, sqrt
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pipelines.apps.bench.facts import INTERVAL, LAGS, Facts, Numbers
from simulator.metrics import autocorrelation

SHOWN_LAGS = 20


def draw(scenario: str, facts: Sequence[Facts], folder: Path) -> Path:
    """Draw the page of a scenario; where it lies."""
    figure = Figure(figsize=(12, 7), layout="constrained")
    figure.suptitle(f"{scenario}: {len(facts)} markets of {len(facts[0].returns):,} returns over {INTERVAL} steps")
    (price, tails, linear), (storms, signs, sizes) = figure.subplots(2, 3)
    _price(price, facts[0])
    _tails(tails, facts)
    _band(linear, np.array([autocorrelation(each.returns, SHOWN_LAGS) for each in facts]), "Correlation of returns")
    linear.set_ylim(-0.5, 0.5)
    _decay(storms, np.array([each.size_correlations for each in facts]), "Correlation of absolute returns")
    _decay(signs, np.array([each.sign_correlations for each in facts]), "Correlation of the signs of orders")
    _sizes(sizes, facts[0])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{scenario}.png"
    figure.savefig(path, dpi=90)
    return path


def _titled(axes: Axes, title: str, across: str) -> None:
    axes.set_title(title, fontsize=10)
    axes.set_xlabel(across)
    axes.grid(alpha=0.25)


def _price(axes: Axes, facts: Facts) -> None:
    axes.plot(np.arange(len(facts.mid)) * INTERVAL, facts.mid, linewidth=0.8)
    _titled(axes, "Mid price of the first market, ticks", "step")


def _sizes(axes: Axes, facts: Facts) -> None:
    axes.plot(np.arange(len(facts.returns)) * INTERVAL, facts.returns * 1e4, linewidth=0.5)
    _titled(axes, "Its returns, basis points", "step")


def _tails(axes: Axes, facts: Sequence[Facts]) -> None:
    """How rare returns are beyond so many deviations, all markets together, beside the normal distribution."""
    scaled = np.sort(np.concatenate([np.abs(each.returns) / each.returns.std() for each in facts]))
    rarer = 1.0 - np.arange(len(scaled)) / len(scaled)
    shown = np.unique(np.geomspace(1, len(scaled), 400).astype(int)) - 1
    axes.loglog(scaled[::-1][shown], rarer[::-1][shown], label="market")
    deviations = np.linspace(0.5, 5.0, 100)
    axes.loglog(deviations, [erfc(each / sqrt(2.0)) for each in deviations], color="0.6", label="normal")
    axes.set_xlim(0.5, None)
    axes.set_ylim(0.3 / len(scaled), 1.0)
    axes.legend(frameon=False)
    _titled(axes, "Share of returns beyond", "standard deviations")


def _band(axes: Axes, rows: Numbers, title: str) -> None:
    lags = np.arange(1, rows.shape[1] + 1)
    low, middle, high = np.quantile(rows, (0.05, 0.5, 0.95), axis=0)
    axes.fill_between(lags, low, high, alpha=0.25, linewidth=0)
    axes.plot(lags, middle)
    axes.axhline(0.0, color="0.4", linewidth=0.8)
    _titled(axes, f"{title}: median, 5 to 95 %", "lag")


def _decay(axes: Axes, rows: Numbers, title: str) -> None:
    _band(axes, rows[:, :LAGS], title)
    axes.set_xscale("log")
    axes.set_ylim(-0.1, 0.6)
