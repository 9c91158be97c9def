"""The whole comparison of one run, and its result as one object."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from pipelines.workers.opening import open_world
from pipelines.workers.reconcile.books import book_differences
from pipelines.workers.reconcile.live import present_differences
from pipelines.workers.reconcile.report import SILVER, Line, Sources, compare
from pipelines.workers.registry import Registry, RunRecord, WorldResult
from pipelines.workers.run_config import SimulateConfig, config_of
from pipelines.workers.train_config import KIND, METRICS_WORLD, TrainResult


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What `agora verify` found."""

    run_id: str
    ok: bool
    stores: list[str]
    events: dict[str, dict[str, int]]  # event type -> simulator and each store -> events, over all worlds
    duplicates_dropped: int  # blocks that lie twice on the log and count once
    blocks_refused: int  # blocks of a life that had been replaced
    books: int  # rebuilt and compared
    recomputed: bool
    differences: list[str]


def results_of(registry: Registry, record: RunRecord) -> list[WorldResult]:
    """What the worlds of a run came to, and a training's metrics. Raises ValueError if something has not ended."""
    training = registry.training_path(record.run_id)
    learned = msgspec.json.decode(training.read_bytes(), type=TrainResult) if training.exists() else None
    worlds = record.worlds if learned is None or learned.worlds is None else learned.worlds  # fewer after an early stop
    left = [world_id for world_id in registry.unfinished(record) if world_id < worlds]
    if left or (record.kind == KIND and learned is None):
        what = f"worlds {left[:10]}" if left else "the training"
        raise ValueError(f"{what} of run {record.run_id} did not end; go on with `agora {record.kind} --resume {record.run_id}`")
    found = [registry.world(record.run_id, world_id) for world_id in range(worlds)]
    results = [result for result in found if result is not None]
    if learned is not None:
        results.append(
            WorldResult(world_id=METRICS_WORLD, events=learned.events, hashes=learned.hashes, world_hash="", books={}, steps=0, last_seq=-1)
        )
    return results


def prove(registry: Registry, record: RunRecord, sources: Sources, recompute: bool, tell: Callable[[str], None]) -> Proof:
    """Compare every world of a finished run with every store. Raises ValueError if a world has not ended."""
    results = results_of(registry, record)
    lines = list(compare(results, record.run_id, sources, tell))
    differences = [text for line in lines for text in line.differences]
    books = 0
    if sources.lake is not None and SILVER in sources.stores:
        tell("books from silver.orders")
        differences += book_differences(sources.lake, record.run_id, results)
        books = sum(len(result.books) for result in results)
    for name, reader in sources.live.items():
        if sources.lake is None:
            raise ValueError(f"the present state in {name} is compared with silver, which was left out; name it, too")
        tell(f"the present state in {name}")
        differences += present_differences(name, reader, sources.lake, record.run_id, results)
    if recompute:
        config = config_of(record)
        for result in results:
            tell(f"simulating world {result.world_id} again")
            differences += recomputed_differences(config, record.seed, result)
    return Proof(
        run_id=record.run_id, ok=not differences, stores=[*sources.stores, *sources.readers, *sources.live], events=summed(lines),
        duplicates_dropped=sum(cell.duplicates for line in lines for cell in line.stores.values()),
        blocks_refused=sum(cell.refused for line in lines for cell in line.stores.values()),
        books=books, recomputed=recompute, differences=differences,
    )  # fmt: skip


def summed(lines: list[Line]) -> dict[str, dict[str, int]]:
    """Events by type and store over all worlds."""
    table: dict[str, dict[str, int]] = {}
    for line in lines:
        row = table.setdefault(line.event, dict.fromkeys(("simulator", *line.stores), 0))
        row["simulator"] += line.count
        for store, cell in line.stores.items():
            row[store] += cell.count
    return table


def recomputed_differences(config: SimulateConfig, seed: int, expected: WorldResult) -> list[str]:
    """What differs when a world is simulated again from its seed, in words."""
    world = open_world(config, seed, expected.world_id, None)
    for _ in world.advance(config.steps):
        pass
    again = world.result(expected.world_id)
    place = f"world {expected.world_id}, simulated again"
    found = []
    for name, count in again.events.items():
        if (count, again.hashes[name]) != (expected.events.get(name), expected.hashes.get(name)):
            found.append(
                f"{place}: {count} {name} with hash {again.hashes[name]}, not {expected.events.get(name)} with {expected.hashes.get(name)}"
            )
    if again.books != expected.books:
        found.append(f"{place}: the books' hashes {again.books} differ from {expected.books}")
    if again.world_hash != expected.world_hash:
        found.append(f"{place}: the world's hash {again.world_hash} differs from {expected.world_hash}")
    return found
