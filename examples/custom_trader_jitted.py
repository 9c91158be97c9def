"""A trader of your own, compiled: the strategy of custom_trader.py as one function that runs in Python and as machine code.

Put it into a scenario by its place, `trader: examples.custom_trader_jitted:JittedImbalanceTrader`.
"""

from __future__ import annotations

from simulator.traders.sizing import take
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, SELL, Commands
from simulator.world.jit import compile_trader
from simulator.world.view import View


def decide(view: View, commands: Commands) -> None:
    """Trade with the larger side. Plain numbers, `if`, `for` and the functions of simulator.world compile; lists and text do not."""
    if view.halted or view.bid_size == 0 or view.ask_size == 0:
        return
    imbalance = (view.bid_size - view.ask_size) / (view.bid_size + view.ask_size)
    if imbalance > view.parameters[0]:
        take(view, commands, BUY, view.lot_size)
    elif imbalance < -view.parameters[0]:
        take(view, commands, SELL, view.lot_size)


class JittedImbalanceTrader(Trader):
    """Trades one lot in the direction of the larger side when the imbalance of the best prices exceeds `edge`."""

    address = compile_trader(decide)

    def __init__(self, edge: float = 0.6) -> None:
        """Configure the strategy: its numbers reach `decide` as view.parameters."""
        super().__init__((edge,))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step in Python; the world calls the compiled form."""
        decide(view, commands)
