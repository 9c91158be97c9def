"""Momentum ignition: a burst of aggressive orders that sets off or speeds up a move, and the way out against those who follow it.

Source: "a series of orders and trades (along with perhaps spreading false rumors in the marketplace) in an attempt to ignite a rapid
price move either up or down", US Securities and Exchange Commission, concept release on equity market structure, 75 FR 3594 (2010);
Commission Delegated Regulation (EU) 2016/522, annex II: orders or transactions "likely to start or exacerbate a trend and to encourage
other participants to accelerate or extend the trend in order to create an opportunity to close out or open a position at a favourable
price". Bursts of seconds and of minutes, and moves that are prolonged by a second burst: Tse, Lin and Vincent, "High frequency trading:
measurement, detection and response", Credit Suisse (2012). Pieces of uneven size at uneven times hide a trader: Kyle, "Continuous auctions
and insider trading", Econometrica 53 (1985).
"""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.manipulators.manipulator import Manipulator, Range, behind, gained, hide, other, own_episode, withdraw_all
from simulator.traders.momentum import SENTIMENT
from simulator.traders.parameters import share, whole
from simulator.traders.quoting import keep_one
from simulator.traders.sizing import affordable, free, offered, take
from simulator.world.commands import ATTEMPTED, BEGUN, BUY, CONSUMMATED, EVERYBODY, SELL, Commands, declare, message, place_limit
from simulator.world.draws import randint, uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.view import View, mean_mid, mid, mid_ago

(
    _RATE, _BACK, _LEAN, _PREPARE, _POSITION, _BURST, _LOTS, _REACH, _AIM, _LOUD, _WAIT, _FALTER, _RESTING, _PATIENCE, _HIDE, _HIDDEN,
    _SPACING, _UNEVEN, _WAVES, _HASTE, _AWAY, _PIECES,
) = range(22)  # fmt: skip
_PHASE, _SINCE, _SIDE, _COUNT, _BEFORE, _CASH, _MID, _FURTHEST, _WAVE = range(9)
_ALONG, _TO_THE_MEAN, _ANYHOW = range(3)
_IDLE, _PREPARING, _IGNITING, _WAITING, _LEAVING = range(5)
_NOT_YET = -1
_NONE, _PASSIVE, _AGGRESSIVE = range(3)
_RECENT, _LONG = 10, 200  # steps of a move to speed up, and of the mean to go back to
_PIECE = 3  # lots of a market order by which it prepares


def decide(view: View, commands: Commands) -> None:
    """Prepare, ignite and leave; between episodes trade as others do."""
    if view.halted or view.in_call:
        return
    phase = int(view.memory[_PHASE])
    if phase == _PREPARING:
        prepare(view, commands)
    elif phase == _IGNITING:
        ignite(view, commands)
    elif phase == _WAITING:
        wait(view, commands)
    elif phase == _LEAVING:
        leave(view, commands)
    elif uniform(view) < view.parameters[_RATE]:
        begin(view, commands)
    else:
        hide(view, commands, view.parameters[_HIDE], int(view.parameters[_HIDDEN]))


@both_ways
def begin(view: Any, commands: Any) -> None:
    """Choose a way and do the first deed; nothing where it is too early, or the position limit leaves no room for the whole plan."""
    side = chosen(view)
    if side == _NOT_YET:
        return
    planned = int(view.parameters[_WAVES]) * int(view.parameters[_BURST]) * int(view.parameters[_LOTS])
    if view.parameters[_PREPARE] > _NONE:
        planned += int(view.parameters[_POSITION])
    if planned * view.lot_size > free(view, side):
        return
    view.memory[_SIDE] = side
    view.memory[_BEFORE] = view.inventory
    view.memory[_CASH] = view.cash
    view.memory[_WAVE] = 0.0
    enter(view, _PREPARING if view.parameters[_PREPARE] > _NONE else _IGNITING)
    declare(commands, own_episode(view, int(view.memory[_COUNT])), BEGUN)
    if view.parameters[_PREPARE] > _NONE:
        withdraw_all(view, commands)
        acquire(view, commands, side, int(view.parameters[_POSITION]) * view.lot_size)
    else:
        ignite(view, commands)


@both_ways
def chosen(view: Any) -> int:
    """Return the side of the burst: along a recent move, back to the mean price, or by chance; NOT_YET where no move is far enough."""
    if view.parameters[_BACK] == _ANYHOW:
        return BUY if uniform(view) < 0.5 else SELL
    lean, least = mid(view) - mid_ago(view, _RECENT), view.parameters[_LEAN] * view.tick_size
    if view.parameters[_BACK] == _TO_THE_MEAN:
        lean, least = mean_mid(view, _LONG) - mid(view), 2.0 * least
    if abs(lean) < least:
        return _NOT_YET
    return BUY if lean > 0.0 else SELL


@both_ways
def enter(view: Any, phase: int) -> None:
    """Go over to a phase; the move is measured from where the burst begins."""
    view.memory[_PHASE] = phase
    view.memory[_SINCE] = view.step
    if phase == _IGNITING:
        view.memory[_MID] = view.mid_twice
        view.memory[_FURTHEST] = 0.0


@both_ways
def acquire(view: Any, commands: Any, side: int, missing: int) -> None:
    """Take one step towards the position of the preparation, after own orders were withdrawn."""
    if view.parameters[_PREPARE] == _AGGRESSIVE:
        take(view, commands, side, min(missing, _PIECE * view.lot_size))
    elif affordable(view, side, missing) > 0:
        place_limit(commands, side, behind(view, side, 0), affordable(view, side, missing))


@both_ways
def prepare(view: Any, commands: Any) -> None:
    """Buy what is to be sold into the move (or sell what is to be bought back), until that is done or patience is at an end."""
    side = BUY if view.memory[_SIDE] == BUY else SELL
    missing = int(view.parameters[_POSITION]) * view.lot_size - gained(view, side, view.memory[_BEFORE])
    if missing <= 0 or view.step - int(view.memory[_SINCE]) >= int(view.parameters[_PATIENCE]):
        enter(view, _IGNITING)
        ignite(view, commands)
    elif view.parameters[_PREPARE] == _AGGRESSIVE:
        acquire(view, commands, side, missing)
    else:
        keep_one(view, commands, side, behind(view, side, 0), missing)


@both_ways
def ignite(view: Any, commands: Any) -> None:
    """Send an order of the burst if it is time, unless the price has moved as far as it should or the burst is over; then wait."""
    side = BUY if view.memory[_SIDE] == BUY else SELL
    held, spacing = view.step - int(view.memory[_SINCE]), int(view.parameters[_SPACING])
    withdraw_all(view, commands)
    if tracked(view, side) >= aim(view) or held >= int(view.parameters[_BURST]) * spacing:
        enter(view, _WAITING)
        wait(view, commands)
        return
    if held > 0 and spacing > 1 and uniform(view) * spacing >= 1.0:
        return
    lots = drawn_lots(view)
    if held == 0 and view.parameters[_LOUD] > 0.0:
        message(commands, EVERYBODY, SENTIMENT, lots if side == BUY else -lots)
    through = int(view.parameters[_REACH]) * view.tick_size
    if through == 0:
        take(view, commands, side, lots)
    elif affordable(view, side, lots) > 0 and offered(view, side) > 0:
        price = view.best_ask + through if side == BUY else max(view.best_bid - through, view.tick_size)
        place_limit(commands, side, price, affordable(view, side, lots))


@both_ways
def drawn_lots(view: Any) -> int:
    """Return the size of the next order: as planned, or drawn from a third of that on."""
    lots = int(view.parameters[_LOTS])
    if view.parameters[_UNEVEN] > 0.0:
        lots = randint(view, (lots + 2) // 3, lots + 1)
    return lots * view.lot_size  # type: ignore[no-any-return]


@both_ways
def aim(view: Any) -> int:
    """Return how far the mid is to move, in half ticks."""
    return 2 * int(view.parameters[_AIM]) * view.tick_size  # type: ignore[no-any-return]


@both_ways
def tracked(view: Any, side: int) -> int:
    """Return how far the mid has gone the right way since the burst began, in half ticks; the furthest is remembered."""
    twice: int = view.mid_twice - int(view.memory[_MID])
    if side == SELL:
        twice = -twice
    view.memory[_FURTHEST] = max(view.memory[_FURTHEST], float(twice))
    return twice


@both_ways
def wait(view: Any, commands: Any) -> None:
    """Let followers prolong the move until it falters or has taken long enough, then burst once more or begin to leave."""
    side = BUY if view.memory[_SIDE] == BUY else SELL
    now = tracked(view, side)
    back = int(view.memory[_FURTHEST]) - now
    if view.step - int(view.memory[_SINCE]) >= int(view.parameters[_WAIT]) or back >= 2 * int(view.parameters[_FALTER]) * view.tick_size:
        if view.memory[_WAVE] + 1.0 < view.parameters[_WAVES]:
            view.memory[_WAVE] += 1.0
            view.memory[_PHASE], view.memory[_SINCE] = _IGNITING, view.step + 1
            return
        enter(view, _LEAVING)
        leave(view, commands)


@both_ways
def leave(view: Any, commands: Any) -> None:
    """Get rid of the position: by an order that rests, while patience lasts, or by pieces that the best price takes."""
    side = BUY if view.memory[_SIDE] == BUY else SELL
    held, patience = view.step - int(view.memory[_SINCE]), int(view.parameters[_PATIENCE])
    left = gained(view, side, view.memory[_BEFORE])
    tracked(view, side)
    if left <= 0 or held >= 2 * patience:
        end(view, commands)
    elif view.parameters[_RESTING] > 0.0 and held < patience:
        keep_one(view, commands, other(side), behind(view, other(side), int(view.parameters[_AWAY])), left)
    else:
        withdraw_all(view, commands)
        if view.parameters[_HASTE] >= 1.0 or uniform(view) < view.parameters[_HASTE]:
            piece = int(view.parameters[_PIECES]) * view.lot_size
            take(view, commands, other(side), min(left, piece if piece > 0 else drawn_lots(view), offered(view, other(side))))


@both_ways
def end(view: Any, commands: Any) -> None:
    """Withdraw what rests and see whether the price moved as far as it should and it paid; what is left counts at the mid."""
    withdraw_all(view, commands)
    gain = 2 * (view.cash - int(view.memory[_CASH])) + (view.inventory - int(view.memory[_BEFORE])) * view.mid_twice
    done = int(view.memory[_FURTHEST]) >= aim(view) and gain > 0
    declare(commands, own_episode(view, int(view.memory[_COUNT])), CONSUMMATED if done else ATTEMPTED)
    view.memory[_PHASE] = _IDLE
    view.memory[_COUNT] += 1.0


class MomentumIgnition(Manipulator):
    """Moves the price by a burst of aggressive orders, and sells into the rise (or buys back into the fall) that others prolong.

    Parameters
    ----------
    rate : chance to begin in a step without an episode, if the time is right.
    back : 0 where it drives the price along the move of the last 10 steps, 1 where back to the mean of the last 200, 2 whichever way.
    lean : tick sizes that such a move must have for the time to be right; to the mean it must be twice as far.
    prepare : what it does before the burst: 0 nothing, 1 builds a position by an order that rests, 2 by small market orders.
    position : lots of that position.
    burst : most orders of the burst.
    lots : of each of its orders, and at most of a market order by which it leaves.
    reach : tick sizes beyond the best price to which its orders sweep the book as limit orders; 0 for market orders.
    aim : tick sizes that the mid is to move; the burst ends there.
    loud : 1 where it tells everybody, on the topic of sentiment, as the burst begins.
    wait : most steps between burst and exit.
    falter : tick sizes back from its furthest at which the move is over, and the exit begins.
    resting : 1 where it leaves by an order that rests, while its patience lasts, 0 where by market orders.
    patience : most steps of the preparation, and of an exit by a resting order; another exit may take twice as many.
    camouflage : chance of ordinary trading in a step without an episode.
    hidden : most lots of such a trade.
    spacing : steps from one order of the burst to the next, on average.
    uneven : 1 where the size of each order is drawn, from a third of `lots` on.
    waves : bursts of an episode, each after the wait of the one before.
    haste : chance of a step in which it goes on leaving, where it leaves by market orders.
    away : tick sizes behind the best price at which an exit by an order rests.
    pieces : lots of each market order by which it leaves; 0 where they are drawn like those of the burst.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = MomentumIgnition(rate=1, lean=1, prepare=0, lots=12, reach=3)
    >>> view, commands = example_view(prices=[100, 101], parameters=trader.parameters), Commands()
    >>> trader.act(view, commands)                  # it rose: more of that
    >>> [(order.side.name, order.price, order.size) for order in commands.placed()]
    [('BUY', 105, 12)]
    >>> commands.declared()
    [(0, <Outcome.BEGUN: 0>)]
    """

    family = "momentum_ignition"
    address = compile_trader(decide)
    memory_words = 9
    RANGES: ClassVar[dict[str, Range]] = {
        "rate": Range(0.004, 0.015, log=True), "back": Range(0, 1), "lean": Range(2, 5), "prepare": Range(0, 2),
        "position": Range(3, 20, log=True), "burst": Range(2, 6), "lots": Range(3, 15, log=True), "reach": Range(0, 6), "aim": Range(2, 8),
        "loud": Range(0, 1), "wait": Range(0, 30), "falter": Range(1, 4), "resting": Range(0, 1), "patience": Range(5, 40, log=True),
        "camouflage": Range(0.0, 0.2), "hidden": Range(2, 9),
    }  # fmt: skip
    WIDER: ClassVar[dict[str, Range]] = {
        "back": Range(0, 2), "lean": Range(1, 5), "burst": Range(2, 10, log=True), "lots": Range(3, 20, log=True), "aim": Range(2, 10),
        "wait": Range(0, 90), "falter": Range(1, 6), "patience": Range(5, 60, log=True), "spacing": Range(1, 12, log=True),
        "uneven": Range(0, 1), "waves": Range(1, 2), "haste": Range(0.2, 1.0, log=True), "away": Range(0, 3), "pieces": Range(0, 10),
    }  # fmt: skip

    def __init__(
        self, rate: float = 0.004, back: int = 0, lean: int = 2, prepare: int = 1, position: int = 10, burst: int = 4, lots: int = 8,
        reach: int = 0, aim: int = 5, loud: int = 0, wait: int = 15, falter: int = 2, resting: int = 1, patience: int = 20,
        camouflage: float = 0.05, hidden: int = 5, spacing: int = 1, uneven: int = 0, waves: int = 1, haste: float = 1.0, away: int = 0,
        pieces: int = 0,
    ) -> None:  # fmt: skip
        """Configure the strategy. Raises ValueError for numbers out of range."""
        super().__init__((
            share("rate", rate), whole("back", back, 0, 2), whole("lean", lean, 1), whole("prepare", prepare, 0, 2),
            whole("position", position, 1), whole("burst", burst, 1), whole("lots", lots, 1), whole("reach", reach, 0),
            whole("aim", aim, 1), whole("loud", loud, 0, 1), whole("wait", wait, 0), whole("falter", falter, 1),
            whole("resting", resting, 0, 1), whole("patience", patience, 1), share("camouflage", camouflage), whole("hidden", hidden, 1),
            whole("spacing", spacing, 1), whole("uneven", uneven, 0, 1), whole("waves", waves, 1), share("haste", haste),
            whole("away", away, 0), whole("pieces", pieces, 0),
        ))  # fmt: skip

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
