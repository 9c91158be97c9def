"""What a restarted world finds of itself on the log."""

from __future__ import annotations

import pytest

from pipelines.broker import readback
from pipelines.events import codec
from pipelines.events.block import WireRecord
from pipelines.events.declarations import TRADES
from pipelines.testing import MemoryLog
from tests.pipelines.events import samples


def block(prev: int, last: int, world: int = 0, epoch: int = 0) -> WireRecord:
    values = samples.columns(TRADES, last - prev) | {"seq": samples.np.arange(prev + 1, last + 1)}
    head = samples.Head("run", world, epoch, prev, prev + 1, last, last - prev)
    return codec.seal(TRADES, head, codec.encode(TRADES, head, values))


@pytest.fixture(autouse=True)
def _small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readback, "FIRST_WINDOW", 2)


def filled(blocks: int) -> MemoryLog:
    """Blocks of two events of world 0, each among records of other worlds, a fence and something broken."""
    log = MemoryLog(partitions=1)
    for number in range(blocks):
        log.send(block(2 * number - 1, 2 * number + 1))
        log.send(block(2 * number - 1, 2 * number + 1, world=1))
        log.send(codec.fence(TRADES, "run", 0, epoch=0))
        log.send(WireRecord("market.trades", b"run/0", b"broken", ()))
    return log


@pytest.mark.parametrize("seq", [-1, 0, 1, 2, 11, 18, 19, 50])
def test_blocks_above_a_seq_are_found(seq: int) -> None:
    found = readback.blocks_after(filled(10), "market.trades", "run", 0, seq)
    assert [head.last_seq for head, _ in found] == [last for last in range(1, 20, 2) if last > seq]
    assert all(head.world_id == 0 and record.key == b"run/0" for head, record in found)


def test_only_what_lies_before_the_end_is_read() -> None:
    found = readback.blocks_after(filled(10), "market.trades", "run", 0, -1, end=9)
    assert [head.last_seq for head, _ in found] == [1, 3, 5]


def test_looking_back_stops_where_the_world_is_known() -> None:
    log = filled(100)
    reads: list[int] = []
    read = log.read
    log.read = lambda topic, partition, start=0, end=None: reads.append(start) or read(topic, partition, start, end)  # type: ignore[method-assign,func-returns-value]
    assert len(readback.blocks_after(log, "market.trades", "run", 0, 195)) == 2
    assert min(reads) > 350


def test_last_block_is_found_behind_fences_and_other_worlds() -> None:
    found = readback.last_block(filled(10), "market.trades", "run", 0)
    assert found is not None
    assert found[0].last_seq == 19


def test_world_without_blocks_has_no_last_one() -> None:
    assert readback.last_block(filled(3), "market.trades", "run", 7) is None
    assert readback.blocks_after(filled(3), "market.trades", "run", 7, -1) == []
