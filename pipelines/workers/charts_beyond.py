"""Charts of what happens beside trading, from the CSV files of a run: resources, deals, standing, gossip, alliances, interventions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from pyarrow import Table
from pyarrow import csv as arrow_csv

WINDOWS = 50
"""Into so many pieces of equal length a run is cut."""

_FLOWS = ("produced", "consumed", "lacked", "perished")
_OUTCOMES = ("delivered", "sold", "unsold", "walked_away", "defaulted", "settled", "misrepresented")


def charts_beyond(logs: Path, steps: int) -> Iterator[tuple[str, Figure]]:
    """Draw what the files under logs tell of; yields (name, figure)."""
    for name, (file, draw) in _CHARTS.items():
        path = logs / f"{file}.csv"
        if path.exists() and (found := draw(arrow_csv.read_csv(path), steps)) is not None:
            yield name, found


def new_axes(title: str, unit: str, across: str = "step") -> tuple[Figure, Axes]:
    """An empty chart in the product's style."""
    figure = Figure(figsize=(10, 5.5), layout="constrained")
    axes = figure.add_subplot()
    axes.set(title=title, xlabel=across, ylabel=unit)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _numbers(table: Table, name: str) -> NDArray[np.float64]:
    found: NDArray[np.float64] = table.column(name).to_numpy().astype(np.float64)
    return found


def _lines(axes: Axes, steps: int, lines: dict[str, tuple[NDArray[np.float64], NDArray[np.float64] | None]]) -> None:
    """One line for each name: (step, weight) summed by window."""
    edges = np.linspace(0, steps, WINDOWS + 1)
    for name, (step, weights) in lines.items():
        sums, _ = np.histogram(step, edges, weights=weights)
        axes.plot(edges[1:], sums, linewidth=1.4, label=name.replace("_", " "))
    axes.legend(frameon=False)


def _resources(table: Table, steps: int) -> Figure | None:
    figure, axes = new_axes(f"Resources, in windows of {steps / WINDOWS:g} steps", "lots a window")
    _lines(axes, steps, {name: (_numbers(table, "step"), _numbers(table, name)) for name in _FLOWS})
    return figure


def _negotiations(table: Table, steps: int) -> Figure | None:
    outcomes = {name: table.filter(pc.equal(table.column("event"), name)) for name in _OUTCOMES}
    ended = {name: (_numbers(rows, "step"), None) for name, rows in outcomes.items() if len(rows)}
    if not ended:
        return None
    figure, axes = new_axes(f"How deals end, in windows of {steps / WINDOWS:g} steps", "deals a window")
    _lines(axes, steps, dict(ended))
    return figure


def _standing(table: Table, steps: int) -> Figure | None:
    """Mean reputation by trader type; every agent stays where it was last seen."""
    if not _numbers(table, "reputation").any():
        return None
    figure, axes = new_axes("Reputation", "chance of keeping one's word, mean over the agents of a type")
    edges = np.linspace(0, steps, WINDOWS + 1)
    step, seen = _numbers(table, "step"), _numbers(table, "reputation")
    names = table.column("agent_id").to_numpy(zero_copy_only=False).astype(str)
    by_kind: dict[str, list[NDArray[np.float64]]] = {}
    for name in np.unique(names):
        mine = names == name
        at = np.searchsorted(step[mine], edges, side="right") - 1
        by_kind.setdefault(name.rpartition("_")[0], []).append(np.where(at < 0, 0.5, seen[mine][np.maximum(at, 0)]))
    for kind, curves in by_kind.items():
        axes.plot(edges, np.mean(curves, axis=0), linewidth=1.4, label=f"{kind} (mean of {len(curves)})")
    axes.legend(frameon=False)
    return figure


def _gossip(table: Table, steps: int) -> Figure | None:
    heard = table.filter(pc.equal(table.column("kind"), "gossip"))
    if not len(heard):
        return None
    figure, axes = new_axes("Gossip: how far rumours come", "times heard", "hops from where the rumour began")
    hops, strength = _numbers(heard, "value_1").astype(int), _numbers(heard, "value_2") / 1e6
    counts = np.bincount(hops)
    axes.bar(np.arange(len(counts)), counts, color="tab:blue", alpha=0.6)
    right = axes.twinx()
    sums = np.bincount(hops, weights=strength)
    right.plot(np.flatnonzero(counts), (sums[counts > 0] / counts[counts > 0]), color="tab:red", marker="o", label="mean strength")
    right.set(ylabel="strength", ylim=(0, 1))
    right.legend(frameon=False)
    return figure


def _alliances(table: Table, steps: int) -> Figure | None:
    shared = table.filter(pc.equal(table.column("kind"), "shared"))
    if not len(shared):
        return None
    figure, axes = new_axes("Alliances: what members got back together, and what the worst-off part could have got more", "ticks x lots")
    step, got, excess = (_numbers(shared, name) for name in ("step", "value_3", "value_4"))
    times = np.unique(step)
    axes.plot(times, [got[step == time].sum() for time in times], marker=".", label="divided by Shapley value")
    axes.plot(times, [excess[step == time].max() for time in times], marker=".", label="largest excess of a part over its share")
    axes.legend(frameon=False)
    return figure


def _interventions(table: Table, steps: int) -> Figure | None:
    if not len(table):
        return None
    figure, axes = new_axes(f"Interventions, in windows of {steps / WINDOWS:g} steps", "interventions a window")
    kinds = sorted(set(table.column("event").to_pylist()))
    rows = {kind: table.filter(pc.equal(table.column("event"), kind)) for kind in kinds}
    _lines(axes, steps, {kind: (_numbers(found, "step"), None) for kind, found in rows.items()})
    return figure


_CHARTS: dict[str, tuple[str, Callable[[Table, int], Figure | None]]] = {
    "resources": ("resources", _resources),
    "negotiations": ("negotiations", _negotiations),
    "reputation": ("standing", _standing),
    "gossip": ("messages", _gossip),
    "alliances": ("messages", _alliances),
    "interventions": ("interventions", _interventions),
}
