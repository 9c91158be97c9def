"""What a book is, independent of how it is stored: its phase and its resting orders in one canonical order.

Canonical order: bids, then asks; best price first; within a price first come first. The state hash and the snapshot are
made from it, so every engine gives the same bytes for the same book.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import xxhash

Array = np.ndarray[Any, Any]

RESTING = np.dtype([("side", "u1"), ("price", "<i4"), ("remaining", "<i4"), ("owner", "<i4"), ("order_id", "<i8")])
"""One resting order, 21 bytes without padding."""

_MAGIC = b"AGBK"
_VERSION = 1
_HEADER = struct.Struct("<4sHHiiiqqq")  # magic, version, phase, tick size, lot size, last, volume, trades, resting orders
_CHECK = struct.Struct("<Q")


@dataclass(frozen=True)
class BookState:
    """The whole state of one book. `last` (ticks), `volume` (lots) and `trades` describe its past and are not hashed."""

    tick_size: int
    lot_size: int
    halted: bool
    in_call: bool
    last: int
    volume: int
    trades: int
    resting: Array  # (orders,) RESTING in canonical order

    @property
    def phase(self) -> int:
        """1 if halted, plus 2 in a call auction."""
        return self.halted + 2 * self.in_call

    def hash(self) -> str:
        """Return 32 hex digits (xxh3-128) over the phase and the resting orders."""
        return xxhash.xxh3_128_hexdigest(bytes([self.phase]) + np.ascontiguousarray(self.resting, RESTING).tobytes())

    def to_bytes(self) -> bytes:
        """Return a snapshot: a header, the resting orders and a checksum, independent of the engine."""
        header = _HEADER.pack(_MAGIC, _VERSION, self.phase, self.tick_size, self.lot_size, self.last, self.volume, self.trades,
                              len(self.resting))  # fmt: skip
        body = header + np.ascontiguousarray(self.resting, RESTING).tobytes()
        return body + _CHECK.pack(xxhash.xxh3_64_intdigest(body))

    @staticmethod
    def from_bytes(snapshot: bytes) -> BookState:
        """Read a snapshot. Raises ValueError if it is not one, is of another version, cut short or altered."""
        if len(snapshot) < _HEADER.size + _CHECK.size or snapshot[:4] != _MAGIC:
            raise ValueError(f"these {len(snapshot)} bytes are not a book snapshot; pass what Book.snapshot() returned")
        _, version, phase, tick_size, lot_size, last, volume, trades, orders = _HEADER.unpack_from(snapshot)
        if version != _VERSION:
            raise ValueError(f"book snapshot of version {version}, this build reads {_VERSION}; restore it with the build that wrote it")
        body, check = snapshot[: -_CHECK.size], snapshot[-_CHECK.size :]
        if len(body) != _HEADER.size + orders * RESTING.itemsize or _CHECK.pack(xxhash.xxh3_64_intdigest(body)) != check:
            raise ValueError(f"book snapshot of {orders} orders is cut short or altered; take it from another copy")
        resting = np.frombuffer(body, RESTING, orders, _HEADER.size)
        return BookState(tick_size, lot_size, bool(phase & 1), bool(phase & 2), last, volume, trades, resting)
