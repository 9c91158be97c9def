"""A million negotiations: who gets how much of the surplus, and how far from theory. It takes a few seconds; run it with Python.

A supplier that holds out meets a retailer that concedes evenly. Both know only their own valuation.
"""

from __future__ import annotations

from simulator.bargaining.draws import begin
from simulator.bargaining.negotiators.registry import make_negotiator
from simulator.bargaining.playing import Match
from simulator.bargaining.rules import Outcome, Rules
from simulator.metrics import negotiation_figures

RULES = Rules(offers=20, answer_last=True)


def main(count: int = 1_000_000) -> None:
    """Play `count` negotiations and print what came of them."""
    match = Match(RULES, make_negotiator("boulware"), make_negotiator("linear"))
    rows = begin(RULES, seed=1, count=count)
    payoffs = match.play(rows)
    deal, values = rows["outcome"] == Outcome.DEAL, rows["value"]
    found = negotiation_figures(deal, rows["price"], rows["offers"], values[:, 0], values[:, 1], RULES.offers)
    print(f"{match.turns:,} rounds; mean payoffs {payoffs[:, 0].mean():,.1f} (supplier) and {payoffs[:, 1].mean():,.1f} (retailer)")
    for name, figure in vars(found).items():
        print(f"{name:>24}  {figure:,.4g}")


if __name__ == "__main__":
    main()
