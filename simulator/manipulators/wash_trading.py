"""Wash trading: a group trades with itself, so that trades are reported while nobody's position really changes.

Source: the wash sale and the accommodation trade, US Commodity Exchange Act section 4c(a)(2)(A); trades without a change of beneficial
ownership and matched orders, US Securities Exchange Act section 9(a)(1); "wash trades" and "painting the tape", Commission Delegated
Regulation (EU) 2016/522, annex II; for volume, Cong, Li, Tang and Yang, "Crypto wash trading", Management Science 69 (2023).
"""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.manipulators.manipulator import Manipulator, Range, hide, shared_episode, withdraw_all
from simulator.manipulators.plans import WORDS, planned
from simulator.traders.parameters import share, whole
from simulator.traders.sizing import affordable
from simulator.world.commands import ATTEMPTED, BEGUN, BUY, CONSUMMATED, IOC, SELL, Commands, declare, place_limit, place_market
from simulator.world.jit import both_ways, compile_trader
from simulator.world.view import View

_PLAN, _PERIOD, _BUSY, _TRADES, _GAP, _LOTS, _JITTER, _RING, _WHERE, _DELAY, _BY_MARKET, _PAINT, _HIDE, _HIDDEN = range(14)
_SESSION, _BEGUN, _DUE, _BEFORE, _MATCHED, _PRICE = range(6)
_BUSY_DRAW, _BEGIN_DRAW, _FIRST_DRAW, _RISING_DRAW, _TRADE_DRAWS = range(5)
_MID, _IMPROVING = range(2)  # where an arranged order rests; otherwise at the touch
_NO_PART = -1


def decide(view: View, commands: Commands) -> None:
    """Trade as the plan says while a session of this agent is on; between sessions trade as others do."""
    if view.halted or view.in_call:
        return
    since = into_session(view)
    window = view.step // int(view.parameters[_PERIOD])
    if view.memory[_SESSION] > 0.0 and (since < 0 or window != int(view.memory[_SESSION]) - 1):
        finish(view, commands)
    elif since < 0:
        hide(view, commands, view.parameters[_HIDE], int(view.parameters[_HIDDEN]))
    else:
        if view.memory[_SESSION] == 0.0:
            view.memory[_BEGUN] = view.memory[_DUE] = view.memory[_MATCHED] = view.memory[_PRICE] = 0.0
            view.memory[_SESSION] = window + 1
        collude(view, commands, window, since)


@both_ways
def drawn(view: Any, draw: int) -> int:
    """Return word `draw` of the plan for the present window."""
    return planned(int(view.parameters[_PLAN]), view.step // int(view.parameters[_PERIOD]), draw)


@both_ways
def parties(view: Any) -> int:
    """Return how many members a session takes: all of a ring, otherwise two."""
    return max(view.members, 2) if view.parameters[_RING] > 0.0 else 2


@both_ways
def place_in(view: Any) -> int:
    """Return the agent's place in the session's order of members; from `parties` on it has no part in it."""
    members = max(view.members, 2)
    return (view.member + drawn(view, _FIRST_DRAW)) % members  # type: ignore[no-any-return]


@both_ways
def into_session(view: Any) -> int:
    """Return the steps since the session of this window began, -1 outside it and for those who have no part in it."""
    period, gap, count = int(view.parameters[_PERIOD]), int(view.parameters[_GAP]), parties(view)
    rounds = max(min(int(view.parameters[_TRADES]), (period - 1) // gap) // count, 1)  # after whole rounds everybody is where it began
    length = rounds * count * gap
    since: int = view.step % period - drawn(view, _BEGIN_DRAW) % max(period - length, 1)
    busy = drawn(view, _BUSY_DRAW) < view.parameters[_BUSY] * WORDS
    return since if busy and 0 <= since < length and place_in(view) < count else _NO_PART


@both_ways
def collude(view: Any, commands: Any, window: int, since: int) -> None:
    """Rest the next arranged order, or both, take it a step later, withdraw what is left; each trade has `gap` steps."""
    trade, phase = since // int(view.parameters[_GAP]), since % int(view.parameters[_GAP])
    judge(view, phase)
    if phase == 1 and view.parameters[_DELAY] > 0.0 and view.memory[_PRICE] > 0.0:
        accept(view, commands, window, trade)
        return
    withdraw_all(view, commands)
    if phase == 0:
        resting, side = resting_side(view, trade), own_side(view, trade)
        view.memory[_PRICE] = arranged_price(view, resting)
        lots = affordable(view, side, arranged_lots(view, trade))
        sends = side == resting or (side >= 0 and view.parameters[_DELAY] == 0.0)
        if sends and lots > 0 and view.memory[_PRICE] > 0.0:
            place_limit(commands, side, int(view.memory[_PRICE]), lots)
            note(view, commands, window, side, lots)


@both_ways
def accept(view: Any, commands: Any, window: int, trade: int) -> None:
    """Take the order that an accomplice rested, if the best price is the arranged one."""
    resting, side, price = resting_side(view, trade), own_side(view, trade), int(view.memory[_PRICE])
    best, lots = view.best_bid if side == SELL else view.best_ask, affordable(view, side, arranged_lots(view, trade))
    if side < 0 or side == resting or best != price or lots <= 0:
        return
    if view.parameters[_BY_MARKET] > 0.0:
        place_market(commands, side, lots)
    else:
        place_limit(commands, side, price, lots, IOC)
    note(view, commands, window, side, lots)


@both_ways
def note(view: Any, commands: Any, window: int, side: int, lots: int) -> None:
    """Remember what an arranged trade would move, and declare the first of a session."""
    view.memory[_BEFORE], view.memory[_DUE] = view.inventory, lots if side == BUY else -lots
    if view.memory[_BEGUN] == 0.0:
        view.memory[_BEGUN] = 1.0
        declare(commands, shared_episode(view, window), BEGUN)


@both_ways
def judge(view: Any, phase: int) -> None:
    """Count an arranged trade once the inventory has moved as arranged; before the accomplice's step it was an outsider who traded."""
    moved = view.inventory - int(view.memory[_BEFORE])
    early = phase == 1 and view.parameters[_DELAY] > 0.0
    if early and moved != 0:
        view.memory[_DUE] = 0.0
    elif not early and view.memory[_DUE] != 0.0:
        view.memory[_MATCHED] += 1.0 if moved == int(view.memory[_DUE]) else 0.0
        view.memory[_DUE] = 0.0


@both_ways
def finish(view: Any, commands: Any) -> None:
    """End the session: withdraw, and declare what came of it."""
    judge(view, 0)
    withdraw_all(view, commands)
    if view.memory[_BEGUN] > 0.0:
        outcome = CONSUMMATED if view.memory[_MATCHED] > 0.0 else ATTEMPTED
        declare(commands, shared_episode(view, int(view.memory[_SESSION]) - 1), outcome)
    view.memory[_SESSION] = 0.0


@both_ways
def own_side(view: Any, trade: int) -> int:
    """Return on which side the agent is in a trade, -1 for none: each sells to the next, and the last to the first."""
    place, count = place_in(view), parties(view)
    if place == trade % count:
        return SELL
    return BUY if place == (trade + 1) % count else _NO_PART


@both_ways
def resting_side(view: Any, trade: int) -> int:
    """Return which side of a trade rests, by the plan."""
    return BUY if drawn(view, _TRADE_DRAWS + 2 * trade) < WORDS // 2 else SELL


@both_ways
def arranged_lots(view: Any, trade: int) -> int:
    """Return the size of a trade, the same throughout a round so that it leaves nobody with a position."""
    most, one_of = int(view.parameters[_LOTS]), drawn(view, _TRADE_DRAWS + 2 * (trade // parties(view)) + 1)
    lots = 1 + one_of % most if view.parameters[_JITTER] > 0.0 else most
    return lots * view.lot_size  # type: ignore[no-any-return]


@both_ways
def arranged_price(view: Any, side: int) -> int:
    """Return where the next order of a side rests, 0 where a side of the book is empty; it never meets the other side."""
    tick, bid, ask = view.tick_size, view.best_bid, view.best_ask
    if bid <= 0 or ask <= 0:
        return 0
    if view.parameters[_PAINT] > 0.0:
        price = painted_price(view)
    elif view.parameters[_WHERE] == _MID:
        price = (bid + ask) // (2 * tick) * tick
    else:
        inside = tick if view.parameters[_WHERE] == _IMPROVING else 0
        price = bid + inside if side == BUY else ask - inside
    return min(max(price, bid), ask - tick) if side == BUY else max(min(price, ask), bid + tick)  # type: ignore[no-any-return]


@both_ways
def painted_price(view: Any) -> int:
    """Return the price within the spread that lies a tick size beyond the session's last one, the way that the plan lets prices go."""
    tick, bid, ask, before = view.tick_size, view.best_bid, view.best_ask, int(view.memory[_PRICE])
    if drawn(view, _RISING_DRAW) < WORDS // 2:
        return min(max(before, bid) + tick, ask - tick)  # type: ignore[no-any-return]
    return max((min(before, ask) if before > 0 else ask) - tick, bid + tick)  # type: ignore[no-any-return]


class WashTrading(Manipulator):
    """Members of one population sell to each other by a plan that they share: one rests an order that another takes.

    Time is cut into windows, and the plan says which of them hold a session, when it begins, who takes part, and which side of each
    trade rests. Two members sell to each other in turn, or all do in a ring, in whole rounds that leave everybody where it began. Where
    outsiders step in, what they leave is worked off by ordinary trading. All who take part declare a session under one number.

    Parameters
    ----------
    plan : number that all of the plan follows from.
    period : steps of a window.
    busy : share of windows with a session.
    trades : of a session, at most; as many whole rounds as the window has room for, but at least one.
    gap : steps from one trade to the next, at most a fifth of the period.
    lots : of a trade, at most.
    jitter : 1 where sizes are drawn by the plan up to `lots`, 0 where all are equal.
    ring : 1 where all members trade in a ring, 0 where two trade back and forth.
    where : 0 rests at the mid, 1 a tick size inside the best price, 2 at the best price.
    delay : 1 where the one takes a step after the other, 0 where both send matching limit orders in the same step.
    by_market : 1 takes by market orders, 0 by limit orders that take at the arranged price or not at all; with a delay.
    paint : 1 where the prices of a session rise, or fall, within the spread; 0 where they only make volume.
    camouflage : chance of ordinary trading in a step without a session.
    hidden : most lots of such a trade.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = WashTrading(plan=15, period=10, busy=1, trades=4, gap=2, lots=5, camouflage=0)
    >>> for member in (0, 1):                       # one rests an order at the mid, the other takes it a step later
    ...     view = example_view(prices=[100], parameters=trader.parameters, member=member, members=2)
    ...     for step, best_ask in enumerate((101, 100)):
    ...         view.market["step"], view.market["best_ask"] = step, best_ask
    ...         trader.act(view, commands := Commands())
    ...         print(member, step, [(order.side.name, order.price, order.size) for order in commands.placed()])
    0 0 [('SELL', 100, 5)]
    0 1 []
    1 0 []
    1 1 [('BUY', 100, 5)]
    """

    family = "wash_trading"
    address = compile_trader(decide)
    memory_words = 6
    MEMBERS: ClassVar[Range] = Range(2, 5)
    RANGES: ClassVar[dict[str, Range]] = {
        "plan": Range(0, WORDS - 1), "period": Range(120, 500, log=True), "busy": Range(0.2, 0.8), "trades": Range(3, 30, log=True),
        "gap": Range(2, 20, log=True), "lots": Range(1, 25, log=True), "jitter": Range(0, 1), "ring": Range(0, 1), "where": Range(0, 2),
        "delay": Range(0, 1), "by_market": Range(0, 1), "paint": Range(0, 1), "camouflage": Range(0.0, 0.2), "hidden": Range(2, 9),
    }  # fmt: skip

    def __init__(
        self, plan: int = 1, period: int = 250, busy: float = 0.5, trades: int = 10, gap: int = 5, lots: int = 6, jitter: int = 0,
        ring: int = 0, where: int = 0, delay: int = 1, by_market: int = 0, paint: int = 0, camouflage: float = 0.05, hidden: int = 5,
    ) -> None:  # fmt: skip
        """Configure the strategy. Raises ValueError for numbers out of range."""
        super().__init__((
            whole("plan", plan, 0), whole("period", period, 10), share("busy", busy), whole("trades", trades, 1),
            min(whole("gap", gap, 2), period // 5), whole("lots", lots, 1), whole("jitter", jitter, 0, 1), whole("ring", ring, 0, 1),
            whole("where", where, 0, 2), whole("delay", delay, 0, 1), whole("by_market", by_market, 0, 1), whole("paint", paint, 0, 1),
            share("camouflage", camouflage), whole("hidden", hidden, 1),
        ))  # fmt: skip

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
