"""Offer curves of three pairs of negotiators, drawn into offer_curves.png: who gives way when, and where they meet."""

from __future__ import annotations

import sys
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.bargaining.draws import begin
from simulator.bargaining.negotiators.registry import make_negotiator
from simulator.bargaining.playing import Match
from simulator.bargaining.rules import ActionType, Outcome, Party, Rules

RULES = Rules(offers=20, answer_last=True, supplier=(5000, 5000), retailer=(8000, 8000))
PAIRS = (("boulware", "conceder"), ("linear", "linear"), ("tit_for_tat", "belief_based"))


def curve(axes: Axes, names: tuple[str, str]) -> None:
    """Play one negotiation and draw the offers of both, and the deal."""
    match, row = Match(RULES, *(make_negotiator(name) for name in names)), begin(RULES, 1, 1)
    offers: dict[Party, list[tuple[int, float]]] = {party: [] for party in Party}
    while row["outcome"][0] == Outcome.RUNNING:
        party, number = Party(int(row["turn"][0])), int(row["offers"][0])
        decision = match.turn(row)
        if decision.action is ActionType.COUNTER:
            offers[party].append((number, decision.price))
    for party, found in offers.items():
        axes.plot(*zip(*found, strict=True), marker="o", label=f"{party.name.lower()}: {names[party]}")
    if row["outcome"][0] == Outcome.DEAL:
        price = float(row["price"][0])
        axes.plot([int(row["offers"][0])], [price], marker="*", markersize=16, linestyle="", label=f"deal at {price:,.0f}")
    axes.axhspan(RULES.supplier[0], RULES.retailer[0], color="0.9", zorder=0)
    axes.set_xlabel("offers")
    axes.legend(frameon=False, fontsize=8)


def main(path: Path) -> None:
    """Draw all pairs side by side."""
    figure = Figure(figsize=(13, 4.2), layout="constrained")
    for axes, names in zip(figure.subplots(1, len(PAIRS), sharey=True), PAIRS, strict=True):
        curve(axes, names)
    figure.axes[0].set_ylabel("price; grey is the zone of agreement")
    figure.savefig(path, dpi=90)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "offer_curves.png"))
