"""The whole comparison of one run, and its result as one object."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from pipelines.workers.opening import open_world
from pipelines.workers.reconcile.books import book_differences
from pipelines.workers.reconcile.report import SILVER, Line, Sources, compare
from pipelines.workers.registry import WorldResult
from pipelines.workers.run_config import SimulateConfig
from pipelines.workers.simulation import Simulation


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


def prove(run: Simulation, sources: Sources, recompute: bool, tell: Callable[[str], None]) -> Proof:
    """Compare every world of a finished run with every store. Raises ValueError if a world has not ended."""
    results = run.results()
    lines = list(compare(results, run.record.run_id, sources, tell))
    differences = [text for line in lines for text in line.differences]
    books = 0
    if sources.lake is not None and SILVER in sources.stores:
        tell("books from silver.orders")
        differences += book_differences(sources.lake, run.record.run_id, results)
        books = sum(len(result.books) for result in results)
    if recompute:
        for result in results:
            tell(f"simulating world {result.world_id} again")
            differences += recomputed_differences(run.config, run.record.seed, result)
    return Proof(
        run_id=run.record.run_id, ok=not differences, stores=list(sources.stores), events=summed(lines),
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
