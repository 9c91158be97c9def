"""The trader through which an environment acts: it carries out what was written into its memory before the step."""

from __future__ import annotations

from typing import Any

from simulator.envs.market.acting import carry_out
from simulator.traders.trader import Trader
from simulator.world.commands import Commands
from simulator.world.jit import compile_trader
from simulator.world.view import View

ACTION_WORDS = 3  # order type, offset, size: the first words of its memory


def decide(view: Any, commands: Any) -> None:
    """Carry out the action in memory; zeros hold."""
    carry_out(view, commands, int(view.memory[0]), int(view.memory[1]), int(view.memory[2]))


class Learner(Trader):
    """An agent whose decisions are made outside the market, once a step, by whoever writes its memory.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> view, commands = example_view(prices=[100]), Commands()
    >>> view.memory[:3] = 3, 0, 5  # OrderType.LIMIT_BUY, at the best bid, 5 lots
    >>> Learner().act(view, commands)
    >>> commands.placed()
    [PlaceOrder(kind=<CommandKind.LIMIT: 0>, side=<Side.BUY: 0>, size=5, price=99, time_in_force=<TimeInForce.GTC: 0>)]
    """

    memory_words = ACTION_WORDS
    address = compile_trader(decide)

    def act(self, view: View, commands: Commands) -> None:
        """Carry out the action in memory."""
        decide(view, commands)
