"""Row rules: what a row must satisfy to be in silver. A row that breaks one goes to silver.quarantine with the reason.

A rule sees whole columns and answers which rows break it. The first rule that a row breaks is its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Columns = Mapping[str, Any]
Mask = NDArray[np.bool_]


class Rule(NamedTuple):
    """`broken(columns)` is true where a row offends; `reason` is what the quarantine says of it."""

    reason: str
    broken: Callable[[Columns], Mask]


def at_least(column: str, low: int) -> Rule:
    """column >= low."""
    return Rule(f"{column} below {low}", lambda columns: np.asarray(columns[column] < low))


def one_of(column: str, values: Iterable[int]) -> Rule:
    """column is one of a few small whole numbers that lie together."""
    known = sorted(set(values))
    if known != list(range(known[0], known[-1] + 1)):
        raise ValueError(f"one_of wants neighbouring numbers, not {known}")
    low, high = known[0], known[-1]
    return Rule(f"unknown {column}", lambda columns: np.asarray((columns[column] < low) | (columns[column] > high)))


def filled_in(column: str) -> Rule:
    """A text that is not empty."""
    return Rule(f"{column} is empty", lambda columns: np.fromiter((not text for text in columns[column]), np.bool_))


def only_where(applies: Callable[[Columns], Mask], rule: Rule) -> Rule:
    """The rule, for the rows to which it applies."""
    return Rule(rule.reason, lambda columns: applies(columns) & rule.broken(columns))


def offenders(rules: Sequence[Rule], columns: Columns, rows: int) -> NDArray[np.int8]:
    """Per row, the index of the first rule that it breaks, or -1. Not more than 127 rules."""
    first = np.full(rows, -1, np.int8)
    for index in range(len(rules) - 1, -1, -1):
        broken = rules[index].broken(columns)
        if broken.any():
            first[broken] = index
    return first
