"""How fast a run plays: as fast as it can, or a multiple of real time, told by a clock that is handed in."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.ports import Clock

STEP_SECONDS = 0.1
"""Simulated seconds in one step unless the scenario says otherwise."""


def parse_pace(text: str) -> float | None:
    """The multiple of real time in text like 10x, or None for max. Raises ValueError.

    >>> parse_pace("2.5x")
    2.5
    """
    if text == "max":
        return None
    try:
        factor = float(text.removesuffix("x"))
    except ValueError:
        factor = 0.0
    if not text.endswith("x") or not 0.0 < factor < float("inf"):
        raise ValueError(f"pace {text!r} is neither max nor a positive multiple of real time like 1x or 10x")
    return factor


@dataclass
class Pace:
    """Holds a world back so that it plays factor times as fast as real time; a world that fell behind is not hurried.

    Parameters
    ----------
    factor : simulated seconds per real second.
    clock : where the time comes from.
    step_seconds : simulated seconds in one step.
    """

    factor: float
    clock: Clock
    step_seconds: float = STEP_SECONDS
    _due: float | None = None

    @property
    def steps_at_once(self) -> int:
        """How many steps to play between two waits: about a tenth of a real second, at least one."""
        return max(1, round(0.1 * self.factor / self.step_seconds))

    def wait(self, steps: int) -> None:
        """Wait until the steps just played have taken their share of real time."""
        now = self.clock.now_ns() / 1e9
        self._due = max(now if self._due is None else self._due, now - 1.0) + steps * self.step_seconds / self.factor
        if self._due > now:
            self.clock.sleep(self._due - now)
