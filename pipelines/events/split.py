"""The compiled part of the bridge: deal records to one buffer per event type, stopping where blocks close."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipelines.events.varint import kernel, part

DONE, CLOSE, GROW, UNKNOWN_KIND, STEP_BACK = 0, 1, 2, 3, 4

AT, STEP = 0, 1  # places in `cursor`: next record of the chunk; the step it is in, -1 before the first
WORDS, INTS = 6, 12  # int64 and int32 words a record
STEP_PLACE = 2  # of `step` among the int32 words


@part
def mark_due(step: int, counts: NDArray[np.int64], first_steps: NDArray[np.int64], rule: NDArray[np.int64], due: NDArray[np.uint8]) -> bool:
    """At the start of `step`, mark the types whose open block is full or old enough; rule is (events, steps, limit)."""
    some = False
    for index in range(counts.shape[0]):
        if counts[index] and (counts[index] >= rule[0] or step - first_steps[index] >= rule[1]):
            due[index] = 1
            some = True
    return some


@part
def keep(words: NDArray[np.int64], source: int, rows: NDArray[np.int64], target: int) -> None:
    """Copy one record."""
    to, of = np.uint64(target * WORDS), np.uint64(source * WORDS)
    for word in range(np.uint64(WORDS)):
        rows[to + word] = words[of + word]


@kernel
def deal(
    words: NDArray[np.int64],
    ints: NDArray[np.int32],
    first_seq: int,
    types: NDArray[np.int64],
    rule: NDArray[np.int64],
    cursor: NDArray[np.int64],
    counts: NDArray[np.int64],
    first_steps: NDArray[np.int64],
    due: NDArray[np.uint8],
    rows: NDArray[np.int64],
    seqs: NDArray[np.int64],
) -> int:
    """Deal the records of a chunk from cursor[AT] on; returns DONE, or why it stopped with cursor[AT] to go on from.

    words and ints are views of the same records; rows and seqs hold one buffer of equal capacity per type.
    """
    capacity = seqs.shape[0] // counts.shape[0]
    while cursor[AT] < words.shape[0] // WORDS:
        at = cursor[AT]
        step = int(ints[at * INTS + STEP_PLACE])
        if step != cursor[STEP]:
            if step < cursor[STEP]:
                return STEP_BACK
            cursor[STEP] = step
            if mark_due(step, counts, first_steps, rule, due):
                return CLOSE
        index = types[ints[at * INTS] & 255]
        if index < 0:
            return UNKNOWN_KIND
        count = counts[index]
        if count == rule[2]:
            due[index] = 1
            return CLOSE
        if count == capacity:
            return GROW
        if count == 0:
            first_steps[index] = step
        keep(words, at, rows, index * capacity + count)
        seqs[index * capacity + count] = first_seq + at
        counts[index] = count + 1
        cursor[AT] = at + 1
    return DONE
