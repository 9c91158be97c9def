"""Counting and hashing events of one type, the same whether they come from the simulator, from blocks or from rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec
import numpy as np

from pipelines.events.block import Block
from pipelines.events.declarations import EVENT_TYPES
from pipelines.events.from_simulator import to_records
from pipelines.events.layout import LAYOUTS, RECORD_TYPES, layout_of
from simulator.world.digest import Digest


class Tally(Protocol):
    """Adds up the events of one world and type, in the order of seq."""

    count: int

    def add(self, block: Block) -> None:
        """Add the events of a decoded block."""

    def add_columns(self, columns: Mapping[str, Any]) -> None:
        """Add events given as columns (seq, step and the type's own)."""

    def hash(self) -> str:
        """The hash of everything added so far."""
        ...


class RowTally:
    """For types with a sequence of their own: the hash is over the rows' values as JSON."""

    def __init__(self, event: str) -> None:
        self.event, self.count = event, 0
        self._digest = hashlib.blake2b(digest_size=16)

    def add(self, block: Block) -> None:
        """See Tally."""
        self.add_columns(block.columns)

    def add_columns(self, columns: Mapping[str, Any]) -> None:
        """See Tally."""
        names = sorted(columns)
        values = [column if isinstance(column, list) else np.asarray(column).tolist() for column in (columns[name] for name in names)]
        self.add_rows(zip(*values, strict=True))

    def add_rows(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add rows whose values are in the alphabetical order of their columns."""
        for row in rows:
            self._digest.update(msgspec.json.encode(row) + b"\n")
            self.count += 1

    def hash(self) -> str:
        """See Tally."""
        return self._digest.hexdigest()


class RecordTally:
    """For types that are records of the simulator: the simulator's own digest."""

    def __init__(self, event: str) -> None:
        self._layout, self.count = layout_of(event), 0
        self._digest = Digest()

    def add(self, block: Block) -> None:
        """See Tally."""
        self.add_columns(block.columns)

    def add_columns(self, columns: Mapping[str, Any]) -> None:
        """See Tally."""
        records = to_records(self._layout.event.name, columns)
        self._digest.update(records, seqs=np.asarray(columns["seq"], np.int64))
        self.count += len(records)

    def hash(self) -> str:
        """See Tally."""
        return self._digest.hash_of(self._layout.kinds)


def hashes_by_type(digest: Digest) -> tuple[dict[str, int], dict[str, str]]:
    """Counts and hashes by event type of a world's own digest, types without events included."""
    counts = digest.counts()
    events = {layout.event.name: sum(counts.get(kind, 0) for kind in layout.kinds) for layout in LAYOUTS}
    return events, {layout.event.name: digest.hash_of(layout.kinds) for layout in LAYOUTS}


def new_tally(event: str) -> Tally:
    """An empty tally for an event type."""
    return RecordTally(event) if event in RECORD_TYPES else RowTally(event)


def tally_rows(event: str, rows: Sequence[Mapping[str, Any]]) -> Tally:
    """The tally of rows that count in a sequence of their own, from 0."""
    tally = new_tally(event)
    names = [column.name for column in EVENT_TYPES[event].all_columns if column.name != "seq"]
    tally.add_columns({"seq": list(range(len(rows))), **{name: [row[name] for row in rows] for name in names}})
    return tally
