"""Front running: a broker trades ahead of an order that its customer has given it, and closes when that has moved the price.

Source: FINRA rule 5270 on block transactions and rule 5320 on trading ahead of customer orders; a client's pending orders as inside
information, Regulation (EU) 596/2014 (MAR), article 7(1)(d); why it pays, Brunnermeier and Pedersen, "Predatory trading", Journal of
Finance 60 (2005): who knows of a large order trades the same way first, and the other way into it. That it does so by many small orders
and by others that rest, and gets out slowly: "penny jumping" and "tailgating", Harris, Trading and Exchanges (2003), chapter 11.
"""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.manipulators.manipulator import Manipulator, Range, behind, gained, hide, other, own_episode, withdraw_all
from simulator.manipulators.plans import WORDS, planned
from simulator.traders.parameters import share, whole
from simulator.traders.quoting import keep_side
from simulator.traders.sizing import affordable, free, offered, take, whole_lots
from simulator.world.commands import ATTEMPTED, BEGUN, BUY, CONSUMMATED, IOC, SELL, Commands, declare, place_limit
from simulator.world.jit import both_ways, compile_trader
from simulator.world.view import View

_PLAN, _PERIOD, _LOTS, _PIECE, _PACE, _LEAD, _MISUSE, _AHEAD, _PIECES, _RESTING, _INTO, _WAIT, _PARTS, _CAPPED, _HIDE, _HIDDEN = range(16)
_LOOSE, _UNEVEN, _PATIENT = range(16, 19)
_RUNNING, _BEFORE, _CASH = range(3)
_BEGIN_DRAW, _SIZE_DRAW, _SIDE_DRAW, _MISUSE_DRAW, _LEAD_DRAW, _SHARE_DRAW, _PIECE_DRAW, _REST_DRAW = range(8)
_TAKES, _IMPROVES, _JOINS = range(3)  # of `resting`
_AFTER, _INTO_IT, _RESTS, _THROUGHOUT, _IN_TURNS = range(5)  # of `into`
_PIECES_MOST = 4096  # pieces of an order
_PATIENCE = 200  # steps after the customer's last, and those that it waits, in which the broker tries to close


def decide(view: View, commands: Commands) -> None:
    """Work the customer's order, or run ahead of it; in between trade as others do."""
    if view.halted or view.in_call:
        return
    if view.memory[_RUNNING] > 0.0:
        run(view, commands)
        return
    window = view.step // int(view.parameters[_PERIOD])
    now = since_begin(view, window)
    if view.member > 0 and 0 <= now < worked_for(view, window):
        work(view, commands, window, now)
    elif view.member == 0 and -lead_of(view, window) - 1 <= now < 0 and is_misused(view, window):
        begin(view, commands, window, now)
    else:
        hide(view, commands, view.parameters[_HIDE], int(view.parameters[_HIDDEN]))


@both_ways
def order_side(view: Any, window: int) -> int:
    """Return the side of the customer's order in a window; every second order closes what the one before has opened."""
    opening = BUY if planned(int(view.parameters[_PLAN]), window // 2, _SIDE_DRAW) < WORDS // 2 else SELL
    return opening if window % 2 == 0 else other(opening)


@both_ways
def order_lots(view: Any, window: int) -> int:
    """Return the lots of the customer's order in a window: half of the most at least."""
    most = int(view.parameters[_LOTS])
    least = (most + 1) // 2
    return (least + planned(int(view.parameters[_PLAN]), window // 2, _SIZE_DRAW) % (most - least + 1)) * view.lot_size  # type: ignore[no-any-return]


@both_ways
def worked_for(view: Any, window: int) -> int:
    """Return the steps that the customer takes for its order."""
    piece = int(view.parameters[_PIECE]) * view.lot_size
    return (order_lots(view, window) + piece - 1) // piece * int(view.parameters[_PACE])  # type: ignore[no-any-return]


@both_ways
def since_begin(view: Any, window: int) -> int:
    """Return the steps since the customer began its order of a window, negative before."""
    period, before = int(view.parameters[_PERIOD]), int(view.parameters[_LEAD]) + 1
    free = max(period - before - worked_for(view, window), 1)
    begins = window * period + before + planned(int(view.parameters[_PLAN]), window, _BEGIN_DRAW) % free
    return view.step - begins  # type: ignore[no-any-return]


@both_ways
def is_misused(view: Any, window: int) -> bool:
    """Return whether the broker runs ahead of the order of a window."""
    return planned(int(view.parameters[_PLAN]), window, _MISUSE_DRAW) < view.parameters[_MISUSE] * WORDS  # type: ignore[no-any-return]


@both_ways
def lead_of(view: Any, window: int) -> int:
    """Return the steps before the customer's order of a window in which the broker begins."""
    most = int(view.parameters[_LEAD])
    return most if view.parameters[_LOOSE] == 0.0 else 1 + planned(int(view.parameters[_PLAN]), window, _LEAD_DRAW) % most


@both_ways
def ahead_lots(view: Any, window: int) -> int:
    """Return the lots that the broker trades ahead in a window; where it is loose, from a third of its share up."""
    loose = view.parameters[_LOOSE] * planned(int(view.parameters[_PLAN]), window, _SHARE_DRAW) / WORDS
    wanted = order_lots(view, window) * view.parameters[_AHEAD] * (1.0 - loose * 2.0 / 3.0)
    return max(whole_lots(view, int(wanted)), view.lot_size)  # type: ignore[no-any-return]


@both_ways
def work(view: Any, commands: Any, window: int, now: int) -> None:
    """Send the next piece of the customer's order."""
    pace, piece = int(view.parameters[_PACE]), int(view.parameters[_PIECE]) * view.lot_size
    number = now // pace
    if now == 0:
        withdraw_all(view, commands)
    plan, part = int(view.parameters[_PLAN]), window * _PIECES_MOST + number
    late = planned(plan, part, _PIECE_DRAW) % pace
    if now % pace != (late if view.parameters[_UNEVEN] != 0.0 else 0):
        return
    side, lots = order_side(view, window), min(piece, order_lots(view, window) - number * piece)
    if planned(plan, part, _REST_DRAW) < view.parameters[_PATIENT] * WORDS:
        improve(view, commands, side, lots, 0)
    elif view.parameters[_CAPPED] == 0.0:
        take(view, commands, side, lots)
    elif affordable(view, side, lots) > 0 and offered(view, side) > 0:
        place_limit(commands, side, view.best_ask if side == BUY else view.best_bid, affordable(view, side, lots), IOC)


@both_ways
def begin(view: Any, commands: Any, window: int, now: int) -> None:
    """Withdraw what hides the broker, so that it knows what it holds; then trade ahead, and declare it once an order is sent."""
    if view.open_orders > 0:
        withdraw_all(view, commands)
    elif now >= -lead_of(view, window):
        view.memory[_BEFORE], view.memory[_CASH] = view.inventory, view.cash
        if get_ahead(view, commands, window, now):
            view.memory[_RUNNING] = window + 1
            declare(commands, own_episode(view, window), BEGUN)


@both_ways
def get_ahead(view: Any, commands: Any, window: int, now: int) -> bool:
    """Trade what is due ahead of the customer, in equal pieces over the lead; return whether that took an order."""
    side, lead, pieces = order_side(view, window), lead_of(view, window), int(view.parameters[_PIECES])
    wanted = ahead_lots(view, window)
    sent = min((now + lead) // max(lead // pieces, 1) + 1, pieces)
    missing = whole_lots(view, wanted * sent // pieces) - gained(view, side, view.memory[_BEFORE])
    if view.parameters[_RESTING] != _TAKES:
        return improve(view, commands, side, missing, -1 if view.parameters[_RESTING] == _IMPROVES else 0)
    if missing <= 0 or affordable(view, side, missing) <= 0 or offered(view, side) <= 0:
        return False
    take(view, commands, side, missing)
    return True


@both_ways
def improve(view: Any, commands: Any, side: int, lots: int, ticks: int) -> bool:
    """Keep one order of so many lots that much behind the best price of others, below zero inside it; return whether there is one."""
    best = view.best_bid if side == BUY else view.best_ask
    price = behind(view, side, ticks)
    for row in range(view.open_orders):
        if view.orders[row].side == side and view.orders[row].price == best:
            price = best
    full = whole_lots(view, max(min(lots, free(view, side)), 0))
    keep_side(view, commands, side, price, full, 0.0)
    return full > 0


@both_ways
def run(view: Any, commands: Any) -> None:
    """Trade ahead until the customer begins, then close into its orders or after them; end when flat, or give up."""
    window = int(view.memory[_RUNNING]) - 1
    now, worked, way = since_begin(view, window), worked_for(view, window), view.parameters[_INTO]
    closes = worked + int(view.parameters[_WAIT])
    side = order_side(view, window)
    held = gained(view, side, view.memory[_BEFORE])
    meets = way == _INTO_IT or way >= _THROUGHOUT
    begins = 0 if way >= _THROUGHOUT else (worked + 1) // 2
    rests = (meets and begins <= now < worked) or (way == _RESTS and closes <= now < closes + _PATIENCE // 2)
    ahead = view.bid_lots if side == BUY else view.ask_lots
    if now < 0:
        get_ahead(view, commands, window, now)
    elif way == _IN_TURNS and now < worked - 1 and held <= 0 and view.open_orders == 0:
        take(view, commands, side, min(ahead_lots(view, window), max(offered(view, side), view.lot_size)))
    elif (held == 0 and view.open_orders == 0) or now >= closes + _PATIENCE:
        finish(view, commands, window, held)
    elif ahead > 0 or (view.open_orders > 0 and not rests):
        withdraw_all(view, commands)  # a step of its own, so that nothing trades that is thought to be withdrawn
    elif rests and held > 0:
        improve(view, commands, other(side), held, -1)
    elif now >= closes or (meets and now >= worked):
        back = other(side) if held > 0 else side  # an order that was moved while it traded closes too much
        part = whole_lots(view, (abs(held) + int(view.parameters[_PARTS]) - 1) // int(view.parameters[_PARTS]))
        take(view, commands, back, min(max(part, view.lot_size), max(offered(view, back), view.lot_size)))


@both_ways
def finish(view: Any, commands: Any, window: int, held: int) -> None:
    """End the episode, and declare whether it gained money and left no position."""
    withdraw_all(view, commands)
    won = held == 0 and view.cash > int(view.memory[_CASH])
    declare(commands, own_episode(view, window), CONSUMMATED if won else ATTEMPTED)
    view.memory[_RUNNING] = 0.0


class FrontRunning(Manipulator):
    """A broker, member 0 of its population, and its customer, member 1. Both follow one plan: the broker knows the customer's orders.

    The customer works one large order a window by market orders, and every second one closes what the one before has opened. Ahead of
    some of them the broker trades the same way, and it closes after the customer, at once or later, or by orders that rest where the
    customer's next pieces meet them, or afterwards. The customer manipulates nothing; only the broker declares episodes.

    Parameters
    ----------
    plan : number from which the customer's orders follow, and which of them are misused.
    period : steps of a window; as many as the longest order needs with its lead, if these are more.
    lots : of the customer's order, at most; half of it at least.
    piece : lots of each of its market orders.
    pace : steps from one to the next.
    lead : steps before the customer in which the broker begins.
    misuse : share of the orders that it runs ahead of.
    ahead : what it trades ahead, as a share of the customer's order.
    pieces : orders in which it does, spread over the lead.
    resting : 1 where it trades ahead by an order that improves the best price, 2 by one that joins it, 0 by market orders.
    into : 1 where it closes by resting orders into the second half of the customer's order, 3 from its first piece on, 4 likewise and then
        it takes again, as long as there is more to come; 2 by such orders after it, 0 by market orders.
    wait : steps after the customer's last until it closes, unless into its order.
    parts : share of what is left that each market order closes, as one of so many.
    capped : 1 where the customer takes at the best price alone, 0 at any.
    camouflage : chance of ordinary trading, of either member, in a step in which it does none of that.
    hidden : most lots of such a trade.
    loose : 1 where it begins at any of the steps of its lead, and trades from a third of its share up; 0 always with all of both.
    uneven : 1 where the customer's pieces come at any step of their pace, 0 at the first one.
    patient : share of the customer's pieces that are limit orders at the best price of its side, the others being market orders.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = FrontRunning(plan=29, period=20, lots=20, piece=5, lead=2, misuse=1, ahead=0.5, pieces=1, camouflage=0)
    >>> broker, customer = (example_view(prices=[100], parameters=trader.parameters, member=member, members=2) for member in (0, 1))
    >>> for view, step, held in ((broker, 5, 0), (customer, 7, 0), (broker, 11, 8)):  # the customer wants 16 lots from step 7 to 10
    ...     view.market["step"], view.own["inventory"] = step, held
    ...     trader.act(view, commands := Commands())
    ...     print(step, [(order.side.name, order.size) for order in commands.placed()], commands.declared())
    5 [('BUY', 8)] [(0, <Outcome.BEGUN: 0>)]
    7 [('BUY', 5)] []
    11 [('SELL', 8)] []
    """

    family = "front_running"
    address = compile_trader(decide)
    memory_words = 3
    MEMBERS: ClassVar[Range] = Range(2, 2)
    RANGES: ClassVar[dict[str, Range]] = {
        "plan": Range(0, WORDS - 1), "period": Range(250, 800, log=True), "lots": Range(20, 150), "piece": Range(3, 12),
        "pace": Range(1, 3), "lead": Range(1, 30, log=True), "misuse": Range(0.25, 0.9), "ahead": Range(0.1, 0.6), "pieces": Range(1, 4),
        "resting": Range(0, 1), "into": Range(0, 1), "camouflage": Range(0.0, 0.2), "hidden": Range(2, 9),
    }  # fmt: skip
    WIDER: ClassVar[dict[str, Range]] = {
        "lead": Range(1, 40, log=True), "pieces": Range(1, 8), "resting": Range(0, 2), "into": Range(0, 4), "wait": Range(0, 60),
        "parts": Range(1, 4), "capped": Range(0, 1),
        "period": Range(250, 900, log=True), "piece": Range(3, 15), "pace": Range(1, 9, log=True),
        "loose": Range(0, 1), "uneven": Range(0, 1), "patient": Range(0.0, 0.8),
    }  # fmt: skip

    def __init__(
        self, plan: int = 1, period: int = 400, lots: int = 80, piece: int = 6, pace: int = 1, lead: int = 10, misuse: float = 0.5,
        ahead: float = 0.3, pieces: int = 2, resting: int = 0, into: int = 1, wait: int = 0, parts: int = 1, capped: int = 0,
        camouflage: float = 0.05, hidden: int = 5, loose: int = 0, uneven: int = 0, patient: float = 0,
    ) -> None:  # fmt: skip
        """Configure the strategy. Raises ValueError for numbers out of range."""
        order = (whole("lots", lots, 1), whole("piece", piece, 1))
        window = max(whole("period", period, 1), lead + 1 + -(-lots // piece) * pace)
        super().__init__((
            whole("plan", plan, 0), window, *order, whole("pace", pace, 1), whole("lead", lead, 1), share("misuse", misuse),
            share("ahead", ahead),
            whole("pieces", pieces, 1), whole("resting", resting, 0, 2), whole("into", into, 0, 4), whole("wait", wait, 0),
            whole("parts", parts, 1), whole("capped", capped, 0, 1), share("camouflage", camouflage), whole("hidden", hidden, 1),
            whole("loose", loose, 0, 1), whole("uneven", uneven, 0, 1), share("patient", patient),
        ))  # fmt: skip

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
