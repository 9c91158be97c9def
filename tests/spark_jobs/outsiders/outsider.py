"""What outsiders share: when they may act, ordinary trading between their episodes, and how accomplices know each other's plan."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from simulator.manipulators.manipulator import Manipulator, Range, own_episode, shared_episode
from simulator.world.commands import (
    ATTEMPTED,
    BEGUN,
    BUY,
    CONSUMMATED,
    SELL,
    Commands,
    cancel,
    declare,
    place_limit,
    place_market,
)
from simulator.world.draws import randint, uniform
from simulator.world.view import OpenOrder, View

AT, COUNT, PAUSE, NUMBER, FREE = range(
    5
)  # words of memory: steps into the episode, episodes, when the next may begin; FREE is the first unused
REST = 150, 700  # steps between two episodes, at least


def tradeable(view: View) -> bool:
    """Whether trading is continuous and both sides of the book are there."""
    return not (view.halted or view.in_call) and view.best_bid > 0 and view.best_ask > view.best_bid


def resting(view: View, side: int) -> list[OpenOrder]:
    """The agent's own orders of a side, oldest first."""
    return [order for order in view.orders[:] if order.side == side]


def clear(view: View, commands: Commands) -> None:
    """Withdraw everything."""
    for order in view.orders[:]:
        cancel(commands, order.order_id)


def price(view: View, side: int, ticks: int) -> int:
    """So many ticks behind the best price of a side; below zero inside the spread, but never at the other side's."""
    tick = view.tick_size
    if side == BUY:
        return max(min(view.best_bid - ticks * tick, view.best_ask - tick), tick)
    return int(max(view.best_ask + ticks * tick, view.best_bid + tick))


def toss(view: View) -> int:
    """Either side, or more often the one that reduces what the agent holds."""
    if abs(view.inventory) > 40:
        return SELL if view.inventory > 0 else BUY
    return BUY if uniform(view) < 0.5 else SELL


def trade_a_little(view: View, commands: Commands) -> None:
    """Trade as many small investors do: mostly by limit orders that stay for a while, sometimes at the market; reduce a large position."""
    if uniform(view) >= 0.05:
        return
    side, lots = toss(view), randint(view, 1, 7)
    if view.open_orders > 2:
        cancel(commands, view.orders[randint(view, 0, view.open_orders)].order_id)
    elif uniform(view) < 0.6:
        place_limit(commands, side, price(view, side, randint(view, 0, 5)), lots)
    else:
        place_market(commands, side, lots)


def unwind(view: View, commands: Commands, target: int, piece: int) -> bool:
    """Send a market order towards a position; return whether it is there."""
    left = target - int(view.inventory)
    if left != 0:
        place_market(commands, BUY if left > 0 else SELL, min(abs(left), piece))
    return left == 0


class Outsider(Manipulator):
    """Acts alone: begins an episode by chance, plays it step by step, and trades a little in between."""

    memory_words = 16
    RATE: ClassVar[float] = 0.002  # chance to begin in a step

    def __init__(self) -> None:
        """Configure nothing: all is drawn when it is needed."""
        super().__init__(())

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step."""
        if not tradeable(view):
            return
        memory = view.memory
        if memory[AT] > 0:
            memory[AT] += 1
            self.go_on(view, commands, int(memory[AT]))
        elif view.step >= memory[PAUSE] and self.wants(view):
            clear(view, commands)
            memory[AT] = 1
            declare(commands, own_episode(view, int(memory[COUNT])), BEGUN)
            self.begin(view, commands)
        else:
            trade_a_little(view, commands)

    def wants(self, view: View) -> bool:
        """Whether it begins an episode now."""
        return uniform(view) < self.RATE

    def begin(self, view: View, commands: Commands) -> None:
        """Play the first step of an episode."""
        raise NotImplementedError

    def go_on(self, view: View, commands: Commands, at: int) -> None:
        """Play step `at` of an episode, 2 the second one."""
        raise NotImplementedError

    def end(self, view: View, commands: Commands, reached: bool) -> None:
        """Withdraw everything and end the episode."""
        clear(view, commands)
        declare(commands, own_episode(view, int(view.memory[COUNT])), CONSUMMATED if reached else ATTEMPTED)
        view.memory[AT] = 0
        view.memory[COUNT] += 1
        view.memory[PAUSE] = view.step + randint(view, *REST)


class Gang(Manipulator):
    """Acts together: the first member draws a plan, which the others know; members it names take part and declare the episode."""

    memory_words = 16
    MEMBERS: ClassVar[Range] = Range(2, 2)
    RATE: ClassVar[float] = 0.002
    needs_book: ClassVar[bool] = True

    def __init__(self) -> None:
        """Configure nothing: all is drawn when it is needed."""
        super().__init__(())

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step."""
        if view.halted or view.in_call or (self.needs_book and not tradeable(view)):
            return
        plan = plan_of(view)
        if view.member == 0:
            self._lead(view, commands)
        if plan[AT] > 0 and view.memory[NUMBER] == 0 and self.guilty(view):
            clear(view, commands)
            view.memory[NUMBER] = plan[COUNT] + 1
            declare(commands, shared_episode(view, int(plan[COUNT])), BEGUN)
        elif plan[AT] == 0 and view.memory[NUMBER] > 0:
            clear(view, commands)
            declare(commands, shared_episode(view, int(view.memory[NUMBER]) - 1), CONSUMMATED)
            view.memory[NUMBER] = 0
        elif plan[AT] > 0:
            self.play(view, commands, plan)
        else:
            self.between(view, commands)

    def _lead(self, view: View, commands: Commands) -> None:
        memory = view.memory
        if memory[AT] > 0:
            memory[AT] += 1
            if self.over(view):
                memory[AT] = 0
                memory[COUNT] += 1
                memory[PAUSE] = view.step + randint(view, *REST)
        elif view.step >= memory[PAUSE] and uniform(view) < self.RATE:
            memory[AT] = 1
            self.plan(view)

    def guilty(self, view: View) -> bool:
        """Whether the member takes part in the manipulation: all do but where somebody is its victim."""
        return True

    def plan(self, view: View) -> None:
        """Draw what the first member decides at the beginning of an episode, into its memory."""

    def over(self, view: View) -> bool:
        """Whether the first member ends the episode."""
        raise NotImplementedError

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Play a step of an episode as one of the members."""
        raise NotImplementedError

    def between(self, view: View, commands: Commands) -> None:
        """Play a step outside of episodes."""
        if tradeable(view):
            trade_a_little(view, commands)


def accomplices(view: View) -> Any:
    """The numbers of all members of the agent's group, in their order."""
    rows = view.around.agents
    numbers = np.flatnonzero(rows["trader_type"] == view.trader_type)
    return numbers[np.argsort(rows["member"][numbers])]


def plan_of(view: View) -> Any:
    """The memory of the first member of the agent's group, which only it writes but for what is handed on."""
    return view.around.agents["memory"][accomplices(view)[0]]
