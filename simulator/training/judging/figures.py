"""What is measured of a contestant in every market: profit, risk, inventory, success in trading, cooperation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.envs.market.scenario import MarketScenario
from simulator.metrics import cooperation, inventory_statistics, max_drawdown, sharpe_ratio, trading_success, value_at_risk
from simulator.training.judging.contestants import Contestant
from simulator.training.judging.seating import Episode, play
from simulator.training.judging.statistics import Scores
from simulator.types import DealStep, Protocol, RecordKind

FIGURES = {
    "score": "profit per episode and seat, currency; of a regulator the steadiness of its market",
    "market_value": "cash and inventory at the last mid price, currency",
    "sharpe": "mean over standard deviation of the steps' changes in value, per step",
    "drawdown": "greatest fall from an earlier high, currency",
    "value_at_risk": "loss per step that is exceeded in one step of twenty, currency",
    "success": "share of closed lots whose round trip gained (first in, first out)",
    "inventory": "mean inventory, lots",
    "inventory_deviation": "standard deviation of the inventory over the steps, lots",
    "greatest_inventory": "largest absolute inventory, lots",
    "final_inventory": "inventory at the end, lots",
    "turnover": "lots that changed hands",
    "flat_share": "share of steps without inventory",
    "cooperation": "geometric mean of what is agreed and what is kept, of bilateral deals with a seat in them; none without such deals",
}
"""What each figure is; every one is a mean over seats."""

POINTS = 65
"""Of a curve at most so many points are kept."""


@dataclass(frozen=True)
class Judged:
    """A contestant and what it came to.

    figures: name -> (runs, seeds, episodes), nan where there was nothing to measure; curves (runs, seeds, episodes, points) profit since
    the start, currency, mean over seats, at `steps` (points,).
    """

    contestant: Contestant
    figures: dict[str, Scores]
    curves: NDArray[np.float64]
    steps: NDArray[np.int64]
    fundamental: NDArray[np.float64]  # (seeds, episodes, steps + 1) ticks, the same for everybody

    @property
    def name(self) -> str:
        """What it is called."""
        return self.contestant.name

    @property
    def scores(self) -> Scores:
        """What it earned."""
        return self.figures["score"]


def judge(
    market: MarketScenario, contestant: Contestant, seeds: Sequence[int], episodes: int, tell: Callable[[], None] = lambda: None
) -> Judged:
    """Let each player of a contestant play `episodes` markets of each seed, and measure. tell is called after each market.

    Raises ValueError for fewer than one seed or episode.
    """
    if not seeds or episodes < 1:
        raise ValueError(f"{len(seeds)} seeds of {episodes} episodes hold no market; ask for at least one of each")
    shape = (len(contestant.players), len(seeds), episodes)
    figures = {name: np.empty(shape) for name in FIGURES}
    steps = np.unique(np.linspace(0, market.horizon, POINTS).astype(np.int64))
    curves, fundamental = np.empty((*shape, len(steps))), np.empty((*shape[1:], market.horizon + 1))
    for place in np.ndindex(shape):
        run, seed, number = place
        (episode,) = play(market, [contestant.players[run]], seeds[seed], number)
        for name, value in measured(episode).items():
            figures[name][place] = value
        curves[place], fundamental[seed, number] = (episode.worth - episode.worth[0])[steps].mean(axis=1), episode.fundamental
        tell()
    return Judged(contestant, figures, curves, steps, fundamental)


def measured(episode: Episode) -> dict[str, float]:
    """The FIGURES of one episode."""
    held = inventory_statistics(episode.inventory)
    by_seat = {
        "score": episode.scores, "market_value": episode.worth[-1], "sharpe": sharpe_ratio(episode.worth),
        "drawdown": max_drawdown(episode.worth), "value_at_risk": value_at_risk(episode.worth),
        "inventory": held.mean, "inventory_deviation": held.deviation, "greatest_inventory": held.greatest,
        "final_inventory": held.final, "turnover": held.turnover, "flat_share": held.flat_share,
    }  # fmt: skip
    found = {name: float(np.mean(values)) for name, values in by_seat.items()}
    return found | {"success": _success(episode), "cooperation": _cooperation(episode)}


def _success(episode: Episode) -> float:
    found = np.array([trading_success(episode.records, int(seat)) for seat in episode.seats])
    return float(found[~np.isnan(found)].mean()) if (~np.isnan(found)).any() else float("nan")


def _cooperation(episode: Episode) -> float:
    """Of the deals in which a seat is a party."""
    records = episode.records
    theirs = np.isin(records["owner"], episode.seats) | np.isin(records["other_owner"], episode.seats)
    dealt = records[theirs & (records["kind"] == RecordKind.NEGOTIATION) & (records["time_in_force"] == Protocol.BILATERAL)]
    return cooperation(dealt).score if (dealt["reason"] == DealStep.OFFERED).any() else float("nan")
