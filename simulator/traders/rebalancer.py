"""Rebalancing: a position that is brought back to what is wanted at times, by market orders in a row.

Source: Perold and Sharpe, "Dynamic strategies for asset allocation", Financial Analysts Journal 44 (1988), for positions that follow the
price, or go against it; a hedge follows what happens elsewhere, by jumps. The position goes to and fro in bursts as that of one who starts
a move does, but its owner gains nothing by the move.
"""

from __future__ import annotations

from simulator.traders.parameters import at_least, share, whole
from simulator.traders.sizing import take
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, SELL, Commands
from simulator.world.draws import normal, uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.layout import HISTORY
from simulator.world.view import View, mean_mid, mid

_ACTIVITY, _REVIEW, _WINDOW, _EXPOSURE, _TREND, _JUMP, _SIZE, _BAND = range(8)
_TARGET, _DUE = range(2)  # words of memory


def decide(view: View, commands: Commands) -> None:
    """Ask at times which position is wanted, and move towards it."""
    if view.halted or view.in_call:
        return
    if view.step >= view.memory[_DUE]:
        view.memory[_TARGET] = target(view)
        view.memory[_DUE] = view.step + 1 + int(uniform(view) * 2 * view.parameters[_REVIEW])
    if uniform(view) >= view.parameters[_ACTIVITY]:
        return
    gap = int(view.memory[_TARGET]) - view.inventory
    if abs(gap) > view.parameters[_BAND] * view.lot_size:
        take(view, commands, BUY if gap > 0 else SELL, min(abs(gap), int(view.parameters[_SIZE]) * view.lot_size))


@both_ways
def target(view: View) -> float:
    """Return the lots that are wanted: more or fewer as the price has moved, and what jumps elsewhere add."""
    exposure = view.parameters[_EXPOSURE] * view.lot_size
    moved = view.parameters[_TREND] * (mid(view) - mean_mid(view, int(view.parameters[_WINDOW]))) * view.lot_size
    held = min(max(moved, -exposure), exposure)
    return held + view.parameters[_JUMP] * view.lot_size * normal(view)  # type: ignore[no-any-return]


class Rebalancer(Trader):
    """Wants trend x (mid - its mean) lots, within the exposure, and a normal number of them more or fewer, which is drawn at each review.

    Parameters
    ----------
    review : usual steps from one review to the next; up to twice as many.
    window : steps of the mean, 1..255.
    exposure : most lot sizes that it wants for the price's sake.
    trend : lot sizes for each tick from the mean; below zero it goes against the price.
    jump : deviation of what it wants for other reasons, in lot sizes.
    size : most lot sizes of an order.
    band : lot sizes by which the position may differ from what is wanted.
    activity : share of steps in which it trades.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = Rebalancer(window=2, exposure=20, trend=4, jump=0, size=9, band=1, activity=1)
    >>> view = example_view(prices=[100, 104], parameters=trader.parameters)
    >>> trader.act(view, commands := Commands())    # two ticks above the mean: it wants eight
    >>> [(order.side.name, order.size) for order in commands.placed()]
    [('BUY', 8)]
    """

    address = compile_trader(decide)
    memory_words = 2

    def __init__(
        self, review: int = 150, window: int = 200, exposure: int = 30, trend: float = 5, jump: float = 10, size: int = 6, band: float = 3,
        activity: float = 0.3,
    ) -> None:  # fmt: skip
        """Configure the strategy. Raises ValueError for numbers out of range."""
        super().__init__((
            share("activity", activity), whole("review", review, 1), whole("window", window, 1, HISTORY - 1),
            whole("exposure", exposure, 0), float(trend), at_least("jump", jump, 0), whole("size", size, 1), at_least("band", band, 0),
        ))  # fmt: skip

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
