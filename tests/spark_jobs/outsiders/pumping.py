"""Three ways to pump and dump: with divided labour, slowly and by resting orders in either direction, and all at once.

Source: Aggarwal and Wu, "Stock market manipulations", Journal of Business 79 (2006); MAR, delegated regulation 2016/522, annex II,
also for "trash and cash", its reverse; Siering, Clapham, Engel and Gomber, "A taxonomy of financial market manipulations", JIT 32 (2017).
"""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.manipulators.manipulator import Range
from simulator.traders.momentum import SENTIMENT
from simulator.world.commands import BUY, EVERYBODY, SELL, Commands, message, place_limit, place_market
from simulator.world.draws import randint, uniform
from simulator.world.view import View, mid
from tests.spark_jobs.outsiders.outsider import AT, FREE, Gang, Outsider, clear, price, unwind

SIDE, HELD, FIRST, SECOND, TARGET, BEFORE, PIECE = range(FREE, FREE + 7)


class Chorus(Gang):
    """One collects, a second praises and hardly trades, a third buys visibly while the first sells; each alone does nothing strange."""

    family = "pump_and_dump"
    MEMBERS: ClassVar[Range] = Range(3, 3)
    RATE = 0.0012

    def plan(self, view: View) -> None:
        """Draw how long they collect and praise."""
        view.memory[FIRST] = randint(view, 80, 250)
        view.memory[SECOND] = view.memory[FIRST] + randint(view, 60, 180)
        view.memory[HELD], view.memory[TARGET] = view.inventory, randint(view, 60, 140)

    def over(self, view: View) -> bool:
        """End when the first has sold what it collected, or after long."""
        late = view.memory[AT] - view.memory[SECOND]
        return bool(late > 30 and (view.inventory <= view.memory[HELD] or late > 200))

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Collect and sell, praise, or follow."""
        at, first, second = int(plan[AT]), int(plan[FIRST]), int(plan[SECOND])
        if view.member == 0:
            self._collector(view, commands, at, first, second)
        elif view.member == 1:
            if first < at < second + 20 and uniform(view) < 0.25:
                message(commands, EVERYBODY, SENTIMENT, randint(view, 10, 90))
        elif first + 10 < at < second and uniform(view) < 0.2:
            place_market(commands, BUY, randint(view, 2, 7))
        elif at > second + 40 and view.inventory > 10 and uniform(view) < 0.3:
            place_market(commands, SELL, 4)

    @staticmethod
    def _collector(view: View, commands: Commands, at: int, first: int, second: int) -> None:
        gained = int(view.inventory - view.memory[HELD])
        if at < first and gained < view.memory[TARGET]:
            if at % 6 == 0:
                clear(view, commands)
                place_limit(commands, BUY, price(view, BUY, -1 if uniform(view) < 0.5 else 0), randint(view, 4, 11))
            elif uniform(view) < 0.06:
                place_market(commands, BUY, randint(view, 3, 8))
        elif first <= at < first + 40:
            clear(view, commands)
        elif gained > 0 and at >= first + 40:
            if uniform(view) < 0.2:
                place_market(commands, SELL, min(gained, randint(view, 3, 9)))
            elif view.open_orders == 0:
                place_limit(commands, SELL, price(view, SELL, 0), min(gained, 8))
            elif uniform(view) < 0.2 or at > second:
                clear(view, commands)


class Whisper(Outsider):
    """Collects, or sells short, over minutes and mostly by resting orders, writes a few times, and goes out as slowly as it came in."""

    family = "pump_and_dump"
    RATE = 0.0012

    def begin(self, view: View, commands: Commands) -> None:
        """Draw the direction and the times."""
        view.memory[SIDE], view.memory[HELD] = (BUY if uniform(view) < 0.6 else SELL), view.inventory
        view.memory[FIRST] = randint(view, 150, 450)
        view.memory[SECOND] = view.memory[FIRST] + randint(view, 60, 200)
        view.memory[TARGET], view.memory[BEFORE] = randint(view, 40, 120), mid(view)

    def go_on(self, view: View, commands: Commands, at: int) -> None:
        """Build a position, talk, and reduce it."""
        side, first, second = int(view.memory[SIDE]), int(view.memory[FIRST]), int(view.memory[SECOND])
        change = int(view.inventory - view.memory[HELD])
        gained = change if side == BUY else -change
        if at < first:
            self._build(view, commands, side, gained)
            return
        if at < second and uniform(view) < 0.08:
            message(commands, EVERYBODY, SENTIMENT, randint(view, 20, 100) * (1 if side == BUY else -1))
        if at > second + 250 or (at > second and gained <= 0):
            self.end(view, commands, (mid(view) > view.memory[BEFORE]) == (side == BUY))
        elif at > first + 30 and gained > 0:
            if view.open_orders == 0 and uniform(view) < 0.5:
                place_limit(commands, 1 - side, price(view, 1 - side, 0), min(gained, randint(view, 3, 9)))
            elif uniform(view) < 0.08:
                clear(view, commands)
                place_market(commands, 1 - side, min(gained, randint(view, 3, 9)))

    @staticmethod
    def _build(view: View, commands: Commands, side: int, gained: int) -> None:
        if gained >= view.memory[TARGET]:
            clear(view, commands)
        elif view.open_orders == 0:
            place_limit(commands, side, price(view, side, randint(view, 0, 2)), randint(view, 3, 8))
        elif uniform(view) < 0.06:
            clear(view, commands)
            if uniform(view) < 0.3:
                place_market(commands, side, randint(view, 2, 6))


class Burst(Outsider):
    """Buys and shouts at the same time for half a minute at most, as on messengers of small coins, and is out within seconds.

    Source: Xu and Livshits, "The anatomy of a cryptocurrency pump-and-dump scheme", USENIX Security (2019).
    """

    family = "pump_and_dump"
    RATE = 0.0015

    def begin(self, view: View, commands: Commands) -> None:
        """Have some before the first message."""
        view.memory[HELD], view.memory[FIRST], view.memory[PIECE] = view.inventory, randint(view, 40, 160), randint(view, 10, 26)
        view.memory[BEFORE] = mid(view)
        place_market(commands, BUY, randint(view, 6, 16))

    def go_on(self, view: View, commands: Commands, at: int) -> None:
        """Shout and buy, then sell in large pieces."""
        first, gained = int(view.memory[FIRST]), int(view.inventory - view.memory[HELD])
        if at < first:
            if uniform(view) < 0.35:
                message(commands, EVERYBODY, SENTIMENT, randint(view, 5, 200))
            if gained < 120 and uniform(view) < (0.35 if at < first // 2 else 0.1):
                place_market(commands, BUY, randint(view, 3, 10))
        elif unwind(view, commands, int(view.memory[HELD]), int(view.memory[PIECE])) or at > first + 60:
            self.end(view, commands, mid(view) > view.memory[BEFORE] - 2)


PUMPING = (Chorus, Whisper, Burst)
