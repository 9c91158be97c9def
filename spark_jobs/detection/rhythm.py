"""The rhythm of those who do something again and again: how long they pause within an episode, and on which beat they act.

Who acts by a timer does so at whole multiples of a beat, however many of its deeds come to nothing, and starts the timer anew with every
episode. What is usual is learned as a network learns how long an answer takes (Jacobson, "Congestion avoidance and control", 1988).
"""

from __future__ import annotations

from typing import NamedTuple

REMEMBERED = 12  # pauses, the newest
ENOUGH = 6  # of them say whether there is a beat
ON_BEAT = 0.9  # share of them that are whole multiples of it
LONGEST_BEAT = 60  # steps
DEVIATIONS = 6.0  # from the usual pause: a longer one is not usual
_NEWEST = 0.05  # weight of the newest pause in what is usual


class Rhythm(NamedTuple):
    """Steps from one deed to the next as usual, by how many they differ from that as usual, and the newest of them."""

    usual: float
    off: float
    pauses: tuple[int, ...]

    def after(self, pause: int) -> Rhythm:
        """The rhythm after one more pause."""
        usual, off = self.usual + _NEWEST * (pause - self.usual), self.off + _NEWEST * (abs(pause - self.usual) - self.off)
        return Rhythm(usual, off, (*self.pauses, pause)[-REMEMBERED:])

    @property
    def longest(self) -> float:
        """Steps that a pause may take and still be usual."""
        return self.usual + DEVIATIONS * self.off

    @property
    def beat(self) -> int:
        """The longest beat that the pauses keep; 1 where they keep none, 0 where they are too few to say.

        >>> Rhythm(9.0, 3.0, (7, 14, 7, 7, 21, 7)).beat, Rhythm(9.0, 3.0, (5, 14, 8, 3, 21, 7)).beat
        (7, 1)
        """
        if len(self.pauses) < ENOUGH:
            return 0
        beats = range(min(LONGEST_BEAT, max(self.pauses)), 1, -1)
        return next((beat for beat in beats if sum(pause % beat == 0 for pause in self.pauses) >= ON_BEAT * len(self.pauses)), 1)


def begun(pause: int) -> Rhythm:
    """What one pause says."""
    return Rhythm(float(pause), pause / 2.0, (pause,))
