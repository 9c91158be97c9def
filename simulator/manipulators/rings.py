"""Rings: groups whose members know each other's numbers and the time of what they do, and who do honest business in between."""

from __future__ import annotations

from typing import Any

from simulator.manipulators.manipulator import hide, withdraw_all
from simulator.manipulators.plans import planned
from simulator.traders.buyer import affordable_by_cash
from simulator.traders.quoting import keep_one
from simulator.traders.sizing import price_at_least, price_at_most, take
from simulator.world.commands import BUY, SELL
from simulator.world.draws import uniform
from simulator.world.jit import both_ways, compiled_form
from simulator.world.layout import OWN
from simulator.world.mechanisms import RoleName
from simulator.world.party_rows import PLACES
from simulator.world.scenario import Scenario
from simulator.world.view import mid
from simulator.world.view_type import row_in

_AWAKE = 0.2  # least chance of a step in which those who have a business look after it, or who holds much works it off
_STEP = 0.02  # share by which they then quote above the mid price when all is missing or nothing is left, and below it in plenty
COVERED = 5.0  # periods of production or consumption in a stock that is neither too large nor too small
_URGENT = 0.6  # share of that which is missing from which on it pays what is asked
FULL = 2.0  # times as much is too much, and sold to whoever bids
_BUSINESS = ("role", "production", "consumption", "inventory", "cash", "limits")

_place_at, _own_at = row_in(PLACES), row_in(OWN)


@both_ways
def place_in_slot(view: Any, every: int, length: int, phase: int) -> int:
    """Return the steps since an episode of `length` steps may begin in the present slot of `every` steps; below zero before."""
    at = view.step + phase
    return at % every - planned(phase, at // every, 0) % max(every - length, 1)  # type: ignore[no-any-return]


def fellow(view: Any, ahead: int) -> int:
    """Return the agent's number of the member so many places after this one, -1 in a population that is not linked."""
    agent = int(view.agent)
    for place in range(ahead):
        agent = int(view.partner if place == 0 else view.around.agents[agent]["partner"])
        if agent < 0:
            return -1
    return agent


@compiled_form(fellow)
def _fellow(view: Any, ahead: int) -> int:
    agent = view.agent
    for place in range(ahead):
        agent = view.partner if place == 0 else _own_at(_place_at(view.party.places, 0).agents, agent).partner
        if agent < 0:
            return -1
    return agent  # type: ignore[no-any-return]


@both_ways
def is_fellow(view: Any, agent: int) -> bool:
    """Say whether an agent is another member."""
    found = False
    for ahead in range(1, view.members):
        found = found or fellow(view, ahead) == agent
    return found


@both_ways
def places_after(view: Any, first: int) -> int:
    """Return how many places after a member this one comes; it goes round."""
    return (view.member - first) % max(view.members, 1)  # type: ignore[no-any-return]


@both_ways
def work(view: Any, commands: Any, chance: float, lots: int) -> None:
    """Sell what was made or buy what will be used up, as others do; those without a business `hide`, and work off what is too much."""
    most = lots * view.lot_size
    if view.makes == 0.0 and view.uses == 0.0:
        hide(view, commands, _AWAKE + chance if abs(view.inventory) > 2 * most else chance, lots)
        return
    if view.halted or uniform(view) >= _AWAKE + chance:
        return
    if view.uses > 0.0:
        buy_as_needed(view, commands, most)
    else:
        sell_the_stock(view, commands, most)


@both_ways
def buy_as_needed(view: Any, commands: Any, most: int) -> None:
    """Bid for what is missing, the more the dearer, and pay what is asked when most is; see simulator.traders.buyer."""
    target = max(view.uses * COVERED, 1.0)
    missing = int(target - view.inventory + 0.5)
    if missing > _URGENT * target and 0 < view.best_ask <= view.worth:
        withdraw_all(view, commands)
        take(view, commands, BUY, affordable_by_cash(view, min(missing, view.ask_size), view.best_ask))
        return
    price = price_at_most(view, min(view.worth, mid(view) * (1.0 + _STEP * (2.0 * max(missing, 0) / target - 1.0))))
    if view.best_ask > 0:
        price = max(min(price, view.best_ask - view.tick_size), view.tick_size)
    keep_one(view, commands, BUY, price, affordable_by_cash(view, min(missing, most), price))


@both_ways
def sell_the_stock(view: Any, commands: Any, most: int) -> None:
    """Ask for less the more there is, and sell to whoever bids what is too much; see simulator.traders.seller."""
    target, stock = max(view.makes * COVERED, 1.0), max(view.inventory - view.due_lots, 0)
    if stock > FULL * target and view.best_bid >= view.cost:
        withdraw_all(view, commands)
        take(view, commands, SELL, min(int(stock - target), view.bid_size))
        return
    price = max(view.cost, mid(view) * (1.0 + _STEP * (target - stock) / (target + stock)))
    keep_one(view, commands, SELL, max(price_at_least(view, price), view.best_bid + view.tick_size), min(most, stock))


def seated(scenario: Scenario, role: RoleName, members: int) -> dict[str, Any]:
    """Fields of a Population whose members know each other's numbers, with the business, money and limits of the scenario's own of a role.

    Without any of that role they are traders. All trade one symbol.
    """
    own = next((population for population in scenario.populations if population.role is role), None)
    fields: dict[str, Any] = {} if own is None else {name: getattr(own, name) for name in _BUSINESS}
    symbol = (own.symbols if own is not None and own.symbols else (scenario.symbols[0].name,))[0]
    return fields | {"symbols": (symbol,) * members, "linked": members > 1}
