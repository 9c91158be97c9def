"""Trading ahead of a client: by standing in between, through others who are told, and by hunting the client's stop.

Sources: SEC v. the specialist firms of the New York Stock Exchange (In the Matter of LaBranche, Spear Leeds and others, 2004) for
interpositioning; SEC v. Billimek and Williams (2022), where somebody at the asset manager told a trader elsewhere what it was about to
buy; Osler, "Stop-loss orders and price cascades in currency markets", Journal of International Money and Finance 24 (2005), and the CFTC's
order against HSBC (2018), where a client's barrier was ramped. In each group the last member is the client, the victim.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.manipulators.manipulator import Range, other
from simulator.world.commands import BUY, SELL, Commands, message, place_limit, place_market
from simulator.world.draws import randint, uniform
from simulator.world.scenario import Scenario
from simulator.world.view import View, mid
from tests.spark_jobs.newcomers.episode import (
    LENGTH,
    MORE,
    OWN,
    SALT,
    A,
    B,
    C,
    D,
    begins,
    elapsed,
    gained,
    offer_at,
    set_out,
    take_some,
)
from tests.spark_jobs.outsiders.outsider import AT, Gang, accomplices, clear, price, resting, trade_a_little, unwind

_TIP = 6  # topic of what the members are told
_SIDE, _LOTS = A, B  # of the client's order


class Running(Gang):
    """A gang whose last member is the client: it takes no part, and its order is what the others are ahead of."""

    family = "front_running"
    RATE: ClassVar[float] = 0.02
    ACTIVITY: ClassVar[float] = 0.5

    @classmethod
    def seat(cls, scenario: Scenario, members: int, parameters: Mapping[str, float]) -> dict[str, Any]:
        """How often the members look at the market."""
        return {"activity": cls.ACTIVITY}

    def guilty(self, view: View) -> bool:
        """All but the client."""
        return bool(view.member < view.members - 1)

    def over(self, view: View) -> bool:
        """When the client is done and all are back where they were, or long after."""
        rows, group, plan = view.around.agents, accomplices(view), view.memory
        flat = all(abs(rows["inventory"][agent] - rows["memory"][agent, OWN]) < 2 for agent in group[:-1])
        done = rows["memory"][group[-1], MORE] >= plan[_LOTS]
        return bool(elapsed(view, plan) > plan[LENGTH] and ((done and flat) or elapsed(view, plan) > plan[LENGTH] + 450))

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Act as the client, or as one of those who know of its order."""
        first = begins(view, plan)
        if self.guilty(view):
            self.run(view, commands, plan)
            return
        if first:
            clear(view, commands)
            message(commands, int(accomplices(view)[0]), _TIP, int(plan[_LOTS]) * (1 if plan[_SIDE] == BUY else -1))
        self.order(view, commands, plan)

    def run(self, view: View, commands: Commands, plan: Any) -> None:
        """Play a step as one who knows."""
        raise NotImplementedError

    def order(self, view: View, commands: Commands, plan: Any) -> None:
        """Play a step as the client, whose lots so far are in MORE: from LENGTH on, some at the market now and then."""
        left = int(plan[_LOTS] - view.memory[MORE])
        if elapsed(view, plan) >= plan[LENGTH] and left > 0 and uniform(view) < plan[D]:
            lots = min(left, randint(view, 2, 9))
            place_market(commands, int(plan[_SIDE]), lots)
            view.memory[MORE] += lots


class Interposing(Running):
    """A specialist buys from the book before it shows the client's order, then sells to the client inside the spread; or reversed."""

    MEMBERS: ClassVar[Range] = Range(2, 2)
    ACTIVITY: ClassVar[float] = 1.0

    def plan(self, view: View) -> None:
        """Draw the steps in advance, the order, which part of it is bought in advance, and how fast the order is shown."""
        set_out(view, 10, 60)
        view.memory[_SIDE], view.memory[_LOTS] = side_of_client(view), randint(view, 30, 170)
        view.memory[C], view.memory[D] = 0.3 + 0.6 * uniform(view), 0.4 + 0.6 * uniform(view)

    def run(self, view: View, commands: Commands, plan: Any) -> None:
        """Buy in advance, then quote to the client one tick better than all others; the rest goes to the market."""
        side, ahead = int(plan[_SIDE]), int(plan[C] * plan[_LOTS])
        if elapsed(view, plan) < plan[LENGTH]:
            take_some(view, commands, side, ahead - gained(view, side), 0.4, 7 + int(3 * ahead / plan[LENGTH]))
        elif plan_of_client(view)[MORE] < plan[_LOTS]:
            self._stand(view, commands, plan, other(side), min(gained(view, side), 12))
        else:
            clear(view, commands)
            unwind(view, commands, int(view.memory[OWN]), 8)

    @staticmethod
    def _stand(view: View, commands: Commands, plan: Any, side: int, lots: int) -> None:
        """Be first in price; SALT says where, 0 for nowhere."""
        mine, best = resting(view, side), view.best_bid if side == BUY else view.best_ask
        if lots > 0 and mine and mine[0].price == best:
            return
        clear(view, commands)
        plan[SALT] = price(view, side, -1) if lots > 0 else 0
        if lots > 0:
            place_limit(commands, side, int(plan[SALT]), lots)

    def order(self, view: View, commands: Commands, plan: Any) -> None:
        """The specialist shows the order only while it stands first itself, or has nothing left to sell, or in the end."""
        best = view.best_ask if plan[_SIDE] == BUY else view.best_bid
        if plan[SALT] == 0 or best == plan[SALT] or elapsed(view, plan) > plan[LENGTH] + 250:
            super().order(view, commands, plan)


class Tipping(Running):
    """Somebody at the client's desk, who trades nothing, tells others what comes; they go ahead, and sell into the order while it lasts."""

    MEMBERS: ClassVar[Range] = Range(3, 5)

    def plan(self, view: View) -> None:
        """Draw the steps in advance, the order, after which part of it they turn round, and how fast it is traded."""
        set_out(view, 25, 140)
        view.memory[_SIDE], view.memory[_LOTS] = side_of_client(view), randint(view, 60, 240)
        view.memory[C], view.memory[D] = 0.4 + 0.55 * uniform(view), 0.1 + 0.3 * uniform(view)

    def run(self, view: View, commands: Commands, plan: Any) -> None:
        """Write, or build a position that is closed into the client's order."""
        side, group = int(plan[_SIDE]), accomplices(view)
        if view.member == 0:
            if view.memory[MORE] < len(group) - 2:
                view.memory[MORE] += 1
                message(commands, int(group[int(view.memory[MORE])]), _TIP, int(plan[_LOTS]) * (1 if side == BUY else -1))
            return
        wanted = int(0.8 * plan[_LOTS] / (len(group) - 2))
        if view.around.agents["memory"][group[0], MORE] < view.member:
            return
        if plan_of_client(view)[MORE] < plan[C] * plan[_LOTS]:
            left = wanted - gained(view, side)
            offer_at(view, commands, side, randint(view, 0, 2), min(left, 6))
            take_some(view, commands, side, left, 0.2, 6)
        else:
            offer_at(view, commands, side, 0, 0)
            offer_at(view, commands, other(side), 0, min(gained(view, side), 10))
            if uniform(view) < 0.3:
                unwind(view, commands, int(view.memory[OWN]), 6)


class StopHunting(Running):
    """Brokers who know where the client's stop lies push the price there, and trade with the client when it must get out."""

    MEMBERS: ClassVar[Range] = Range(2, 4)

    def plan(self, view: View) -> None:
        """Draw how far away the stop lies and what each hunter risks; without a client who holds something there is no episode."""
        held = int(view.around.agents["inventory"][accomplices(view)[-1]])
        if abs(held) < 35:
            view.memory[AT] = 0
            return
        set_out(view, 8, 30)
        view.memory[_SIDE], view.memory[_LOTS] = SELL if held > 0 else BUY, abs(held)
        away = randint(view, 2, 7) * (-1 if held > 0 else 1)
        view.memory[C], view.memory[D] = mid(view) + away, randint(view, 100, 321)

    def run(self, view: View, commands: Commands, plan: Any) -> None:
        """Trade towards the stop; when it is reached or too far, trade back, with the client first."""
        side, hunters = int(plan[_SIDE]), view.members - 1
        begun = plan_of_client(view)[MORE] > 0
        if not begun and elapsed(view, plan) < plan[LENGTH] + 60:
            take_some(view, commands, side, int(plan[D] / hunters) + 10 - gained(view, side), 0.9, 45)
            return
        offer_at(view, commands, other(side), randint(view, 0, 2), min(gained(view, side), 20))
        if elapsed(view, plan) > plan[LENGTH] + 150:
            clear(view, commands)
            unwind(view, commands, int(view.memory[OWN]), 5)

    def order(self, view: View, commands: Commands, plan: Any) -> None:
        """Hold until the stop is reached, then get out at the market."""
        left, reached = int(plan[_LOTS] - view.memory[MORE]), (mid(view) - plan[C]) * (-1 if plan[_SIDE] == SELL else 1) >= 0
        if left > 0 and (reached or view.memory[MORE] > 0):
            lots = min(left, randint(view, 6, 25))
            place_market(commands, int(plan[_SIDE]), lots)
            view.memory[MORE] += lots

    def over(self, view: View) -> bool:
        """When the hunters are back where they were, or long after."""
        rows, group, now = view.around.agents, accomplices(view), elapsed(view, view.memory)
        flat = all(abs(rows["inventory"][agent] - rows["memory"][agent, OWN]) < 2 for agent in group[:-1])
        return bool(now > view.memory[LENGTH] + 60 and (flat or now > view.memory[LENGTH] + 450))

    def between(self, view: View, commands: Commands) -> None:
        """As a client, build a position and keep it; otherwise trade a little."""
        if self.guilty(view):
            super().between(view, commands)
        elif view.memory[MORE] > 0:  # it was stopped out: another position
            view.memory[OWN] = view.memory[MORE] = 0
        elif abs(view.inventory) < 20 and view.memory[OWN] == 0:
            view.memory[OWN] = randint(view, 40, 131) * (1 if uniform(view) < 0.5 else -1)
        elif abs(view.memory[OWN] - view.inventory) > 5 and uniform(view) < 0.15:
            unwind(view, commands, int(view.memory[OWN]), 5)
        elif abs(view.memory[OWN] - view.inventory) <= 5 and uniform(view) < 0.2:
            trade_a_little(view, commands)


def side_of_client(view: View) -> int:
    """Either side, or the one that reduces a large position of the client."""
    held = int(view.around.agents["inventory"][accomplices(view)[-1]])
    if abs(held) > 60:
        return SELL if held > 0 else BUY
    return BUY if uniform(view) < 0.5 else SELL


def plan_of_client(view: View) -> Any:
    """The memory of the group's last member."""
    return view.around.agents["memory"][accomplices(view)[-1]]


RUNNING = (Interposing, Tipping, StopHunting)
