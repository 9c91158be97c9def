"""Quote stuffing: bursts of orders that are placed and withdrawn at once, so many that others cannot follow, and a trade at their end.

Source: orders, updates and cancellations in large numbers "to create uncertainty for other participants, slowing down their process
and/or to camouflage their own strategy", Commission Delegated Regulation (EU) 2016/522, annex II, which names it quote stuffing;
Egginton, Van Ness and Van Ness, "Quote stuffing", Financial Management 45 (2016), for bursts as they were seen in US stocks.
"""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.manipulators.manipulator import Manipulator, Range, behind, gained, hide, other, own_episode, withdraw_all
from simulator.traders.parameters import share, whole
from simulator.traders.sizing import free, offered, whole_lots
from simulator.world.commands import (
    ATTEMPTED,
    BEGUN,
    BUY,
    CONSUMMATED,
    GTC,
    IOC,
    SELL,
    Commands,
    declare,
    modify,
    place_limit,
    place_market,
)
from simulator.world.draws import uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.view import View, mean_mid, mid

_RATE, _STEPS, _MODE, _SIDES, _ORDERS, _LOTS, _LEVELS, _DISTANCE, _WANTED, _LIMITED, _REVERTING, _HIDE, _HIDDEN = range(13)
_PHASE, _SINCE, _SIDE, _COUNT, _BEFORE = range(5)
_IDLE, _STUFFING, _TRADING = range(3)
_RENEWED, _FLICKERING, _FLEETING, _BLINKING = range(4)
_SAME, _OPPOSITE, _BOTH = range(3)
_WINDOW = 200  # steps of the mean that a reverting one trades towards
_SHIFT = 2  # tick sizes by which flickering orders move away and back
_MOST_HELD = 5  # times the lots that it wants at a burst's end: with more it works off


def decide(view: View, commands: Commands) -> None:
    """Begin a burst, keep it up, trade at its end and see what came of it; between bursts trade as others do."""
    if view.halted or view.in_call:
        return
    held = view.step - int(view.memory[_SINCE])
    if view.memory[_PHASE] == _STUFFING and held < int(view.parameters[_STEPS]) and not caught(view):
        stuff(view, commands, held)
    elif view.memory[_PHASE] == _STUFFING:
        pick_up(view, commands)
    elif view.memory[_PHASE] == _TRADING:
        end(view, commands)
    elif uniform(view) < view.parameters[_RATE]:
        begin(view, commands)
    else:
        hide(view, commands, view.parameters[_HIDE], int(view.parameters[_HIDDEN]))


@both_ways
def begin(view: Any, commands: Any) -> None:
    """Decide which way to trade at the end, and place the first orders; nothing where the limits leave no room for all."""
    side, wanted = wished(view), int(view.parameters[_WANTED]) * view.lot_size
    most = int(view.parameters[_ORDERS]) * int(view.parameters[_LOTS]) * view.lot_size
    if wanted > free(view, side) or most > min(free(view, BUY), free(view, SELL)) or int(view.parameters[_ORDERS]) > view.order_limit:
        return
    view.memory[_PHASE] = _STUFFING
    view.memory[_SINCE] = view.step
    view.memory[_SIDE] = side
    view.memory[_BEFORE] = view.inventory
    declare(commands, own_episode(view, int(view.memory[_COUNT])), BEGUN)
    stuff(view, commands, 0)


@both_ways
def wished(view: Any) -> int:
    """Return the side of the trade at the end: towards the mean price, or working off; without a reason either one."""
    most = int(view.parameters[_WANTED]) * view.lot_size * _MOST_HELD
    away = mid(view) - mean_mid(view, _WINDOW)
    if view.parameters[_REVERTING] > 0.0 and away != 0.0 and abs(view.inventory) <= most:
        return SELL if away > 0.0 else BUY
    if view.inventory != 0:
        return SELL if view.inventory > 0 else BUY
    return BUY if uniform(view) < 0.5 else SELL


@both_ways
def caught(view: Any) -> bool:
    """Say whether more of the orders that were to be withdrawn have traded than it wants to trade itself."""
    return abs(view.inventory - int(view.memory[_BEFORE])) > int(view.parameters[_WANTED]) * view.lot_size  # type: ignore[no-any-return]


@both_ways
def stuff(view: Any, commands: Any, held: int) -> None:
    """Give the messages of one step of a burst, `held` steps after its first."""
    mode, orders = int(view.parameters[_MODE]), int(view.parameters[_ORDERS])
    if mode == _FLICKERING and held > 0 and view.open_orders > 0:
        flicker(view, commands, _SHIFT * (held % 2))
        return
    withdraw_all(view, commands)
    if mode == _BLINKING and held % 2 == 1:
        return
    side = BUY if view.memory[_SIDE] == BUY else SELL
    if view.parameters[_SIDES] == _BOTH:
        scatter(view, commands, other(side), orders // 2)
        scatter(view, commands, side, orders - orders // 2)
    else:
        scatter(view, commands, side if view.parameters[_SIDES] == _SAME else other(side), orders)


@both_ways
def scatter(view: Any, commands: Any, side: int, orders: int) -> None:
    """Place so many small orders on a side, in turn on each of its levels; fleeting ones are withdrawn by the book at once."""
    each, levels = int(view.parameters[_LOTS]) * view.lot_size, int(view.parameters[_LEVELS])
    for number in range(min(orders, free(view, side) // each)):
        price = behind(view, side, int(view.parameters[_DISTANCE]) + number % levels)
        place_limit(commands, side, price, each, IOC if view.parameters[_MODE] == _FLEETING else GTC)


@both_ways
def flicker(view: Any, commands: Any, away: int) -> None:
    """Move every order to its level, or `away` tick sizes further behind."""
    levels = int(view.parameters[_LEVELS])
    for row in range(view.open_orders):
        order = view.orders[row]
        price = behind(view, order.side, int(view.parameters[_DISTANCE]) + row % levels + away)
        modify(commands, order.order_id, price, order.size)


@both_ways
def pick_up(view: Any, commands: Any) -> None:
    """Withdraw everything and trade: at any price, or no worse than the best."""
    withdraw_all(view, commands)
    side = BUY if view.memory[_SIDE] == BUY else SELL
    missing = int(view.parameters[_WANTED]) * view.lot_size - gained(view, side, view.memory[_BEFORE])
    lots = whole_lots(view, min(missing, free(view, side)))
    if lots > 0 and offered(view, side) > 0:
        if view.parameters[_LIMITED] > 0.0:
            place_limit(commands, side, view.best_ask if side == BUY else view.best_bid, lots, IOC)
        else:
            place_market(commands, side, lots)
    view.memory[_PHASE] = _TRADING


@both_ways
def end(view: Any, commands: Any) -> None:
    """See whether it traded all that it wanted."""
    side = BUY if view.memory[_SIDE] == BUY else SELL
    wanted = int(view.parameters[_WANTED]) * view.lot_size
    done = gained(view, side, view.memory[_BEFORE]) >= wanted
    declare(commands, own_episode(view, int(view.memory[_COUNT])), CONSUMMATED if done else ATTEMPTED)
    view.memory[_PHASE] = _IDLE
    view.memory[_COUNT] += 1.0


class QuoteStuffing(Manipulator):
    """Floods the book with orders that it withdraws at once, for a few steps, and then takes what it wants.

    Parameters
    ----------
    rate : chance to begin in a step without an episode.
    steps : steps of a burst.
    mode : 0 all orders are withdrawn and as many placed every step; 1 they are placed once and move away and back, step by step;
        2 they are to trade at once or be withdrawn (IOC), at prices at which they cannot; 3 placed in one step, withdrawn in the next.
    sides : 0 the side of the trade at the end, 1 the other one, 2 both.
    orders : orders at a time.
    lots : of each.
    levels : prices of a side that they are spread over.
    distance : tick sizes from the best price of their side to the nearest of them.
    wanted : lots to trade at the end of a burst.
    limited : 1 where that trade is to be no worse than the best price, 0 where it takes any.
    reverting : 1 where it trades towards the mean price of the last 200 steps, 0 where it works off what it holds.
    camouflage : chance of ordinary trading in a step without an episode.
    hidden : most lots of such a trade.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = QuoteStuffing(rate=1, mode=0, sides=0, orders=4, lots=1, levels=2, distance=1)
    >>> view, commands = example_view(prices=[100], parameters=trader.parameters, inventory=5), Commands()
    >>> trader.act(view, commands)                  # long: it wants to sell
    >>> [(order.side.name, order.price, order.size) for order in commands.placed()]
    [('SELL', 102, 1), ('SELL', 103, 1), ('SELL', 102, 1), ('SELL', 103, 1)]
    >>> commands.declared()
    [(0, <Outcome.BEGUN: 0>)]
    """

    family = "quote_stuffing"
    address = compile_trader(decide)
    memory_words = 5
    RANGES: ClassVar[dict[str, Range]] = {
        "rate": Range(0.001, 0.01, log=True), "steps": Range(5, 60, log=True), "mode": Range(0, 3), "sides": Range(0, 2),
        "orders": Range(5, 30, log=True), "lots": Range(1, 3), "levels": Range(1, 10, log=True), "distance": Range(0, 6),
        "wanted": Range(2, 12), "limited": Range(0, 1), "reverting": Range(0, 1), "camouflage": Range(0.0, 0.2), "hidden": Range(2, 9),
    }  # fmt: skip

    def __init__(
        self, rate: float = 0.003, steps: int = 20, mode: int = 0, sides: int = 2, orders: int = 16, lots: int = 1, levels: int = 4,
        distance: int = 2, wanted: int = 5, limited: int = 0, reverting: int = 1, camouflage: float = 0.05, hidden: int = 5,
    ) -> None:  # fmt: skip
        """Configure the strategy. Raises ValueError for numbers out of range."""
        super().__init__((
            share("rate", rate), whole("steps", steps, 1), whole("mode", mode, 0, 3), whole("sides", sides, 0, 2),
            whole("orders", orders, 2), whole("lots", lots, 1), whole("levels", levels, 1), whole("distance", distance, 0),
            whole("wanted", wanted, 1), whole("limited", limited, 0, 1), whole("reverting", reverting, 0, 1),
            share("camouflage", camouflage), whole("hidden", hidden, 1),
        ))  # fmt: skip

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
