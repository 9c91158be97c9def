"""Spoofing and layering: orders that are not meant to trade, to move the price towards one that is.

Source: bidding or offering with the intent to cancel before execution, US Commodity Exchange Act section 4c(a)(5)(C) and CFTC
interpretive guidance 78 FR 31890 (2013); layering as several such orders on successive prices, FINRA rule 5210 and ESMA,
"MAR technical advice" (2015), annex on manipulative behaviours; the cycle as described for the case of US v. Coscia (7th Cir. 2017).
"""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.manipulators.manipulator import Manipulator, Range, behind, gained, hide, other, own_episode, withdraw_all
from simulator.traders.parameters import share, whole
from simulator.traders.sizing import affordable, free, take
from simulator.world.commands import ATTEMPTED, BEGUN, BUY, CONSUMMATED, SELL, Commands, declare, place_limit
from simulator.world.draws import uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.view import View

_RATE, _LOTS, _LEVELS, _DISTANCE, _GENUINE, _WAIT, _HOLD, _AGGRESSIVE, _HIDE, _HIDDEN = range(10)
_PRESSING, _SINCE, _SIDE, _COUNT, _BEFORE = range(5)


def decide(view: View, commands: Commands) -> None:
    """Begin, hold and withdraw the pressure; between episodes trade as others do."""
    if view.halted or view.in_call:
        return
    if view.memory[_PRESSING] > 0:
        press(view, commands)
    elif uniform(view) < view.parameters[_RATE]:
        begin(view, commands)
    else:
        hide(view, commands, view.parameters[_HIDE], int(view.parameters[_HIDDEN]))


@both_ways
def begin(view: Any, commands: Any) -> None:
    """Place the genuine order, if it rests, and the pressure on the other side; inventory decides which way."""
    side = BUY if uniform(view) < 0.5 else SELL
    if view.inventory != 0:
        side = SELL if view.inventory > 0 else BUY
    withdraw_all(view, commands)
    levels = int(view.parameters[_LEVELS])
    each = int(view.parameters[_LOTS]) // levels * view.lot_size
    if each <= 0 or each * levels > free(view, other(side)):
        return
    for level in range(levels):
        place_limit(commands, other(side), behind(view, other(side), int(view.parameters[_DISTANCE]) + level), each)
    genuine = int(view.parameters[_GENUINE]) * view.lot_size
    if view.parameters[_AGGRESSIVE] < 1.0 and 0 < genuine <= free(view, side):
        place_limit(commands, side, behind(view, side, 0), genuine)
    view.memory[_PRESSING] = 1.0
    view.memory[_SINCE] = view.step
    view.memory[_SIDE] = side
    view.memory[_BEFORE] = view.inventory
    declare(commands, own_episode(view, int(view.memory[_COUNT])), BEGUN)


@both_ways
def press(view: Any, commands: Any) -> None:
    """Withdraw when the genuine order has traded or time is up; one that does not rest is sent after a wait."""
    side, held = int(view.memory[_SIDE]), view.step - int(view.memory[_SINCE])
    traded = gained(view, side, view.memory[_BEFORE])
    wanted = int(view.parameters[_GENUINE]) * view.lot_size
    if view.parameters[_AGGRESSIVE] > 0.0 and held == int(view.parameters[_WAIT]) and affordable(view, side, wanted) > 0:
        take(view, commands, side, wanted)
    elif traded >= wanted or held >= int(view.parameters[_HOLD]):
        withdraw_all(view, commands)
        declare(commands, own_episode(view, int(view.memory[_COUNT])), CONSUMMATED if traded > 0 else ATTEMPTED)
        view.memory[_PRESSING] = 0.0
        view.memory[_COUNT] += 1.0


class Spoofing(Manipulator):
    """Presses on one side of the book with orders it withdraws, and trades on the other.

    With one level it spoofs, with several it layers. The genuine order rests at the best price from the beginning, or is sent as a
    market order after a wait. The episode ends when that has traded, or unfilled after `hold` steps.

    Parameters
    ----------
    rate : chance to begin in a step without an episode.
    lots : of all orders that are not meant to trade, together.
    levels : prices that they are spread over.
    distance : tick sizes from the best price of their side to the nearest of them; -1 improves on it.
    genuine : lots of the order that is meant to trade.
    wait : steps until a market order follows, if it is `aggressive`.
    hold : most steps that an episode takes.
    aggressive : 1 where the genuine order takes, 0 where it rests.
    camouflage : chance of ordinary trading in a step without an episode.
    hidden : most lots of such a trade.

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
    memory_words = 5
    RANGES: ClassVar[dict[str, Range]] = {
        "rate": Range(0.001, 0.02, log=True), "lots": Range(15, 120, log=True), "levels": Range(1, 6), "distance": Range(-1, 5),
        "genuine": Range(1, 10), "wait": Range(1, 15), "hold": Range(5, 100, log=True), "aggressive": Range(0, 1),
        "camouflage": Range(0.0, 0.2), "hidden": Range(2, 9),
    }  # fmt: skip

    def __init__(
        self, rate: float = 0.005, lots: int = 40, levels: int = 3, distance: int = 1, genuine: int = 4, wait: int = 3, hold: int = 30,
        aggressive: int = 0, camouflage: float = 0.05, hidden: int = 5,
    ) -> None:  # fmt: skip
        """Configure the strategy. Raises ValueError for numbers out of range."""
        if wait >= hold:
            wait = hold - 1
        super().__init__((
            share("rate", rate), whole("lots", lots, 1), whole("levels", levels, 1, 40), whole("distance", distance, -1),
            whole("genuine", genuine, 1), whole("wait", wait, 0), whole("hold", hold, 1), whole("aggressive", aggressive, 0, 1),
            share("camouflage", camouflage), whole("hidden", hidden, 1),
        ))  # fmt: skip

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
