"""Comparing the stores with the simulator, world by world and type by type, and saying what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from pipelines.events.declarations import LABELS, event_type
from pipelines.ports import EventLog, StoreReader
from pipelines.workers.reconcile.blocks import Counted, count_blocks, count_on_kafka, nothing
from pipelines.workers.reconcile.lake import Lake
from pipelines.workers.reconcile.live import LiveReader
from pipelines.workers.reconcile.silver import count_in_silver, count_rows
from pipelines.workers.registry import WorldResult

KAFKA, BRONZE, SILVER = STORES = ("kafka", "bronze", "silver")


class Cell(msgspec.Struct, frozen=True):
    """What one store holds of one world and type."""

    count: int
    hash: str
    duplicates: int = 0
    refused: int = 0


class Line(msgspec.Struct, frozen=True):
    """One world and type: what the simulator says, and each store."""

    world_id: int
    event: str
    count: int
    hash: str
    stores: dict[str, Cell]
    differences: list[str]


class Sources(NamedTuple):
    """Where to look; None leaves a store out. `readers` are stores beyond the lake by name, `live` those of the present state."""

    kafka: EventLog | None
    lake: Lake | None
    stores: tuple[str, ...] = STORES
    readers: Mapping[str, StoreReader] = {}
    live: Mapping[str, LiveReader] = {}


def compare(results: Sequence[WorldResult], run_id: str, sources: Sources, tell: Callable[[str], None]) -> Iterator[Line]:
    """Compare all worlds of a run with every store, type by type; tell is called with what is being read."""
    for event in dict.fromkeys(event for result in results for event in result.events):
        expected = {result.world_id: result for result in results if event in result.events}
        counted: dict[str, dict[int, Counted]] = {}
        for store in _stores_of(event, sources):
            tell(f"{event} in {store}")
            counted[store] = _count(store, sources, event, run_id, expected)
        for world_id, result in expected.items():
            found = {store: worlds.get(world_id) or nothing(event) for store, worlds in counted.items()}
            yield judged(world_id, event, result.events[event], result.hashes[event], found)
        for world_id in sorted({world_id for worlds in counted.values() for world_id in worlds} - set(expected)):
            found = {store: worlds[world_id] for store, worlds in counted.items() if world_id in worlds}
            yield judged(world_id, event, 0, nothing(event).tally.hash(), found)


def _stores_of(event: str, sources: Sources) -> list[str]:
    """Where a type must be: ground truth stays out of the market's lake, and each sink takes some types only."""

    def holds(store: str) -> bool:
        if store in sources.readers:
            return event in sources.readers[store].events
        return store == KAFKA or event != LABELS.name

    return [store for store in (*sources.stores, *sources.readers) if holds(store)]


def _count(store: str, sources: Sources, event: str, run_id: str, worlds: Iterable[int]) -> dict[int, Counted]:
    if store == KAFKA and sources.kafka is not None:
        return count_on_kafka(sources.kafka, event, run_id, worlds)
    if store == BRONZE and sources.lake is not None:
        return _count_in_bronze(sources.lake, event, run_id)
    if store == SILVER and sources.lake is not None:
        return count_in_silver(sources.lake, event, run_id)
    if store in sources.readers:
        return count_rows(event, sources.readers[store].rows(event, run_id), store)
    raise ValueError(f"store {store!r} is none of {', '.join(STORES)}, or was not opened; name only what is there")


def _count_in_bronze(lake: Lake, event: str, run_id: str) -> dict[int, Counted]:
    topic = event_type(event).topic.name
    records = lake.bronze(topic, run_id) if lake.has("bronze.events") else iter(())
    return count_blocks(event, run_id, records, lambda at: lake.bronze_record(topic, at))


def judged(world_id: int, event: str, count: int, expected: str, counted: dict[str, Counted]) -> Line:
    """The line of one world and type, with everything that differs in words."""
    differences = []
    for store, found in counted.items():
        place = f"world {world_id}, {event}, {store}"
        if found.tally.count != count:
            differences.append(f"{place}: {found.tally.count} events where the simulator counted {count}")
        elif found.tally.hash() != expected:
            differences.append(f"{place}: the {count} events have hash {found.tally.hash()} where the simulator's is {expected}")
        differences += [f"{place}: {problem}" for problem in found.problems]
    cells = {store: Cell(found.tally.count, found.tally.hash(), found.duplicates, found.refused) for store, found in counted.items()}
    return Line(world_id, event, count, expected, cells, differences)
