"""Which word of a member's memory means what, and small moves that several newcomers make."""

from __future__ import annotations

from typing import Any

from simulator.manipulators.manipulator import gained as gained_since
from simulator.world.commands import Commands, cancel, place_limit, place_market
from simulator.world.draws import randint, uniform
from simulator.world.view import View
from tests.spark_jobs.outsiders.outsider import COUNT, FREE, accomplices, price, resting

START, LENGTH, SALT = range(FREE, FREE + 3)  # of the first member's memory: when the episode began, its steps, a number by chance
A, B, C, D = range(FREE + 3, FREE + 7)  # four more words of the plan, which each class names for itself
OWN, MORE, MOST = range(FREE + 7, FREE + 10)  # of each member's own memory
BUSINESS = FREE + 10  # from here on the business remembers what it needs


def begins(view: View, plan: Any) -> bool:
    """Whether this is the member's first move of the episode; notes in OWN what it holds then."""
    if view.memory[MOST] == plan[COUNT] + 1:
        return False
    view.memory[MOST], view.memory[OWN], view.memory[MORE] = plan[COUNT] + 1, view.inventory, 0
    return True


def set_out(view: View, low: int, high: int) -> None:
    """Draw how long an episode lasts that begins now, and a number by chance."""
    view.memory[START], view.memory[LENGTH], view.memory[SALT] = view.step, randint(view, low, high), randint(view, 0, 1000)


def elapsed(view: View, plan: Any) -> int:
    """The steps since the episode began."""
    return int(view.step - plan[START])


def others(view: View) -> list[int]:
    """The numbers of the other members."""
    return [int(agent) for agent in accomplices(view) if agent != view.agent]


def gained(view: View, side: int) -> int:
    """The lots that a member has got on a side since the episode began for it."""
    return int(gained_since(view, side, view.memory[OWN]))


def offer_at(view: View, commands: Commands, side: int, ticks: int, lots: int) -> None:
    """Have one order of so many lots so many ticks behind the best price, moved when it lies two ticks off; none for no lots."""
    mine, wanted = resting(view, side), price(view, side, ticks)
    if mine and (lots < 1 or abs(mine[0].price - wanted) > 2 * view.tick_size or mine[0].size > lots):
        cancel(commands, mine[0].order_id)
    elif not mine and lots > 0:
        place_limit(commands, side, wanted, lots)


def take_some(view: View, commands: Commands, side: int, lots: int, chance: float, most: int) -> None:
    """Now and then take a few lots at the market, up to those that are left."""
    if lots > 0 and uniform(view) < chance:
        place_market(commands, side, min(lots, randint(view, 1, most + 1)))
