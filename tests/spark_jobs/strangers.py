"""Manipulators that no detector was trained on: other constructions of the same kinds, in plain Python and in a market of their own time.

None shares code or numbers with simulator.manipulators beyond what every trader uses.
"""

from __future__ import annotations

from typing import ClassVar

from simulator.manipulators.manipulator import Manipulator, Range, own_episode, shared_episode
from simulator.traders.momentum import SENTIMENT
from simulator.world.commands import (
    ATTEMPTED,
    BEGUN,
    BUY,
    CONSUMMATED,
    EVERYBODY,
    IOC,
    SELL,
    Commands,
    cancel,
    declare,
    message,
    place_limit,
    place_market,
)  # fmt: skip
from simulator.world.draws import randint, uniform
from simulator.world.view import View, mid

AT, COUNT, SIDE, SIZE, HELD = range(5)  # words of their memories


def both_there(view: View) -> bool:
    return not (view.halted or view.in_call) and view.best_bid > 0 and view.best_ask > 0


def clear(view: View, commands: Commands) -> None:
    for place in range(view.open_orders):
        cancel(commands, view.orders[place].order_id)


class Wall(Manipulator):
    """Spoofs with one wall that is moved along with the price, one step behind, and taken away in two halves."""

    family = "spoofing"
    memory_words = 5

    def __init__(self) -> None:
        super().__init__(())

    def act(self, view: View, commands: Commands) -> None:
        if not both_there(view):
            return
        at = int(view.memory[AT])
        if at == 0 and uniform(view) < 0.01:
            side = BUY if uniform(view) < 0.5 else SELL
            view.memory[SIDE], view.memory[SIZE] = side, randint(view, 25, 60)
            clear(view, commands)
            place_limit(commands, side, self.behind(view, side), int(view.memory[SIZE]))
            place_limit(commands, 1 - side, view.best_ask if side == BUY else view.best_bid, randint(view, 2, 6))
            declare(commands, own_episode(view, int(view.memory[COUNT])), BEGUN)
            view.memory[AT] = 1
        elif at > 0:
            view.memory[AT] += 1
            side = int(view.memory[SIDE])
            mine = [view.orders[place] for place in range(view.open_orders) if view.orders[place].side == side]
            if at == 6 or not mine:
                clear(view, commands)
                declare(commands, own_episode(view, int(view.memory[COUNT])), ATTEMPTED)
                view.memory[AT] = 0
                view.memory[COUNT] += 1
            elif at == 5:
                for order in mine:
                    cancel(commands, order.order_id)
                place_limit(commands, side, self.behind(view, side), max(int(view.memory[SIZE]) // 2, 1))

    @staticmethod
    def behind(view: View, side: int) -> int:
        return int(view.best_bid - 2 * view.tick_size if side == BUY else view.best_ask + 2 * view.tick_size)


class Stairs(Manipulator):
    """Spoofs by stairs that grow by an order a step, and are taken down from the far end once its own small order has traded."""

    family = "spoofing"
    memory_words = 5

    def __init__(self) -> None:
        super().__init__(())

    def act(self, view: View, commands: Commands) -> None:
        if not both_there(view):
            return
        at, side = int(view.memory[AT]), int(view.memory[SIDE])
        if at == 0:
            if uniform(view) < 0.008:
                side = SELL if view.inventory > 0 else BUY if view.inventory < 0 else int(uniform(view) < 0.5)
                view.memory[SIDE], view.memory[HELD], view.memory[SIZE], view.memory[AT] = side, view.inventory, randint(view, 7, 15), 1
                best, step = (view.best_bid, 1) if side == BUY else (view.best_ask, -1)
                inside = best + step * view.tick_size
                place_limit(commands, side, inside if view.best_ask - view.best_bid > view.tick_size else best, randint(view, 1, 4))
                declare(commands, own_episode(view, int(view.memory[COUNT])), BEGUN)
            return
        view.memory[AT] += 1
        stairs = [view.orders[place] for place in range(view.open_orders) if view.orders[place].side != side]
        traded = view.inventory != view.memory[HELD]
        if not traded and at <= 5:
            best, back = (view.best_ask, 1) if side == BUY else (view.best_bid, -1)
            place_limit(commands, 1 - side, best + back * at * view.tick_size, int(view.memory[SIZE]))
        elif (traded or at > 14) and stairs:
            for order in sorted(stairs, key=lambda order: -abs(order.price - mid(view)))[:2]:
                cancel(commands, order.order_id)
        elif not stairs:
            clear(view, commands)
            declare(commands, own_episode(view, int(view.memory[COUNT])), CONSUMMATED if traded else ATTEMPTED)
            view.memory[AT] = 0
            view.memory[COUNT] += 1


class Flood(Manipulator):
    """Stuffs by orders far from the price that each live for two steps."""

    family = "quote_stuffing"
    memory_words = 5

    def __init__(self) -> None:
        super().__init__(())

    def act(self, view: View, commands: Commands) -> None:
        if not both_there(view):
            return
        left = int(view.memory[AT])
        if left == 0 and uniform(view) < 0.006:
            view.memory[AT] = randint(view, 12, 40)
            declare(commands, own_episode(view, int(view.memory[COUNT])), BEGUN)
        elif left > 0:
            clear(view, commands)
            view.memory[AT] -= 1
            if left == 1:
                declare(commands, own_episode(view, int(view.memory[COUNT])), CONSUMMATED)
                view.memory[COUNT] += 1
                return
            for level in range(7):
                place_limit(commands, BUY, view.best_bid - (8 + level) * view.tick_size, 1)


class Carousel(Manipulator):
    """Washes: one offers a tick above the bid, the other takes all of it in the next step; then they change seats."""

    family = "wash_trading"
    memory_words = 5
    MEMBERS: ClassVar[Range] = Range(2, 2)

    def __init__(self) -> None:
        super().__init__(())

    def act(self, view: View, commands: Commands) -> None:
        if not both_there(view):
            return
        at = view.step + 131 * view.trader_type  # every pair at times of its own
        time, round_ = at % 400, at // 400
        turn, phase = time // 9, time % 9
        if time >= 9 * 12:
            if time == 9 * 12:
                clear(view, commands)
                declare(commands, shared_episode(view, round_), CONSUMMATED)
            return
        if time == 0:
            declare(commands, shared_episode(view, round_), BEGUN)
        lots, price = 4 + turn % 5, view.best_bid + view.tick_size
        if phase == 0 and view.member == turn % 2 and price < view.best_ask:
            place_limit(commands, SELL, price, lots)
        elif phase == 1 and view.member != turn % 2:
            place_limit(commands, BUY, view.best_ask, lots, IOC)
        elif phase == 3:
            clear(view, commands)


class Shove(Manipulator):
    """Ignites: sweeps the book in four steps, waits three, and goes out by equal pieces."""

    family = "momentum_ignition"
    memory_words = 5

    def __init__(self) -> None:
        super().__init__(())

    def act(self, view: View, commands: Commands) -> None:
        if not both_there(view):
            return
        at, side = int(view.memory[AT]), int(view.memory[SIDE])
        if at == 0 and uniform(view) < 0.005:
            view.memory[SIDE], view.memory[HELD], view.memory[AT] = (BUY if uniform(view) < 0.5 else SELL), view.inventory, 1
            declare(commands, own_episode(view, int(view.memory[COUNT])), BEGUN)
        elif at > 0:
            view.memory[AT] += 1
            held = abs(int(view.inventory - view.memory[HELD]))
            if at <= 4:
                place_market(commands, side, randint(view, 8, 16))
            elif at > 7 and held > 0 and at < 40:
                place_market(commands, 1 - side, min(held, 7))
            elif at > 7:
                declare(commands, own_episode(view, int(view.memory[COUNT])), ATTEMPTED)
                view.memory[AT] = 0
                view.memory[COUNT] += 1


class Tout(Manipulator):
    """Pumps: buys three lots every few steps for a while, then praises every second step and sells in ten pieces."""

    family = "pump_and_dump"
    memory_words = 5

    def __init__(self) -> None:
        super().__init__(())

    def act(self, view: View, commands: Commands) -> None:
        if not both_there(view):
            return
        at = int(view.memory[AT])
        if at == 0 and uniform(view) < 0.002:
            view.memory[AT], view.memory[HELD] = 1, view.inventory
            place_market(commands, BUY, 3)
            declare(commands, own_episode(view, int(view.memory[COUNT])), BEGUN)
            return
        if at == 0:
            return
        view.memory[AT] += 1
        held = int(view.inventory - view.memory[HELD])
        if at < 120 and at % 4 == 0:
            place_market(commands, BUY, 3)
        elif 120 <= at < 190 and at % 2 == 0:
            message(commands, EVERYBODY, SENTIMENT, 120)
        if at >= 160 and held > 0 and at % 3 == 0:
            place_market(commands, SELL, min(held, 9))
        if at > 162 and (held <= 0 or at > 320):
            won = mid(view) > 0
            declare(commands, own_episode(view, int(view.memory[COUNT])), CONSUMMATED if won else ATTEMPTED)
            view.memory[AT] = 0
            view.memory[COUNT] += 1


STRANGERS = {
    "spoofing": (Wall, Stairs),
    "quote_stuffing": (Flood,),
    "wash_trading": (Carousel,),
    "momentum_ignition": (Shove,),
    "pump_and_dump": (Tout,),
}
