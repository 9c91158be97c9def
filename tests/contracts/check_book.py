"""What every book must do, whatever is inside: the same records and state as the specification, and its own words kept.

An implementation is checked by being registered in `simulator.matching.engines.ENGINES`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.matching import Book, rebuild, replay
from simulator.seeding import generator
from simulator.types import COMMAND, RecordKind

Array = np.ndarray[Any, Any]


def check_book(engine: str) -> None:
    """One check over every engine."""
    for seed, (prices, tick_size, lot_size) in enumerate([((90, 111), 1, 1), ((1, 2**31 - 1), 1, 1), ((80, 121), 5, 2)]):
        tape = random_tape(seed, prices)
        check_agrees_with_the_specification(engine, tape, tick_size, lot_size)
        check_goes_on_from_a_snapshot(engine, tape, tick_size, lot_size)
        check_lots_are_conserved(engine, tape, tick_size, lot_size)


def random_tape(seed: int, prices: tuple[int, int], length: int = 1500) -> Array:
    """Return a tape with every kind of command, legal and not."""
    random, tape = generator(seed, "check_book"), np.zeros(length, COMMAND)
    tape["kind"] = random.choice(7, length, p=[0.6, 0.1, 0.12, 0.16, 0.005, 0.01, 0.005])
    tape["side"] = random.choice(3, length, p=[0.495, 0.495, 0.01])
    tape["time_in_force"] = random.choice(5, length, p=[0.69, 0.1, 0.1, 0.1, 0.01])
    tape["price"] = random.choice(np.append(random.integers(*prices, 30), 0), length)
    tape["size"] = random.integers(0, 12, length)
    tape["order_id"], tape["owner"] = random.integers(0, 60, length), random.integers(0, 5, length)
    return tape


def check_agrees_with_the_specification(engine: str, tape: Array, tick_size: int, lot_size: int) -> None:
    """Records and state are the reference's, by replay and one command at a time."""
    book, reference = Book(engine, tick_size, lot_size), Book("reference", tick_size, lot_size)
    reference.submit_all(tape)
    wanted = reference.take_records()
    assert (replay(tape, engine, tick_size, lot_size) == wanted).all()
    assert (np.concatenate([book.submit(row) for row in tape]) == wanted).all()
    assert book.snapshot() == reference.snapshot()
    assert rebuild(wanted, engine, tick_size, lot_size).snapshot() == reference.snapshot()
    for side in (0, 1):
        assert book.depth(side) == reference.depth(side)


def check_goes_on_from_a_snapshot(engine: str, tape: Array, tick_size: int, lot_size: int) -> None:
    """A book restored in the middle ends like one that was never interrupted."""
    whole, first, second = Book(engine, tick_size, lot_size), Book(engine, tick_size, lot_size), Book(engine)
    whole.submit_all(tape)
    first.submit_all(tape[:700])
    second.restore(first.snapshot())
    second.submit_all(tape[700:])
    assert (np.concatenate([first.take_records(), second.take_records()]) == whole.take_records()).all()
    assert second.snapshot() == whole.snapshot()


def check_lots_are_conserved(engine: str, tape: Array, tick_size: int, lot_size: int) -> None:
    """Lots that came in were filled (twice: on both sides), cancelled, modified away, or rest."""
    book = Book(engine, tick_size, lot_size)
    for row in tape:
        before = book.state().resting["remaining"].sum(dtype=np.int64)
        records = book.submit(row)
        after = book.state().resting["remaining"].sum(dtype=np.int64)
        sizes = {kind: int(records["size"][records["kind"] == kind].sum(dtype=np.int64)) for kind in RecordKind}
        if RecordKind.MODIFIED not in records["kind"]:
            assert after - before == sizes[RecordKind.ACCEPTED] - 2 * sizes[RecordKind.FILLED] - sizes[RecordKind.CANCELLED]
