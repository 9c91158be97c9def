"""Checks of a strategy's numbers when it is made, so that a wrong one is named before the first step."""

from __future__ import annotations


def share(name: str, value: float) -> float:
    """Return `value` if it lies in 0..1. Raises ValueError otherwise."""
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{name} {value} is not a share; choose 0..1")
    return float(value)


def at_least(name: str, value: float, least: float) -> float:
    """Return `value` if it is a finite number of at least `least`. Raises ValueError otherwise."""
    if not least <= value < float("inf"):
        raise ValueError(f"{name} {value} is too small or not a number; choose at least {least:g}")
    return float(value)


def whole(name: str, value: float, least: int, most: int = 2**31 - 1) -> float:
    """Return `value` if it is a whole number in least..most. Raises ValueError otherwise."""
    if not (least <= value <= most and value == int(value)):
        raise ValueError(f"{name} {value} is not a whole number in {least}..{most}; choose one")
    return float(value)
