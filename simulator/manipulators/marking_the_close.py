"""Marking the close: trades in the last moments of a trading day, to move the price that it closes at.

Source: "the buying or selling of financial instruments, at the opening or closing of the market, which has or is likely to have the
effect of misleading investors acting on the basis of the prices displayed, including the opening or closing prices", Regulation (EU)
596/2014 on market abuse, article 12(2)(b); "reckless disregard for the orderly execution of transactions during the closing period",
US Commodity Exchange Act section 4c(a)(5)(B); Comerton-Forde and Putnins, "Measuring closing price manipulation", Journal of Financial
Intermediation 20 (2011), for cases and the return of the price on the next day. That what is taken before the auction is sold in it, at
the price that it made: US Securities and Exchange Commission, In the Matter of Athena Capital Research, release 34-73369 (2014).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.manipulators.manipulator import Manipulator, Range, behind, gained, hide, own_episode, withdraw_all
from simulator.traders.parameters import at_least, share, whole
from simulator.traders.quoting import keep_one
from simulator.traders.sizing import affordable, free, price_at_least, price_at_most, take
from simulator.world.commands import ATTEMPTED, BEGUN, BUY, CONSUMMATED, SELL, Commands, declare, place_limit
from simulator.world.draws import uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.scenario import Scenario
from simulator.world.view import View, mid

_RATE, _SESSION, _CLOSING, _WHERE, _STEPS, _LOTS, _REACH, _INTEREST = range(8)
_BUILD, _EARLY, _RESTING, _UNWIND, _EXIT, _GROWTH, _HIDE, _HIDDEN = range(8, 16)
_PHASE, _DAY, _SIDE, _COUNT, _BEFORE, _MID, _SENT, _SINCE = range(8)
_IDLE, _BUILDING, _MARKING, _UNWINDING = range(4)
_CONTINUOUS, _CALL, _BOTH = range(3)
_WORKED_UP, _ELSEWHERE = range(2)
_NEXT_DAY, _IN_AUCTION = range(2)  # of `exit`


def decide(view: View, commands: Commands) -> None:
    """Once a day decide whether to mark its close, and do so; on the next one work off what that took; else trade as others do."""
    if view.halted:
        return
    phase = int(view.memory[_PHASE])
    if phase == _MARKING:
        mark(view, commands)
    elif phase == _BUILDING:
        build(view, commands)
    elif phase == _UNWINDING:
        unwind(view, commands)
    elif is_time(view):
        plan(view, commands)
    elif not view.in_call:
        hide(view, commands, view.parameters[_HIDE], int(view.parameters[_HIDDEN]))


@both_ways
def today(view: Any) -> int:
    """Return the number of the trading day, from 1."""
    return view.step // int(view.parameters[_SESSION]) + 1  # type: ignore[no-any-return]


@both_ways
def time_of_day(view: Any) -> int:
    """Return the step of the trading day, from 0."""
    return view.step % int(view.parameters[_SESSION])  # type: ignore[no-any-return]


@both_ways
def call_begins(view: Any) -> int:
    """Return the step of the day in which orders meet the closing auction, or the next day, instead of continuous trading."""
    session, closing = int(view.parameters[_SESSION]), int(view.parameters[_CLOSING])
    return session - 1 - closing if closing > 0 else session


@both_ways
def steps_in_call(view: Any) -> int:
    """Return the steps of the closing auction over which the marking is spread: what it begins with is seen a step later."""
    return min(int(view.parameters[_STEPS]), int(view.parameters[_CLOSING]) - 1)


@both_ways
def first_step(view: Any) -> int:
    """Return the step of the day in which the marking begins."""
    if view.parameters[_WHERE] == _CALL:
        return int(view.parameters[_SESSION]) - 1 - steps_in_call(view)
    return max(call_begins(view) - int(view.parameters[_STEPS]), 0)


@both_ways
def is_time(view: Any) -> bool:
    """Say whether the day's decision is due: as it is time to mark, or to work up a position before."""
    early = int(view.parameters[_EARLY]) if view.parameters[_INTEREST] == _WORKED_UP else 0
    first, now = first_step(view), time_of_day(view)
    if view.in_call and view.parameters[_WHERE] != _CALL:
        return False
    return int(view.memory[_DAY]) != today(view) and max(first - early, 0) <= now and now <= first


@both_ways
def plan(view: Any, commands: Any) -> None:
    """Decide by chance whether to do it today and which way; it stays with the way of a position that it holds and adds to."""
    view.memory[_DAY] = today(view)
    if uniform(view) >= view.parameters[_RATE]:
        return
    side, works_up = BUY if uniform(view) < 0.5 else SELL, view.parameters[_INTEREST] == _WORKED_UP
    if works_up and view.inventory != 0:
        side = BUY if view.inventory > 0 else SELL
    lots = int(view.parameters[_LOTS]) * (2 if view.parameters[_WHERE] == _BOTH else 1)
    if works_up:
        lots += int(view.parameters[_BUILD])
    if lots * view.lot_size > free(view, side):
        return
    view.memory[_SIDE] = side
    view.memory[_BEFORE] = view.inventory
    withdraw_all(view, commands)
    if works_up:
        view.memory[_PHASE] = _BUILDING
    else:
        begin(view, commands)


@both_ways
def build(view: Any, commands: Any) -> None:
    """Work up, evenly in time, the position that is worth more at a better close; when it is time, mark, if there is one."""
    side, early = BUY if view.memory[_SIDE] == BUY else SELL, int(view.parameters[_EARLY])
    has, left = gained(view, side, view.memory[_BEFORE]), first_step(view) - time_of_day(view)
    if left <= 0:
        withdraw_all(view, commands)
        view.memory[_PHASE] = _IDLE
        if has > 0:
            begin(view, commands)
    elif not view.in_call:
        lots = int(view.parameters[_BUILD])
        missing = (lots - lots * min(left - 1, early) // early) * view.lot_size - has
        if view.parameters[_RESTING] > 0.0:
            keep_one(view, commands, side, behind(view, side, 0), max(missing, 0))
        else:
            take(view, commands, side, missing)


@both_ways
def begin(view: Any, commands: Any) -> None:
    """Begin to mark the close."""
    view.memory[_PHASE] = _MARKING
    view.memory[_DAY] = today(view)
    view.memory[_MID] = view.mid_twice
    view.memory[_SENT] = 0.0
    declare(commands, own_episode(view, int(view.memory[_COUNT])), BEGUN)
    mark(view, commands)


@both_ways
def mark(view: Any, commands: Any) -> None:
    """Send what is due in continuous trading, in the closing auction, or in both; at the end of that see where the price is."""
    now, where, last = time_of_day(view), view.parameters[_WHERE], int(view.parameters[_SESSION]) - 1
    side = BUY if view.memory[_SIDE] == BUY else SELL
    if now >= (call_begins(view) if where == _CONTINUOUS else last) or int(view.memory[_DAY]) != today(view):
        end(view, commands)
    elif now < call_begins(view) and not view.in_call:
        take(view, commands, side, due(view, call_begins(view) - now, int(view.parameters[_STEPS])))
    elif now > call_begins(view) and view.in_call:
        lots = affordable(view, side, due(view, last - now, steps_in_call(view)))
        through = int(view.parameters[_REACH]) * view.tick_size
        if lots > 0 and side == BUY:
            place_limit(commands, BUY, price_at_least(view, mid(view) + through), lots)
        elif lots > 0:
            place_limit(commands, SELL, price_at_most(view, mid(view) - through), lots)


@both_ways
def due(view: Any, left: int, steps: int) -> int:
    """Return the lots to send in this step, with `left` steps to go of so many over which they are spread, and count them as sent.

    The later in these steps, the more, where they grow.
    """
    lots, sent = int(view.parameters[_LOTS]), int(view.memory[_SENT])
    if view.in_call and view.parameters[_WHERE] == _BOTH:
        sent -= lots
    done = max(steps - left + 1, 0) / steps
    missing = min(max(int(lots * done ** view.parameters[_GROWTH] + 1e-9) - sent, 0), lots)
    view.memory[_SENT] += missing
    return missing * view.lot_size  # type: ignore[no-any-return]


@both_ways
def end(view: Any, commands: Any) -> None:
    """Withdraw what rests and see whether the price moved by a tick size at least: of an auction the one at which it trades."""
    withdraw_all(view, commands)
    moved = view.mid_twice - int(view.memory[_MID])
    if view.memory[_SIDE] != BUY:
        moved = -moved
    declare(commands, own_episode(view, int(view.memory[_COUNT])), CONSUMMATED if moved >= 2 * view.tick_size else ATTEMPTED)
    view.memory[_PHASE] = _UNWINDING
    view.memory[_SINCE] = 0.0
    view.memory[_COUNT] += 1.0


@both_ways
def unwind(view: Any, commands: Any) -> None:
    """After the next open, get back to the inventory of before: by an order that rests, or evenly in time; the rest at the end.

    Or before, in the closing auction, out of what was taken ahead of it.
    """
    if view.parameters[_EXIT] == _IN_AUCTION and view.in_call and view.open_orders == 0 and int(view.memory[_DAY]) == today(view):
        leave_in_auction(view, commands)
    if view.in_call or int(view.memory[_DAY]) == today(view):
        return
    if view.memory[_SINCE] == 0.0:
        view.memory[_SINCE] = view.step
    side = SELL if view.memory[_SIDE] == BUY else BUY
    has = -gained(view, side, view.memory[_BEFORE])
    left = int(view.parameters[_UNWIND]) - (view.step - int(view.memory[_SINCE]))
    if has <= 0 or left <= 0:
        withdraw_all(view, commands)
        take(view, commands, side, has)
        view.memory[_PHASE] = _IDLE
    elif view.parameters[_RESTING] > 0.0:
        keep_one(view, commands, side, behind(view, side, 0), has)
    else:
        units = has // view.lot_size
        units = units // left + int(uniform(view) * left < units % left)
        take(view, commands, side, units * view.lot_size)


@both_ways
def leave_in_auction(view: Any, commands: Any) -> None:
    """Enter an order in the closing auction for all that was taken ahead of it, at a price that makes it trade."""
    side, through = SELL if view.memory[_SIDE] == BUY else BUY, (int(view.parameters[_REACH]) + 1) * view.tick_size
    lots = affordable(view, side, -gained(view, side, view.memory[_BEFORE]))
    if lots > 0:
        price = price_at_least(view, mid(view) + through) if side == BUY else price_at_most(view, mid(view) - through)
        place_limit(commands, side, price, lots)


class MarkingTheClose(Manipulator):
    """Buys (or sells) in the last steps of a trading day whatever that costs, so that its position is worth more at the close.

    It works up a position before, or has its interest in the price elsewhere, as in a derivative that is settled at the close. After
    the next open it works off what it took. It loses money in the market itself by that. Without a closing auction, it marks at the end
    of continuous trading wherever it was to do so. An episode is the marking alone.

    Parameters
    ----------
    rate : chance to do so on a day.
    session : steps of a trading day, as in the scenario.
    closing : steps of its closing auction, as in the scenario; 0 without one.
    where : 0 in the last steps of continuous trading, 1 in the last ones of the closing auction, 2 in both.
    steps : over which the orders are spread; 1 for one large order in the last step.
    lots : of all orders together, or as many for each where they are in both.
    reach : tick sizes beyond the indicative price at which orders in the auction lie.
    interest : 0 in a position that it works up before, 1 elsewhere.
    build : lots of that position.
    early : steps over which that takes.
    resting : 1 where it works up and off by an order that rests, 0 where by market orders, evenly in time.
    unwind : steps after the open in which it works off.
    exit : 1 where it sells in the closing auction what it bought ahead of that, as far as that trades; 0 on the next day alone.
    growth : power of the time with which what is sent grows: 1 evenly, below more of it first, above more of it last.
    camouflage : chance of ordinary trading in a step in which it does nothing of this.
    hidden : most lots of such a trade.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = MarkingTheClose(rate=1, steps=3, lots=30, interest=1)
    >>> view, commands = example_view(prices=[100], parameters=trader.parameters, step=997), Commands()
    >>> trader.act(view, commands)                  # 3 steps before the end of the day of 1000
    >>> [(order.kind.name, order.size) for order in commands.placed()]
    [('MARKET', 10)]
    >>> commands.declared()
    [(0, <Outcome.BEGUN: 0>)]
    """

    family = "marking_the_close"
    address = compile_trader(decide)
    memory_words = 8
    RANGES: ClassVar[dict[str, Range]] = {
        "rate": Range(0.2, 0.8), "where": Range(0, 2), "steps": Range(1, 60, log=True), "lots": Range(10, 100, log=True),
        "reach": Range(0, 10), "interest": Range(0, 1), "build": Range(5, 60, log=True), "early": Range(50, 300, log=True),
        "resting": Range(0, 1), "unwind": Range(50, 250, log=True), "camouflage": Range(0.0, 0.2), "hidden": Range(2, 9),
    }  # fmt: skip
    WIDER: ClassVar[dict[str, Range]] = {
        "lots": Range(8, 100, log=True), "unwind": Range(50, 900, log=True), "exit": Range(0, 1), "growth": Range(0.5, 3.0, log=True),
    }  # fmt: skip

    @classmethod
    def seat(cls, scenario: Scenario, members: int, parameters: Mapping[str, float]) -> dict[str, Any]:
        """The day of the scenario; without days it marks those of its defaults."""
        day = scenario.session
        return {"parameters": {**parameters, "session": day.steps, "closing": day.closing}} if day else {}

    def __init__(
        self, rate: float = 0.5, session: int = 1000, closing: int = 0, where: int = 0, steps: int = 20, lots: int = 40, reach: int = 3,
        interest: int = 0, build: int = 20, early: int = 150, resting: int = 1, unwind: int = 100, exit: int = 0, growth: float = 1.0,
        camouflage: float = 0.05, hidden: int = 5,
    ) -> None:  # fmt: skip
        """Configure the strategy. Raises ValueError for numbers out of range."""
        if closing < 2:
            where = _CONTINUOUS
        super().__init__((
            share("rate", rate), whole("session", session, 2), whole("closing", closing, 0, session - 2), whole("where", where, 0, 2),
            whole("steps", steps, 1), whole("lots", lots, 1), whole("reach", reach, 0), whole("interest", interest, 0, 1),
            whole("build", build, 1), whole("early", early, 1), whole("resting", resting, 0, 1), whole("unwind", unwind, 1),
            whole("exit", exit, 0, 1), at_least("growth", growth, 0.1), share("camouflage", camouflage), whole("hidden", hidden, 1),
        ))  # fmt: skip

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
