"""A mediator: it names an amount in each dispute that it is given, and learns from what is accepted.

Source: the single-offer mediator between sides with private limits of Myerson and Satterthwaite, "Efficient mechanisms for bilateral
trading", Journal of Economic Theory 29 (1983); the amount moves towards the middle after each failure.
"""

from __future__ import annotations

from simulator.traders.parameters import share
from simulator.traders.trader import Trader
from simulator.types import DealStep, MessageKind
from simulator.world.acts import settle
from simulator.world.commands import Commands
from simulator.world.jit import compile_trader
from simulator.world.looking import deal_of, letter_of
from simulator.world.party_rows import LETTERS
from simulator.world.view import View

_FIRST, _STEP = range(2)
_READ, _SHARE, _PAID, _PROPOSED = range(4)  # words of memory
_DEAL, _DISPUTED = int(MessageKind.DEAL), int(DealStep.DISPUTED)


def decide(view: View, commands: Commands) -> None:
    """Propose a share of the claim in every new dispute."""
    if view.memory[_PROPOSED] == 0.0:
        view.memory[_SHARE] = view.parameters[_FIRST]
    for number in range(max(int(view.memory[_READ]), view.letters - LETTERS), view.letters):
        letter = letter_of(view, number)
        if letter.kind != _DEAL or letter.value_1 != _DISPUTED:
            continue
        if view.memory[_PROPOSED] > 0.0 and view.paid == view.memory[_PAID]:  # nothing earned by the one before
            view.memory[_SHARE] += view.parameters[_STEP] * (0.5 - view.memory[_SHARE])
        view.memory[_PAID] = view.paid
        deal = deal_of(view, letter.value_3)
        if deal.id == letter.value_3:
            settle(commands, deal.id, int(view.memory[_SHARE] * deal.claim))
            view.memory[_PROPOSED] = 1.0
    view.memory[_READ] = view.letters


class Mediator(Trader):
    """Proposes a share of what is claimed, and moves it towards a half whenever the proposal before brought nothing.

    Its population needs `role: mediator`, and the scenario `deals`.

    Parameters
    ----------
    first : share of the claim that it proposes at first.
    step : how far it moves towards a half after a failure, as a share of the way.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> view, commands = example_view(parameters=Mediator(first=0.8).parameters), Commands()
    >>> Mediator(first=0.8).act(view, commands)     # no letters, no disputes
    >>> commands.rows
    []
    """

    memory_words = 4
    address = compile_trader(decide)

    def __init__(self, first: float = 0.8, step: float = 0.2) -> None:
        """Configure the strategy. Raises ValueError for numbers out of range."""
        super().__init__((share("first", first), share("step", step)))

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
