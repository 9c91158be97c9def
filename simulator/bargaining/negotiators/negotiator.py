"""The one interface of everybody who negotiates: scripted, learning, a person, or a user's own."""

from __future__ import annotations

from typing import NamedTuple

from simulator.bargaining.rules import ActionType, Party, Rules

PARAMETERS = 6


class Situation(NamedTuple):
    """What a party knows when it is its turn. Prices are money; 0 stands for none."""

    party: Party
    value: float  # its own valuation
    price: float  # the standing offer of the other one; nan without one
    offers: int  # used so far
    last_chance: bool  # nothing but an answer is left
    own_before: float  # its own last offer, 0 before the first
    other_earlier: float  # the other one's offer before the standing one, 0 before its second
    recent: float  # mean of the last three offers
    belief: float  # what it believes the other one's reservation price to be
    doubt: float  # variance of that
    uniform: float  # a number in [0, 1) drawn for this turn


class Decision(NamedTuple):
    """What it does."""

    action: ActionType
    price: float = 0.0


class Negotiator:
    """A strategy. A subclass sets `numbers` and either `code`, one of the compiled families, or its own `decide`.

    One object serves any number of negotiations and both parties: it remembers nothing of its own.
    """

    code: int = 0
    """Which compiled family it belongs to; 0 for plain Python, which is about a thousand times slower."""

    def __init__(self, *numbers: float) -> None:
        """Keep the numbers that configure the strategy, at most 6. Raises ValueError for more."""
        if len(numbers) > PARAMETERS:
            raise ValueError(f"{len(numbers)} parameters are more than {PARAMETERS}; a negotiator needs fewer")
        self.numbers = tuple(float(number) for number in numbers)

    def decide(self, situation: Situation, rules: Rules) -> Decision:
        """Decide one turn, in Python; called only where `code` is 0."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """Return the configuration as text."""
        return f"{type(self).__name__}{self.numbers}"


__all__ = ["PARAMETERS", "Decision", "Negotiator", "Situation"]
