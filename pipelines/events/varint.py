"""Compiled readers and writers of Avro integers: columns of zigzag varints in arrays of one block.

Writers trust their caller for room (`room`); the reader trusts nothing and stops at the first rule that bytes break.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from simulator.parts import FROM_COMPILED_ONLY

MAX_BYTES = 10  # of one 64-bit varint

TRUNCATED, TOO_LONG, MISCOUNTED, OUT_OF_RANGE = 1, 2, 3, 4
ERRORS = {
    TRUNCATED: "the bytes end within the column",
    TOO_LONG: "an integer has more than 64 bits",
    MISCOUNTED: "the column has not as many items as the header says",
    OUT_OF_RANGE: "a value does not fit the column's type",
}

F = TypeVar("F", bound=Callable[..., object])


def kernel(function: F) -> F:
    """Compile on first use, cached on disk, without reference counting: faster to compile, and nothing here allocates."""
    return cast(F, numba.njit(cache=True, nogil=True, _nrt=False)(function))  # type: ignore[call-overload]


def part(function: F) -> F:
    """Compile into the kernels that call it; Python cannot."""
    return cast(F, numba.njit(**FROM_COMPILED_ONLY)(function))  # type: ignore[call-overload]


U8, I32, I64 = 0, 1, 2  # the views of a record that a plan's column reads from


def room(columns: int, count: int) -> int:
    """Bytes that a block of that many columns and events may need at most."""
    return columns * (MAX_BYTES * count + MAX_BYTES + 1) + 1  # put() may write a byte ahead


TWO_BYTES = np.uint64(1 << 14)  # zigzag values below fit in two bytes
START, EACH = cast(int, np.int64(0)), cast(int, np.int64(1))  # numba compiles a function anew for a literal argument
ONE, SEVEN, LOW, HIGH = np.uint64(1), np.uint64(7), np.uint64(127), np.uint64(128)


@part
def put(out: NDArray[np.uint8], pos: np.uint64, value: int) -> np.uint64:
    """Write one zigzag varint at pos; returns the next position. An unsigned position spares the test for negative ones.

    One and two bytes, nearly all there are, without a branch between them: both bytes are written, the second may be
    overwritten by what follows.
    """
    bits = np.uint64((value << 1) ^ (value >> 63))
    if bits < TWO_BYTES:
        longer = np.uint64(bits >= HIGH)
        out[pos] = np.uint8((bits & LOW) | (longer << SEVEN))
        out[pos + ONE] = np.uint8(bits >> SEVEN)
        return pos + ONE + longer
    while bits >= HIGH:
        out[pos] = np.uint8(bits | HIGH)
        bits >>= SEVEN
        pos += ONE
    out[pos] = np.uint8(bits)
    return pos + ONE


@part
def put_column(out: NDArray[np.uint8], pos: int, words: NDArray[Any], first: int, stride: int, count: int, delta: int) -> int:
    """Write count items words[first::stride] as one Avro array, differences if delta is 1; returns the next position."""
    place, at, step, last = np.uint64(pos), np.uint64(first), np.uint64(stride), 0
    if count:
        place = put(out, place, count)
        for _ in range(count):
            value = int(words[at])
            place = put(out, place, value - last * delta)
            last = value
            at += step
    out[place] = 0
    return int(np.int64(place)) + 1


@kernel
def put_words(out: NDArray[np.uint8], words: NDArray[np.int64], delta: int) -> int:
    """Write one column; returns its length."""
    return put_column(out, START, words, START, EACH, words.shape[0], delta)


@kernel
def put_records(
    out: NDArray[np.uint8],
    bytes_: NDArray[np.uint8],
    ints: NDArray[np.int32],
    longs: NDArray[np.int64],
    seqs: NDArray[np.int64],
    count: int,
    plan: NDArray[np.int64],
) -> int:
    """Write seqs and the planned columns of count records; returns the length.

    bytes_, ints and longs are flat views of the same records; a row of plan is (view, place in the record, words a
    record, delta).
    """
    pos = put_column(out, START, seqs, START, EACH, count, EACH)
    for column in range(plan.shape[0]):
        first, stride, delta = int(plan[column, 1]), int(plan[column, 2]), int(plan[column, 3])
        if plan[column, 0] == U8:
            pos = put_column(out, pos, bytes_, first, stride, count, delta)
        elif plan[column, 0] == I32:
            pos = put_column(out, pos, ints, first, stride, count, delta)
        else:
            pos = put_column(out, pos, longs, first, stride, count, delta)
    return pos


@kernel
def first_other(ints: NDArray[np.int32], stride: int, count: int, rules: NDArray[np.int64]) -> int:
    """The first record of count that breaks a rule, or -1; a row of rules is (place among a record's ints, mask, value)."""
    wrong = count
    for rule in range(rules.shape[0]):
        at, mask, value = int(rules[rule, 0]), int(rules[rule, 1]), int(rules[rule, 2])
        for item in range(wrong):
            if (np.int64(ints[at]) & mask) != value:
                wrong = item
                break
            at += stride
    return -1 if wrong == count else wrong


@part
def take(data: NDArray[np.uint8], pos: int) -> tuple[int, int]:
    """Read one zigzag varint; returns (value, next position), or a negative error code as the position."""
    bits, shift, size = np.uint64(0), np.uint64(0), data.shape[0]
    while pos < size:
        byte = np.uint64(data[pos])
        pos += 1
        if shift == np.uint64(63) and byte > np.uint64(1):
            return 0, -TOO_LONG
        bits |= (byte & np.uint64(127)) << shift
        if byte < np.uint64(128):
            return int(np.int64(bits >> np.uint64(1)) ^ -np.int64(bits & np.uint64(1))), pos
        shift += np.uint64(7)
    return 0, -TRUNCATED


@part
def take_items(data: NDArray[np.uint8], pos: int, out: NDArray[np.int64], begin: int, end: int, last: int, delta: int) -> tuple[int, int]:
    """Read items into out[begin:end], after the value last; returns (last value, next position or negative error code).

    One and two bytes without a branch between them, as in `put`; all else, and the end of the data, by `take`.
    """
    place, last_pair = np.uint64(pos), np.uint64(max(data.shape[0], 1) - 1)  # a pair of bytes begins before last_pair
    for item in range(np.uint64(begin), np.uint64(end)):
        two = place < last_pair
        first = np.uint64(data[place]) if two else HIGH
        second = np.uint64(data[place + ONE]) if two else HIGH
        longer = first >> SEVEN
        if longer & (second >> SEVEN):
            value, after = take(data, int(np.int64(place)))
            if after < 0:
                return last, after
            place = np.uint64(after)
        else:
            bits = (first & LOW) | ((second << SEVEN) * longer)
            value = int(np.int64(bits >> ONE) ^ -np.int64(bits & ONE))
            place += ONE + longer
        last = value + last * delta
        out[item] = last
    return last, int(np.int64(place))


@part
def take_array(data: NDArray[np.uint8], pos: int, out: NDArray[np.int64], begin: int, count: int, delta: int) -> int:
    """Read one Avro array of exactly count items, in any number of Avro blocks; returns the next position or an error code."""
    end, last = begin + count, 0
    while True:
        items, pos = take(data, pos)
        if pos < 0:
            return pos
        if items == 0:
            return pos if begin == end else -MISCOUNTED
        if items < 0:  # the block's length in bytes follows; not needed
            items = -items
            _, pos = take(data, pos)
            if pos < 0:
                return pos
        if items < 0 or items > end - begin:
            return -MISCOUNTED
        last, pos = take_items(data, pos, out, begin, begin + items, last, delta)
        if pos < 0:
            return pos
        begin += items


@part
def fits(out: NDArray[np.int64], begin: int, count: int) -> bool:
    """Whether count values from begin are 32-bit integers."""
    low, high = 0, 0
    for item in range(begin, begin + count):
        low, high = min(low, int(out[item])), max(high, int(out[item]))
    return low >= -2147483648 and high <= 2147483647


@kernel
def take_columns(
    data: NDArray[np.uint8],
    pos: int,
    plan: NDArray[np.int64],
    count: int,
    out: NDArray[np.int64],
    error: NDArray[np.int64],
) -> int:
    """Read the planned columns of count items each into out, one after the other; returns the next position.

    A row of plan is (1 if 32-bit, 1 if delta). On a broken rule returns a negative error code and sets error[0] to the
    column's row.
    """
    for column in range(plan.shape[0]):
        error[0] = column
        begin = column * count
        pos = take_array(data, pos, out, begin, count, int(plan[column, 1]))
        if pos < 0:
            return pos
        if plan[column, 0] == 1 and not fits(out, begin, count):
            return -OUT_OF_RANGE
    return pos
