"""Negotiations played by negotiators to their ends: compiled for the families that are, turn by turn in Python for others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.bargaining.negotiators import belief_based, fixed_price, random_negotiator, time_dependent, tit_for_tat
from simulator.bargaining.negotiators.judging import uniform
from simulator.bargaining.negotiators.negotiator import PARAMETERS, Decision, Negotiator, Situation
from simulator.bargaining.protocol import NEGOTIATION, RECENT, Rows, advance, game_of, payoff
from simulator.bargaining.rules import ActionType, Outcome, Party, Rules
from simulator.matching.compiled import called, compiled

_RUNNING = int(Outcome.RUNNING)
_TIME_DEPENDENT, _TIT_FOR_TAT, _FIXED_PRICE = time_dependent.CODE, tit_for_tat.CODE, fixed_price.CODE
_RANDOM = random_negotiator.CODE


@called
def choose(code: int, game: Any, row: Any, numbers: Any) -> tuple[int, float]:
    """Return (ActionType, price) of a compiled family."""
    if code == _TIME_DEPENDENT:
        return time_dependent.decide(game, row, numbers)
    if code == _TIT_FOR_TAT:
        return tit_for_tat.decide(game, row, numbers)
    if code == _FIXED_PRICE:
        return fixed_price.decide(game, row, numbers)
    if code == _RANDOM:
        return random_negotiator.decide(game, row, numbers)
    return belief_based.decide(game, row, numbers)


@compiled
def choose_rows(codes: Any, games: Any, rows: Any, numbers: Any, kinds: Any, prices: Any) -> None:
    """Write what each negotiation's party to act does; codes (2,) and numbers (2, 6) by Party. Those of code 0 are left alone."""
    for place in range(len(rows)):
        row = rows[place]
        if row.outcome == _RUNNING and codes[row.turn] != 0:
            kinds[place], prices[place] = choose(codes[row.turn], games[0], row, numbers[row.turn])


@compiled
def play_rows(codes: Any, games: Any, rows: Any, numbers: Any, rewards: Any) -> int:
    """Play every negotiation to its end; write (n, 2) rewards and return how many turns there were."""
    game, turns = games[0], 0
    for place in range(len(rows)):
        row = rows[place]
        while row.outcome == _RUNNING:
            kind, price = choose(codes[row.turn], game, row, numbers[row.turn])
            advance(game, row, kind, price)
            turns += 1
        rewards[place, 0] = payoff(game, row, 0)
        rewards[place, 1] = payoff(game, row, 1)
    return turns


@compiled
def advance_row(games: Any, rows: Any, kind: int, price: float) -> None:
    """Let one negotiation go on by one turn."""
    advance(games[0], rows[0], kind, price)


@compiled
def draw(rows: Any) -> float:
    """Return a number in [0, 1) from one negotiation's stream."""
    return uniform(rows[0])


@compiled
def write_worth(games: Any, rows: Any, rewards: Any) -> None:
    """Write what negotiations that are over are worth to both."""
    for place in range(len(rows)):
        rewards[place, 0] = payoff(games[0], rows[place], 0)
        rewards[place, 1] = payoff(games[0], rows[place], 1)


class Match:
    """A supplier and a retailer under rules, for any number of negotiations.

    Examples
    --------
    >>> from simulator.bargaining.draws import begin
    >>> from simulator.bargaining.negotiators.registry import make_negotiator
    >>> match = Match(Rules(offers=20), make_negotiator("linear"), make_negotiator("linear"))
    >>> rows = begin(match.rules, seed=1, count=3)
    >>> rewards = match.play(rows)
    >>> bool((rows["outcome"] == 1).all()), rewards.shape
    (True, (3, 2))
    """

    def __init__(self, rules: Rules, supplier: Negotiator, retailer: Negotiator, learn: float = 0.3, settle: float = 0.1) -> None:
        """learn and settle say how beliefs follow offers (protocol.game_of)."""
        self.rules, self.negotiators, self.game = rules, (supplier, retailer), game_of(rules, learn, settle)
        self.codes = np.array([negotiator.code for negotiator in self.negotiators], np.int64)
        self.numbers = np.zeros((2, PARAMETERS))
        for party, negotiator in enumerate(self.negotiators):
            self.numbers[party, : len(negotiator.numbers)] = negotiator.numbers
        self.turns = 0  # played so far

    def play(self, rows: Rows) -> NDArray[np.float64]:
        """Play (n,) NEGOTIATION to their ends and return (n, 2) what they are worth to supplier and retailer."""
        rewards = np.zeros((len(rows), 2))
        if self.codes.all():
            self.turns += int(play_rows(self.codes, self.game, rows, self.numbers, rewards))
            return rewards
        for place in range(len(rows)):
            while rows["outcome"][place] == Outcome.RUNNING:
                self.turn(rows[place : place + 1])
        return self.worth(rows)

    def worth(self, rows: Rows) -> NDArray[np.float64]:
        """Return (n, 2) what negotiations that are over are worth to supplier and retailer."""
        rewards = np.zeros((len(rows), 2))
        write_worth(self.game, rows, rewards)
        return rewards

    def turn(self, row: Rows) -> Decision:
        """Play one turn of (1,) NEGOTIATION and return what was done."""
        decision = self.decision(row)
        self.act(row, decision)
        return decision

    def act(self, row: Rows, decision: Decision) -> None:
        """Let the party to act of (1,) NEGOTIATION do something from outside."""
        advance_row(self.game, row, int(decision.action), float(decision.price))
        self.turns += 1

    def decision(self, row: Rows) -> Decision:
        """Return what the party to act of (1,) NEGOTIATION would do."""
        negotiator = self.negotiators[int(row["turn"][0])]
        if negotiator.code == 0:
            return negotiator.decide(situation(row, self.rules), self.rules)
        kinds, prices = np.zeros(1, np.int64), np.zeros(1)
        choose_rows(self.codes, self.game, row, self.numbers, kinds, prices)
        return Decision(ActionType(int(kinds[0])), float(prices[0]))


def situation(rows: Rows, rules: Rules) -> Situation:
    """Return what the party to act of (1,) NEGOTIATION knows. Draws from the negotiation's stream."""
    row = rows[0]
    party, offers, made = Party(int(row["turn"])), int(row["offers"]), int(row["made"])
    last = offers >= rules.offers or (offers == rules.offers - 1 and not rules.answer_last)
    return Situation(
        party=party,
        value=float(row["value"][party]),
        price=float(row["price"]) if row["standing"] >= 0 else float("nan"),
        offers=offers,
        last_chance=last,
        own_before=float(row["before"][party]),
        other_earlier=float(row["earlier"][party.other]),
        recent=float(row["recent"][: min(made, RECENT)].mean()) if made else 0.0,
        belief=float(row["belief"][party]),
        doubt=float(row["doubt"][party]),
        uniform=float(draw(rows)),
    )


__all__ = ["NEGOTIATION", "Match", "situation"]
