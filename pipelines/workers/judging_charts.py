"""Charts of an evaluation, small enough to be read on a phone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from pipelines.workers.page import COLOURS, WIDTH, Chart
from simulator.training.judging.report import ContestantReport, Report

TRAINED = ("policy", "sampled policy")
_SHOWN = 6
_DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)), (0, (3, 1, 1, 1)))
_DARK = 1.5  # sum of red, green and blue below which letters are white
_NUMBERED = 12
"""A table of more rows than this is drawn without its numbers."""


def charts(report: Report) -> Iterator[Chart]:
    """All charts that a report has something for."""
    yield Chart("intervals", "Profit, with its interval", _intervals_alt(report), _intervals(report))
    yield Chart("equity", "Profit over the episode", _equity_alt(report), _equity(report))
    yield Chart("profile", "How often more than so much is earned", _profile_alt(report), _profile(report))
    if report.cross_play and not report.metagame:
        cells = np.array([[cell.value for cell in row] for row in report.cross_play.cells])
        yield Chart("cross-play", "Who earns what beside whom", _heat_alt(report.cross_play.names, cells),
                    _heat(report.cross_play.names, cells))  # fmt: skip
    if report.metagame:
        payoff = np.array(report.metagame.payoff)
        yield Chart("game", "Who earns what beside whom", _heat_alt(report.metagame.names, payoff), _heat(report.metagame.names, payoff))
    if report.learning:
        yield Chart("learning", "What was earned while learning", _learning_alt(report), _learning(report))


def shown(report: Report) -> list[ContestantReport]:
    """At most six to draw: the trained ones, then the best of the others, and the noise trader."""
    trained = [each for each in report.contestants if each.kind in TRAINED]
    others = sorted((each for each in report.contestants if each.kind not in TRAINED), key=lambda each: -each.score.value)
    floor = [each for each in others if each.name == "noise"]
    room = max(0, _SHOWN - len(trained) - len(floor))
    return trained[:_SHOWN] + [each for each in others if each not in floor][:room] + (floor if len(trained) < _SHOWN else [])


def _axes(across: str, up: str, height: float = 3.6) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.add_subplot()
    axes.set(xlabel=across, ylabel=up)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _intervals(report: Report) -> Figure:
    ranked = sorted(report.contestants, key=lambda each: each.score.value)
    figure, axes = _axes("profit per episode and seat, 95 % interval", "", 1.0 + 0.26 * len(ranked))
    for place, each in enumerate(ranked):
        trained = each.kind in TRAINED
        low, value, high = each.score.low, each.score.value, each.score.high
        axes.plot([low, high], [place, place], color=COLOURS[0] if trained else "0.55", linewidth=6 if trained else 4, alpha=0.5,
                  solid_capstyle="butt")  # fmt: skip
        axes.plot([value], [place], marker="D" if trained else "o", color=COLOURS[0] if trained else "0.25", markersize=5)
    axes.set_yticks(range(len(ranked)), [each.name for each in ranked], fontsize=9)
    axes.axvline(0.0, color="black", linewidth=0.8)
    axes.grid(axis="y", visible=False)
    return figure


def _intervals_alt(report: Report) -> str:
    ranked = sorted(report.contestants, key=lambda each: -each.score.value)
    ends = f"{ranked[0].name} earned most, {ranked[-1].name} least"
    return f"Interval plot of {len(ranked)} contestants; {ends}. The first table has the figures."


def _equity(report: Report) -> Figure:
    figure, axes = _axes("step", "profit since the start, per seat")
    curves = {curve.name: curve for curve in report.curves}
    for number, each in enumerate(shown(report)):
        curve, colour = curves[each.name], COLOURS[number]
        axes.plot(curve.steps, curve.middle, color=colour, linestyle=_DASHES[number], linewidth=1.6, label=each.name)
        axes.fill_between(curve.steps, curve.low, curve.high, color=colour, alpha=0.12, linewidth=0)
    axes.axhline(0.0, color="black", linewidth=0.8)
    _legend(figure, axes)
    return figure


def _equity_alt(report: Report) -> str:
    ends = ", ".join(
        f"{curve.name} {curve.middle[-1]:,.0f}" for curve in report.curves if curve.name in {each.name for each in shown(report)}
    )
    return f"Profit by step, with the band of the middle half of all episodes. At the end: {ends}."


def _profile(report: Report) -> Figure:
    figure, axes = _axes("profit per episode and seat", "share of episodes above it")
    for number, each in enumerate(shown(report)):
        value, low, high = np.array(report.profile.shares[each.name]).T
        axes.plot(report.profile.levels, value, color=COLOURS[number], linestyle=_DASHES[number], linewidth=1.6, label=each.name)
        axes.fill_between(report.profile.levels, low, high, color=COLOURS[number], alpha=0.12, linewidth=0)
    axes.set_ylim(-0.02, 1.02)
    _legend(figure, axes)
    return figure


def _profile_alt(report: Report) -> str:
    names = ", ".join(each.name for each in shown(report))
    return f"Performance profiles of {names}: a curve further right and up earned more, more often."


def _legend(figure: Figure, axes: Axes) -> None:
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False, fontsize=9)


def _heat(names: Sequence[str], cells: NDArray[np.float64]) -> Figure:
    count = len(names)
    figure = Figure(figsize=(WIDTH, 1.6 + min(0.42 * count, 5.0)), layout="constrained")
    axes = figure.add_subplot()
    low, high = float(cells.min()), float(cells.max())
    reach = max(-low, high, 1e-9)
    # around zero where both signs occur; otherwise all of the scale for what there is
    colours, least, most = ("PuOr", -reach, reach) if low < 0.0 < high else ("Blues", low, high)
    image = axes.imshow(cells, cmap=colours, vmin=least, vmax=most, aspect="auto")
    axes.set_xticks(range(count), [str(number) for number in range(1, count + 1)], fontsize=9 if count <= _NUMBERED else 7)
    axes.set_yticks(range(count), [f"{number}  {name}" for number, name in enumerate(names, 1)], fontsize=9)
    axes.set_xlabel("beside the one of this number")
    places = 0 if reach >= 10.0 else 1
    if count <= _NUMBERED:
        for row, column in np.ndindex(cells.shape):
            colour = "white" if sum(image.to_rgba(cells[row, column])[:3]) < _DARK else "black"
            axes.text(column, row, f"{cells[row, column]:,.{places}f}", ha="center", va="center", fontsize=9, color=colour)
    figure.colorbar(image, ax=axes, label="row's profit per seat", shrink=0.9)
    return figure


def _heat_alt(names: Sequence[str], cells: NDArray[np.float64]) -> str:
    best = np.unravel_index(int(cells.argmax()), cells.shape)
    most = f"The most, {cells.max():,.1f}, was earned by {names[int(best[0])]} beside {names[int(best[1])]}."
    return f"Heat map of {len(names)} by {len(names)}: what the row earned a seat beside the column. {most} A table has the figures."


def _learning(report: Report) -> Figure:
    figure, axes = _axes("rollout, from the first with an episode that ended", "mean return per episode")
    for number, curve in enumerate(report.learning):
        axes.plot(range(1, len(curve.returns) + 1), curve.returns, color=COLOURS[number % len(COLOURS)],
                  linestyle=_DASHES[number % len(_DASHES)], linewidth=1.4, label=f"{curve.run}: {curve.verdict}")  # fmt: skip
    if len(report.learning) <= len(COLOURS):
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=1, frameon=False, fontsize=9)
    return figure


def _learning_alt(report: Report) -> str:
    return (
        "Learning curves. "
        + "; ".join(f"{curve.run} ended at {curve.returns[-1]:,.1f}, {curve.verdict}" for curve in report.learning)
        + "."
    )
