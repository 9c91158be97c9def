"""The one interface of everybody who trades: scripted, learning, or a user's own."""

from __future__ import annotations

from simulator.world.commands import Commands
from simulator.world.view import PARAMETERS, View


class Trader:
    """A strategy: looks at a view once per step and writes commands.

    A subclass sets its configuration by `super().__init__(numbers)`, which it then reads as `view.parameters`, and gives `act`.
    What it must remember lies in `view.memory`, so that a snapshot holds it: the attributes of the object do not change.
    One object serves all agents of its population.

    A strategy that is compiled, too, writes `act` as a plain function `decide(view, commands)` and sets
    `address = compile_trader(decide)`; the world then calls the address and never the method.
    """

    address: int = 0
    """Where the compiled form lies; 0 for a trader of plain Python, which is about a thousand times slower."""

    memory_words: int = 0
    """How many numbers of `view.memory` it uses, from the first."""

    family: str = ""
    """Of a manipulator the kind of manipulation, which its declared episodes are labelled with."""

    def __init__(self, parameters: tuple[float, ...] = ()) -> None:
        """Keep the numbers that configure the strategy, at most 16. Raises ValueError for more."""
        if len(parameters) > PARAMETERS:
            raise ValueError(f"{len(parameters)} parameters are more than {PARAMETERS}; a strategy needs fewer")
        self.parameters = tuple(float(number) for number in parameters)

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step: read `view`, write `commands` by the functions of simulator.world.commands."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """Return the configuration as text."""
        return f"{type(self).__name__}{self.parameters}"
