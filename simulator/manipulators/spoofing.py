"""Spoofing and layering: orders that are not meant to trade, to move the price towards one that is.

Source: bidding or offering with the intent to cancel before execution, US Commodity Exchange Act section 4c(a)(5)(C) and CFTC
interpretive guidance 78 FR 31890 (2013); layering as several such orders on successive prices, FINRA rule 5210 and ESMA,
"MAR technical advice" (2015), annex on manipulative behaviours. Forms of it as in cases: pressure on either side in turn, to get in and
out again, US v. Coscia (7th Cir. 2017); layers that are moved or replaced after the price, CFTC v. Nav Sarao Futures (2015); withdrawn in
the moment in which its owner takes what others placed beside it, CFTC v. Oystacher (2015); a genuine order that was there before, US v.
Vorley (7th Cir. 2022); far from the price, Lee, Eom and Park, "Microstructure-based manipulation", Journal of Financial Markets 16 (2013).
"""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.manipulators.manipulator import Manipulator, Range, behind, gained, hide, other, own_episode, withdraw_all
from simulator.traders.parameters import share, whole
from simulator.traders.sizing import affordable, free, room, take
from simulator.world.commands import ATTEMPTED, BEGUN, BUY, CONSUMMATED, SELL, Commands, cancel, declare, modify, place_limit
from simulator.world.draws import uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.view import View

(_RATE, _LOTS, _LEVELS, _DISTANCE, _GENUINE, _WAIT, _HOLD, _AGGRESSIVE, _HIDE, _HIDDEN, _BUILD, _FADE, _FOLLOW, _NEAR,
 _LEAD, _TURN) = range(16)  # fmt: skip
_PHASE, _SINCE, _SIDE, _COUNT, _BEFORE, _PLACED, _MID, _AGAIN = range(8)
_IDLE, _PRESSING, _FADING, _LEADING = range(4)
_OUTWARD, _DUE, _WAY_BACK = range(3)  # whether an episode the other way follows at once
_RESTS, _TAKES, _TURNS = range(3)  # how the genuine order trades
_MOVED, _ANEW = 1, 2  # how the pressure follows
_SHRINKS = -1  # how it fades


def decide(view: View, commands: Commands) -> None:
    """Begin, hold and withdraw the pressure; between episodes trade as others do."""
    if view.halted or view.in_call:
        return
    if view.memory[_PHASE] == _PRESSING:
        press(view, commands)
    elif view.memory[_PHASE] == _FADING:
        fade(view, commands)
    elif view.memory[_PHASE] == _LEADING:
        lead(view, commands)
    elif view.memory[_AGAIN] == _DUE or uniform(view) < view.parameters[_RATE]:
        begin(view, commands)
    else:
        hide(view, commands, view.parameters[_HIDE], int(view.parameters[_HIDDEN]))


@both_ways
def begin(view: Any, commands: Any) -> None:
    """Place the genuine order, if it rests, and at once or later the pressure on the other side; inventory decides which way."""
    view.memory[_AGAIN] = _WAY_BACK if view.memory[_AGAIN] == _DUE else _OUTWARD
    side = BUY if uniform(view) < 0.5 else SELL
    if view.inventory != 0:
        side = SELL if view.inventory > 0 else BUY
    withdraw_all(view, commands)
    if size_of_level(view) <= 0 or size_of_level(view) * int(view.parameters[_LEVELS]) > free(view, other(side)):
        return
    view.memory[_SIDE], view.memory[_BEFORE], view.memory[_SINCE] = side, view.inventory, view.step
    genuine = int(view.parameters[_GENUINE]) * view.lot_size
    rests = view.parameters[_AGGRESSIVE] == _RESTS and 0 < genuine <= free(view, side)
    if rests and view.parameters[_LEAD] > 0.0:
        place_limit(commands, side, behind(view, side, int(view.parameters[_NEAR])), genuine)
        view.memory[_PHASE] = _LEADING
        return
    begin_pressure(view, commands, free(view, other(side)))
    if rests:
        place_limit(commands, side, behind(view, side, int(view.parameters[_NEAR])), genuine)


@both_ways
def lead(view: Any, commands: Any) -> None:
    """Wait beside the genuine order; if it trades without any pressure, there is no episode."""
    if gained(view, int(view.memory[_SIDE]), view.memory[_BEFORE]) != 0.0:
        withdraw_all(view, commands)
        view.memory[_PHASE] = _IDLE
    elif view.step - int(view.memory[_SINCE]) >= int(view.parameters[_LEAD]):
        view.memory[_SINCE] = view.step
        begin_pressure(view, commands, room(view, other(int(view.memory[_SIDE]))))


@both_ways
def begin_pressure(view: Any, commands: Any, most: int) -> None:
    """Begin the episode with the first orders that are not meant to trade."""
    view.memory[_PLACED], view.memory[_MID] = 0.0, view.mid_twice
    build(view, commands, most)
    view.memory[_PHASE] = _PRESSING
    declare(commands, own_episode(view, int(view.memory[_COUNT])), BEGUN)


@both_ways
def size_of_level(view: Any) -> int:
    """Return the size of each order that is not meant to trade."""
    return int(view.parameters[_LOTS]) // int(view.parameters[_LEVELS]) * view.lot_size  # type: ignore[no-any-return]


@both_ways
def build(view: Any, commands: Any, most: int) -> None:
    """Place the levels that are due, as far as `most` allows: all at once, or one every so many steps."""
    pressed, every, size = other(int(view.memory[_SIDE])), int(view.parameters[_BUILD]), size_of_level(view)
    due = int(view.parameters[_LEVELS])
    if every > 0:
        due = min(due, 1 + (view.step - int(view.memory[_SINCE])) // every)
    while view.memory[_PLACED] < due and 0 < size <= most:
        ticks = int(view.parameters[_DISTANCE]) + int(view.memory[_PLACED])
        place_limit(commands, pressed, behind(view, pressed, ticks), size)
        view.memory[_PLACED] += 1.0
        most -= size


@both_ways
def press(view: Any, commands: Any) -> None:
    """Withdraw when the genuine order has traded or time is up; one that does not rest is sent after a wait."""
    side, held, how = int(view.memory[_SIDE]), view.step - int(view.memory[_SINCE]), view.parameters[_AGGRESSIVE]
    traded = gained(view, side, view.memory[_BEFORE])
    wanted = int(view.parameters[_GENUINE]) * view.lot_size
    if how != _RESTS and held == int(view.parameters[_WAIT]) and affordable(view, side, wanted) > 0:
        if how == _TURNS:
            withdraw_all(view, commands)
            view.memory[_PHASE] = _FADING
        take(view, commands, side, wanted)
    elif traded >= wanted or held >= int(view.parameters[_HOLD]):
        view.memory[_PHASE] = _FADING
        if view.parameters[_FADE] == _SHRINKS:
            shrink(view, commands)
        else:
            fade(view, commands)
    else:
        if view.parameters[_FOLLOW] > 0.0:
            follow(view, commands)
        build(view, commands, room(view, other(side)))


@both_ways
def follow(view: Any, commands: Any) -> None:
    """Move the pressure after the mid price, or place it anew there."""
    tick, pressed = view.tick_size, other(int(view.memory[_SIDE]))
    moved = int((view.mid_twice - int(view.memory[_MID])) / (2 * tick)) * tick
    if moved == 0 or view.best_bid <= 0 or view.best_ask <= 0:
        return
    view.memory[_MID] += 2 * moved
    for row in range(view.open_orders):
        order = view.orders[row]
        if order.side == pressed:
            price = min(order.price + moved, view.best_ask - tick) if pressed == BUY else max(order.price + moved, view.best_bid + tick)
            if price > 0 and view.parameters[_FOLLOW] == _ANEW:
                cancel(commands, order.order_id)
                place_limit(commands, pressed, price, order.size)
            elif price > 0:
                modify(commands, order.order_id, price, order.size)


@both_ways
def shrink(view: Any, commands: Any) -> None:
    """Leave one lot size of each order of the pressure, to be withdrawn in the next step."""
    pressed = other(int(view.memory[_SIDE]))
    for row in range(view.open_orders):
        order = view.orders[row]
        if order.side == pressed and order.size > view.lot_size:
            modify(commands, order.order_id, order.price, view.lot_size)


@both_ways
def fade(view: Any, commands: Any) -> None:
    """Withdraw all at once, or so many orders of the pressure in a step; the episode ends with the last of them."""
    most, pressed, gone = int(view.parameters[_FADE]), other(int(view.memory[_SIDE])), 0
    if most > 0:
        for row in range(view.open_orders):
            if view.orders[row].side == pressed and gone <= most:
                gone += 1
                if gone <= most:
                    cancel(commands, view.orders[row].order_id)
        if gone > most:
            return  # more is left for the next step
    withdraw_all_but(view, commands, pressed, gone)
    traded = gained(view, int(view.memory[_SIDE]), view.memory[_BEFORE])
    declare(commands, own_episode(view, int(view.memory[_COUNT])), CONSUMMATED if traded > 0 else ATTEMPTED)
    view.memory[_PHASE] = _IDLE
    view.memory[_COUNT] += 1.0
    holds = gained(view, int(view.memory[_SIDE]), 0.0)
    if view.parameters[_TURN] > 0.0 and traded > 0 and holds > 0 and view.memory[_AGAIN] == _OUTWARD:
        view.memory[_AGAIN] = _DUE


@both_ways
def withdraw_all_but(view: Any, commands: Any, side: int, gone: int) -> None:
    """Withdraw all orders; those of a side are not withdrawn twice where some of them were already."""
    for row in range(view.open_orders):
        if gone == 0 or view.orders[row].side != side:
            cancel(commands, view.orders[row].order_id)


class Spoofing(Manipulator):
    """Presses on one side of the book with orders it withdraws, and trades on the other.

    With one level it spoofs, with several it layers. The genuine order rests at the best price from the beginning, or is sent as a
    market order after a wait. The pressure is withdrawn when that has traded, or as it is sent, or unfilled after `hold` steps.

    Parameters
    ----------
    rate : chance to begin in a step without an episode.
    lots : of all orders that are not meant to trade, together.
    levels : prices that they are spread over.
    distance : tick sizes from the best price of their side to the nearest of them; -1 improves on it.
    genuine : lots of the order that is meant to trade.
    wait : steps until a market order follows, unless the genuine one rests.
    hold : most steps that an episode takes.
    aggressive : 0 where the genuine order rests, 1 where it takes, 2 where it takes as the pressure is withdrawn, once all
        of that was there.
    camouflage : chance of ordinary trading in a step without an episode.
    hidden : most lots of such a trade.
    build : steps from one level to the next; 0 places all at once.
    fade : orders of the pressure that are withdrawn in a step; 0 for all at once, -1 for all once they were cut to a lot size each.
    follow : 1 where the pressure is moved after the price, 2 where it is withdrawn and placed anew.
    near : tick sizes from the best price of its side to a genuine order that rests; -1 improves on it.
    lead : steps that this one rests before the pressure comes.
    turn : 1 where an episode that came to something is followed at once by one the other way, to get out again.
    plain : 1 where it does nothing between its episodes, whatever `camouflage` is.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = Spoofing(rate=1, lots=40, levels=2, distance=1, genuine=3, aggressive=0)
    >>> view, commands = example_view(prices=[100], parameters=trader.parameters, inventory=5), Commands()
    >>> trader.act(view, commands)                  # long: it wants to sell dear, so it presses from below
    >>> [(order.side.name, order.price, order.size) for order in commands.placed()]
    [('BUY', 98, 20), ('BUY', 97, 20), ('SELL', 101, 3)]
    >>> commands.declared()
    [(0, <Outcome.BEGUN: 0>)]
    """

    family = "spoofing"
    address = compile_trader(decide)
    memory_words = 8
    RANGES: ClassVar[dict[str, Range]] = {
        "rate": Range(0.001, 0.02, log=True), "lots": Range(15, 120, log=True), "levels": Range(1, 6), "distance": Range(-1, 5),
        "genuine": Range(1, 10), "wait": Range(1, 15), "hold": Range(5, 100, log=True), "aggressive": Range(0, 1),
        "camouflage": Range(0.0, 0.2), "hidden": Range(2, 9), "build": Range(0, 2), "fade": Range(0, 2), "follow": Range(0, 1),
        "plain": Range(0, 1),
    }  # fmt: skip
    WIDER: ClassVar[dict[str, Range]] = {
        "lots": Range(15, 150, log=True), "levels": Range(1, 8), "distance": Range(-1, 8), "genuine": Range(1, 12), "wait": Range(1, 20),
        "hold": Range(3, 150, log=True), "aggressive": Range(0, 2), "build": Range(0, 3), "fade": Range(-1, 3), "follow": Range(0, 2),
        "near": Range(-1, 1), "lead": Range(0, 5), "turn": Range(0, 1),
    }  # fmt: skip

    def __init__(
        self, rate: float = 0.005, lots: int = 40, levels: int = 3, distance: int = 1, genuine: int = 4, wait: int = 3, hold: int = 30,
        aggressive: int = 0, camouflage: float = 0.05, hidden: int = 5, build: int = 0, fade: int = 0, follow: int = 0, plain: int = 0,
        near: int = 0, lead: int = 0, turn: int = 0,
    ) -> None:  # fmt: skip
        """Configure the strategy. Raises ValueError for numbers out of range."""
        if aggressive == _TURNS:
            wait = max(wait, build * (levels - 1))
            hold = max(hold, wait + 1)
        wait = min(wait, hold - 1)
        camouflage = 0.0 if whole("plain", plain, 0, 1) else camouflage
        super().__init__((
            share("rate", rate), whole("lots", lots, 1), whole("levels", levels, 1, 40), whole("distance", distance, -1),
            whole("genuine", genuine, 1), whole("wait", wait, 0), whole("hold", hold, 1), whole("aggressive", aggressive, 0, 2),
            share("camouflage", camouflage), whole("hidden", hidden, 1), whole("build", build, 0), whole("fade", fade, -1),
            whole("follow", follow, 0, 2), whole("near", near, -1), whole("lead", lead, 0), whole("turn", turn, 0, 1),
        ))  # fmt: skip

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
