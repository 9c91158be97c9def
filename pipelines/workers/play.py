"""Playing one world: its records into a sink, checkpoints in between, until it ends or is asked to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from pipelines.workers.pace import Pace
from pipelines.workers.sink import Records, RecordSink


class Chunk(NamedTuple):
    """Neighbouring records of a world's log; valid until the next chunk is asked for."""

    first_seq: int
    records: Records
    last_step: int  # the step of the last record; later ones may still belong to it


class Playable(Protocol):
    """A world as a worker sees it. Between two chunks it can be stored and continued exactly."""

    @property
    def step(self) -> int:
        """Steps that have begun."""
        ...

    @property
    def next_seq(self) -> int:
        """How many records it has written."""
        ...

    def advance(self, until: int) -> Iterator[Chunk]:
        """Play up to `until` steps in all."""
        ...

    def snapshot(self) -> bytes:
        """Its whole state."""
        ...


@dataclass
class Player:
    """Plays one world to its end.

    Parameters
    ----------
    world, sink : what is played and where its records go.
    steps : of the run.
    save : stores a checkpoint.
    tell : called with the player after each chunk, for progress.
    should_stop : asked after each chunk.
    checkpoint_records : records between two checkpoints.
    pace : None plays as fast as possible, as is done with what is repeated after a restart.
    finish : called at the end, before the sink is closed.
    """

    world: Playable
    sink: RecordSink
    steps: int
    save: Callable[[], None]
    tell: Callable[[Player], None]
    should_stop: Callable[[], bool]
    checkpoint_records: int
    pace: Pace | None = None
    finish: Callable[[], None] = lambda: None
    stopped: bool = False
    _saved_at: int = field(default=0)

    def run(self) -> Iterator[None]:
        """Play; yields after each chunk, so that several worlds can take turns. `stopped` tells how it ended."""
        self._saved_at = self.world.next_seq
        while self.world.step < self.steps and not self.stopped:
            before = self.world.step
            yield from self._play_to(min(self.steps, before + self._steps_at_once))
            if self.pace and not self.stopped and not self.sink.repeating:
                self.pace.wait(self.world.step - before)
        if not self.stopped:
            self.finish()
            self.sink.close(self.steps)

    @property
    def _steps_at_once(self) -> int:
        return self.pace.steps_at_once if self.pace else 1 << 30

    def _play_to(self, until: int) -> Iterator[None]:
        for chunk in self.world.advance(until):
            self.sink.write(*chunk)
            self.tell(self)
            if self.should_stop():
                self.save()
                self.stopped = True
                return
            if self.world.next_seq - self._saved_at >= self.checkpoint_records:
                self.save()
                self._saved_at = self.world.next_seq
            yield
