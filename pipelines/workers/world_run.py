"""One world of a run in one process: its epoch, its checkpoint, its sink, and its result at the end."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec
import structlog

from pipelines import logs
from pipelines.ports import Clock, EventLog
from pipelines.workers.checkpoint import Checkpoint, Checkpoints
from pipelines.workers.code_version import code_version
from pipelines.workers.display import Display
from pipelines.workers.job import Finished, Message, Progress
from pipelines.workers.pace import Pace, parse_pace
from pipelines.workers.play import Playable, Player
from pipelines.workers.publish import Publisher, Rows
from pipelines.workers.reconcile.tally import tally_rows
from pipelines.workers.registry import Registry, RunRecord, WorldResult
from pipelines.workers.restart import Life, take_over
from pipelines.workers.run_config import SimulateConfig
from pipelines.workers.sink import Nowhere, RecordSink

logger = structlog.get_logger(__name__)

TELL_EVERY_NS = 200_000_000


class RunWorld(Playable, Protocol):
    """A world that can also say what it is and what it came to."""

    @property
    def display(self) -> Display:
        """Names and units."""
        ...

    def names(self, start_ns: int) -> Rows:
        """Rows of market.worlds."""
        ...

    def labels(self) -> Rows:
        """Rows of evaluation.labels: what each agent is."""
        ...

    def episodes(self) -> Rows:
        """Rows of evaluation.labels: what manipulators did, known at the end."""
        ...

    def result(self, world_id: int) -> WorldResult:
        """What it came to."""
        ...


OpenWorld = Callable[[SimulateConfig, int, int, bytes | None], RunWorld]
"""(configuration, seed, world id, snapshot or None) -> the world."""


@dataclass
class Worker:
    """What the worlds of one process share.

    Parameters
    ----------
    record, config : the run.
    registry, checkpoints : where its state is kept.
    logs : folder of CSV files.
    log : where events are published; None unless the run goes to Kafka.
    open_world : makes or restores a world.
    clock : for pace and progress only.
    tell : sends a message to the parent.
    should_stop : whether the parent asked to stop.
    """

    record: RunRecord
    config: SimulateConfig
    registry: Registry
    checkpoints: Checkpoints
    logs: Path
    log: EventLog | None
    open_world: OpenWorld
    clock: Clock
    tell: Callable[[Message], None]
    should_stop: Callable[[], bool]
    _told_ns: dict[int, int] = field(default_factory=dict)

    def play(self, world_id: int) -> Iterator[None]:
        """Play one world from where it stands; yields after each chunk. Does nothing more once asked to stop."""
        with closing(self._turns(world_id)) as turns:
            while True:
                with logs.concerning(run_id=self.record.run_id, world_id=world_id):
                    if next(turns, StopIteration) is StopIteration:
                        return
                yield

    def _turns(self, world_id: int) -> Generator[None, None, None]:
        if self.should_stop():
            return
        epoch = self.registry.next_epoch(self.record.run_id, world_id)
        kept = self._adopted(world_id, epoch)
        sink = self._open_sink(world_id, epoch, kept)
        world = self.open_world(self.config, self.record.seed, world_id, kept.world if kept else None)
        player = self._player(world_id, epoch, world, sink)
        logger.info("a world begins" if kept is None else "a world goes on", epoch=epoch, step=world.step)
        if epoch == 1:  # so that a first life killed early does not make the second one read whole partitions
            player.save()
        if isinstance(sink, Publisher):
            sink.announce(world.names(start_ns(self.record)), world.labels())
        self.tell(player_progress(world_id, player))
        try:
            yield from player.run()
        finally:
            sink.abandon()
        self.tell(player_progress(world_id, player))
        if not player.stopped:
            self.registry.store_world(self.record.run_id, self._result(world_id, world))
            self.tell(Finished(world_id))

    def _adopted(self, world_id: int, epoch: int) -> Checkpoint | None:
        """The last checkpoint, kept as this life's own before any fence: nobody else can change it from now on."""
        kept = self.checkpoints.latest(self.record.run_id, world_id)
        if kept is None:
            return None
        if kept.code_version != code_version():
            logger.warning("the simulator changed since the checkpoint", then=kept.code_version, now=code_version())
        self.checkpoints.save(msgspec.structs.replace(kept, epoch=epoch))
        return kept

    def _player(self, world_id: int, epoch: int, world: RunWorld, sink: RecordSink) -> Player:
        def save() -> None:
            self._save(world_id, epoch, world, sink)

        steps, every = self.config.steps, self.config.checkpoint_records

        def finish() -> None:
            if isinstance(sink, Publisher):
                sink.add_labels(world.episodes())

        return Player(world, sink, steps, save, self._teller(world_id), self.should_stop, every, self._pace(), finish)

    def _result(self, world_id: int, world: RunWorld) -> WorldResult:
        """What the world came to; of a published one also what was said about it."""
        result = world.result(world_id)
        if self.config.to == "kafka":
            for event, rows in (("worlds", world.names(start_ns(self.record))), ("labels", [*world.labels(), *world.episodes()])):
                tally = tally_rows(event, rows)
                result.events[event], result.hashes[event] = tally.count, tally.hash()
        return result

    def _save(self, world_id: int, epoch: int, world: RunWorld, sink: RecordSink) -> None:
        state, covered = sink.checkpoint()
        self.checkpoints.save(
            Checkpoint(
                run_id=self.record.run_id,
                world_id=world_id,
                epoch=epoch,
                step=world.step,
                next_seq=world.next_seq,
                code_version=code_version(),
                world=world.snapshot(),
                sink=state,
                covered=covered,
            )
        )

    def _open_sink(self, world_id: int, epoch: int, kept: Checkpoint | None) -> RecordSink:
        state = kept.sink if kept else None
        if self.config.to == "none":
            return Nowhere()
        if self.config.to == "csv":
            from pipelines.workers.csv_log import CsvLog, claim  # only this needs pyarrow

            display = self.open_world(self.config, self.record.seed, world_id, None).display
            folder = self.logs if world_id == 0 else self.logs / f"world-{world_id}"
            claim(folder, self.record.run_id, kept is not None)
            return CsvLog(folder, display, state)
        if self.log is None:
            raise ValueError(f"run {self.record.run_id} goes to Kafka, but no broker was given; set AGORA_BROKER or run `agora stack up`")
        life = {world_id: Life(epoch, kept.covered if kept else {})}
        repetition = take_over(self.log, self.record.run_id, life)[world_id] if epoch > 1 else None
        return Publisher(self.log, self.record.run_id, world_id, epoch, self.config.block, state, repetition)

    def _pace(self) -> Pace | None:
        factor = parse_pace(self.config.pace)
        return Pace(factor, self.clock, self.config.step_seconds) if factor else None

    def _teller(self, world_id: int) -> Callable[[Player], None]:
        def tell(player: Player) -> None:
            now = self.clock.now_ns()
            if now - self._told_ns.get(world_id, 0) >= TELL_EVERY_NS:
                self._told_ns[world_id] = now
                self.tell(player_progress(world_id, player))

        return tell


def player_progress(world_id: int, player: Player) -> Progress:
    """Where a world stands."""
    return Progress(world_id, player.world.step, player.world.next_seq, player.sink.published)


def start_ns(record: RunRecord) -> int:
    """The run's start instant in ns since 1970."""
    return int(datetime.fromisoformat(record.created).timestamp()) * 1_000_000_000
