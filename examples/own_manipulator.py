"""A manipulator of your own in plain Python: it ramps a price up in small steps, then sells into it.

agora simulate --manipulator examples/own_manipulator.py:Ramping=2 --to kafka

Its episodes become rows of evaluation.labels, and nobody else sees them.
"""

from __future__ import annotations

from typing import ClassVar

from simulator.manipulators.manipulator import Manipulator, Range, hide, own_episode
from simulator.traders.sizing import take
from simulator.world.commands import ATTEMPTED, BEGUN, BUY, CONSUMMATED, SELL, Commands, declare
from simulator.world.draws import uniform
from simulator.world.view import View, mid

LEFT, COUNT, BEGUN_AT = range(3)  # words of its memory: purchases that are left, episodes so far, the mid when this one began


class Ramping(Manipulator):
    """Buys a lot in each of `pieces` steps, then sells all of it; begins with a chance of `rate` in a step.

    >>> from simulator.world.view import example_view
    >>> trader = Ramping(rate=1.0, pieces=2)
    >>> view, commands = example_view(parameters=trader.parameters), Commands()
    >>> trader.act(view, commands)
    >>> [(order.side.name, order.size) for order in commands.placed()], commands.declared()
    ([('BUY', 1)], [(0, <Outcome.BEGUN: 0>)])
    """

    family = "ramping"
    memory_words = 3
    RANGES: ClassVar[dict[str, Range]] = {"rate": Range(0.001, 0.02, log=True), "pieces": Range(5, 40)}

    def __init__(self, rate: float = 0.005, pieces: int = 20) -> None:
        """Configure the strategy: its numbers reach `act` as view.parameters."""
        super().__init__((rate, pieces))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step."""
        if view.halted or view.in_call:
            return
        episode = own_episode(view, int(view.memory[COUNT]))
        if view.memory[LEFT] > 0:
            view.memory[LEFT] -= 1
            if view.memory[LEFT] > 0:
                take(view, commands, BUY, view.lot_size)
                return
            take(view, commands, SELL, max(view.inventory, 0))
            declare(commands, episode, CONSUMMATED if mid(view) > view.memory[BEGUN_AT] else ATTEMPTED)
            view.memory[COUNT] += 1
        elif uniform(view) < view.parameters[0]:
            view.memory[LEFT], view.memory[BEGUN_AT] = view.parameters[1], mid(view)
            take(view, commands, BUY, view.lot_size)
            declare(commands, episode, BEGUN)
        else:
            hide(view, commands, 0.05, 3)
