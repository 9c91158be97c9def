"""Three ways to mark the close: many small orders in the last seconds, bids in the auction itself, and orders that are pulled from it.

Source: SEC order against Athena Capital Research (2014); MAR, delegated regulation 2016/522, annex II; Comerton-Forde and Putnins,
"Measuring closing price manipulation", Journal of Financial Intermediation 20 (2011).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.manipulators.manipulator import Manipulator, own_episode
from simulator.world.commands import ATTEMPTED, BEGUN, BUY, CONSUMMATED, SELL, Commands, declare, place_limit, place_market
from simulator.world.draws import randint, uniform
from simulator.world.scenario import Scenario
from simulator.world.view import View, mid
from tests.spark_jobs.outsiders.outsider import AT, COUNT, clear, trade_a_little, tradeable

SIDE, DAY, WINDOW, BEFORE, DONE, PIECE, LATE, SHARE = range(4, 12)
_SESSION, _CLOSING = range(2)


class Marker(Manipulator):
    """What the three share: a day is chosen by chance, the side is that of a position held; the last step of the day ends the episode."""

    family = "marking_the_close"
    memory_words = 16
    DAYS = 0.75  # share of days

    def __init__(self, session: int = 1000, closing: int = 30) -> None:
        """Know the steps of a day and of its closing auction."""
        super().__init__((session, closing))

    @classmethod
    def seat(cls, scenario: Scenario, members: int, parameters: Mapping[str, float]) -> dict[str, Any]:
        """Take the day from the scenario."""
        if scenario.session is None:
            raise ValueError("there are no closing prices without a session")
        return {"parameters": {"session": scenario.session.steps, "closing": scenario.session.closing}}

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step: the ordinary day, and from `window` steps before the end on the other one."""
        day, now = divmod(view.step, int(view.parameters[_SESSION]))
        last = int(view.parameters[_SESSION]) - 1  # the auction trades in it
        left = last - int(view.parameters[_CLOSING]) - now  # steps of continuous trading, from 0 on those of the auction
        memory = view.memory
        if memory[DAY] != day + 1:
            self._plan(view, day)
        if memory[AT] > 0 and now == last:
            self._end(view, commands)
        elif memory[SHARE] > 0 and left <= memory[WINDOW] and now < last:
            if memory[AT] == 0:
                if left <= 0 or view.halted:
                    memory[SHARE] = 0
                    return
                clear(view, commands)
                memory[AT], memory[BEFORE] = 1, mid(view)
                declare(commands, own_episode(view, int(memory[COUNT])), BEGUN)
            if not view.halted:
                self.mark(view, commands, left, last - now)
        elif left > memory[WINDOW] and tradeable(view):
            self.ordinary(view, commands)

    def _plan(self, view: View, day: int) -> None:
        memory = view.memory
        memory[DAY], memory[SHARE] = day + 1, float(uniform(view) < self.DAYS)
        memory[SIDE] = BUY if uniform(view) < 0.5 else SELL
        self.plan(view)

    def _end(self, view: View, commands: Commands) -> None:
        rise = mid(view) - float(view.memory[BEFORE])
        reached = (rise if view.memory[SIDE] == BUY else -rise) > 0
        clear(view, commands)
        declare(commands, own_episode(view, int(view.memory[COUNT])), CONSUMMATED if reached else ATTEMPTED)
        view.memory[AT] = view.memory[SHARE] = 0
        view.memory[COUNT] += 1

    def ordinary(self, view: View, commands: Commands) -> None:
        """Trade a little, and towards the position whose worth the close shall raise."""
        wanted = 70 if view.memory[SIDE] == BUY else -70
        if uniform(view) < 0.02 and abs(wanted - view.inventory) > 10:
            place_market(commands, BUY if wanted > view.inventory else SELL, randint(view, 2, 8))
        else:
            trade_a_little(view, commands)

    def plan(self, view: View) -> None:
        """Draw the day's numbers."""
        raise NotImplementedError

    def mark(self, view: View, commands: Commands, left: int, to_end: int) -> None:
        """Play a step of the window: `left` steps of continuous trading and `to_end` until the auction trades."""
        raise NotImplementedError


class Gravy(Marker):
    """Small market orders at shrinking distances in the last seconds, after an order for the auction that is to profit from them."""

    def plan(self, view: View) -> None:
        """Draw how long before the auction."""
        view.memory[WINDOW], view.memory[PIECE], view.memory[DONE] = randint(view, 12, 45), randint(view, 4, 10), 0

    def mark(self, view: View, commands: Commands, left: int, to_end: int) -> None:
        """Push while there is continuous trading, then offer what it got in the auction."""
        side = int(view.memory[SIDE])
        if left > 1 and tradeable(view):
            hurry = 0.9 if left < view.memory[WINDOW] / 2 else 0.5
            for _ in range(3):
                if uniform(view) < hurry:
                    place_market(commands, side, randint(view, 2, int(view.memory[PIECE]) + 1))
        elif view.in_call and view.open_orders == 0 and to_end > 5:
            reach = randint(view, 0, 6) * view.tick_size
            at = int(mid(view)) // view.tick_size * view.tick_size
            place_limit(commands, 1 - side, at + (reach if side == BUY else -reach), randint(view, 20, 60))


class Painter(Marker):
    """Leaves continuous trading alone and comes into the auction in its last steps, by several orders far through the indicative price."""

    def plan(self, view: View) -> None:
        """Draw how late, and with how much."""
        view.memory[WINDOW], view.memory[LATE] = 3, randint(view, 2, 10)
        view.memory[PIECE], view.memory[DONE] = randint(view, 15, 45), 0

    def mark(self, view: View, commands: Commands, left: int, to_end: int) -> None:
        """Wait for the last steps, and come with an order in each of some."""
        side = int(view.memory[SIDE])
        if view.in_call and to_end <= view.memory[LATE] and view.memory[DONE] < 5:
            reach = randint(view, 8, 26) * view.tick_size
            at = int(mid(view)) // view.tick_size * view.tick_size
            place_limit(commands, side, at + (reach if side == BUY else -reach), int(view.memory[PIECE]))
            view.memory[DONE] += 1


class Puller(Marker):
    """Large orders from before the auction on that hold the indicative price up, and are taken away in its last steps for small ones."""

    def plan(self, view: View) -> None:
        """Draw from when on, and how much."""
        view.memory[WINDOW], view.memory[LATE] = randint(view, 20, 120), randint(view, 1, 4)
        view.memory[PIECE], view.memory[DONE] = randint(view, 20, 50), 0

    def mark(self, view: View, commands: Commands, left: int, to_end: int) -> None:
        """Add an order now and then, in the auction at better prices; at last turn round."""
        side, tick = int(view.memory[SIDE]), view.tick_size
        at, sign = int(mid(view)) // tick * tick, 1 if side == BUY else -1
        if view.in_call and to_end <= view.memory[LATE]:
            if view.memory[DONE] < 100:
                clear(view, commands)
                place_limit(commands, 1 - side, at - sign * 3 * tick, randint(view, 8, 25))
                view.memory[DONE] = 100
        elif view.in_call:
            if view.open_orders < 7 and uniform(view) < 0.3:
                place_limit(commands, side, at + sign * randint(view, 3, 14) * tick, int(view.memory[PIECE]))
        elif tradeable(view):
            if view.open_orders < 4 and uniform(view) < 0.1:
                place_limit(
                    commands,
                    side,
                    (view.best_bid if side == BUY else view.best_ask) - sign * randint(view, 0, 3) * tick,
                    int(view.memory[PIECE]),
                )
            elif 1 < left < 6:
                place_market(commands, side, randint(view, 2, 6))


CLOSING = (Gravy, Painter, Puller)
