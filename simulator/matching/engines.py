"""What Book and replay ask of an implementation, and the table of those that there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from simulator.matching.kernel_book import KernelBook
from simulator.matching.reference_engine import ReferenceEngine
from simulator.matching.runner import Form
from simulator.matching.state import Array, BookState


class Engine(Protocol):
    """One book. All engines write the same records and give the same state for the same commands.

    Records pile up inside until they are taken. Room never runs out for the caller: whatever is full grows.
    """

    @property
    def apply(self) -> Callable[..., int]:
        """What applies one command: call it with the seven fields of COMMAND in their order.

        Returns how many records that wrote, MISFIT for what its field cannot hold, or minus a code for `make_room`.
        """

    def callable(self, form: Form, slow: Callable[..., int], doc: str) -> Callable[..., int]:
        """Return what takes the arguments of a form and applies the command, or hands the arguments to `slow`, which does the same."""

    def make_room(self, code: int) -> None:
        """Make the room that `apply` asked for; the command was not applied."""

    def expect(self, commands: int) -> None:
        """Hear how many commands will come, before the first one."""

    def submit_all(self, commands: Array, step: int = 0) -> None:
        """Apply commands (COMMAND, C-contiguous, writable) in order."""

    def take_records(self, copy: bool = True) -> Array:
        """Return the records written since the last call and forget them; without a copy they may be overwritten by the next command."""

    def give_records(self) -> Array:
        """Do the same for many records: nothing is copied, the engine parts with its memory."""

    def best(self, side: int) -> int:
        """Return the best price of a side in ticks, 0 if none."""

    def levels(self, side: int, depth: int | None = None) -> list[tuple[int, int, int]]:
        """Return (price, lots, orders) of the best `depth` prices of a side, best first."""

    def state(self) -> BookState:
        """Return the whole book in canonical order."""

    def load(self, state: BookState) -> None:
        """Become the book of `state`."""

    def follow(self, records: Array, symbol: int) -> int:
        """Apply a log to the empty book; return -1, or the row of the first record that cannot come next."""


ENGINES: dict[str, Callable[[int, int], Engine]] = {"kernel": KernelBook, "reference": ReferenceEngine}


def new_engine(name: str, tick_size: int, lot_size: int) -> Engine:
    """Return an empty book of an engine. Raises ValueError for an unknown name and sizes below one."""
    if name not in ENGINES:
        raise ValueError(f"engine {name!r} is unknown; choose one of {', '.join(ENGINES)}")
    for what, value in (("tick size", tick_size), ("lot size", lot_size)):
        if not 1 <= value < 2**31:
            raise ValueError(f"{what} {value} is not in 1..2^31-1; choose a positive whole number")
    return ENGINES[name](tick_size, lot_size)
