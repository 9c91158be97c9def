"""Randomness without intelligence: any legal command at an even chance. For tests, and as the floor that learning must beat.

Source: the unconstrained zero-intelligence traders of Gode and Sunder, "Allocative efficiency of markets with zero-intelligence
traders", Journal of Political Economy 101 (1993).
"""

from __future__ import annotations

from simulator.traders.parameters import share, whole
from simulator.traders.sizing import affordable, price_at_most, take, whole_lots
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, EVERYBODY, SELL, Commands, cancel, message, modify, place_limit
from simulator.world.draws import randint, uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.view import View, mid

_ACTIVITY, _REACH, _SIZE = range(3)
_LIMIT, _MARKET, _CANCEL, _MODIFY, _MESSAGE, _CHOICES = range(6)


def decide(view: View, commands: Commands) -> None:
    """Draw a kind of command and its numbers."""
    if uniform(view) >= view.parameters[_ACTIVITY] or view.halted:
        return
    choice = randint(view, 0, _CHOICES)
    side = BUY if randint(view, 0, 2) == 0 else SELL
    if choice == _MESSAGE:
        message(commands, EVERYBODY, randint(view, 0, 8), randint(view, 0, 1000))
    elif choice in (_LIMIT, _MARKET) or view.open_orders == 0:
        new_order(view, commands, side, choice == _LIMIT)
    else:
        change_order(view, commands, choice == _CANCEL)


@both_ways
def any_price(view: View) -> int:
    """Return a legal price within the reach around the mid."""
    reach = int(view.parameters[_REACH])
    return price_at_most(view, mid(view) + randint(view, -reach, reach + 1) * view.tick_size)


@both_ways
def new_order(view: View, commands: Commands, side: int, rests: bool) -> None:
    """Place a limit order of any time in force, or a market order."""
    size = randint(view, 1, int(view.parameters[_SIZE]) + 1) * view.lot_size
    lots = affordable(view, side, size)
    if not rests:
        take(view, commands, side, size)
    elif lots > 0 and view.open_orders < view.order_limit:
        place_limit(commands, side, any_price(view), lots, randint(view, 0, 4))


@both_ways
def change_order(view: View, commands: Commands, ends: bool) -> None:
    """Cancel one of the agent's orders, or give it another price and a size that is not larger."""
    order = view.orders[randint(view, 0, view.open_orders)]
    if ends:
        cancel(commands, order.order_id)
    else:
        lots = whole_lots(view, randint(view, 1, order.size + 1))
        modify(commands, order.order_id, any_price(view), max(lots, view.lot_size))


class RandomTrader(Trader):
    """Places limit and market orders, cancels, modifies and sends messages, each as likely, within its limits.

    Parameters
    ----------
    reach : how far from the mid its limit prices lie, at most, in tick sizes.
    size : largest order, in lot sizes.
    activity : share of steps in which it acts.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = RandomTrader(reach=3, size=5)
    >>> view, commands = example_view(prices=[100], parameters=trader.parameters, seed=4), Commands()
    >>> trader.act(view, commands)
    >>> len(commands)
    1
    """

    address = compile_trader(decide)

    def __init__(self, reach: int = 20, size: int = 9, activity: float = 1) -> None:
        """Configure the strategy. Raises ValueError for numbers out of range."""
        super().__init__((share("activity", activity), whole("reach", reach, 0), whole("size", size, 1)))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
