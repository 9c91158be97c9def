"""Actions: one meaning, three forms."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from simulator.bargaining.packages import PackageRules
from simulator.bargaining.rules import ActionType
from simulator.envs.packages.types import ActionView

MOST_DISCRETE = 2_000
"""Packages that the DISCRETE form can name."""

_TYPES = len(ActionType)
_FIRST_PACKAGE = 2  # of the DISCRETE form: after accept and walk away


def space(rules: PackageRules, view: ActionView) -> spaces.Space[Any]:
    """A new space of the view; each agent needs its own, because sampling is seeded per space.

    Raises ValueError for more packages than the DISCRETE form can name.
    """
    if view is ActionView.DICT:
        return spaces.Dict({"action_type": spaces.Discrete(_TYPES), "package": spaces.MultiDiscrete(list(rules.issues))})
    if view is ActionView.MULTI_DISCRETE:
        return spaces.MultiDiscrete([_TYPES, *rules.issues])
    if rules.packages > MOST_DISCRETE:
        raise ValueError(
            f"{rules.packages} packages are more than {MOST_DISCRETE}, too many for one number; use ActionView.MULTI_DISCRETE or DICT"
        )
    return spaces.Discrete(_FIRST_PACKAGE + rules.packages)


def resolve(rules: PackageRules, view: ActionView, actions: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Actions of n parties in the form of `view` as (n,) ActionType and (n,) packages.

    DICT: a list of dictionaries. Raises ValueError for a choice that does not exist.
    """
    if view is ActionView.DISCRETE:
        chosen = _checked(np.asarray(actions, np.int64).reshape(-1), _FIRST_PACKAGE + rules.packages)
        kinds = np.where(chosen == 0, ActionType.ACCEPT, np.where(chosen == 1, ActionType.WALK_AWAY, ActionType.COUNTER))
        return kinds.astype(np.int64), np.maximum(chosen - _FIRST_PACKAGE, 0)
    if view is ActionView.DICT:
        actions = [[int(action["action_type"]), *np.asarray(action["package"]).reshape(-1)] for action in actions]
    found = np.asarray(actions, np.int64).reshape(-1, 1 + len(rules.issues))
    choices = tuple(_checked(found[:, 1 + issue], most) for issue, most in enumerate(rules.issues))
    return _checked(found[:, 0], _TYPES), np.ravel_multi_index(choices, rules.issues).astype(np.int64)


def masks_of(rules: PackageRules, view: ActionView, masks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Masks (n, 3) by ActionType as (n, choices) of the view: of each number, of types and then each issue's choices, or as they are."""
    if view is ActionView.DISCRETE:
        counters = np.repeat(masks[:, [ActionType.COUNTER]], rules.packages, axis=1)
        return np.concatenate([masks[:, [ActionType.ACCEPT, ActionType.WALK_AWAY]], counters], axis=1)
    if view is ActionView.MULTI_DISCRETE:
        return np.concatenate([masks, np.ones((len(masks), sum(rules.issues)), np.bool_)], axis=1)
    return masks


def _checked(chosen: NDArray[np.int64], choices: int) -> NDArray[np.int64]:
    if chosen.size and not 0 <= chosen.min() <= chosen.max() < choices:
        raise ValueError(f"a choice lies outside 0..{choices - 1}; sample from action_space or clip")
    return chosen
