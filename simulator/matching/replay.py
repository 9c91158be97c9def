"""Replay: a tape of commands in, the records of what happened out."""

from __future__ import annotations

from simulator.matching.commands import check_commands, chunks_of
from simulator.matching.engines import new_engine
from simulator.matching.state import Array


def replay(commands: Array, engine: str = "kernel", tick_size: int = 1, lot_size: int = 1) -> Array:
    """Run commands through one empty book and return its records (see simulator.types.RECORD; symbol and step are 0).

    `commands` is a 1-D structured array with the fields of simulator.types.COMMAND in any order and padding: kind (CommandKind,
    also HALT, RESUME, CALL, UNCROSS), side, time_in_force, price in ticks, size in lots, order_id, owner. What the rules of the market
    refuse is a REJECTED record with its reason; what is no tape raises TypeError (not a structured array, a field missing or of another
    type) or ValueError (dimensions, an unknown engine, a tick or lot size below one). Beside commands and records nothing of
    their size is held in memory.

    >>> import numpy as np
    >>> from simulator.types import COMMAND, RecordKind, Side
    >>> tape = np.zeros(2, COMMAND)
    >>> tape["side"], tape["price"], tape["size"] = [Side.SELL, Side.BUY], [101, 102], [5, 3]
    >>> tape["order_id"], tape["owner"] = [1, 2], [7, 8]
    >>> [(RecordKind(record["kind"]).name, int(record["price"])) for record in replay(tape)]
    [('ACCEPTED', 101), ('ACCEPTED', 102), ('FILLED', 101)]
    """
    book = new_engine(engine, tick_size, lot_size)
    book.expect(len(check_commands(commands)))
    for chunk in chunks_of(commands):
        book.submit_all(chunk)
    return book.give_records()
