"""Memory as arrays laid out before anything is learned: writing is one copy an array, sampling one gather.

Rows come from environments and are written as numpy's arrays, which is several times cheaper than through torch; they are read as torch's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

Rows = dict[str, Tensor]
Written = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Column:
    """What one row of a column holds."""

    shape: tuple[int, ...]
    kind: torch.dtype = torch.float32


class Replay:
    """The last `capacity` rows of some columns; the oldest are overwritten.

    Parameters
    ----------
    capacity : rows kept.
    columns : by name.
    """

    def __init__(self, capacity: int, columns: Mapping[str, Column]) -> None:
        if capacity < 1:
            raise ValueError(f"a memory of {capacity} rows holds nothing; give at least 1")
        self.capacity, self.written = capacity, 0
        self.columns = {name: torch.zeros(capacity, *column.shape, dtype=column.kind) for name, column in columns.items()}
        self.arrays = {name: column.numpy() for name, column in self.columns.items()}  # the same memory

    def __len__(self) -> int:
        """Rows held."""
        return min(self.written, self.capacity)

    def write(self, rows: Written) -> None:
        """Keep the same number of rows of every column. Raises ValueError for more than the memory holds."""
        count = len(next(iter(rows.values())))
        if count > self.capacity:
            raise ValueError(f"{count} rows do not fit a memory of {self.capacity}; give it at least as many as there are worlds")
        first = self.written % self.capacity
        fitting = min(count, self.capacity - first)
        for name, array in self.arrays.items():
            array[first : first + fitting] = rows[name][:fitting]
            array[: count - fitting] = rows[name][fitting:]
        self.written += count

    def sample(self, count: int, generator: torch.Generator) -> Rows:
        """Rows drawn with replacement, each held one as likely."""
        drawn = torch.randint(0, len(self), (count,), generator=generator)
        return {name: column.index_select(0, drawn) for name, column in self.columns.items()}

    def state_dict(self) -> dict[str, Any]:
        """What is held."""
        return {"written": self.written, "columns": {name: column[: len(self)] for name, column in self.columns.items()}}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Hold what another memory held."""
        self.written = int(state["written"])
        for name, column in self.columns.items():
            column[: len(self)] = state["columns"][name]


class Rollout:
    """Some steps of all worlds, the first first.

    Parameters
    ----------
    length, worlds : steps and worlds; each column is (length, worlds, ...).
    columns : by name.
    """

    def __init__(self, length: int, worlds: int, columns: Mapping[str, Column]) -> None:
        if length < 1:
            raise ValueError(f"a rollout of {length} steps holds nothing; give at least 1")
        self.length, self.count = length, 0
        self.columns = {name: torch.zeros(length, worlds, *column.shape, dtype=column.kind) for name, column in columns.items()}
        self.arrays = {name: column.numpy() for name, column in self.columns.items()}  # the same memory

    @property
    def full(self) -> bool:
        """Whether all its steps are there."""
        return self.count == self.length

    def put(self, rows: Written) -> None:
        """Append a step; of a full rollout, the first step of the next."""
        self.count = 0 if self.full else self.count
        for name, array in self.arrays.items():
            array[self.count] = rows[name]
        self.count += 1

    def state_dict(self) -> dict[str, Any]:
        """What is held."""
        return {"count": self.count, "columns": self.columns}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Hold what another rollout held."""
        self.count = int(state["count"])
        for name, column in self.columns.items():
            column.copy_(state["columns"][name])


class Sequences:
    """Replay memory whose rows are pieces of `length` steps of one world.

    Parameters
    ----------
    capacity : steps kept, over all worlds.
    length, worlds, columns : as of a Rollout.
    """

    def __init__(self, capacity: int, length: int, worlds: int, columns: Mapping[str, Column]) -> None:
        self.piece = Rollout(length, worlds, columns)
        pieces = {name: Column((length, *column.shape), column.kind) for name, column in columns.items()}
        self.replay = Replay(max(worlds, capacity // length), pieces)

    def put(self, rows: Written) -> None:
        """Append a step of all worlds."""
        self.piece.put(rows)
        if self.piece.full:
            self.replay.write({name: array.swapaxes(0, 1) for name, array in self.piece.arrays.items()})

    def __len__(self) -> int:
        """Pieces held."""
        return len(self.replay)

    def sample(self, count: int, generator: torch.Generator) -> Rows:
        """Columns (length, count, ...) of pieces drawn with replacement."""
        return {name: column.transpose(0, 1) for name, column in self.replay.sample(count, generator).items()}

    def state_dict(self) -> dict[str, Any]:
        """What is held."""
        return {"piece": self.piece.state_dict(), "replay": self.replay.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Hold what another memory held."""
        self.piece.load_state_dict(state["piece"])
        self.replay.load_state_dict(state["replay"])
