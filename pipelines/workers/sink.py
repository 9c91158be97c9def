"""Where a world's records go while it runs."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pipelines.workers.checkpoint import Covered

Records = NDArray[np.void]
"""(n,) simulator.types.RECORD."""


class RecordSink(Protocol):
    """One world's records, in order, each exactly once.

    `write` may wait but never drops; the records are valid only during the call. `checkpoint` returns once all records
    written so far are safe (on disk, or acknowledged by the broker), with the state from which a new sink of the same
    kind goes on. `close` is called once after the last record with the number of steps played, and makes all of it safe.
    `abandon` gives up whatever is not safe and never blocks for long.
    """

    def write(self, first_seq: int, records: Records, last_step: int) -> None:
        """Take records first_seq, first_seq + 1, ...; steps up to last_step have ended, but for last_step itself."""
        ...

    def checkpoint(self) -> tuple[bytes, dict[str, Covered]]:
        """The state to store, and what is acknowledged on each topic."""
        ...

    def close(self, steps: int) -> None:
        """Take leave after the last record."""
        ...

    def abandon(self) -> None:
        """Release what is held without finishing."""
        ...

    @property
    def published(self) -> int:
        """Events that have been handed on to a broker."""
        ...

    @property
    def repeating(self) -> bool:
        """Whether the records are those of an earlier life, which somebody has seen already."""
        ...


class Nowhere:
    """Drops everything: for runs whose hash and results are all that is wanted."""

    published = 0
    repeating = False

    def write(self, first_seq: int, records: Records, last_step: int) -> None:
        """Nothing to do."""

    def checkpoint(self) -> tuple[bytes, dict[str, Any]]:
        """Nothing to store."""
        return b"", {}

    def close(self, steps: int) -> None:
        """Nothing to do."""

    def abandon(self) -> None:
        """Nothing to do."""
