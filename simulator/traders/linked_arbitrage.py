"""Arbitrage between two books of the same thing: buy where it is offered for less than it is bid for in the other one.

Source: the arbitrageurs between segmented markets of Foucault, Kozhan and Tham, "Toxic arbitrage", Review of Financial Studies 30 (2017).
"""

from __future__ import annotations

from typing import Any

from simulator.traders.parameters import at_least, whole
from simulator.traders.sizing import room, take
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, SELL, Commands
from simulator.world.jit import both_ways, compile_trader
from simulator.world.looking import partner_account, partner_market
from simulator.world.view import View

_THRESHOLD, _SIZE, _EVERY = range(3)


def decide(view: View, commands: Commands) -> None:
    """Do this book's half of what both halves see; take back what the other half did not get."""
    if view.partner < 0 or view.halted or view.step % int(view.parameters[_EVERY]) != 0:
        return
    there, account, most = partner_market(view), partner_account(view), int(view.parameters[_SIZE])
    if there.halted:
        return
    net = view.inventory + account.inventory
    if net > 0 and view.inventory >= account.inventory:
        take(view, commands, SELL, min(net, most))
    elif net < 0 and view.inventory <= account.inventory:
        take(view, commands, BUY, min(-net, most))
    elif net == 0 and view.best_ask > 0 and there.best_bid - view.best_ask > view.parameters[_THRESHOLD]:
        take(view, commands, BUY, lots_of(view, account, BUY, min(most, view.ask_size, there.bid_size)))
    elif net == 0 and there.best_ask > 0 and view.best_bid - there.best_ask > view.parameters[_THRESHOLD]:
        take(view, commands, SELL, lots_of(view, account, SELL, min(most, view.bid_size, there.ask_size)))


@both_ways
def lots_of(view: View, account: Any, side: int, lots: int) -> int:
    """Return how many lots both halves have room for."""
    other = room(account, 1 - side)
    return min(lots, room(view, side), other)


class LinkedArbitrage(Trader):
    """Buys in its own book and sells in its partner's when the bid there lies further than the threshold above the ask here.

    Its population needs `linked: true` and two `symbols`: one owner has one agent in each, and each does its own half.

    Parameters
    ----------
    threshold : smallest difference that is worth a trade, in ticks; fees of both halves belong into it.
    size : most lots per order.
    every : steps between two looks, the same for both halves.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> view, commands = example_view(parameters=LinkedArbitrage().parameters), Commands()
    >>> LinkedArbitrage().act(view, commands)       # without a partner there is nothing to do
    >>> commands.placed()
    []
    """

    address = compile_trader(decide)

    def __init__(self, threshold: float = 2, size: int = 5, every: int = 1) -> None:
        """Configure the strategy. Raises ValueError for numbers out of range."""
        super().__init__((at_least("threshold", threshold, 0), whole("size", size, 1), whole("every", every, 1)))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
