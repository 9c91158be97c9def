"""Snapshot, restore and continue equals continue; the log alone rebuilds the book."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.matching import ENGINES, Book, rebuild
from simulator.matching.state import RESTING, BookState
from simulator.types import RECORD, RecordKind, Side
from tests.simulator.matching.streams import Array, assert_same, grids, tapes

engines = pytest.mark.parametrize("engine", list(ENGINES))


@settings(max_examples=25, deadline=None)
@given(tape=tapes(longest=30), grid=grids)
def test_snapshot_at_every_cut_goes_on_as_if_uncut(tape: Array, grid: tuple[int, int]) -> None:
    whole = Book("reference", *grid)
    whole.submit_all(tape)
    wanted = whole.take_records()
    for cut in range(len(tape) + 1):
        before, after = Book("kernel", *grid), Book("kernel")
        before.submit_all(tape[:cut])
        after.restore(before.snapshot())
        after.submit_all(tape[cut:])
        assert_same(np.concatenate([before.take_records(), after.take_records()]), wanted)
        assert after.snapshot() == whole.snapshot()


@settings(max_examples=60, deadline=None)
@given(tape=tapes(), grid=grids, data=st.data())
def test_log_rebuilds_the_book_at_every_command(tape: Array, grid: tuple[int, int], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(tape)))
    for engine in ENGINES:
        book = Book("kernel", *grid)
        book.submit_all(tape[:cut])
        rebuilt = rebuild(book.take_records(), engine, *grid)
        assert rebuilt.state_hash() == book.state_hash()
        assert rebuilt.snapshot() == book.snapshot()


def log_of_two_orders() -> Array:
    book = Book()
    book.place(Side.SELL, 101, 5, order_id=1, owner=1)
    book.place(Side.BUY, 101, 7, order_id=2, owner=2)
    return book.take_records()


@engines
def test_rebuild_passes_over_other_symbols_and_kinds(engine: str) -> None:
    log = log_of_two_orders()
    trade, other = np.zeros(1, RECORD), log.copy()
    trade["kind"], other["symbol"], other["order_id"] = RecordKind.TRADE, 1, [5, 6, 5]
    mixed = np.concatenate([np.array([one]) for row in range(3) for one in (log[row], other[row], trade[0])])
    assert rebuild(mixed, engine).state_hash() == rebuild(log, engine).state_hash()


@engines
@pytest.mark.parametrize(
    ("row", "field", "value"),
    [(2, "order_id", 9), (2, "remaining", 1), (2, "price", 100), (2, "size", 6), (1, "size", 4), (1, "order_id", 1)],
)
def test_rebuild_names_the_first_record_that_does_not_fit(engine: str, row: int, field: str, value: int) -> None:
    log = log_of_two_orders()
    log[field][row] = value
    if field == "order_id" and row == 1:
        log["time_in_force"][1] = 0
    wrong = 1 if (row, field) == (1, "order_id") else 2
    with pytest.raises(ValueError, match=f"record {wrong} contradicts"):
        rebuild(log, engine)


@engines
@pytest.mark.parametrize("kind", [RecordKind.CANCELLED, RecordKind.MODIFIED])
def test_rebuild_refuses_a_log_without_its_beginning(engine: str, kind: RecordKind) -> None:
    log = np.zeros(1, RECORD)
    log["kind"], log["reason"] = kind, 32
    with pytest.raises(ValueError, match="record 0 contradicts"):
        rebuild(log, engine)


def test_rebuild_wants_records() -> None:
    with pytest.raises(TypeError, match="not a 1-D array of simulator.types.RECORD"):
        rebuild(np.zeros(3))


def full_book() -> Book:
    book = Book(tick_size=5, lot_size=2)
    book.place(Side.SELL, 105, 6, order_id=2**63 - 1, owner=-1)
    book.place(Side.BUY, 100, 2, order_id=0)
    book.halt()
    return book


@engines
def test_any_engine_reads_any_engines_snapshot(engine: str) -> None:
    book = Book(engine)
    book.restore(full_book().snapshot())
    assert book.snapshot() == full_book().snapshot()
    assert book.state().tick_size == 5
    assert book.state().resting.tolist() == [(0, 100, 2, 0, 0), (1, 105, 6, -1, 2**63 - 1)]


def test_snapshot_is_compact() -> None:
    assert len(full_book().snapshot()) < 100


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda snapshot: b"", "not a book snapshot"),
        (lambda snapshot: b"JUNK" + snapshot[4:], "not a book snapshot"),
        (lambda snapshot: snapshot[:-1], "cut short or altered"),
        (lambda snapshot: snapshot[:60] + bytes([snapshot[60] ^ 1]) + snapshot[61:], "cut short or altered"),
        (lambda snapshot: snapshot[:4] + b"\x02" + snapshot[5:], "version 2, this build reads 1"),
    ],
)
def test_damaged_snapshot_is_refused_and_the_book_stays(damage, message: str) -> None:  # type: ignore[no-untyped-def]
    book, damaged = full_book(), damage(full_book().snapshot())
    with pytest.raises(ValueError, match=message):
        book.restore(damaged)
    assert book.snapshot() == full_book().snapshot()


def test_hash_is_the_published_one() -> None:
    """A change of this value breaks every stored run: raise the snapshot's version with it."""
    empty = BookState(1, 1, False, False, 0, 0, 0, np.zeros(0, RESTING))
    assert empty.hash() == "a6cd5e9392000f6ac44bdff4074eecdb"
    assert full_book().state_hash() == "0ef2c3cfdc4f61328cc9e3c904c59722"
