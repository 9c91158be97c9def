"""Three ways to run ahead: of clients who split their orders, of one large order that is still to come, and between a client and the book.

Source: FINRA rule 5270 on trading ahead of block orders; SEC and NYSE v. Fleet Specialist and others (2004) on interpositioning.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from simulator.world.commands import BUY, IOC, SELL, Commands, place_limit, place_market
from simulator.world.draws import randint, uniform
from simulator.world.scenario import Scenario
from simulator.world.view import View
from tests.spark_jobs.outsiders.outsider import AT, COUNT, FREE, Gang, Outsider, clear, price, resting, trade_a_little, unwind

SIDE, HELD, LOTS, LEFT, CLIENT, UNTIL, LAST = range(FREE, FREE + 7)


class Tailgater(Outsider):
    """The broker of some who split large orders: it knows how much of one is to come, bids ahead of it, and offers to its last pieces."""

    family = "front_running"
    LARGE: ClassVar[int] = 8  # pieces to come
    SHARE: ClassVar[int] = 3  # every third of the clients is its own

    def __init__(self, clients: int = -1) -> None:
        """Know the row of the population whose orders it handles, -1 for none."""
        super().__init__()
        self.parameters = (float(clients),)

    @classmethod
    def seat(cls, scenario: Scenario, members: int, parameters: Mapping[str, float]) -> dict[str, Any]:
        """Have those who split orders as clients."""
        rows = [row for row, population in enumerate(scenario.populations) if population.trader == "splitter"]
        return {"parameters": {"clients": rows[0] if rows else -1}}

    def wants(self, view: View) -> bool:
        """Begin where a large order has just come in, but for some that it lets pass."""
        rows = view.around.agents
        mine = (rows["trader_type"] == view.parameters[0]) & (rows["agent"] % self.SHARE == view.agent % self.SHARE)
        orders = rows["memory"][:, 0] * mine
        client = int(np.argmax(np.abs(orders)))
        if abs(orders[client]) < self.LARGE or uniform(view) < 0.5:
            return False
        view.memory[CLIENT], view.memory[SIDE] = client, BUY if orders[client] > 0 else SELL
        return True

    def begin(self, view: View, commands: Commands) -> None:
        """Bid inside the spread, ahead of the client's next piece."""
        side = int(view.memory[SIDE])
        view.memory[HELD], view.memory[LOTS], view.memory[UNTIL] = view.inventory, randint(view, 6, 22), randint(view, 150, 300)
        view.memory[LAST] = view.memory[LEFT] = 0
        place_limit(commands, side, price(view, side, -1), int(view.memory[LOTS]))

    def go_on(self, view: View, commands: Commands, at: int) -> None:
        """Keep the bid in front while most of the order is to come; then offer, and at last go out at the market."""
        side, lots = int(view.memory[SIDE]), int(view.memory[LOTS])
        left = abs(float(view.around.agents["memory"][int(view.memory[CLIENT])][0]))
        gained = abs(int(view.inventory - view.memory[HELD]))
        view.memory[LAST] = max(view.memory[LAST], gained)
        view.memory[LEFT] = max(view.memory[LEFT], float(gained >= lots))
        if left >= 4 and view.memory[LEFT] == 0 and at < 60:
            mine = resting(view, side)
            if not mine or (mine[0].price != price(view, side, 0) and uniform(view) < 0.4):
                clear(view, commands)
                place_limit(commands, side, price(view, side, -1 if uniform(view) < 0.6 else 0), lots - gained)
        elif left >= 1 and gained > 0 and at < view.memory[UNTIL]:
            if not resting(view, 1 - side) or at % 9 == 0:
                clear(view, commands)
                place_limit(commands, 1 - side, price(view, 1 - side, 0), gained)
        else:
            clear(view, commands)
            if unwind(view, commands, int(view.memory[HELD]), 8):
                self.end(view, commands, view.memory[LAST] >= 3)


class Client(Gang):
    """A client that orders much now and then, and somebody who knows of it before: only the latter does wrong.

    The first member is the client: what it will buy or sell is in its memory some steps before it begins.
    """

    family = "front_running"

    def plan(self, view: View) -> None:
        """Draw the order, and when it will come to the market."""
        view.memory[SIDE], view.memory[LEFT] = (BUY if uniform(view) < 0.5 else SELL), randint(view, 50, 160)
        view.memory[UNTIL], view.memory[LOTS] = randint(view, 8, 30), randint(view, 6, 20)

    def over(self, view: View) -> bool:
        """End some time after the client has what it wanted."""
        return bool(view.memory[LEFT] <= -view.memory[UNTIL] * 2)

    def guilty(self, view: View) -> bool:
        """Only those beside the client."""
        return bool(view.member > 0)

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Work the order off as the client, or run ahead of it."""
        if view.member > 0:
            self.run(view, commands, plan)
        elif plan[LEFT] <= 0:
            plan[LEFT] -= 1
        elif plan[AT] > plan[UNTIL] and uniform(view) < 0.5:
            lots = min(int(plan[LEFT]), randint(view, 3, 12))
            place_market(commands, int(plan[SIDE]), lots)
            plan[LEFT] -= lots

    def run(self, view: View, commands: Commands, plan: Any) -> None:
        """Trade as the one who knows."""
        raise NotImplementedError

    def between(self, view: View, commands: Commands) -> None:
        """Work off what an order left, and trade a little."""
        if abs(view.inventory) > 60 and uniform(view) < 0.03:
            place_market(commands, SELL if view.inventory > 0 else BUY, 5)
        else:
            trade_a_little(view, commands)


class AheadOfBlock(Client):
    """Takes the best offers by a few orders before the block comes, and sells to it by orders that rest where it will buy."""

    def run(self, view: View, commands: Commands, plan: Any) -> None:
        """Collect before, rest during, close after."""
        side = int(plan[SIDE])
        if view.memory[LAST] != plan[COUNT] + 1:
            view.memory[LAST], view.memory[HELD] = plan[COUNT] + 1, view.inventory
        gained = int(view.inventory - view.memory[HELD]) * (1 if side == BUY else -1)
        if plan[AT] <= plan[UNTIL]:
            if gained < plan[LOTS] * 2 and uniform(view) < 0.3:
                place_limit(commands, side, price(view, 1 - side, 0), randint(view, 3, 9), IOC)
        elif plan[LEFT] > 0 and gained > 0:
            if view.open_orders < 2:
                place_limit(commands, 1 - side, price(view, 1 - side, view.open_orders), max(gained // 2, 1))
            elif uniform(view) < 0.1:
                clear(view, commands)
        elif gained > 0:
            clear(view, commands)
            place_market(commands, 1 - side, min(gained, 8))


class Interposer(Client):
    """Steps between the client and the book: takes what is best just before a piece comes, and offers it dearer to that piece."""

    def run(self, view: View, commands: Commands, plan: Any) -> None:
        """Take and offer in turns while the order is worked off."""
        side = int(plan[SIDE])
        if plan[LEFT] <= 0 or plan[AT] <= plan[UNTIL] - 4:
            clear(view, commands)
            if plan[LEFT] <= 0 and view.inventory != 0:
                unwind(view, commands, 0, 6)
            return
        own = int(view.inventory) * (1 if side == BUY else -1)
        if own < 12 and uniform(view) < 0.6:
            place_market(commands, side, randint(view, 2, 7))
        if own > 0:
            clear(view, commands)
            place_limit(commands, 1 - side, price(view, 1 - side, -1 if uniform(view) < 0.3 else 0), min(own, 12))


RUNNING = (Tailgater, AheadOfBlock, Interposer)
