"""What market.worlds says of each world: the names of its ids, and when its steps were in simulated time."""

from __future__ import annotations

from typing import NamedTuple

from pipelines.events.block import Block, DecodeError
from pipelines.events.codec import decode
from pipelines.events.declarations import WORLDS
from pipelines.events.topics import partition_of, world_key
from pipelines.ports import EventLog

Key = tuple[str, int]
"""(run_id, world_id)."""


class World(NamedTuple):
    """One world: start of step 0 in ns since 1970 UTC, length of a step in ns, and names by (kind, id)."""

    start_ns: int
    step_ns: int
    names: dict[tuple[str, int], str]


class Worlds:
    """Reads market.worlds as far as it is needed: at a world that is not known yet, on to the end of its partition."""

    def __init__(self, log: EventLog) -> None:
        self._log, self._topic = log, WORLDS.topic.name
        self._read_to: dict[int, int] = {}
        self._worlds: dict[Key, World] = {}

    def world(self, run_id: str, world_id: int) -> World:
        """The world; ValueError if market.worlds does not tell of it: a world tells its names before its first event."""
        found = self.find(run_id, world_id)
        if found is None:
            raise ValueError(f"{self._topic} does not name world {world_id} of run {run_id}: was the run published to this broker?")
        return found

    def find(self, run_id: str, world_id: int) -> World | None:
        """The world, or None if market.worlds does not tell of it."""
        key = (run_id, world_id)
        if key not in self._worlds:
            self._read_on(partition_of(world_key(run_id, world_id), self._log.partitions(self._topic)))
        return self._worlds.get(key)

    def name(self, run_id: str, world_id: int, kind: str, number: int) -> str | None:
        """The name of an id, or None where there is none."""
        world = self.find(run_id, world_id)
        return None if world is None else world.names.get((kind, number))

    def time_ns(self, run_id: str, world_id: int, step: int) -> int:
        """When a step began, in ns since 1970 UTC of simulated time."""
        world = self.world(run_id, world_id)
        return world.start_ns + step * world.step_ns

    def reaches_back(self, topic: str) -> bool:
        """Whether the log still holds a topic from its first record on, so that a store can be filled from it again."""
        partitions = range(self._log.partitions(topic))
        return all(not self._log.end_offset(topic, each) or any(self._log.read(topic, each, 0, 1)) for each in partitions)

    def _read_on(self, partition: int) -> None:
        for record in self._log.read(self._topic, partition, self._read_to.get(partition, 0)):
            self._read_to[partition] = record.offset + 1
            try:
                self._take(decode(record.value, record.headers))
            except DecodeError:
                continue  # the stream keeps it as a dead letter

    def _take(self, block: Block) -> None:
        if block.event is not WORLDS or not block.head.count:
            return
        columns = block.columns
        rows = zip(columns["kind"], columns["id"], columns["name"], strict=True)
        named = {(str(kind), int(number)): str(name) for kind, number, name in rows}
        key = (block.head.run_id, block.head.world_id)
        before = self._worlds[key].names if key in self._worlds else {}
        self._worlds[key] = World(int(columns["start_ns"][0]), int(columns["step_ns"][0]), before | named)
