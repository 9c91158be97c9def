"""The charts of a run, drawn from its CSV files: price history, profit and loss from zero, inventory, resources."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from pipelines.workers.charts_beyond import charts_beyond, new_axes
from pipelines.workers.csv_log import PNL, PRICES

POINTS = 2000
"""At most about so many steps are drawn; more would only darken the lines."""

LINES = 12
"""More agents than this are drawn as one line and band per trader type."""


def draw_charts(logs: Path, charts: Path, steps: int) -> list[Path]:
    """Draw price_history.png, pnl.png and inventory.png from the CSV files under logs, and price_history_SYMBOL.png of any further symbol,
    which prices_compared.png then puts side by side.

    Beside them those of what happens beside trading, where it does (charts_beyond).

    Returns the paths drawn.
    """
    stride = max(1, steps // POINTS)
    accounts = _thinned(logs / "pnl.csv", PNL, stride)
    charts.mkdir(parents=True, exist_ok=True)
    step, names, values = _by_agent(accounts, "total_value")
    _, _, inventory = _by_agent(accounts, "inventory")
    symbols = [path.stem.removeprefix("prices") for path in sorted(logs.glob("prices*.csv"))]
    drawn = [(_price_chart(_thinned(logs / f"prices{each}.csv", PRICES, stride), each[1:]), f"price_history{each}.png") for each in symbols]
    if len(symbols) > 1:
        prices = {each[1:] or "first": _thinned(logs / f"prices{each}.csv", PRICES, stride) for each in symbols}
        drawn.append((_comparison_chart(prices), "prices_compared.png"))
    drawn.append((_agent_chart(step, names, values - values[:1], "Profit and loss since the start", "currency"), "pnl.png"))
    drawn.append((_agent_chart(step, names, inventory, "Inventory", "units, negative is short"), "inventory.png"))
    drawn += [(figure, f"{name}.png") for name, figure in charts_beyond(logs, steps)]
    for figure, name in drawn:
        figure.savefig(charts / name, dpi=120)
    return [charts / name for _, name in drawn]


def _thinned(path: Path, columns: Sequence[str], stride: int) -> dict[str, NDArray[np.generic]]:
    """Every stride-th step of a CSV file, read in pieces so that a long run does not fill the memory."""
    pieces: dict[str, list[NDArray[np.generic]]] = {name: [] for name in columns}
    with arrow_csv.open_csv(path) as reader:
        for batch in reader:
            wanted = batch.column("step").to_numpy() % stride == 0
            for name in columns:
                pieces[name].append(batch.column(name).to_numpy(zero_copy_only=False)[wanted])
    return {name: np.concatenate(found) if found else np.empty(0) for name, found in pieces.items()}


def _by_agent(accounts: dict[str, NDArray[np.generic]], column: str) -> tuple[NDArray[np.generic], list[str], NDArray[np.float64]]:
    """Steps, agents' names, and the column as a (steps, agents) table; pnl.csv lists all agents at every step in one order."""
    step, first = np.unique(accounts["step"], return_index=True)
    agents = len(accounts["step"]) // max(1, len(first))
    names = [str(name) for name in accounts["agent_id"][:agents]]
    return step, names, accounts[column].astype(np.float64).reshape(len(step), agents)


def _price_chart(prices: dict[str, NDArray[np.generic]], symbol: str) -> Figure:
    figure, axes = new_axes(f"Price history of {symbol}" if symbol else "Price history", "currency")
    bid, ask = (prices[name].astype(np.float64) for name in ("best_bid", "best_ask"))
    axes.fill_between(prices["step"], bid, ask, alpha=0.3, linewidth=0, label="best bid to best ask")
    axes.plot(prices["step"], prices["mid_price"], linewidth=1.2, label="mid price")
    axes.legend(frameon=False)
    return figure


def _comparison_chart(prices: dict[str, dict[str, NDArray[np.generic]]]) -> Figure:
    """All symbols' mid prices, each against its first one."""
    figure, axes = new_axes("Prices of all symbols, against where they began", "per cent")
    for name, found in prices.items():
        mid = found["mid_price"].astype(np.float64)
        axes.plot(found["step"], 100 * (mid / mid[0] - 1), linewidth=1.0, label=f"{name} symbol" if name == "first" else name)
    axes.legend(frameon=False)
    return figure


def _agent_chart(step: NDArray[np.generic], names: list[str], values: NDArray[np.float64], title: str, unit: str) -> Figure:
    figure, axes = new_axes(title, unit)
    axes.axhline(0.0, color="black", linewidth=0.8)
    if len(names) <= LINES:
        for agent, name in enumerate(names):
            axes.plot(step, values[:, agent], linewidth=1.2, label=name)
    else:
        _type_bands(axes, step, names, values)
    axes.legend(frameon=False, ncols=2)
    return figure


def _type_bands(axes: Axes, step: NDArray[np.generic], names: list[str], values: NDArray[np.float64]) -> None:
    """Mean of each trader type with the band that holds the middle 80 % of its agents."""
    kinds = [name.rpartition("_")[0] for name in names]
    for kind in dict.fromkeys(kinds):
        places = [place for place, other in enumerate(kinds) if other == kind]
        of_kind = values[:, places]
        label = names[places[0]] if len(places) == 1 else f"{kind} (mean of {len(places)})"
        low, high = np.quantile(of_kind, [0.1, 0.9], axis=1)
        (line,) = axes.plot(step, of_kind.mean(axis=1), linewidth=1.4, label=label)
        axes.fill_between(step, low, high, alpha=0.15, linewidth=0, color=line.get_color())
