"""A book to which commands are given one at a time, and a book made from its log."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from simulator.matching.commands import check_commands, chunks_of
from simulator.matching.engines import Engine, new_engine
from simulator.matching.runner import MISFIT, Form
from simulator.matching.state import Array, BookState
from simulator.types import COMMAND, RECORD, CommandKind, TimeInForce

_NAMES = COMMAND.names or ()
_LIMIT, _MARKET, _CANCEL, _MODIFY = int(CommandKind.LIMIT), int(CommandKind.MARKET), int(CommandKind.CANCEL), int(CommandKind.MODIFY)
_HALT, _RESUME = int(CommandKind.HALT), int(CommandKind.RESUME)
_CALL, _UNCROSS = int(CommandKind.CALL), int(CommandKind.UNCROSS)
_GTC = int(TimeInForce.GTC)


class Place(Protocol):
    """See Book.place."""

    def __call__(self, side: int, price: int, size: int, order_id: int, owner: int = 0, time_in_force: int = _GTC) -> int:
        """Place a limit order; how many records that wrote."""


class Market(Protocol):
    """See Book.market."""

    def __call__(self, side: int, size: int, order_id: int, owner: int = 0) -> int:
        """Place a market order; how many records that wrote."""


class Cancel(Protocol):
    """See Book.cancel."""

    def __call__(self, order_id: int) -> int:
        """Cancel a resting order; how many records that wrote."""


class _Slow:
    """What the built-in calls of a book leave over: keywords, wrong numbers, a book that must grow.

    It knows the engine and not the book, so that nothing goes round in a circle and a book's memory is free as soon as the book is.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine, self._apply = engine, engine.apply

    def place(self, side: int, price: int, size: int, order_id: int, owner: int = 0, time_in_force: int = _GTC) -> int:
        return self.give(_LIMIT, side, time_in_force, price, size, order_id, owner)

    def market(self, side: int, size: int, order_id: int, owner: int = 0) -> int:
        return self.give(_MARKET, side, 0, 0, size, order_id, owner)

    def cancel(self, order_id: int) -> int:
        return self.give(_CANCEL, 0, 0, 0, 0, order_id, 0)

    def give(self, *fields: int) -> int:
        while (written := self._apply(*fields)) < 0:
            if written == MISFIT:
                raise _misfit(*fields)
            self._engine.make_room(-written)
        return written


class Book:
    """One order book.

    `place`, `market`, `cancel`, `modify`, `halt` and `resume` give one command each and return how many records it wrote; the
    records wait for `take_records`. `submit` gives a command as data and returns its records at once. What the rules of the market
    refuse is a REJECTED record with its reason; a value that no field can hold raises ValueError, a value that is no
    whole number TypeError.

    Parameters
    ----------
    engine : "kernel" (compiled) or "reference" (plain Python, the specification); both give the same records and state.
    tick_size : legal prices are its multiples, in ticks.
    lot_size : legal sizes are its multiples, in lots.

    Examples
    --------
    >>> from simulator.types import Side
    >>> book = Book()
    >>> book.place(Side.SELL, price=101, size=5, order_id=1, owner=7)
    1
    >>> book.place(Side.BUY, price=102, size=3, order_id=2, owner=8)
    2
    >>> book.best_ask, book.depth(Side.SELL)
    (101, [(101, 2, 1)])
    """

    __slots__ = {
        "_engine": "the implementation",
        "_give": "applies one command, given its seven fields, whatever it takes",
        "cancel": "Cancel a resting order: cancel(order_id).",
        "market": "Place a market order, of which what finds nobody is cancelled: market(side, size, order_id, owner=0).",
        "place": "Place a limit order: place(side, price, size, order_id, owner=0, time_in_force=GTC).",
    }
    place: Place
    market: Market
    cancel: Cancel

    def __init__(self, engine: str = "kernel", tick_size: int = 1, lot_size: int = 1) -> None:
        """Make an empty book. Raises ValueError for an unknown engine and sizes below one."""
        self._engine = new_engine(engine, tick_size, lot_size)
        slow, straight = _Slow(self._engine), self._engine.callable
        self._give = slow.give
        self.place = straight(Form.PLACE, slow.place, Book.__slots__["place"])
        self.market = straight(Form.MARKET, slow.market, Book.__slots__["market"])
        self.cancel = straight(Form.CANCEL, slow.cancel, Book.__slots__["cancel"])

    def modify(self, order_id: int, price: int, size: int, time_in_force: int = _GTC) -> int:
        """Give a resting order another price or open size; it keeps its place only at the same price and with a smaller size."""
        return self._give(_MODIFY, 0, time_in_force, price, size, order_id, 0)

    def halt(self) -> int:
        """From now on refuse new orders and modifications; cancels are accepted."""
        return self._give(_HALT, 0, 0, 0, 0, 0, 0)

    def resume(self) -> int:
        """Accept new orders again."""
        return self._give(_RESUME, 0, 0, 0, 0, 0, 0)

    def begin_call(self) -> int:
        """From now on let orders rest without trading, also where the sides cross: a call auction."""
        return self._give(_CALL, 0, 0, 0, 0, 0, 0)

    def uncross(self, reference: int = 0) -> int:
        """End the call auction: what crosses trades at one price, of several equally good ones the nearest to `reference` (ticks).

        Without a reference that is the last price.
        """
        return self._give(_UNCROSS, 0, 0, reference, 0, 0, 0)

    def submit(self, command: np.void | None = None, /, **fields: int) -> Array:
        """Give one command, a row of a COMMAND array or its fields by name, and return all records that wait, its own last.

        Fields that are not named are 0. Raises TypeError for an unknown field.
        """
        if command is not None:
            fields = {name: command[name].item() for name in _NAMES} | fields
        unknown = set(fields) - set(_NAMES)
        if unknown:
            raise TypeError(f"a command has no field {min(unknown)!r}; its fields are {', '.join(_NAMES)}")
        values = [fields.get(name, 0) for name in _NAMES]
        self._give(*values)
        return self.take_records()

    def submit_all(self, commands: Array) -> None:
        """Give many commands as replay() takes them; their records wait. Raises what replay() raises."""
        for chunk in chunks_of(check_commands(commands)):
            self._engine.submit_all(chunk)

    def take_records(self, copy: bool = True) -> Array:
        """Return the records (RECORD) that wait, in order, and forget them.

        Without a copy they are a view of the book's own memory, which the next command overwrites.
        """
        return self._engine.take_records(copy)

    @property
    def best_bid(self) -> int:
        """The best bid in ticks, 0 if there is none."""
        return self._engine.best(0)

    @property
    def best_ask(self) -> int:
        """The best ask in ticks, 0 if there is none."""
        return self._engine.best(1)

    def depth(self, side: int, levels: int | None = None) -> list[tuple[int, int, int]]:
        """Return (price, lots, orders) of the best `levels` prices of a side, best first; of all prices without `levels`."""
        if levels is not None and levels < 0:
            raise ValueError(f"levels {levels} is negative; ask for 0 or more")
        return self._engine.levels(side, levels)

    def state(self) -> BookState:
        """Return everything the book is, resting orders in canonical order."""
        return self._engine.state()

    def state_hash(self) -> str:
        """Return 32 hex digits over phase and resting orders, the same for every engine."""
        return self._engine.state().hash()

    def snapshot(self) -> bytes:
        """Return the whole book as bytes; records that wait are not part of it."""
        return self._engine.state().to_bytes()

    def restore(self, snapshot: bytes) -> None:
        """Become the book of a snapshot, taken from any engine. Raises ValueError if it is none, altered or of another version."""
        self._engine.load(BookState.from_bytes(snapshot))


def rebuild(records: Array, engine: str = "kernel", tick_size: int = 1, lot_size: int = 1, symbol: int = 0) -> Book:
    """Return the book that a log leaves behind, from its records alone.

    `records` (n,) RECORD is the whole log from an empty book on, also a world's: records of other symbols and kinds are passed over.
    Tick and lot size matter only for what the book is given next. Raises TypeError for another layout, ValueError naming
    the first record that cannot follow the ones before it.
    """
    if not isinstance(records, np.ndarray) or records.dtype != RECORD or records.ndim != 1:
        raise TypeError("records are not a 1-D array of simulator.types.RECORD; pass what replay() returned")
    book = Book(engine, tick_size, lot_size)
    log = records if records.flags.c_contiguous and records.flags.writeable else records.copy()
    row = book._engine.follow(log, symbol)
    if row >= 0:
        raise ValueError(f"record {row} contradicts the records before it: {log[row]}; the log is not whole or not of one run")
    return book


def _misfit(*fields: int) -> Exception:
    """Return the error that says which number does not fit its field."""
    for name, value in zip(_NAMES, fields, strict=True):
        bounds = np.iinfo(COMMAND[name])
        if not hasattr(value, "__index__"):
            return TypeError(f"{name} {value!r} is not a whole number; round it")
        if not bounds.min <= value <= bounds.max:
            return ValueError(f"{name} {value} is not in {bounds.min}..{bounds.max}; no book can hold it")
    return ValueError(f"command {fields} does not fit; check its fields")
