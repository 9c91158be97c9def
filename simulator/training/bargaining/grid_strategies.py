"""What anybody who looks at the turn and the standing offer alone does in every state, as a strategy over a grid."""

from __future__ import annotations

import numpy as np

from simulator.bargaining.best_response import GridGame, GridStrategy
from simulator.bargaining.draws import begin
from simulator.bargaining.negotiators import fixed_price, time_dependent
from simulator.bargaining.negotiators.negotiator import Negotiator
from simulator.bargaining.protocol import Rows
from simulator.bargaining.rules import ActionType, Party
from simulator.training.bargaining.opponents import Opponent


def looks_at_state(negotiator: Negotiator) -> bool:
    """Whether a negotiator is known to draw nothing and to look at the turn, the standing offer and its own valuation alone.

    >>> looks_at_state(time_dependent.TimeDependent()), looks_at_state(Negotiator())
    (True, False)
    """
    return negotiator.code in (time_dependent.CODE, fixed_price.CODE)


def every_state(game: GridGame, seed: int = 0) -> Rows:
    """Return (turns x prices,) NEGOTIATION: each turn with each standing price; in turn 0, where nothing stands, all the same."""
    rows = begin(game.rules, seed, game.turns * len(game.prices))
    turn, price = np.divmod(np.arange(len(rows)), len(game.prices))
    rows["value"] = game.supplier_value, game.retailer_value
    rows["offers"], rows["standing"], rows["made"] = turn, turn - 1, turn
    rows["price"] = np.where(turn > 0, game.prices[price], 0.0)
    rows["turn"] = np.where(turn % 2 == 0, int(game.rules.first), int(Party(game.rules.first).other))
    return rows


def grid_strategy(game: GridGame, opponent: Opponent) -> GridStrategy:
    """Return what an opponent does in every state, in both parties' turns; its prices are moved to the nearest of the grid.

    Exact for one that looks at the turn and the standing offer alone and draws nothing.
    """
    rows, shape = every_state(game), (game.turns, len(game.prices))
    kinds, offered = opponent.moves(rows, np.zeros(len(rows)))
    accept = (kinds == ActionType.ACCEPT) & (rows["standing"] >= 0)
    legal = np.clip(offered, game.rules.low, game.rules.high)
    counter = np.rint((legal - game.rules.low) / game.step).astype(np.int64)
    return GridStrategy((accept * 1.0).reshape(shape), ((kinds == ActionType.WALK_AWAY) * 1.0).reshape(shape), counter.reshape(shape))
