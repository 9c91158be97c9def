"""Checkpoints: read back exactly, or refused with the reason and the way out."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from pipelines.workers.checkpoint import BadCheckpoint, Checkpoint, Checkpoints, Covered, decode, encode
from pipelines.workers.durable import DiskFull
from tests.pipelines.workers.full_disk import full_after

POINT = Checkpoint(
    run_id="r", world_id=3, epoch=1, step=40, next_seq=1234, code_version="0.1.0+abc", world=b"world" * 100, sink=b"sink",
    covered={"market.orders": Covered(last_seq=1200, epoch=1, offset=17)},
)  # fmt: skip


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    assert checkpoints.latest("r", 3) is None
    checkpoints.save(POINT)
    assert checkpoints.latest("r", 3) == POINT


def test_the_highest_epoch_counts_and_a_late_writer_of_a_lower_one_changes_nothing(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    for epoch in (1, 2, 10):
        checkpoints.save(msgspec.structs.replace(POINT, epoch=epoch, step=epoch))
    checkpoints.save(msgspec.structs.replace(POINT, epoch=2, step=99))
    found = checkpoints.latest("r", 3)
    assert found is not None and (found.epoch, found.step) == (10, 10)


@pytest.mark.parametrize("place", [0, 9, 20, 200, -40, -1])
def test_one_changed_byte_anywhere_is_found(place: int) -> None:
    data = bytearray(encode(POINT))
    data[place] ^= 1
    with pytest.raises(BadCheckpoint, match="world-3.*remove"):
        decode(bytes(data), "world-3")


def test_a_file_cut_short_is_refused() -> None:
    data = encode(POINT)
    for length in range(len(data)):
        with pytest.raises(BadCheckpoint):
            decode(data[:length], "world-3")


def test_another_format_version_says_what_to_do() -> None:
    data = bytearray(encode(POINT))
    data[8] = 9
    with pytest.raises(BadCheckpoint, match="format 9, this program reads 1; resume with the program that wrote it"):
        decode(bytes(data), "world-3")


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    Checkpoints(tmp_path).save(POINT)
    with pytest.raises(BadCheckpoint, match="belongs to world 3 of run r"):
        Checkpoints(tmp_path).latest("another", 3)


def test_a_full_disk_keeps_the_last_good_checkpoint(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, full_after(1))
    checkpoints.save(POINT)
    with pytest.raises(DiskFull, match="no room left"):
        checkpoints.save(msgspec.structs.replace(POINT, step=50))
    assert Checkpoints(tmp_path).latest("r", 3) == POINT
