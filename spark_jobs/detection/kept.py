"""What is known of a symbol between two batches, as bytes and back: arrays by name, with a stamp of how they are laid out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from spark_jobs.detection.columns import Array, Orders
from spark_jobs.detection.history import History
from spark_jobs.detection.known import unknown
from spark_jobs.detection.raising import Raiser
from spark_jobs.detection.recent import Recent
from spark_jobs.detection.rhythm import Rhythm
from spark_jobs.detection.suspicion import Suspicion
from spark_jobs.detection.watch import Watch

MOST_BYTES = 64 << 20  # of a symbol's state; beyond that it is forgotten and the watch begins anew
_CODEC = "lz4"


@dataclass
class SymbolWatch:
    """All that the fast lane knows of one symbol of one world."""

    watch: Watch = field(default_factory=Watch)
    recent: Recent = field(default_factory=Recent)
    raisers: dict[str, Raiser] = field(default_factory=dict)


class _Raised(msgspec.Struct):
    """What of a raiser changes."""

    told: dict[int, tuple[int, int]]
    accomplices: dict[int, dict[int, int]]
    rhythms: dict[int, Rhythm]
    sure: float
    suspicion: Suspicion
    history: History


class _Packed(msgspec.Struct):
    """The arrays' shapes and bytes, and what every raiser has told."""

    layout: str
    size: int
    shapes: dict[str, list[int]]
    arrays: bytes
    raisers: dict[str, _Raised]


def packed(kept: SymbolWatch) -> bytes:
    """A watch as bytes; empty where it has become larger than MOST_BYTES."""
    arrays = dict(_arrays(kept))
    raw = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays.values())
    if len(raw) > MOST_BYTES:
        return b""
    shapes = {name: list(array.shape) for name, array in arrays.items()}
    raisers = {kind: _Raised(*(getattr(each, name) for name in _Raised.__struct_fields__)) for kind, each in kept.raisers.items()}
    return msgspec.msgpack.encode(_Packed(LAYOUT, len(raw), shapes, pa.compress(raw, _CODEC, asbytes=True), raisers))


def unpacked(data: bytes, symbol: int) -> SymbolWatch | None:
    """The inverse; None for what another version of the product wrote."""
    found = msgspec.msgpack.decode(data, type=_Packed)
    if found.layout != LAYOUT:
        return None
    raw, at = pa.decompress(found.arrays, found.size, _CODEC, asbytes=True), 0
    arrays: dict[str, Array] = {}
    for name, shape in found.shapes.items():
        dtype, count = _DTYPES[name], int(np.prod(shape))
        arrays[name] = np.frombuffer(raw, dtype, count, at).reshape(shape).copy()
        at += count * dtype.itemsize
    kept = SymbolWatch(recent=Recent(arrays["recent.deeds"], arrays["recent.counts"]))
    kept.raisers = {kind: Raiser(kind, symbol, *msgspec.structs.astuple(each)) for kind, each in found.raisers.items()}
    if "waiting.kind" in arrays:
        kept.watch.waiting = Orders(*(arrays[f"waiting.{name}"] for name in Orders._fields))
    elif "known.orders" in arrays:
        kept.watch.known = _filled(unknown(1), "known", arrays)
    return kept


def _arrays(kept: SymbolWatch) -> Iterator[tuple[str, Array]]:
    yield "recent.deeds", kept.recent.deeds
    yield "recent.counts", kept.recent.counts
    if kept.watch.waiting is not None:
        yield from _flat("waiting", kept.watch.waiting)
    if kept.watch.known is not None:
        yield from _flat("known", kept.watch.known)


def _flat(name: str, value: Any) -> Iterator[tuple[str, Array]]:
    """The arrays of nested NamedTuples."""
    if isinstance(value, np.ndarray):
        yield name, value
        return
    for part, inner in zip(value._fields, value, strict=True):
        yield from _flat(f"{name}.{part}", inner)


def _filled(form: Any, name: str, arrays: dict[str, Array]) -> Any:
    """NamedTuples of a form, with these arrays."""
    if isinstance(form, np.ndarray):
        return arrays[name]
    return type(form)(*(_filled(inner, f"{name}.{part}", arrays) for part, inner in zip(form._fields, form, strict=True)))


def _dtypes() -> dict[str, np.dtype[Any]]:
    waiting = Orders(*(np.zeros(0, np.int64) for _ in Orders._fields))
    example = SymbolWatch(Watch(unknown(1), waiting))
    return {name: array.dtype for name, array in _arrays(example)}


_DTYPES = _dtypes()
_LAID_OUT = [(name, dtype.descr) for name, dtype in _DTYPES.items()], _Raised.__struct_fields__
LAYOUT = hashlib.sha256(repr(_LAID_OUT).encode()).hexdigest()[:16]
"""Changes with the arrays that are kept, and with what is kept of raisers."""
