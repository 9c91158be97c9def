"""Run worlds and hand out their records. Nothing is written here: whoever iterates decides what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from simulator.world.agents import MakeTrader, registered
from simulator.world.digest import run_hash
from simulator.world.layout import Array
from simulator.world.scenario import Scenario
from simulator.world.world import RING_RECORDS, Capacity, World


class Block(NamedTuple):
    """Neighbouring records of one world, of whole steps."""

    world_id: int
    first_seq: int
    records: Array  # (n,) RECORD, a view that is valid until the next block is asked for
    first_step: int
    last_step: int


def run_world(world: World, steps: int, ring_records: int | None = None) -> Iterator[Block]:
    """Play a world until it has played `steps` steps in all; it may have been restored in the middle.

    ring_records : about how many records a block holds; the default is what fits beside the processor. The log is the same for any.

    Raises ValueError for fewer than one step.
    """
    if steps < 1:
        raise ValueError(f"{steps} steps is fewer than one; ask for at least one")
    if ring_records is not None:
        world.resize_ring(ring_records)
    while world.step < steps:
        first_step = world.step
        chunk = world.advance(steps - first_step)
        yield Block(world.world_id, chunk.first_seq, chunk.records, first_step, chunk.last_step)


def worlds_of(
    scenario: Scenario, seed: int, worlds: int, make_trader: MakeTrader = registered, ring_records: int = RING_RECORDS
) -> list[World]:
    """Make the worlds of a run at their first step. Raises ValueError for fewer than one."""
    if worlds < 1:
        raise ValueError(f"{worlds} worlds is fewer than one; ask for at least one")
    return [World(scenario, number, seed, make_trader, Capacity(ring_records=ring_records)) for number in range(worlds)]


def run(scenario: Scenario, seed: int, worlds: int = 1, steps: int | None = None) -> Iterator[Block]:
    """Play the worlds of a run one after the other; `steps` defaults to the scenario's.

    Examples
    --------
    >>> from simulator.world.scenario_files import load
    >>> blocks = run(load("trading").with_agents(10), seed=1, worlds=2, steps=5)
    >>> sorted({block.world_id for block in blocks})
    [0, 1]
    """
    for world in worlds_of(scenario, seed, worlds):
        yield from run_world(world, scenario.steps if steps is None else steps)


def hash_of_run(scenario: Scenario, seed: int, worlds: int = 1, steps: int | None = None) -> str:
    """Play a run and return its hash, which covers every record of every world."""
    hashes = []
    for world in worlds_of(scenario, seed, worlds):
        for _ in run_world(world, scenario.steps if steps is None else steps):
            pass
        hashes.append(world.hash())
    return run_hash(hashes)
