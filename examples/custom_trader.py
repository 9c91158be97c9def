"""A trader of your own in plain Python: buy when the order book leans to the bid, sell when it leans to the ask.

Put it into a scenario by its place, `trader: examples.custom_trader:ImbalanceTrader`. Plain Python plays about a thousand times
slower than the compiled form; custom_trader_jitted.py is the same strategy compiled.
"""

from __future__ import annotations

from simulator.traders.sizing import take
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, SELL, Commands
from simulator.world.view import View


class ImbalanceTrader(Trader):
    """Trades one lot in the direction of the larger side when the imbalance of the best prices exceeds `edge`.

    Imbalance is (bid size - ask size) / (bid size + ask size), in -1..1.

    >>> from simulator.world.view import example_view
    >>> trader = ImbalanceTrader(edge=0.5)
    >>> view, commands = example_view(parameters=trader.parameters, bid_size=90, ask_size=10), Commands()
    >>> trader.act(view, commands)
    >>> [(order.side.name, order.size) for order in commands.placed()]
    [('BUY', 1)]
    """

    def __init__(self, edge: float = 0.6) -> None:
        """Configure the strategy: its numbers reach `act` as view.parameters."""
        super().__init__((edge,))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step."""
        if view.halted or view.bid_size == 0 or view.ask_size == 0:
            return
        imbalance = (view.bid_size - view.ask_size) / (view.bid_size + view.ask_size)
        if imbalance > view.parameters[0]:
            take(view, commands, BUY, view.lot_size)
        elif imbalance < -view.parameters[0]:
            take(view, commands, SELL, view.lot_size)
