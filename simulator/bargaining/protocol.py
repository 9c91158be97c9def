"""The protocol, compiled: one step of many negotiations at once, whatever is asked; what each is worth at its end.

An offer beyond the legal prices is moved to the nearest one, what is no number or accepts nothing is a wasted turn; both are counted.
The state of a negotiation is a row of NEGOTIATION and nothing else, so that a batch of any size gives each the same course.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.bargaining.rules import ActionType, Discount, Outcome, Rules
from simulator.matching.compiled import compiled, inlined

Rows = NDArray[Any]
RECENT = 3  # offers whose mean an observation tells

NEGOTIATION = np.dtype(
    [
        ("value", "f8", (2,)),  # of the supplier, of the retailer
        ("price", "f8"),  # the standing offer, or the price of the deal; 0 before the first
        ("standing", "i8"),  # number of the standing offer from 0, -1 if there is none
        ("offers", "i8"),  # turns used for offers so far, wasted ones too
        ("turn", "i8"),  # Party to act
        ("outcome", "i8"),  # Outcome
        ("made", "i8"),  # legal offers so far
        ("illegal", "i8"),  # turns wasted and prices moved
        ("recent", "f8", (RECENT,)),  # the last offers, in a ring
        ("before", "f8", (2,)),  # the party's last offer, 0 before its first
        ("earlier", "f8", (2,)),  # and the one before that, 0 before its second
        ("opening", "f8", (2,)),  # its first one
        ("belief", "f8", (2,)),  # what a party believes of the other one's reservation price: mean
        ("doubt", "f8", (2,)),  # and variance
        ("random", "u8"),  # stream of this negotiation
    ],
    align=True,
)
"""One negotiation. Money is as in Rules."""

GAME = np.dtype(
    [
        ("offers", "i8"), ("answer_last", "i8"), ("first", "i8"), ("first_round", "i8"), ("discount", "i8"), ("delta", "f8"),
        ("speed_bonus", "f8"), ("speed_share", "f8"), ("walk_away", "f8"), ("timeout", "f8"), ("low", "f8"), ("high", "f8"),
        ("learn", "f8"),  # how far a belief moves towards an offer
        ("settle", "f8"),  # share of the doubt that an offer takes away
    ],
    align=True,
)  # fmt: skip
"""Rules as compiled code reads them."""

_DISCOUNTS = {Discount.NONE: 0, Discount.QUADRATIC: 1, Discount.GEOMETRIC: 2}
_QUADRATIC, _GEOMETRIC = 1, 2
_ACCEPT, _COUNTER, _WALK_AWAY = int(ActionType.ACCEPT), int(ActionType.COUNTER), int(ActionType.WALK_AWAY)
_RUNNING, _DEAL, _WALKED, _TIMEOUT = int(Outcome.RUNNING), int(Outcome.DEAL), int(Outcome.WALKED_AWAY), int(Outcome.TIMEOUT)
_SUPPLIER = 0


def game_of(rules: Rules, learn: float = 0.3, settle: float = 0.1) -> Rows:
    """Return (1,) GAME. learn and settle (0..1) are how beliefs follow offers: mean += learn x (offer - mean), variance x (1 - settle)."""
    row = np.zeros(1, GAME)
    for name in set(GAME.names or ()) - {"discount", "learn", "settle"}:
        row[name] = getattr(rules, name)
    row["discount"], row["learn"], row["settle"] = _DISCOUNTS[rules.discount], learn, settle
    return row


@inlined
def left_of(game: Any, offer: int) -> float:
    """Return what the discount leaves of a surplus at an offer, counted from 0."""
    rounds = offer + game.first_round
    if game.discount == _QUADRATIC:
        rest: float = max(0.0, 1.0 - rounds / game.offers)
        return rest * rest
    whole = 1.0
    if game.discount == _GEOMETRIC:
        for _ in range(rounds):
            whole *= game.delta
    return whole


@inlined
def payoff(game: Any, row: Any, party: int) -> float:
    """Return what a negotiation that is over is worth to a party."""
    worth: float = game.walk_away if row.outcome == _WALKED else game.timeout
    if row.outcome == _DEAL:
        gain = row.price - row.value[0] if party == _SUPPLIER else row.value[1] - row.price
        bonus = game.speed_bonus if row.standing + game.first_round < game.speed_share * game.offers else 0.0
        worth = gain * left_of(game, row.standing) + bonus
    return worth


@inlined
def advance(game: Any, row: Any, kind: int, price: float) -> None:
    """Let the one whose turn it is act; nothing changes after the end."""
    if row.outcome != _RUNNING:
        return
    if kind == _WALK_AWAY:
        row.outcome = _WALKED
    elif kind == _ACCEPT and row.standing >= 0:
        row.outcome = _DEAL
    elif row.offers >= game.offers:  # only an answer was left
        row.outcome = _TIMEOUT
    else:
        if kind == _COUNTER and price == price:
            offer(game, row, price)
        else:
            row.illegal = row.illegal + 1
            row.standing = -1
        row.offers = row.offers + 1
        row.turn = 1 - row.turn
        if row.offers >= game.offers and (game.answer_last == 0 or row.standing < 0):
            row.outcome = _TIMEOUT


@inlined
def offer(game: Any, row: Any, price: float) -> None:
    """Put a price on the table, and let the other one learn from it."""
    legal = min(max(price, game.low), game.high)
    if legal != price:
        row.illegal = row.illegal + 1
    party, other = row.turn, 1 - row.turn
    row.price = legal
    row.standing = row.offers
    row.recent[row.made % RECENT] = legal
    row.made = row.made + 1
    if row.before[party] == 0.0:
        row.opening[party] = legal
    row.earlier[party] = row.before[party]
    row.before[party] = legal
    row.belief[other] += game.learn * (legal - row.belief[other])
    row.doubt[other] *= 1.0 - game.settle


@compiled
def step_rows(games: Any, rows: Any, kinds: Any, prices: Any, rewards: Any) -> int:
    """Play one turn in every negotiation that is not over; write what its end is worth to both, 0 otherwise; return how many still run.

    kinds (n,) int64, prices (n,) float64, rewards (n, 2) float64.
    """
    game, running = games[0], 0
    for number in range(len(rows)):
        row = rows[number]
        rewards[number, 0] = rewards[number, 1] = 0.0
        if row.outcome != _RUNNING:
            continue
        advance(game, row, kinds[number], prices[number])
        if row.outcome == _RUNNING:
            running += 1
        else:
            rewards[number, 0] = payoff(game, row, 0)
            rewards[number, 1] = payoff(game, row, 1)
    return running
