"""Pump and dump, and its mirror image, short and distort: take a position, talk the price up, trade it up, sell to those who follow.

Source: Regulation (EU) 596/2014 (MAR), article 12(2)(d), on voicing an opinion after having taken a position; "pump and dump" and "trash
and cash", Commission Delegated Regulation (EU) 2016/522, annex II; Allen and Gale, "Stock-price manipulation", Review of Financial
Studies 5 (1992), for manipulation by information and by trade; Xu and Livshits, "The anatomy of a cryptocurrency pump-and-dump scheme",
28th USENIX Security Symposium (2019), for groups that act together; Siering, Clapham, Engel and Gomber, "A taxonomy of financial market
manipulations", Journal of Information Technology 32 (2017), for hired promoters and talk that begins well after the buying.
"""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.manipulators.manipulator import Manipulator, Range, behind, gained, hide, other, shared_episode, withdraw_all
from simulator.manipulators.plans import WORDS, planned
from simulator.traders.momentum import SENTIMENT
from simulator.traders.parameters import share, whole
from simulator.traders.quoting import keep_side
from simulator.traders.sizing import affordable, offered, room, take, whole_lots
from simulator.world.commands import ATTEMPTED, BEGUN, BUY, CONSUMMATED, EVERYBODY, SELL, Commands, declare, message
from simulator.world.draws import uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.view import View, mid

(
    _PLAN, _PERIOD, _LOTS, _GATHER, _PROMOTE, _DUMP, _EVERY, _CLAIM, _MARK, _QUIET, _RESTING, _SHORT, _HIDE, _HIDDEN,
    _HOLD, _VARY, _LOOSE, _SPEAKER,
) = range(18)  # fmt: skip
_SCHEME, _BEGUN, _BEFORE, _CASH, _PEAK = range(5)
_PATIENCE = 100  # steps after the time to dump in which the rest is sold
_PIECES = 20  # in which a position is taken up, and sold
_MARKING = 0.5  # chance that a message goes with a market order
_MOST = 1.5  # times what it gathers: with so much it marks the price no more


def decide(view: View, commands: Commands) -> None:
    """Gather, promote and dump as the plan says; in between trade as others do."""
    if view.halted or view.in_call:
        return
    window = view.step // int(view.parameters[_PERIOD])
    if view.memory[_SCHEME] > 0.0:
        window = int(view.memory[_SCHEME]) - 1
        scheme(view, commands, window, since_begin(view, window))
    elif -1 <= since_begin(view, window) < int(view.parameters[_GATHER]):
        withdraw_all(view, commands)
        if view.open_orders == 0:
            view.memory[_SCHEME], view.memory[_BEGUN], view.memory[_PEAK] = window + 1, 0.0, 0.0
            view.memory[_BEFORE], view.memory[_CASH] = view.inventory, view.cash
    else:
        hide(view, commands, view.parameters[_HIDE], int(view.parameters[_HIDDEN]))


@both_ways
def since_begin(view: Any, window: int) -> int:
    """Return the steps since the scheme of a window began, negative before."""
    period = int(view.parameters[_PERIOD])
    length = talk_from(view) + int(view.parameters[_PROMOTE]) + int(view.parameters[_DUMP])
    begins = 1 + planned(int(view.parameters[_PLAN]), window, 0) % max(period - length - _PATIENCE, 1)
    return view.step - window * period - begins  # type: ignore[no-any-return]


@both_ways
def talk_from(view: Any) -> int:
    """Return the step of a scheme in which it begins to promote."""
    return int(view.parameters[_GATHER]) + int(view.parameters[_HOLD])


@both_ways
def scheme(view: Any, commands: Any, window: int, since: int) -> None:
    """Do what is due so long after the begin; the orders of one stage are withdrawn in a step of their own before the next."""
    side = SELL if view.parameters[_SHORT] > 0.0 else BUY
    held = gained(view, side, view.memory[_BEFORE])
    gathering, promoting = since < int(view.parameters[_GATHER]), since - talk_from(view)
    dumping = promoting - int(view.parameters[_PROMOTE])
    late = max(dumping + 1 - int(view.parameters[_DUMP]), 0)
    if gathering:
        out = work(view, commands, side, share_of(view), held, since, int(view.parameters[_GATHER]), view.parameters[_QUIET] > 0.0)
        if out and view.memory[_BEGUN] == 0.0:
            view.memory[_BEGUN] = 1.0
            declare(commands, shared_episode(view, window), BEGUN)
    elif (held <= 0 and view.open_orders == 0) or late > _PATIENCE:
        finish(view, commands, window, held)
    elif lots_out(view, side) > 0 or (view.open_orders > 0 and late > 0):
        withdraw_all(view, commands)
    elif promoting >= 0:
        if late == 0:
            promote(view, commands, side, held, promoting)
        if dumping >= 0:
            dump(view, commands, other(side), held, dumping, late > 0)


@both_ways
def share_of(view: Any) -> int:
    """Return the lots that one member gathers."""
    return max(int(view.parameters[_LOTS]) // max(view.members, 1), 1) * view.lot_size  # type: ignore[no-any-return]


@both_ways
def lots_out(view: Any, side: int) -> int:
    """Return the lots of the agent's resting orders of a side."""
    return view.bid_lots if side == BUY else view.ask_lots  # type: ignore[no-any-return]


@both_ways
def work(view: Any, commands: Any, side: int, wanted: int, done: int, since: int, steps: int, rests: bool) -> bool:
    """Trade so many lots evenly over the steps, in pieces at the market or by an order at the best price; return whether an order is out.

    An order that rests is helped by market orders once three pieces are missing.
    """
    piece = max(whole_lots(view, wanted // _PIECES), view.lot_size)
    missing = whole_lots(view, wanted * min(since + 1, steps) // steps) - done
    if rests and missing < 3 * piece:
        lots = whole_lots(view, min(piece, max(wanted - done, 0), room(view, side) + lots_out(view, side)))
        keep_side(view, commands, side, behind(view, side, 0), lots, 0.0)
        return lots > 0
    lots = affordable(view, side, min(missing, wanted - done - lots_out(view, side)))
    if lots <= 0 or offered(view, side) <= 0 or (missing < piece and since + 1 < steps):
        return False
    take(view, commands, side, lots)
    return True


@both_ways
def promote(view: Any, commands: Any, side: int, held: int, promoting: int) -> None:
    """When it is the member's turn, tell everybody that it still wants much; until it dumps, now and then mark the price as well."""
    if not speaks(view, promoting):
        return
    claim = int(view.parameters[_CLAIM] * (1.0 + view.parameters[_VARY] * (2.0 * uniform(view) - 1.0)))
    message(commands, EVERYBODY, SENTIMENT, claim if side == BUY else -claim)
    marks = promoting < int(view.parameters[_PROMOTE]) and held < _MOST * share_of(view)
    if marks and uniform(view) < _MARKING:
        take(view, commands, side, int(view.parameters[_MARK]) * view.lot_size)


@both_ways
def speaks(view: Any, promoting: int) -> bool:
    """Return whether the member says something now: in turn, or whenever chance has it; or one says everything."""
    every, speakers = int(view.parameters[_EVERY]), max(view.members, 1)
    if view.parameters[_SPEAKER] > 0.0:
        speakers = 1
    if view.parameters[_LOOSE] > 0.0:
        return bool(view.member < speakers and uniform(view) * every * speakers < 1.0)
    return promoting % every == 0 and promoting // every % speakers == view.member


@both_ways
def dump(view: Any, commands: Any, side: int, held: int, dumping: int, late: bool) -> None:
    """Sell what is held, evenly over the time to dump; all that is left after it."""
    view.memory[_PEAK] = max(int(view.memory[_PEAK]), held)
    most = int(view.memory[_PEAK])
    rests = view.parameters[_RESTING] > 0.0 and not late
    work(view, commands, side, most, most - held, dumping, int(view.parameters[_DUMP]), rests)


@both_ways
def finish(view: Any, commands: Any, window: int, held: int) -> None:
    """End the scheme, and declare whether it gained money, with a tenth of the position left at most."""
    withdraw_all(view, commands)
    if view.memory[_BEGUN] > 0.0:
        moved = view.inventory - int(view.memory[_BEFORE])
        won = view.cash - int(view.memory[_CASH]) + moved * mid(view) > 0.0 and 10 * abs(held) <= share_of(view)
        declare(commands, shared_episode(view, window), CONSUMMATED if won else ATTEMPTED)
    view.memory[_SCHEME] = 0.0


class PumpAndDump(Manipulator):
    """One or several agents take up a position by and by, promote it in public and by trades, and sell it while others follow.

    Time is cut into windows, and a plan that all members share says when the scheme of each begins. Each member declares it under the
    same number, from its first order until it is flat again. The sentiment is that of simulator.traders.momentum: lots still wanted.

    Parameters
    ----------
    plan : number from which the begins follow.
    period : steps of a window; longer than the three stages together.
    lots : that the members gather together, each the same.
    gather : steps in which it does.
    promote : steps of promoting, with trades that mark the price; the messages go on while it sells.
    dump : steps in which it sells evenly; 1 sells at once. What is left then goes at the market.
    every : steps from one message to the next; members take turns.
    claim : lots that a message says are still wanted.
    mark : lots of a market order that goes with every second message or so; 0 for none.
    quiet : 1 where it gathers by a small order at the best price and takes only if it is late, 0 by small market orders.
    resting : 1 where it sells by an order at the best price, 0 by market orders.
    short : 1 where it sells first, spreads bad news and buys back.
    camouflage : chance of ordinary trading in a step without a scheme.
    hidden : most lots of such a trade.
    hold : steps between gathering and promoting in which it only waits.
    vary : share by which what a message says is more or less than the claim, at most.
    loose : 1 where messages come by chance, on average as often, 0 where regularly.
    speaker : 1 where one member talks for all, 0 where they take turns.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = PumpAndDump(period=160, lots=40, gather=40, promote=10, dump=8, every=3, claim=100, camouflage=0)
    >>> view = example_view(prices=[100], parameters=trader.parameters, members=1)
    >>> for step, held in ((0, 0), (2, 0), (41, 40), (51, 40)):  # begin, buy the first of 20 pieces, promote, sell 40 lots in 8 steps
    ...     view.market["step"], view.own["inventory"] = step, held
    ...     trader.act(view, commands := Commands())
    ...     for each in commands.placed():
    ...         print(step, each)
    2 PlaceOrder(kind=<CommandKind.MARKET: 1>, side=<Side.BUY: 0>, size=2, price=None, time_in_force=<TimeInForce.IOC: 1>)
    41 SendMessage(receiver=-1, topic=0, value=100, kind=0)
    51 PlaceOrder(kind=<CommandKind.MARKET: 1>, side=<Side.SELL: 1>, size=5, price=None, time_in_force=<TimeInForce.IOC: 1>)
    """

    family = "pump_and_dump"
    address = compile_trader(decide)
    memory_words = 5
    MEMBERS: ClassVar[Range] = Range(1, 3)
    RANGES: ClassVar[dict[str, Range]] = {
        "plan": Range(0, WORDS - 1), "period": Range(500, 1600, log=True), "lots": Range(20, 200, log=True), "gather": Range(50, 200),
        "promote": Range(20, 100), "dump": Range(1, 80), "every": Range(1, 10), "claim": Range(20, 400, log=True),
        "mark": Range(0, 8), "quiet": Range(0, 1), "resting": Range(0, 1), "short": Range(0, 1), "camouflage": Range(0.0, 0.2),
        "hidden": Range(2, 9),
    }  # fmt: skip
    WIDER: ClassVar[dict[str, Range]] = {
        "hold": Range(0, 60), "vary": Range(0.0, 0.6), "loose": Range(0, 1), "speaker": Range(0, 1),
    }  # fmt: skip

    def __init__(
        self, plan: int = 1, period: int = 800, lots: int = 80, gather: int = 120, promote: int = 50, dump: int = 20, every: int = 3,
        claim: int = 100, mark: int = 5, quiet: int = 0, resting: int = 0, short: int = 0, camouflage: float = 0.05, hidden: int = 5,
        hold: int = 0, vary: float = 0.0, loose: int = 0, speaker: int = 0,
    ) -> None:  # fmt: skip
        """Configure the strategy. Raises ValueError for numbers out of range, or a window too short for a scheme."""
        length = gather + hold + promote + dump
        if length >= period:
            raise ValueError(f"gathering, holding, promoting and dumping take {length} steps, period {period} is no longer; lengthen it")
        super().__init__((
            whole("plan", plan, 0), whole("period", period, 1), whole("lots", lots, 1), whole("gather", gather, 1),
            whole("promote", promote, 1), whole("dump", dump, 1), whole("every", every, 1), whole("claim", claim, 1),
            whole("mark", mark, 0), whole("quiet", quiet, 0, 1), whole("resting", resting, 0, 1), whole("short", short, 0, 1),
            share("camouflage", camouflage), whole("hidden", hidden, 1), whole("hold", hold, 0),
            share("vary", vary), whole("loose", loose, 0, 1), whole("speaker", speaker, 0, 1),
        ))  # fmt: skip

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
