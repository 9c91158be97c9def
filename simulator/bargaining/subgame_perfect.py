"""The subgame-perfect equilibrium of a negotiation in which both know both valuations, by backward induction over its offers.

A turn is named by the offer that may be made in it, from 0. In it the mover accepts the standing offer (that of the turn before), makes its
own, or walks away. An answer to the last offer is a turn too, in which time may also run out; where the last offer has no answer, making it
means that time runs out. To waste a turn on purpose is left out.

An indifferent mover makes an offer that is accepted rather than one that is refused, and either, or nothing, rather than walk away.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.bargaining.rules import Outcome, Party, Rules

Values = NDArray[np.float64]

_ROUNDING = 1e-14  # of the amounts compared; below that they count as equal


class TieRule(StrEnum):
    """What one does whom the standing offer and going on are worth the same."""

    ACCEPT_WHEN_EQUAL = "accept"
    REJECT_WHEN_EQUAL = "reject"


class Course(IntEnum):
    """What a mover does that does not accept."""

    OFFER_ACCEPTED = 0  # makes an offer that will be accepted
    OFFER_REFUSED = 1  # makes one that will not
    WALK_AWAY = 2
    TIME_OUT = 3


class Ending(NamedTuple):
    """How a negotiation in equilibrium ends."""

    outcome: Outcome
    turn: int  # of the offer that is accepted, or of the end without agreement
    price: float  # nan without a deal
    payoffs: tuple[float, float]  # supplier's, retailer's


@dataclass(frozen=True)
class Equilibrium:
    """What is best in every turn, on and off the path; `turns` is the number of offers, and one more if the last is answered."""

    rules: Rules
    values: tuple[float, float]
    """Valuations of supplier and retailer."""

    price: Values
    """(turns,) what the mover offers if it does not accept; nan where it makes no offer."""

    threshold: Values
    """(turns,) the worst standing offer the mover accepts: the supplier takes as much or more, the retailer as much or less; inf or -inf
    where it takes none, nan in the first turn."""

    payoff: Values
    """(turns, 2) what supplier and retailer have if the mover does not accept."""

    course: NDArray[np.int64]
    """(turns,) Course of the mover if it does not accept."""

    def accepts(self, turn: int, price: float) -> bool:
        """Whether the mover of a turn accepts a standing offer."""
        limit = self.threshold[turn]
        return bool(price >= limit if self.rules.proposer(turn) is Party.SUPPLIER else price <= limit)

    def ending(self) -> Ending:
        """How the negotiation goes if both play their equilibrium strategies."""
        turn = 0
        while self.course[turn] == Course.OFFER_REFUSED:
            turn += 1
        outcomes = {Course.OFFER_ACCEPTED: Outcome.DEAL, Course.WALK_AWAY: Outcome.WALKED_AWAY, Course.TIME_OUT: Outcome.TIMEOUT}
        outcome = outcomes[Course(self.course[turn])]
        price = float(self.price[turn]) if outcome is Outcome.DEAL else float("nan")
        return Ending(outcome, turn, price, (float(self.payoff[turn, 0]), float(self.payoff[turn, 1])))


def price_grid(rules: Rules, step: float) -> Values:
    """Return (prices,) the legal prices, lowest first, a step apart. Raises ValueError for a step that does not lead to the highest."""
    steps = (rules.high - rules.low) / step if step > 0.0 else 0.0
    if steps < 0.5 or abs(steps - round(steps)) > 1e-9 * steps:
        raise ValueError(f"steps of {step} do not lead from {rules.low} to {rules.high}; choose one that divides the difference")
    return np.linspace(rules.low, rules.high, round(steps) + 1)


def _slack(rules: Rules, offer: int, other: float) -> float:
    """Return how far rounding may move a payoff from another one that it is compared with."""
    return _ROUNDING * (rules.high * rules.left(offer) + abs(rules.bonus(offer)) + abs(other))


def _worst_price(party: Party, rules: Rules) -> float:
    """Return the legal price that is worst for a party, and best for the other."""
    return rules.low if party is Party.SUPPLIER else rules.high


@dataclass(frozen=True)
class _Answers:
    """What a responder accepts, of all prices or those of a grid."""

    rules: Rules
    values: tuple[float, float]
    prices: Sequence[float] | None  # of the grid, lowest first
    tie: TieRule

    def limit(self, party: Party, offer: int, without: float) -> float:
        """Return the worst price that a party accepts which has a payoff without it; inf or -inf if it accepts none."""
        if not self._takes(party, _worst_price(party.other, self.rules), offer, without):
            return float("inf") if party is Party.SUPPLIER else float("-inf")
        if self._takes(party, _worst_price(party, self.rules), offer, without):
            return _worst_price(party, self.rules)
        if self.prices is not None:
            ordered = self.prices if party is Party.SUPPLIER else self.prices[::-1]
            return float(ordered[bisect_left(ordered, True, key=lambda price: self._takes(party, price, offer, without))])
        gain = (without - self.rules.bonus(offer)) / self.rules.left(offer)  # here left > 0: both ends were worth the same otherwise
        price = self.values[party] + (gain if party is Party.SUPPLIER else -gain)
        return min(max(price, self.rules.low), self.rules.high)

    def _takes(self, party: Party, price: float, offer: int, without: float) -> bool:
        slack = _slack(self.rules, offer, without)
        more = self.rules.payoff(party, self.values[party], price, offer) - without
        return more >= -slack if self.tie is TieRule.ACCEPT_WHEN_EQUAL else more > slack


class _Plan(NamedTuple):
    """A way to go on without accepting."""

    course: Course
    price: float
    payoffs: tuple[float, float]


def _last_turn(rules: Rules, turn: int) -> _Plan:
    price = float("nan") if turn >= rules.offers else _worst_price(rules.proposer(turn).other, rules)
    out = _Plan(Course.TIME_OUT, price, (rules.timeout, rules.timeout))
    return out if rules.timeout >= rules.walk_away else _Plan(Course.WALK_AWAY, float("nan"), (rules.walk_away, rules.walk_away))


def _best_plan(answers: _Answers, turn: int, limit: float, refused: tuple[float, float]) -> _Plan:
    """Return the best of an offer the other just accepts, of one it refuses, and of walking away, the earlier of equal ones."""
    rules, mover = answers.rules, answers.rules.proposer(turn)
    greedy, supplier, retailer = _worst_price(mover.other, rules), Party.SUPPLIER, Party.RETAILER
    plans = []
    if np.isfinite(limit):
        both = [rules.payoff(party, answers.values[party], limit, turn) for party in (supplier, retailer)]
        plans.append(_Plan(Course.OFFER_ACCEPTED, limit, (both[supplier], both[retailer])))
    if limit != greedy:
        plans.append(_Plan(Course.OFFER_REFUSED, greedy, refused))
    plans.append(_Plan(Course.WALK_AWAY, float("nan"), (rules.walk_away, rules.walk_away)))
    best = plans[0]
    for plan in plans[1:]:
        if plan.payoffs[mover] > best.payoffs[mover] + _slack(rules, turn, plan.payoffs[mover]):
            best = plan
    return best


def subgame_perfect(
    rules: Rules, supplier_value: float, retailer_value: float, step: float | None = None, tie: TieRule = TieRule.ACCEPT_WHEN_EQUAL
) -> Equilibrium:
    """Solve a negotiation between known valuations, over all legal prices or, with a step, over a grid of them.

    Over all prices only ACCEPT_WHEN_EQUAL has an equilibrium: otherwise there is no best price among those that are accepted.
    Raises ValueError for valuations beyond the legal prices, steps that do not fit, and the other tie rule without a step.

    Sources: Stahl, "Bargaining theory" (1972); Selten, International Journal of Game Theory 4 (1975).

    >>> from simulator.bargaining.rules import Discount
    >>> rules = Rules(offers=2, answer_last=True, first_round=0, discount=Discount.GEOMETRIC, delta=0.5, speed_bonus=0, walk_away=0)
    >>> subgame_perfect(rules, 5000, 8000).ending()
    Ending(outcome=<Outcome.DEAL: 1>, turn=0, price=6500.0, payoffs=(1500.0, 1500.0))
    """
    for name, value in (("supplier", supplier_value), ("retailer", retailer_value)):
        if not rules.low <= value <= rules.high:
            raise ValueError(f"{name} value {value} does not lie in the prices {rules.low} to {rules.high}; change one")
    if step is None and tie is TieRule.REJECT_WHEN_EQUAL:
        raise ValueError(f"tie rule {tie.value} has no equilibrium over all prices; give the step of a grid, or accept when equal")
    prices = None if step is None else price_grid(rules, step).tolist()
    answers = _Answers(rules, (float(supplier_value), float(retailer_value)), prices, tie)
    turns = rules.offers + int(rules.answer_last)
    limits, plans = [float("nan")] * turns, [_last_turn(rules, turns - 1)]
    for turn in range(turns - 2, -1, -1):
        responder, refused = rules.proposer(turn + 1), plans[-1].payoffs
        limits[turn + 1] = answers.limit(responder, turn, refused[responder])
        plans.append(_best_plan(answers, turn, limits[turn + 1], refused))
    plans.reverse()
    columns = np.array([plan.price for plan in plans]), np.array(limits), np.array([plan.payoffs for plan in plans])
    return Equilibrium(rules, answers.values, *columns, np.array([int(plan.course) for plan in plans]))
