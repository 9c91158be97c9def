"""The hash of a world's log: one chain per kind of record over every record and its sequence number.

The chains do not depend on how the log is cut. The world's hash covers all chains and counts; a run's hash combines the worlds' in
order. The chains detect accidents (a lost, doubled, changed or reordered record), not an adversary.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from simulator.matching.compiled import compiled, i8, inlined, u8
from simulator.types import RECORD, RecordKind
from simulator.world.layout import Array

KINDS = 32
WORDS = RECORD.itemsize // 8
_COUNTS = np.uint64(KINDS)  # where the counts begin, behind the chains
_NO_SEQS = np.zeros(0, np.int64)

# odd 64-bit numbers: the fractional parts of square roots of primes (SHA-512's first constants), lowest bit set
_M0, _M1, _M2, _M3 = (np.uint64(m) for m in (0x6A09E667F3BCC909, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1))
_M4, _M5, _M6, _M7 = (np.uint64(m) for m in (0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179))
_S29, _S32, _S25, _S39 = np.uint64(29), np.uint64(32), np.uint64(25), np.uint64(39)
_KIND_BITS = np.uint64(KINDS - 1)


@inlined
def record_word(words: Array, row: int, seq: int) -> int:
    """Mix the six words of a record and its sequence number into one."""
    at = row * WORDS
    low = words[at] * _M0 + words[at + 1] * _M1 + words[at + 2] * _M2
    high = words[at + 3] * _M3 + words[at + 4] * _M4 + words[at + 5] * _M5
    word = (low ^ (low >> _S29)) * _M7 + (high ^ (high >> _S32)) * _M6 + (u8(seq) + _M0) * _M1
    return u8(word ^ (word >> _S32))


@inlined
def digest_rows(words: Array, rows: int, first_seq: int, chains: Array) -> None:
    """Lengthen the chains by `rows` neighbouring records."""
    for row in range(rows):
        link(words, row, i8(first_seq) + row, chains)


@inlined
def link(words: Array, row: int, seq: int, chains: Array) -> None:
    """Lengthen the chain of a record's kind by it."""
    kind = words[row * WORDS] & _KIND_BITS
    chain = chains[kind]
    chains[kind] = (((chain << _S25) | (chain >> _S39)) ^ record_word(words, row, seq)) * _M7
    chains[kind + _COUNTS] += u8(1)


@compiled
def _digest(words: Array, rows: int, first_seq: int, seqs: Array, chains: Array) -> None:
    if len(seqs) == 0:
        digest_rows(words, rows, first_seq, chains)
    for row in range(len(seqs)):
        link(words, row, seqs[row], chains)


class Digest:
    """The chains of one log; `chains` (64,) uint64 is its whole state: a chain per RecordKind, then a count per RecordKind."""

    def __init__(self, chains: Array | None = None) -> None:
        """Begin with an empty log, or go on from chains."""
        self.chains: Array = np.zeros(2 * KINDS, np.uint64) if chains is None else np.array(chains, np.uint64)

    def update(self, records: Array, first_seq: int = 0, seqs: Array | None = None) -> None:
        """Add records (RECORD): neighbours from first_seq on, or any with their own seqs (ascending within each kind).

        Raises ValueError if records and seqs differ in number.
        """
        if seqs is not None and len(seqs) != len(records):
            raise ValueError(f"{len(records)} records with {len(seqs)} sequence numbers; pass one for each")
        if not len(records):
            return
        given = _NO_SEQS if seqs is None else np.ascontiguousarray(seqs, np.int64)
        _digest(words_of(records), len(records), first_seq, given, self.chains)

    def counts(self) -> dict[RecordKind, int]:
        """Return the number of records of each kind that occurred."""
        return {RecordKind(kind): int(count) for kind, count in enumerate(self.chains[KINDS:]) if count}

    def hash_of(self, kinds: Iterable[int]) -> str:
        """Return 16 hex digits over the chains and counts of some kinds, in order of their numbers."""
        rows = sorted({int(kind) for kind in kinds})
        return _hex(np.ascontiguousarray(self.chains.reshape(2, KINDS)[:, rows]).astype("<u8").tobytes())

    def hash(self) -> str:
        """Return 16 hex digits over everything."""
        return self.hash_of(range(KINDS))


def words_of(records: Array) -> Array:
    """Return records as (6 x records,) uint64, without copying where they lie together."""
    words: Array = np.ascontiguousarray(records, RECORD).view(np.uint64)
    return words


def run_hash(world_hashes: Iterable[str]) -> str:
    """Return the hash of a run from its worlds' in order.

    >>> run_hash(["00", "01"]) == run_hash(["01", "00"])
    False
    """
    return _hex("/".join(world_hashes).encode())


def _hex(data: Any) -> str:
    return hashlib.blake2b(data, digest_size=8).hexdigest()
