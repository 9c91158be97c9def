"""Thousands of negotiations that move one turn at a time, as rows of arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.bargaining.draws import begin
from simulator.bargaining.protocol import Rows, game_of, step_rows
from simulator.bargaining.rules import ActionType, Outcome
from simulator.envs.bargaining.observation import PLAIN, RICH, observe_plain, observe_rich
from simulator.envs.bargaining.scenario import BargainingScenario
from simulator.envs.bargaining.types import Step
from simulator.envs.bound import bound


class BargainingBatch:
    """n negotiations of a seed, numbered from `start` on; a number's course does not depend on the batch that it is in.

    Parameters
    ----------
    scenario : the game, and what parties see.
    count : how many.

    Attributes
    ----------
    rows : (count,) NEGOTIATION, all that is to know of each.
    """

    def __init__(self, scenario: BargainingScenario, count: int, seed: int = 0, start: int = 0) -> None:
        self.scenario, self.count, self.seed = scenario, count, seed
        self.rows: Rows = begin(scenario.rules, seed, count, start)
        self._next = start + count
        self._kinds, self._prices, self._rewards = np.zeros(count, np.int64), np.zeros(count), np.zeros((count, 2))
        self._observations = np.zeros((count, 2, len(RICH if scenario.rich else PLAIN)), np.float32)
        games = game_of(scenario.rules, scenario.learn, scenario.settle)
        self._step = bound(step_rows, games, self.rows, self._kinds, self._prices, self._rewards)
        self._look = bound(observe_rich if scenario.rich else observe_plain, games, self.rows, self._observations)

    def reset(self) -> NDArray[np.float32]:
        """Put the next negotiations of the seed into all places that are over, and return (n, 2, features) observations."""
        over = np.flatnonzero(self.rows["outcome"] != Outcome.RUNNING)
        if len(over):
            self.rows[over] = begin(self.scenario.rules, self.seed, len(over), self._next)
            self._next += len(over)
        return self.look()

    def look(self) -> NDArray[np.float32]:
        """What both parties of each see now, (n, 2, features)."""
        self._look()
        return self._observations.copy()

    def step(self, kinds: NDArray[np.int64], prices: NDArray[np.float64]) -> Step:
        """Let the party whose turn it is act in each; kinds (n,) are ActionTypes. What is over stays as it is.

        Raises ValueError for another number of actions, or a kind that does not exist.
        """
        if len(kinds) != self.count or len(prices) != self.count:
            raise ValueError(f"{len(kinds)} kinds and {len(prices)} prices for {self.count} negotiations; pass one for each")
        if self.count and not 0 <= np.min(kinds) <= np.max(kinds) < len(ActionType):
            raise ValueError(f"an action type lies outside 0..{len(ActionType) - 1}; choose one of ActionType")
        running = self.rows["outcome"] == Outcome.RUNNING
        self._kinds[:], self._prices[:] = kinds, prices
        self._step()
        ended = self.rows["outcome"] * running
        over = (ended == Outcome.DEAL) | (ended == Outcome.WALKED_AWAY)
        return Step(self.look(), self._rewards.copy(), over, ended == Outcome.TIMEOUT)

    def action_masks(self) -> NDArray[np.bool_]:
        """(n, 3): which ActionTypes the party to act may choose; accepting needs an offer, countering one that is left."""
        masks = np.ones((self.count, len(ActionType)), np.bool_)
        masks[:, ActionType.ACCEPT] = self.rows["standing"] >= 0
        masks[:, ActionType.COUNTER] = self.rows["offers"] < self.scenario.rules.offers
        masks[self.rows["outcome"] != Outcome.RUNNING] = False
        return masks
