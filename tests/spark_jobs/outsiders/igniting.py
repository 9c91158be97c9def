"""Three ways to ignite momentum: a drip of small orders, a push with layers behind it, and sweeps below offers placed before.

Source: MAR, delegated regulation 2016/522, annex II; SEC, concept release on equity market structure (2010).
"""

from __future__ import annotations

from simulator.world.commands import BUY, IOC, Commands, cancel, place_limit, place_market
from simulator.world.draws import randint, uniform
from simulator.world.view import View, mid
from tests.spark_jobs.outsiders.outsider import FREE, Outsider, clear, price, resting, toss, unwind

SIDE, HELD, UNTIL, LEVEL, PIECE, LEFT, WAIT, PEAK = range(FREE, FREE + 8)


def held(view: View) -> int:
    """What the episode has added to the position, in its own direction."""
    moved = int(view.inventory - view.memory[HELD])
    return moved if view.memory[SIDE] == BUY else -moved


def watch(view: View) -> None:
    """Remember how far the price has gone in the direction of the episode."""
    rise = mid(view) - float(view.memory[LEVEL])
    view.memory[PEAK] = max(float(view.memory[PEAK]), rise if view.memory[SIDE] == BUY else -rise)


def moved(view: View) -> bool:
    """Whether the price went in the direction of the episode by three ticks at least."""
    return bool(view.memory[PEAK] >= 3 * view.tick_size)


def start(view: View, until: int) -> int:
    """Remember side, position and price at the beginning; return the side."""
    side = toss(view)
    view.memory[SIDE], view.memory[HELD], view.memory[UNTIL], view.memory[LEVEL] = side, view.inventory, until, mid(view)
    view.memory[PEAK] = 0
    return side


class Drip(Outsider):
    """Twenty to forty steps of small market orders of one side, none larger than usual; then it sells to those who followed."""

    family = "momentum_ignition"
    RATE = 0.0015

    def begin(self, view: View, commands: Commands) -> None:
        """Begin with one order."""
        side = start(view, randint(view, 20, 41))
        view.memory[PIECE] = randint(view, 5, 9)
        place_market(commands, side, int(view.memory[PIECE]))

    def go_on(self, view: View, commands: Commands, at: int) -> None:
        """Push, offer what it has to those who follow, and sell the rest."""
        side, until = int(view.memory[SIDE]), int(view.memory[UNTIL])
        if at < until:
            watch(view)
            for _ in range(randint(view, 0, 4)):
                if held(view) < 350:
                    place_market(commands, side, randint(view, 2, int(view.memory[PIECE]) + 1))
        elif held(view) <= 0 or at > until + 120:
            self.end(view, commands, moved(view))
        elif at < until + 30:
            clear(view, commands)
            place_limit(commands, 1 - side, price(view, 1 - side, 0), min(held(view), 20))
        else:
            clear(view, commands)
            unwind(view, commands, int(view.memory[HELD]), 20)


class Backed(Outsider):
    """Layers of orders that look like support, a push ahead of them, and all of it turned round within a step."""

    family = "momentum_ignition"
    RATE = 0.0018

    def begin(self, view: View, commands: Commands) -> None:
        """Put the layers up."""
        side = start(view, randint(view, 8, 18))
        for level in range(randint(view, 3, 7)):
            place_limit(commands, side, price(view, side, 1 + level), randint(view, 8, 16))

    def go_on(self, view: View, commands: Commands, at: int) -> None:
        """Push while the layers follow, then withdraw them and go out."""
        side, until = int(view.memory[SIDE]), int(view.memory[UNTIL])
        if at <= until:
            watch(view)
            if held(view) < 400:
                place_market(commands, side, randint(view, 16, 40))
            if at % 3 == 0:
                layers = sorted(resting(view, side), key=lambda order: -abs(order.price - mid(view)))
                for order in layers[:2]:
                    cancel(commands, order.order_id)
                    place_limit(commands, side, price(view, side, 1), order.size)
        else:
            clear(view, commands)
            if unwind(view, commands, int(view.memory[HELD]), randint(view, 20, 40)) or at > until + 60:
                self.end(view, commands, moved(view))


class Sweeper(Outsider):
    """Offers what it does not have yet some ticks above the market, and lifts everything below by orders that do not rest."""

    family = "momentum_ignition"
    RATE = 0.002

    def begin(self, view: View, commands: Commands) -> None:
        """Place the orders by which it will go out."""
        side = start(view, randint(view, 4, 12))
        view.memory[PIECE], view.memory[LEFT], view.memory[WAIT] = randint(view, 25, 60), randint(view, 5, 10), randint(view, 10, 30)
        for level in range(4):
            place_limit(commands, 1 - side, price(view, 1 - side, int(view.memory[LEFT]) + 1 + 2 * level), randint(view, 15, 40))

    def go_on(self, view: View, commands: Commands, at: int) -> None:
        """Sweep up to below its own orders, wait for those who follow, and close what is open."""
        side, until = int(view.memory[SIDE]), int(view.memory[UNTIL])
        watch(view)
        if at <= until:
            exits = [order.price for order in resting(view, 1 - side)]
            ahead = (1 if side == BUY else -1) * view.tick_size
            through = price(view, 1 - side, 0) + ahead * randint(view, 1, 5)
            if exits:
                through = min(through, min(exits) - ahead) if side == BUY else max(through, max(exits) - ahead)
            if uniform(view) < 0.75 and held(view) < 300:
                place_limit(commands, side, int(through), int(view.memory[PIECE]), IOC)
        elif at > until + view.memory[WAIT]:
            clear(view, commands)
            if unwind(view, commands, int(view.memory[HELD]), 25) or at > until + 120:
                self.end(view, commands, moved(view))


IGNITING = (Drip, Backed, Sweeper)
