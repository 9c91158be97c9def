"""How negotiations over packages begin: everybody's utilities, one stream of chance for each number, whatever batch it is in."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np

from simulator.bargaining.mixing import GAMMA, streams, uniforms, unit
from simulator.bargaining.package_goods import Goods, PriceAndQuantity, Tastes, Weighed, check_goods, price_and_quantity
from simulator.bargaining.package_protocol import OFFERED, PACKAGE_NEGOTIATION, Tables
from simulator.bargaining.packages import PackageRules, Utilities
from simulator.matching.compiled import compiled, inlined

_OPPOSED, _LEAST = Weighed(), 1e-300  # so that weights never sum to nothing


def utilities_of(rules: PackageRules, goods: Goods, seed: int, count: int, start: int = 0) -> Utilities:
    """Return (count, packages, parties) utilities of the negotiations start..start+count-1 of a seed.

    Raises ValueError for fewer than one, for goods that do not fit the rules, and for a seed that is none.
    """
    if count < 1:
        raise ValueError(f"{count} negotiations is fewer than one; ask for at least one")
    states = streams(seed, "packages", count, start)
    check_goods(goods, rules)
    if isinstance(goods, PriceAndQuantity):
        return _shared_gains(rules, goods, states)
    issues, found = np.array(rules.issues, np.int64), np.zeros((count, rules.packages, rules.parties))
    weights, scores = np.zeros(len(issues) * (len(issues) + 1) // 2), np.zeros((len(issues), max(rules.issues)))
    synergy = goods.synergy if len(issues) > 1 else 0.0
    draw_weighed(states, issues, goods.tastes is Tastes.OPPOSED, synergy, weights, scores, np.zeros_like(issues), found)
    return found


def additive(rules: PackageRules, seed: int, number: int = 0, goods: Weighed = _OPPOSED) -> Utilities:
    """Return (packages, parties) utilities in 0..1 of negotiation `number` of a seed: weights that sum to one times scores of choices."""
    return np.asarray(utilities_of(rules, goods, seed, 1, number)[0])


def _shared_gains(rules: PackageRules, goods: PriceAndQuantity, states: Any) -> Utilities:
    """Gains over the largest joint one."""
    prices, quantities = (np.linspace(*ends, most) for ends, most in zip((goods.prices, goods.quantities), rules.issues, strict=True))
    drawn = [
        least + (most - least) * uniforms(states, place + 1)
        for place, (least, most) in enumerate((goods.cost, goods.value, goods.satiation))
    ]
    gains = price_and_quantity(prices, quantities, *drawn)
    return np.asarray(gains / (gains[..., 0] + gains[..., 1]).max(axis=1)[:, None, None])


def begin(rules: PackageRules, goods: Goods, seed: int, count: int, start: int = 0) -> Tables:
    """Return the negotiations start..start+count-1 of a seed at their first turn. Raises ValueError as utilities_of."""
    rows = np.zeros(count, PACKAGE_NEGOTIATION)
    rows["standing"], rows["proposer"] = -1, -1
    return Tables(rows, utilities_of(rules, goods, seed, count, start), np.full((count, rules.parties, len(OFFERED)), -np.inf))


@compiled
def draw_weighed(states: Any, issues: Any, opposed: bool, synergy: float, weights: Any, scores: Any, choices: Any, utilities: Any) -> None:
    """Write utilities (n, packages, parties) of the streams (n,).

    Room to work: weights (issues and their pairs,), scores (issues, choices), choices (issues,).
    """
    single = len(issues)
    for place in range(len(utilities)):
        state = states[place]
        for party in range(utilities.shape[2]):
            state = write_weights(state, weights[:single])
            if synergy > 0.0:
                state = write_weights(state, weights[single:])
            for issue in range(single):
                favourite = 1.0 if party == 0 else 0.0
                if not opposed:
                    state = state + GAMMA
                    favourite = unit(state)
                write_scores(favourite, issues[issue], scores[issue])
            choices[:] = 0
            for package in range(utilities.shape[1]):
                utilities[place, package, party] = worth(weights, scores, choices, synergy)
                next_choices(issues, choices)


@inlined
def write_weights(state: Any, weights: Any) -> Any:
    """Write weights that sum to one, each division of the whole as likely as another; return the stream's next state."""
    total = 0.0
    for place in range(len(weights)):
        state = state + GAMMA
        weights[place] = _LEAST - log(1.0 - unit(state))
        total += weights[place]
    for place in range(len(weights)):
        weights[place] /= total
    return state


@inlined
def write_scores(favourite: float, most: int, scores: Any) -> None:
    """Write what choices are worth, from 0 for the one farthest from a favourite in 0..1 to 1 for the nearest; 1 if all are as far."""
    step = 1.0 / max(most - 1, 1)
    near, far = abs(favourite), abs(favourite)
    for choice in range(most):
        scores[choice] = abs(choice * step - favourite)
        near, far = min(near, scores[choice]), max(far, scores[choice])
    for choice in range(most):
        scores[choice] = (far - scores[choice]) / (far - near) if far > near else 1.0


@inlined
def worth(weights: Any, scores: Any, choices: Any, synergy: float) -> float:
    """Return the utility of a package."""
    single = len(choices)
    whole, pair = 0.0, single
    for issue in range(single):
        whole += weights[issue] * scores[issue, choices[issue]]
        if synergy > 0.0:
            for other in range(issue):
                whole += synergy * weights[pair] * scores[issue, choices[issue]] * scores[other, choices[other]]
                pair += 1
    return min(whole / (1.0 + synergy), 1.0)


@inlined
def next_choices(issues: Any, choices: Any) -> None:
    """Go on to the choices of the next package."""
    issue = len(issues) - 1
    choices[issue] += 1
    while issue > 0 and choices[issue] == issues[issue]:
        choices[issue] = 0
        issue -= 1
        choices[issue] += 1
