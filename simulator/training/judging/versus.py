"""A against B: the difference in the same markets, and a verdict in words."""

from __future__ import annotations

from typing import NamedTuple

from simulator.training.judging.statistics import Interval, Scores, differences, of_pairs, probability_of_improvement


class Versus(NamedTuple):
    """What one earned more than another in the same markets."""

    difference: Interval  # interquartile mean over the markets, currency
    wins: Interval  # how often it earned more
    verdict: str


def versus(first: str, ours: Scores, second: str, theirs: Scores) -> Versus:
    """Compare two by their scores (runs, seeds, episodes). Raises ValueError for other markets."""
    difference, wins = of_pairs(differences(ours, theirs)), probability_of_improvement(ours, theirs)
    return Versus(difference, wins, verdict(first, second, difference, wins))


def verdict(first: str, second: str, difference: Interval, wins: Interval) -> str:
    """What can be said.

    >>> verdict("A", "B", Interval(5.0, 2.0, 8.0), Interval(0.8, 0.7, 0.9))
    'A earns more than B, by 5.00 a seat and episode (2.00 to 8.00), in 80% of the same markets'
    """
    if not (difference.above_zero or difference.below_zero):
        return (
            f"no difference is shown between {first} and {second}: {difference.value:,.2f} a seat and episode "
            f"({difference.low:,.2f} to {difference.high:,.2f}); more markets would narrow this"
        )
    sign = 1.0 if difference.above_zero else -1.0
    better, worse, share = (first, second, wins.value) if sign > 0 else (second, first, 1.0 - wins.value)
    low, high = sorted((sign * difference.low, sign * difference.high))
    size = f"by {sign * difference.value:,.2f} a seat and episode ({low:,.2f} to {high:,.2f})"
    return f"{better} earns more than {worse}, {size}, in {share:.0%} of the same markets"
