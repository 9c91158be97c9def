"""What replay and Book accept, and how they refuse the rest."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from simulator.matching import ENGINES, Book, replay
from simulator.types import COMMAND, RECORD, Side, TimeInForce
from tests.simulator.matching.streams import Array

engines = pytest.mark.parametrize("engine", list(ENGINES))


def tape() -> Array:
    rows = [(0, 1, 0, 101, 5, 1, 7), (0, 0, 0, 102, 3, 2, 8), (4, 0, 0, 0, 0, 0, 0), (2, 0, 0, 0, 0, 1, 7), (5, 0, 0, 0, 0, 0, 0)]
    return np.array(rows, COMMAND)


@engines
def test_replay_gives_records(engine: str) -> None:
    records = replay(tape(), engine)
    assert records.dtype == RECORD
    assert records["kind"].tolist() == [1, 1, 3, 6, 4, 7]
    assert records["symbol"].any() == records["step"].any() == False  # noqa: E712


@engines
def test_empty_tape(engine: str) -> None:
    records = replay(tape()[:0], engine)
    assert (records.dtype, records.shape) == (RECORD, (0,))


LAYOUTS = {
    "other order": np.dtype([(name, COMMAND[name]) for name in reversed(COMMAND.names or ())]),
    "aligned": np.dtype(COMMAND.descr, align=True),
    "more fields": np.dtype([*COMMAND.descr, ("note", "S3")]),
    "big-endian": COMMAND.newbyteorder(">"),
    "narrow": np.dtype([(name, "u1" if name in ("price", "size", "order_id") else COMMAND[name]) for name in COMMAND.names or ()]),
}


@engines
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=list(LAYOUTS))
def test_any_layout_of_the_fields(engine: str, layout: np.dtype) -> None:  # type: ignore[type-arg]
    commands = np.zeros(5, layout)
    for name in COMMAND.names or ():
        commands[name] = tape()[name]
    assert (replay(commands, engine) == replay(tape())).all()


def test_strided_and_read_only_tapes() -> None:
    twice = np.repeat(tape(), 2)
    locked = tape()
    locked.flags.writeable = False
    assert (replay(twice[::2]) == replay(tape())).all()
    assert (replay(locked) == replay(tape())).all()


def test_long_tape_in_another_layout_goes_through_in_chunks() -> None:
    long = np.tile(tape()[:2], 100_000)
    long["order_id"] = np.arange(200_000)
    assert (replay(long.astype(LAYOUTS["aligned"])) == replay(long)).all()


@pytest.mark.parametrize(
    ("commands", "error", "message"),
    [
        ([1, 2], TypeError, "commands are list, not a structured array"),
        (np.zeros(3), TypeError, "commands are ndarray, not a structured array"),
        (np.zeros((2, 2), COMMAND), ValueError, "2 dimensions, not 1"),
        (np.zeros(2, COMMAND.descr[:-1]), TypeError, "lack the field 'owner'"),
        (np.zeros(2, [*COMMAND.descr[:3], ("price", "f8"), *COMMAND.descr[4:]]), TypeError, "field 'price' is float64"),
        (
            np.zeros(2, [*COMMAND.descr[:3], ("price", "i8"), *COMMAND.descr[4:]]),
            TypeError,
            "'price' is int64, which does not fit into int32",
        ),
    ],
)
def test_what_is_no_tape(commands: Array, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        replay(commands)
    with pytest.raises(error, match=message):
        Book().submit_all(commands)


def test_unknown_engine_and_sizes_below_one() -> None:
    with pytest.raises(ValueError, match="engine 'fast' is unknown; choose one of kernel, reference"):
        replay(tape(), "fast")
    with pytest.raises(ValueError, match="tick size 0 is not in"):
        replay(tape(), tick_size=0)
    with pytest.raises(ValueError, match="lot size -1 is not in"):
        Book(lot_size=-1)


@engines
def test_book_gives_what_replay_gives(engine: str) -> None:
    book = Book(engine)
    records = [book.submit(row) for row in tape()]
    assert (np.concatenate(records) == replay(tape())).all()
    assert [len(one) for one in records] == [1, 2, 1, 1, 1]


@engines
@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"price": 2**31}, ValueError, "price 2147483648 is not in -2147483648..2147483647"),
        ({"price": 100.5}, TypeError, "price 100.5 is not a whole number"),
        ({"size": "3"}, TypeError, "size '3' is not a whole number"),
        ({"side": -1}, ValueError, "side -1 is not in 0..255"),
        ({"price": 2**70}, ValueError, "price 1180591620717411303424 is not in"),
        ({"kind": -(2**63)}, ValueError, "kind -9223372036854775808 is not in 0..255"),
        ({"kind": 256}, ValueError, "kind 256 is not in 0..255"),
        ({"owner": -(2**31) - 1}, ValueError, "owner -2147483649 is not in"),
        ({"prize": 3}, TypeError, "a command has no field 'prize'"),
    ],
)
def test_values_that_no_field_can_hold(engine: str, fields: dict[str, int], error: type[Exception], message: str) -> None:
    book = Book(engine)
    with pytest.raises(error, match=message):
        book.submit(**({"price": 1, "size": 1, "order_id": 1} | fields))
    assert book.submit(price=1, size=1, order_id=1)["kind"].tolist() == [1]


@engines
def test_records_may_be_taken_as_a_view(engine: str) -> None:
    copying, viewing = Book(engine), Book(engine)
    for first in range(0, 5, 2):
        for book in (copying, viewing):
            book.submit_all(tape()[first : first + 2])
        assert viewing.take_records(copy=False).tobytes() == copying.take_records().tobytes()


@engines
def test_every_way_to_call_gives_the_same(engine: str) -> None:
    book, orders = Book(engine), []
    orders += [book.place(Side.SELL, 101, 5, 1, 7), book.place(Side.SELL, 102, 5, 2), book.place(Side.BUY, 99, 5, 3, 8, TimeInForce.IOC)]
    orders += [book.place(side=Side.BUY, price=99, size=5, order_id=4), book.place(np.int64(0), 98, 1, 5, -3)]  # type: ignore[arg-type]
    orders += [book.market(Side.BUY, 2, 6), book.market(Side.BUY, 2, 7, 9), book.market(side=Side.BUY, size=1, order_id=8, owner=4)]
    orders += [book.cancel(4), book.cancel(order_id=5), book.cancel(-1)]
    assert orders == [1, 1, 2, 1, 1, 2, 2, 2, 1, 1, 1]
    assert book.take_records()[["kind", "order_id", "owner", "reason"]].tolist()[-3:] == [(4, 4, 0, 32), (4, 5, -3, 32), (2, -1, 0, 10)]


@engines
def test_a_call_that_is_wrong_says_how(engine: str) -> None:
    book = Book(engine)
    for call, message in (
        (lambda: book.place(0, 100, 5), "missing 1 required positional argument: 'order_id'"),
        (lambda: book.place(0, 100, 5, 1, 2, 0, 9), "takes from 5 to 7 positional arguments"),
        (lambda: book.market(0, 5, 1, prize=2), "unexpected keyword argument 'prize'"),
        (lambda: book.cancel("1"), "order_id '1' is not a whole number"),
        (lambda: book.cancel(None), "order_id None is not a whole number"),
    ):
        with pytest.raises(TypeError, match=message):
            call()  # type: ignore[no-untyped-call]
    assert book.place(0, 100, 5, 1) == 1


def test_what_a_book_gave_outlives_it() -> None:
    place = Book().place
    gc.collect()
    assert [place(Side.SELL, 100, 5, 1), place(Side.BUY, 100, 5, 2)] == [1, 2]


def test_a_book_is_gone_as_soon_as_nobody_has_it() -> None:
    gc.collect()
    gc.disable()
    try:
        book = Book()
        book.place(Side.SELL, 100, 5, 1)
        arrays = weakref.ref(book._engine.arrays)  # type: ignore[attr-defined]
        del book
        assert arrays() is None
    finally:
        gc.enable()


def test_place_refuses_like_submit() -> None:
    with pytest.raises(TypeError, match="size 1.5 is not a whole number"):
        Book().place(Side.BUY, 1, 1.5, 1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="levels -1 is negative"):
        Book().depth(Side.BUY, -1)


def test_book_outgrows_everything_it_began_with() -> None:
    book = Book()
    for number in range(10_000):
        assert book.place(Side.BUY, 1 + 97 * number, 1, number) == 1
    assert book.market(Side.SELL, 10_000, 10_000, owner=1) == 10_001
    assert len(book.take_records()) == 20_001
    assert book.best_bid == 0
