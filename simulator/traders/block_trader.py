"""Blocks: a large order that rests where all see it, and when nobody comes is withdrawn, and taken at the market or given up.

Source: Hasbrouck and Saar, "Technology and liquidity provision: the blurring of traditional definitions", Journal of Financial Markets
12 (2009): orders are withdrawn to be placed at a better price (chasing), or because the trade is taken at once instead (the cost of
immediacy); Handa and Schwartz, "Limit order trading", Journal of Finance 51 (1996): what it costs when the price runs away.
An order that is meant to trade and then withdrawn in good faith is no spoofing: CFTC interpretive guidance 78 FR 31890 (2013).
"""

from __future__ import annotations

from simulator.traders.parameters import at_least, share, whole
from simulator.traders.quoting import withdraw_all
from simulator.traders.sizing import affordable, take
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, SELL, Commands, place_limit
from simulator.world.draws import randint, uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.view import View, mid

_ACTIVITY, _START, _LEAST, _MOST, _DISTANCE, _PATIENCE, _FLIGHT, _PIECE, _URGENCY, _CHASE = range(10)
_PHASE, _TARGET, _UNTIL, _SEEN = range(4)  # words of memory; the target is the inventory that it wants to have
_IDLE, _RESTING, _WITHDRAWN, _TAKING = range(4)


def decide(view: View, commands: Commands) -> None:
    """Begin a block, wait for somebody to trade with it, or take what is left of it."""
    if uniform(view) >= view.parameters[_ACTIVITY] or view.halted:
        return
    left = int(view.memory[_TARGET]) - view.inventory
    if view.memory[_PHASE] == _IDLE:
        if uniform(view) < view.parameters[_START]:
            begin(view, commands)
    elif abs(left) < view.lot_size:
        finish(view, commands)
    elif view.memory[_PHASE] == _RESTING:
        wait(view, commands, left)
    elif view.memory[_PHASE] == _WITHDRAWN:
        rest(view, commands, left)
    else:
        withdraw_all(view, commands)
        take(view, commands, BUY if left > 0 else SELL, min(abs(left), int(view.parameters[_PIECE]) * view.lot_size))


@both_ways
def begin(view: View, commands: Commands) -> None:
    """Want a block of either side, or the one that reduces a large position."""
    side = BUY if uniform(view) < 0.5 else SELL
    if abs(view.inventory) * 2 > view.position_limit:
        side = SELL if view.inventory > 0 else BUY
    lots = randint(view, int(view.parameters[_LEAST]), int(view.parameters[_MOST]) + 1) * view.lot_size
    if affordable(view, side, lots) < lots:
        return
    view.memory[_TARGET] = view.inventory + (lots if side == BUY else -lots)
    rest(view, commands, lots if side == BUY else -lots)


@both_ways
def rest(view: View, commands: Commands, left: int) -> None:
    """Place all that is left as one order at the touch, or a little behind it."""
    tick = view.tick_size
    behind = randint(view, 0, int(view.parameters[_DISTANCE]) + 1) * tick
    middle = int(mid(view)) // tick * tick
    if left > 0:
        price = max((view.best_bid if view.best_bid > 0 else middle - tick) - behind, tick)
    else:
        price = (view.best_ask if view.best_ask > 0 else middle + tick) + behind
    side = BUY if left > 0 else SELL
    lots = affordable(view, side, abs(left))
    if lots > 0:
        place_limit(commands, side, price, lots)
    view.memory[_PHASE] = _RESTING
    view.memory[_UNTIL] = view.step + randint(view, 1, int(view.parameters[_PATIENCE]) + 1)
    view.memory[_SEEN] = mid(view)


@both_ways
def wait(view: View, commands: Commands, left: int) -> None:
    """Withdraw the order when the price has run away or patience is at its end: to take the rest, to rest anew, or to give up."""
    away = mid(view) - view.memory[_SEEN]
    if left < 0:
        away = -away
    if away > view.parameters[_FLIGHT] or view.step >= view.memory[_UNTIL]:
        coin = uniform(view)
        if coin >= view.parameters[_URGENCY] + view.parameters[_CHASE]:
            finish(view, commands)
        else:
            withdraw_all(view, commands)
            view.memory[_PHASE] = _TAKING if coin < view.parameters[_URGENCY] else _WITHDRAWN


@both_ways
def finish(view: View, commands: Commands) -> None:
    """Want nothing any more."""
    withdraw_all(view, commands)
    view.memory[_PHASE] = _IDLE


class BlockTrader(Trader):
    """Now and then wants a large block and rests it as one order; withdraws it when the price runs away or patience ends.

    Then it takes the rest by market orders, or rests it anew at the touch, or gives it up. Blocks are of either side as likely; one with
    more than half the position limit trades back.

    Parameters
    ----------
    start : chance to want a block when it acts and has none.
    least, most : lot sizes of a block; every number from the least on is as likely.
    distance : most tick sizes that the order lies behind the best price of its side.
    patience : most steps that it rests; every number from 1 on is as likely.
    flight : ticks by which the mid may run away from it.
    piece : most lot sizes of a market order.
    urgency : chance that the rest is taken.
    chase : chance that it rests anew; otherwise it is given up.
    activity : share of steps in which it looks at its order.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = BlockTrader(start=1, least=60, most=60, distance=0)
    >>> view, commands = example_view(prices=[100], parameters=trader.parameters), Commands()
    >>> trader.act(view, commands)                  # all of it at the best price
    >>> [(order.side.name, order.price, order.size) for order in commands.placed()]
    [('SELL', 101, 60)]
    """

    address = compile_trader(decide)
    memory_words = 4

    def __init__(
        self, start: float = 0.003, least: int = 20, most: int = 120, distance: int = 3, patience: int = 60, flight: float = 6,
        piece: int = 6, urgency: float = 0.4, chase: float = 0.3, activity: float = 1,
    ) -> None:  # fmt: skip
        """Configure the strategy. Raises ValueError for numbers out of range, or chances above one together."""
        if urgency + chase > 1.0 + 1e-9:
            raise ValueError(f"urgency {urgency} and chase {chase} add up to more than 1; lower one")
        super().__init__((
            share("activity", activity), share("start", start), whole("least", least, 1, most), whole("most", most, 1),
            whole("distance", distance, 0), whole("patience", patience, 1), at_least("flight", flight, 0), whole("piece", piece, 1),
            share("urgency", urgency), share("chase", chase),
        ))  # fmt: skip

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
