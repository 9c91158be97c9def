"""Pictures of manipulation: the price of a market with its alerts, and the book around one episode with what its agents did in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from pipelines.events.vocabulary import RecordKind
from pipelines.workers.page import COLOURS, WIDTH
from spark_jobs.detection.book import ASK, BID
from spark_jobs.detection.columns import Array, Orders, rows_between
from spark_jobs.detection.known import Known
from spark_jobs.detection.scoring import Incident
from spark_jobs.detection.watch import Watch

AROUND = 20  # steps shown before and after a window
LONGEST = 400  # steps shown of one
_TICKS = 15  # shown on either side of the price, at least
_POINTS = 4000  # of a line, at most
_MARKS = {RecordKind.ACCEPTED: "^", RecordKind.MODIFIED: "D", RecordKind.CANCELLED: "x", RecordKind.FILLED: "o"}
_WORDS = {RecordKind.ACCEPTED: "placed", RecordKind.MODIFIED: "changed", RecordKind.CANCELLED: "withdrawn", RecordKind.FILLED: "traded"}


def prices(orders: Orders, alerts: Sequence[Incident], missed: Sequence[Incident]) -> Figure:
    """Trades over time, each alert marked in the colour of its kind; episodes that nobody told of are hollow."""
    figure = Figure((2 * WIDTH, 3.4), layout="constrained")
    axes = figure.subplots()
    trades = np.flatnonzero(orders.kind == RecordKind.FILLED)
    shown = trades[:: max(1, len(trades) // _POINTS)]
    axes.plot(orders.step[shown], orders.price[shown], color="#9aa5b1", linewidth=0.8, zorder=1)
    kinds = sorted({each.kind for each in (*alerts, *missed)})
    for colour, kind in zip(COLOURS * len(kinds), kinds, strict=False):
        for found, face, word in ((alerts, colour, kind), (missed, "none", f"{kind}, missed")):
            steps = np.array([each.last_step for each in found if each.kind == kind])
            if len(steps):
                axes.scatter(steps, price_at(orders, trades, steps), 18, facecolors=face, edgecolors=colour, label=word, zorder=2)
    axes.set(xlabel="step", ylabel="price in ticks")
    if kinds:
        axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return figure


def price_at(orders: Orders, trades: Array, steps: Array) -> Array:
    """The last trade's price at each step."""
    if not len(trades):
        return np.zeros(len(steps))
    last = np.searchsorted(orders.step[trades], steps, side="right") - 1
    return np.asarray(orders.price[trades[np.maximum(last, 0)]])


def episode(orders: Orders, agents: Collection[int], first_step: int, last_step: int) -> Figure:
    """The depth of the book around a window, and the orders of some agents on it."""
    begin, end = max(first_step - AROUND, 0), min(last_step, first_step + LONGEST) + AROUND
    depth, base = depth_of(orders, begin, end)
    figure = Figure((WIDTH, 3.4), layout="constrained")
    axes = figure.subplots()
    place: dict[str, Any] = {
        "origin": "lower", "aspect": "auto", "extent": (begin - 0.5, end - 0.5, base - 0.5, base + len(depth) - 0.5),
    }  # fmt: skip
    most = float(np.quantile(np.abs(depth), 0.995)) or 1.0
    image = axes.imshow(depth, cmap="RdBu", vmin=-most, vmax=most, interpolation="nearest", alpha=0.7, **place)
    figure.colorbar(image, label="lots: bids above 0, asks below", shrink=0.85)
    for kind, mark in _MARKS.items():
        steps, at, lots = deeds(orders, agents, kind, begin, end)
        inside = (at >= base) & (at < base + len(depth))
        if inside.any():
            sizes = 12.0 + 3.0 * np.minimum(lots[inside], 40)
            axes.scatter(steps[inside], at[inside], sizes, marker=mark, color="black", linewidths=0.8, alpha=0.8, label=_WORDS[kind])
    axes.axvspan(first_step - 0.5, min(last_step, end) + 0.5, facecolor="none", edgecolor=COLOURS[4], linewidth=1.5)
    axes.set(xlabel="step", ylabel="price in ticks", xlim=(begin - 0.5, end - 0.5))
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=7, loc="upper left", framealpha=0.8)
    return figure


def depth_of(orders: Orders, begin: int, end: int) -> tuple[Array, int]:
    """Lots resting by price and step, (ticks, steps): bids above 0, asks below; and the price of the first row."""
    watch = Watch()
    bounds = np.searchsorted(orders.step, np.arange(begin, end + 1))
    watch.feed(rows_between(orders, 0, int(bounds[0])))
    columns, middles, base = [], [], 0
    for first, last in pairwise(bounds):
        watch.feed(rows_between(orders, int(first), int(last)))
        known = watch.known
        if known is None:
            columns.append(np.zeros(0))
            continue
        base = int(known.touch["base"][0])
        columns.append(_resting(known))
        middles.append(known.touch["mid"][0] - base)
    if not middles:
        return np.zeros((1, end - begin)), 0
    low, high = int(min(middles)) - _TICKS, int(max(middles)) + _TICKS + 1
    rows = np.zeros((high - low, end - begin))
    for place, column in enumerate(columns):
        if len(column):
            rows[:, place] = column[low:high]
    return rows, base + low


def _resting(known: Known) -> Array:
    """Lots by price, with those of the order that came in last."""
    lots, last = known.levels[BID] - known.levels[ASK], known.arriving[0]
    place = int(last["price"] - known.touch["base"][0])
    if last["left"] > 0 and 0 <= place < len(lots):
        lots[place] += last["left"] if last["side"] == BID else -last["left"]
    return np.asarray(lots)


def deeds(orders: Orders, agents: Collection[int], kind: RecordKind, begin: int, end: int) -> tuple[Array, Array, Array]:
    """Steps, prices and lots of what some agents did in [begin, end), market orders left out."""
    mine = np.isin(orders.owner, list(agents))
    if kind == RecordKind.FILLED:
        mine |= np.isin(orders.other_owner, list(agents))
    rows = np.flatnonzero(mine & (orders.kind == kind) & (orders.step >= begin) & (orders.step < end) & (orders.price > 0))
    return orders.step[rows], orders.price[rows], orders.size[rows]
