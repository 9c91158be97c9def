"""Three ways to stuff: amendments, one side after the other, and a swarm at the touch.

Source: Egginton, Van Ness and Van Ness, "Quote stuffing", Financial Management 45 (2016); MAR, delegated regulation 2016/522, annex II.
"""

from __future__ import annotations

from simulator.world.commands import BUY, IOC, SELL, Commands, modify, place_limit
from simulator.world.draws import randint, uniform
from simulator.world.view import View
from tests.spark_jobs.outsiders.outsider import FREE, Outsider, clear, price, resting, unwind

UNTIL, WIDTH, LEVEL, SIDE, HELD = range(FREE, FREE + 5)


class Amender(Outsider):
    """Changes a handful of orders again and again, a tick to and fro, without new ones; then trades on the side where others lag."""

    family = "quote_stuffing"
    RATE = 0.0025

    def begin(self, view: View, commands: Commands) -> None:
        """Place the orders that will be changed."""
        view.memory[UNTIL], view.memory[WIDTH], view.memory[LEVEL] = randint(view, 15, 90), randint(view, 2, 5), randint(view, 1, 7)
        for number in range(randint(view, 3, 8)):
            side = number % 2
            place_limit(commands, side, price(view, side, int(view.memory[LEVEL]) + number // 2), randint(view, 1, 4))

    def go_on(self, view: View, commands: Commands, at: int) -> None:
        """Change each order several times within the step."""
        if at > view.memory[UNTIL] or view.open_orders == 0:
            place_limit(commands, at % 2, price(view, 1 - at % 2, 0), randint(view, 1, 5), IOC)
            self.end(view, commands, view.open_orders > 0)
            return
        for number, order in enumerate(view.orders[:]):
            for turn in range(int(view.memory[WIDTH])):
                to = price(view, order.side, int(view.memory[LEVEL]) + number // 2 + (at + turn) % 2)
                modify(commands, order.order_id, to, order.size)


class Seesaw(Outsider):
    """Floods one side for a few steps, withdraws it, floods the other, with breaks of random length; levels are spread wide."""

    family = "quote_stuffing"
    RATE = 0.0025

    def begin(self, view: View, commands: Commands) -> None:
        """Draw the length and how many orders a step has."""
        view.memory[UNTIL], view.memory[WIDTH], view.memory[SIDE] = randint(view, 20, 120), randint(view, 5, 13), randint(view, 0, 2)
        view.memory[LEVEL] = randint(view, 2, 6)

    def go_on(self, view: View, commands: Commands, at: int) -> None:
        """Replace all orders by new ones, or pause."""
        if at > view.memory[UNTIL]:
            self.end(view, commands, True)
            return
        clear(view, commands)
        if uniform(view) < 0.2:
            view.memory[SIDE] = 1 - view.memory[SIDE]
        elif uniform(view) < 0.85:
            side = int(view.memory[SIDE])
            for _ in range(int(view.memory[WIDTH])):
                place_limit(commands, side, price(view, side, int(view.memory[LEVEL]) + randint(view, 0, 12)), randint(view, 1, 6))


class Swarm(Outsider):
    """Single lots at and around the touch of both sides, most of them for the moment of their arrival only; those filled are worked off."""

    family = "quote_stuffing"
    RATE = 0.0025

    def begin(self, view: View, commands: Commands) -> None:
        """Draw the length and how many orders a step has."""
        view.memory[UNTIL], view.memory[WIDTH], view.memory[HELD] = randint(view, 10, 60), randint(view, 8, 24), view.inventory

    def go_on(self, view: View, commands: Commands, at: int) -> None:
        """Send what does not stay, and a few that do for a step."""
        if at > view.memory[UNTIL]:
            if unwind(view, commands, int(view.memory[HELD]), 5) or at > view.memory[UNTIL] + 40:
                self.end(view, commands, True)
            return
        if len(resting(view, BUY)) + len(resting(view, SELL)) > 6 or uniform(view) < 0.5:
            clear(view, commands)
        for _ in range(randint(view, int(view.memory[WIDTH]) // 2, int(view.memory[WIDTH]) + 1)):
            side, stays = (BUY if uniform(view) < 0.5 else SELL), uniform(view) < 0.15
            if stays:
                place_limit(commands, side, price(view, side, 0), 1)
            else:
                place_limit(commands, side, price(view, side, randint(view, 0, 3)), 1, IOC)


STUFFING = (Amender, Seesaw, Swarm)
