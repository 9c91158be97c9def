"""Learned against perfect offers, drawn into learned_offers.png: ten answered offers over a known surplus of 1, delay costs 5 %."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.bargaining.best_response import GridGame, GridStrategy
from simulator.bargaining.rules import Party
from simulator.bargaining.subgame_perfect import subgame_perfect
from simulator.training.bargaining.judge import judge
from simulator.training.bargaining.q_config import Starts, TableConfig
from simulator.training.bargaining.q_learning import QLearner

SEEDS = range(3)
TITLES = {Starts.EVERYWHERE: "learned in every state", Starts.BEGINNING: "learned from the first offer on"}


def offers(game: GridGame, strategy: GridStrategy) -> list[float]:
    """What is offered in each round to one that has just made the other extreme demand."""
    rules = game.rules
    worst = [0 if rules.proposer(turn) is Party.SUPPLIER else len(game.prices) - 1 for turn in range(rules.offers)]
    return [float(game.prices[strategy.counter[turn, 0 if turn == 0 else index]]) for turn, index in enumerate(worst)]


def draw(axes: Axes, config: TableConfig) -> None:
    """Learn with each seed and draw the offers beside those of theory."""
    game = GridGame(config.rules, 0.0, 1.0, config.step)
    rounds, gains = np.arange(1, config.rules.offers + 1), []
    perfect = subgame_perfect(config.rules, 0.0, 1.0).price[: config.rules.offers]
    axes.plot(rounds, perfect, color="0.6", linewidth=6, solid_capstyle="round", label="subgame-perfect")
    for seed in SEEDS:
        found = QLearner(replace(config, seed=seed)).learn().strategy()
        gains.append(judge(game, (found, found)).subgame_gain)
        axes.plot(rounds, offers(game, found), marker="o", linewidth=1, label=f"seed {seed}")
    axes.set_title(f"{TITLES[config.starts]}: largest gain left {min(gains):.2f} to {max(gains):.2f} of the surplus", fontsize=9)
    axes.set_xlabel("offer")
    axes.set_xticks(rounds)
    axes.legend(frameon=False, fontsize=8)


def main(path: Path) -> None:
    """Draw both ways to learn side by side."""
    figure = Figure(figsize=(13, 4.2), layout="constrained")
    for axes, starts in zip(figure.subplots(1, 2, sharey=True), Starts, strict=True):
        draw(axes, TableConfig(starts=starts))
    figure.axes[0].set_ylabel("price offered (supplier 1, 3, ..; retailer 2, 4, ..)")
    figure.savefig(path, dpi=90)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "learned_offers.png"))
