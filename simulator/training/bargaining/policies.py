"""Networks that bargain: as opponents while they learn, and their greedy choices as strategies when they have learned."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.bargaining.protocol import Rows, game_of
from simulator.bargaining.rules import ActionType
from simulator.envs.bargaining.action import resolve
from simulator.envs.bargaining.observation import RICH, observe_rich
from simulator.envs.bargaining.types import ActionView
from simulator.training.bargaining.opponents import Moves
from simulator.training.bargaining.train_config import BargainingTrainConfig
from simulator.training.bargaining.vectorise import columns, masks_of
from simulator.training.policy import Policy


class Chooser(Protocol):
    """Chooses actions, in the form of the configuration, for (n, features) observations with (n, choices) masks, None for BOX."""

    def __call__(self, observations: NDArray[np.float32], masks: NDArray[np.bool_] | None) -> NDArray[Any]:
        """(n,) or (n, parts) actions."""
        ...


class PolicyOpponent:
    """Whoever chooses by observations plays either party.

    Parameters
    ----------
    config : the game, what is seen, the form of actions.
    choose : the policy.
    """

    def __init__(self, config: BargainingTrainConfig, choose: Chooser) -> None:
        self._config, self._scenario, self._choose = config, config.scenario, choose
        self._game, self._columns = game_of(config.rules, self._scenario.learn, self._scenario.settle), columns(config.sight)

    def moves(self, rows: Rows, uniform: NDArray[np.float64]) -> Moves:
        """What it does in each of (n,) NEGOTIATION in which it is to act."""
        seen = np.zeros((len(rows), 2, len(RICH)), np.float32)
        observe_rich(self._game, rows, seen)
        kinds = np.ones((len(rows), len(ActionType)), np.bool_)
        kinds[:, ActionType.ACCEPT] = rows["standing"] >= 0
        kinds[:, ActionType.COUNTER] = rows["offers"] < self._config.rules.offers
        view = self._config.action_view
        masks = None if view is ActionView.BOX else masks_of(view, kinds, self._scenario.buckets)
        mine = seen[np.arange(len(rows)), rows["turn"]][:, self._columns]
        return resolve(self._scenario, view, self._choose(mine, masks))


def greedy(policy: Policy) -> Chooser:
    """The likeliest choice of an exported policy, among legal ones."""

    def choose(observations: NDArray[np.float32], masks: NDArray[np.bool_] | None) -> NDArray[Any]:
        if masks is None:
            return policy.act(observations)
        outputs = np.where(masks, policy.evaluate(observations), -np.inf)
        parts = np.split(outputs, np.cumsum(policy.heads)[:-1], axis=1)
        chosen = np.stack([part.argmax(axis=1) for part in parts], axis=1)
        return chosen[:, 0] if len(parts) == 1 else chosen

    return choose
