"""The log is a function of scenario, seed and world number: not of memory, cuts, order of worlds, or stops."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.matching import rebuild
from simulator.run import Block, hash_of_run, run, run_world, worlds_of
from simulator.types import RecordKind
from simulator.world.digest import Digest, run_hash
from simulator.world.scenario import Symbol
from simulator.world.world import Capacity, World
from tests.simulator.world.markets import TINY, log_of, trading

STEPS = 400


@pytest.fixture(scope="module")
def expected() -> str:
    world = World(trading(), seed=7)
    for _ in world.chunks(STEPS):
        pass
    assert world.next_seq > STEPS
    return world.hash()


@pytest.mark.parametrize("capacity", [TINY, Capacity(ring_records=3), Capacity(orders=2), Capacity(pages=1, commands=2)])
def test_a_whole_episode_is_the_same_in_memory_that_must_grow(capacity: Capacity, expected: str) -> None:
    world = World(trading(), seed=7, capacity=capacity)
    for _ in world.chunks(STEPS):
        pass
    assert world.hash() == expected


@pytest.mark.parametrize("cuts", [[1] * STEPS, [STEPS], [399, 1], [7] * 57 + [1]])
def test_a_whole_episode_is_the_same_however_it_is_cut(cuts: list[int], expected: str) -> None:
    world = World(trading(), seed=7)
    for steps in cuts:
        before = world.step
        world.advance(steps)
        assert world.step == before + steps
    assert (world.step, world.hash()) == (STEPS, expected)


def test_worlds_do_not_depend_on_the_order_in_which_they_are_played() -> None:
    together = worlds_of(trading(), seed=3, worlds=3)
    for _ in range(20):
        for world in reversed(together):
            world.advance(10)
    alone = []
    for world in worlds_of(trading(), seed=3, worlds=3):
        assert sum(len(block.records) for block in run_world(world, 200, ring_records=64)) == world.next_seq
        alone.append(world.hash())
    assert [world.hash() for world in together] == alone
    assert len(set(alone)) == 3
    assert run_hash(alone) == hash_of_run(trading(), seed=3, worlds=3, steps=200)
    assert run_hash(alone[::-1]) != run_hash(alone)


def test_seed_and_world_change_the_log(expected: str) -> None:
    hashes = set()
    for seed, world_id in ((7, 0), (8, 0), (7, 1)):
        world = World(trading(), world_id, seed)
        for _ in world.chunks(STEPS):
            pass
        hashes.add(world.hash())
    assert expected in hashes
    assert len(hashes) == 3


@pytest.mark.parametrize("capacity", [Capacity(), TINY])
def test_a_snapshot_at_every_seventh_step_continues_equal(capacity: Capacity, expected: str) -> None:
    scenario = trading()
    world = World(scenario, seed=7, capacity=capacity)
    while world.step < STEPS:
        stored = world.snapshot()
        world.advance(1)  # what comes after the snapshot is forgotten
        if world.step % 2:
            world = World(scenario, seed=7, capacity=capacity)
        world.restore(stored)
        world.advance(min(7, STEPS - world.step))
        world.check()
    assert (world.step, world.hash()) == (STEPS, expected)


def test_a_snapshot_continues_with_the_same_sequence_numbers() -> None:
    scenario = trading(symbols=(Symbol(name="A"), Symbol(name="B")))
    world = World(scenario, seed=7)
    world.advance(50)
    world.halt("B")
    stored = world.snapshot()
    expected = log_of(world, 50)
    restored = World(scenario, seed=7)
    restored.restore(stored)
    chunk = restored.advance(50)
    assert chunk.first_seq == world.next_seq - len(expected)
    assert np.array_equal(chunk.records, expected)
    assert restored.snapshot() == world.snapshot()


@pytest.mark.parametrize("cut", [b"", b"x" * 100, None])
def test_bytes_that_are_no_snapshot_are_refused(cut: bytes | None) -> None:
    world = World(trading(), seed=7)
    with pytest.raises(ValueError, match="are not a world snapshot"):
        world.restore(world.snapshot()[:-9] if cut is None else cut)


@pytest.mark.parametrize(("agents", "world_id", "seed"), [(31, 0, 7), (30, 1, 7), (30, 0, 8)])
def test_a_snapshot_of_another_world_is_refused(agents: int, world_id: int, seed: int) -> None:
    with pytest.raises(ValueError, match="of another scenario, seed or world"):
        World(trading(agents), world_id, seed).restore(World(trading(), 0, 7).snapshot())


def test_a_snapshot_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(trading(), seed=7)
    stored = world.snapshot()
    monkeypatch.setattr("simulator.world.snapshot.VERSION", 2)
    with pytest.raises(ValueError, match="snapshot of version 1 or another layout, this build reads 2"):
        world.restore(stored)


def test_blocks_are_neighbouring_whole_steps() -> None:
    blocks = [Block(b.world_id, b.first_seq, b.records.copy(), b.first_step, b.last_step) for b in _blocks()]
    seq, step = 0, 0
    for block in blocks:
        assert (block.first_seq, block.first_step) == (seq, step)
        assert block.records["step"].min(initial=step) >= block.first_step
        assert block.records["step"].max(initial=step) <= block.last_step
        seq, step = seq + len(block.records), block.last_step + 1
    assert step == 200
    assert len(blocks) > 3


def _blocks() -> list[Block]:
    world = World(trading(), seed=1)
    return [block._replace(records=block.records.copy()) for block in run_world(world, 200, ring_records=256)]


def test_the_digest_does_not_depend_on_cuts_and_sees_every_change() -> None:
    records = log_of(World(trading(), seed=1), 100)
    whole, cut, spread = Digest(), Digest(), Digest()
    whole.update(records)
    for first in range(0, len(records), 13):
        cut.update(records[first : first + 13], first)
    for kind in RecordKind:
        seqs = np.flatnonzero(records["kind"] == kind)
        spread.update(records[seqs], seqs=seqs)
    assert whole.hash() == cut.hash() == spread.hash()
    assert sum(whole.counts().values()) == len(records)
    for name in records.dtype.names or ():
        changed = records.copy()
        changed[name][57] ^= 1
        assert _hash(changed) != whole.hash(), name
    swapped = records.copy()
    swapped[[10, 11]] = swapped[[11, 10]]
    assert len({whole.hash(), _hash(swapped), _hash(records[1:]), _hash(records[:-1]), _hash(records, 1)}) == 5


def _hash(records: np.ndarray[tuple[int], np.dtype[np.void]], first_seq: int = 0) -> str:
    digest = Digest()
    digest.update(records, first_seq)
    return digest.hash()


def test_a_digest_wants_a_number_for_every_record() -> None:
    records = log_of(World(trading(), seed=1), 5)
    with pytest.raises(ValueError, match="with 1 sequence numbers"):
        Digest().update(records, seqs=np.zeros(1, np.int64))


def test_the_log_alone_rebuilds_every_book() -> None:
    world = World(trading(40, symbols=(Symbol(name="A"), Symbol(name="B"))), seed=5)
    records = log_of(world, 300)
    for number, symbol in enumerate(world.scenario.symbols):
        book = rebuild(records, symbol=number)
        assert book.state_hash() == world.book_hashes()[symbol.name]


def test_a_run_is_its_worlds_one_after_the_other() -> None:
    found = [(block.world_id, block.last_step) for block in run(trading(5), seed=1, worlds=2, steps=3)]
    assert found == [(0, 2), (1, 2)]


@pytest.mark.parametrize("steps", [0, -1])
def test_fewer_than_one_step_is_refused(steps: int) -> None:
    with pytest.raises(ValueError, match=f"{steps} steps is fewer than one"):
        next(run(trading(5), seed=1, worlds=1, steps=steps))
    with pytest.raises(ValueError, match=f"{steps} steps is fewer than one"):
        World(trading(5)).advance(steps)


def test_fewer_than_one_world_is_refused() -> None:
    with pytest.raises(ValueError, match="0 worlds is fewer than one"):
        worlds_of(trading(5), 1, 0)
