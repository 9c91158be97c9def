"""Publishing a learner's markets: every event of every rollout, each once, however often the learner is killed.

The markets share one learner, so they share one checkpoint and restart together. A world that began after the checkpoint in
a life that ended is taken over like the others: which ones did is known from their epochs, allocated when they begin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from pipelines.events.declarations import METRICS, event_type
from pipelines.events.from_simulator import BlockRule
from pipelines.events.topics import world_key
from pipelines.ports import EventLog
from pipelines.workers.checkpoint import Covered
from pipelines.workers.opening import MarketWorld
from pipelines.workers.own_sequence import OwnSequence
from pipelines.workers.publish import Publisher
from pipelines.workers.reconcile.tally import Tally, tally_rows
from pipelines.workers.registry import Registry
from pipelines.workers.restart import WORLD_EVENTS, EndOffsets, Life, Repetition, covered_now, take_over
from pipelines.workers.train_config import METRICS_WORLD, TRAINER


class KeptStreams(msgspec.Struct, frozen=True):
    """What a learner's checkpoint keeps of what it published."""

    first_world: int  # the lowest world that had not ended
    worlds: dict[int, bytes]  # state of the open publishers
    covered: dict[int, dict[str, Covered]]
    ends: dict[str, list[int]]  # where each partition of each topic ended: what begins later lies behind
    metrics: list[str]  # JSON of the rows published so far
    metrics_covered: dict[str, Covered] = {}


@dataclass
class Streams:
    """The streams of one learner in one life.

    Parameters
    ----------
    log : where they go.
    registry, run_id : of the run.
    rule : when blocks close.
    start_ns : the run's start instant.
    kept : of the checkpoint from which the learner goes on; None at its beginning.
    """

    log: EventLog
    registry: Registry
    run_id: str
    rule: BlockRule
    start_ns: int
    kept: KeptStreams | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    open: dict[int, Publisher] = field(default_factory=dict)
    _lives: dict[int, Life] = field(default_factory=dict)
    _repetitions: dict[int, Repetition] = field(default_factory=dict)

    def __post_init__(self) -> None:
        epoch = self.registry.next_epoch(self.run_id, TRAINER)
        self._epoch, self._metrics_repetition = epoch, self._take_over_metrics(epoch) if epoch > 1 else None
        if self.kept:
            self.rows = [msgspec.json.decode(row) for row in self.kept.metrics]
        if epoch > 1:
            self._take_over_worlds()
        self._metrics = OwnSequence(METRICS, self.run_id, METRICS_WORLD, epoch, len(self.rows))

    def _take_over_metrics(self, epoch: int) -> Repetition:
        life = Life(epoch, self.kept.metrics_covered if self.kept else {})
        return take_over(self.log, self.run_id, {METRICS_WORLD: life}, (METRICS.name,))[METRICS_WORLD]

    def _take_over_worlds(self) -> None:
        first = self.kept.first_world if self.kept else 0
        begun = [world_id for world_id in self.registry.begun(self.run_id) if world_id >= first]
        self._lives = {world_id: Life(self.registry.next_epoch(self.run_id, world_id), self._covered(world_id)) for world_id in begun}
        self._repetitions = take_over(self.log, self.run_id, self._lives)

    def _covered(self, world_id: int) -> Mapping[str, Covered]:
        if self.kept is None:
            return {}
        found = self.kept.covered.get(world_id)
        return self._behind(world_id, self.kept.ends) if found is None else found

    def _behind(self, world_id: int, ends: Mapping[str, list[int]]) -> dict[str, Covered]:
        places = EndOffsets(self.log)
        key = world_key(self.run_id, world_id)
        return {topic: Covered(-1, 0, found[places.partition(topic, key)]) for topic, found in ends.items()}

    def publisher(self, market: MarketWorld) -> Publisher:
        """The stream of a market, opened when it is first asked for."""
        world_id = market.world.world_id
        if world_id not in self.open:
            self.open[world_id] = self._opened(world_id)
            self.open[world_id].announce(market.names(self.start_ns), market.labels())
        return self.open[world_id]

    def _opened(self, world_id: int) -> Publisher:
        life = self._lives.get(world_id)
        epoch = life.epoch if life else self.registry.next_epoch(self.run_id, world_id)
        state = self.kept.worlds.get(world_id) if self.kept else None
        return Publisher(self.log, self.run_id, world_id, epoch, self.rule, state, self._repetitions.get(world_id))

    def close(self, world_id: int, steps: int) -> None:
        """A market has ended."""
        self.open.pop(world_id).close(steps)

    def add_metrics(self, rows: list[dict[str, Any]]) -> None:
        """Publish rows of training.metrics."""
        block = self._metrics.block(rows)
        self.rows += rows
        if self._metrics_repetition is None or not self._metrics_repetition.is_out(block):
            self.log.send(block)

    def finish(self) -> Tally:
        """Wait for the last acknowledgement; the tally of all metrics."""
        self.log.flush()
        if self._metrics_repetition:
            self._metrics_repetition.check_done()
        return tally_rows(METRICS.name, self.rows)

    def keep(self, first_world: int) -> KeptStreams:
        """What a checkpoint keeps, after all that was sent is acknowledged."""
        self.log.flush()
        ends = EndOffsets(self.log)
        states = {world_id: publisher.state(ends) for world_id, publisher in self.open.items()}
        waiting = {world_id: dict(life.covered) for world_id, life in self._lives.items() if world_id >= first_world}
        last = {METRICS.topic.name: len(self.rows) - 1}
        key = world_key(self.run_id, METRICS_WORLD)
        return KeptStreams(
            first_world=first_world,
            worlds={world_id: state for world_id, (state, _) in states.items()},
            covered=waiting | {world_id: covered for world_id, (_, covered) in states.items()},
            ends={topic: ends.all_of(topic) for topic in (event_type(name).topic.name for name in WORLD_EVENTS)},
            metrics=[msgspec.json.encode(row).decode() for row in self.rows],
            metrics_covered=covered_now(ends, key, self._epoch, last, self._metrics_repetition, (METRICS.name,)),
        )
