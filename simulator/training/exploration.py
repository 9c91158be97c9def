"""How exploration fades: a straight line down to a rest."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fading:
    """From `start` to `end` over `steps`, and `end` ever after.

    >>> Fading(1.0, 0.1, 100).at(50)
    0.55
    """

    start: float
    end: float
    steps: int

    def at(self, step: int) -> float:
        """The value at a step from 0."""
        return self.start + (self.end - self.start) * min(1.0, step / self.steps) if self.steps else self.end
