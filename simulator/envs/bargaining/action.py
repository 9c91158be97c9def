"""Actions: one meaning, four forms."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from simulator.bargaining.rules import ActionType
from simulator.envs.bargaining.scenario import BargainingScenario
from simulator.envs.bargaining.types import ActionView

_TYPES = len(ActionType)
_FIRST_PRICE = 2  # of the DISCRETE form: after accept and walk away


def space(scenario: BargainingScenario, view: ActionView) -> spaces.Space[Any]:
    """A new space of the view; each agent needs its own, because sampling is seeded per space."""
    rules = scenario.rules
    if view is ActionView.DICT:
        price = spaces.Box(rules.low, rules.high, (1,), np.float32)
        return spaces.Dict({"action_type": spaces.Discrete(_TYPES), "price": price})
    if view is ActionView.MULTI_DISCRETE:
        return spaces.MultiDiscrete([_TYPES, scenario.buckets])
    return spaces.Discrete(_FIRST_PRICE + scenario.buckets) if view is ActionView.DISCRETE else spaces.Box(-1.0, 1.0, (2,), np.float32)


def resolve(scenario: BargainingScenario, view: ActionView, actions: Any) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Actions of n parties in the form of `view` as (n,) ActionType and (n,) prices.

    DICT: a list of dictionaries. Raises ValueError for a choice that does not exist.
    """
    if view is ActionView.DICT:
        kinds = np.array([int(action["action_type"]) for action in actions], np.int64)
        return _checked(kinds, _TYPES), np.array([float(np.asarray(action["price"]).reshape(-1)[0]) for action in actions])
    rules, found = scenario.rules, np.asarray(actions)
    grid = np.linspace(rules.low, rules.high, scenario.buckets)
    if view is ActionView.DISCRETE:
        chosen = _checked(found.astype(np.int64).reshape(-1), _FIRST_PRICE + scenario.buckets)
        kinds = np.where(chosen == 0, ActionType.ACCEPT, np.where(chosen == 1, ActionType.WALK_AWAY, ActionType.COUNTER))
        return kinds.astype(np.int64), grid[np.maximum(chosen - _FIRST_PRICE, 0)]
    pairs = found.reshape(-1, 2)
    if view is ActionView.MULTI_DISCRETE:
        whole = pairs.astype(np.int64)
        return _checked(whole[:, 0], _TYPES), grid[_checked(whole[:, 1], scenario.buckets)]
    if np.isnan(pairs).any():
        raise ValueError("an action is not a number; sample from action_space or clip")
    cut = np.clip(pairs.astype(np.float64), -1.0, 1.0)
    kinds = np.minimum((cut[:, 0] + 1.0) * (_TYPES / 2.0), _TYPES - 1).astype(np.int64)
    return kinds, rules.low + (cut[:, 1] + 1.0) / 2.0 * (rules.high - rules.low)


def _checked(chosen: NDArray[np.int64], choices: int) -> NDArray[np.int64]:
    if chosen.size and not 0 <= chosen.min() <= chosen.max() < choices:
        raise ValueError(f"a choice lies outside 0..{choices - 1}; sample from action_space or clip")
    return chosen
