"""A worker's worlds from run.json to result: stopped, killed, resumed, without room, with a bad checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import pytest

from pipelines.events.from_simulator import BlockRule
from pipelines.testing import Crash, FixedClock, MemoryLog
from pipelines.workers.checkpoint import BadCheckpoint, Checkpoints
from pipelines.workers.durable import DiskFull
from pipelines.workers.job import Finished, Message, Progress
from pipelines.workers.registry import Registry, RunRecord
from pipelines.workers.run_config import SimulateConfig, config_of, to_builtins
from pipelines.workers.world_run import Worker, start_ns
from tests.pipelines.workers.full_disk import full_after
from tests.pipelines.workers.toy_world import open_toy, whole_log

NOW = datetime(2026, 11, 21, 10, 15, tzinfo=UTC)
STEPS = 15


class Place:
    """A data folder with one run in it."""

    def __init__(self, folder: Path, to: str = "kafka", pace: str = "max", checkpoint_records: int = 10) -> None:
        self.folder, self.registry, self.log = folder, Registry(folder / "runs"), MemoryLog()
        config = SimulateConfig(
            scenario={}, steps=STEPS, to=to, pace=pace, block=BlockRule(events=4, steps=3), checkpoint_records=checkpoint_records
        )
        self.record: RunRecord = self.registry.create(NOW, kind="simulate", config=to_builtins(config), seed=3, worlds=2, code_version="x")
        self.heard: list[Message] = []
        self.clock = FixedClock()

    def worker(self, should_stop: Callable[[], bool] = lambda: False, write: Callable[[BinaryIO, bytes], None] | None = None) -> Worker:
        checkpoints = Checkpoints(self.folder / "checkpoints", write)
        return Worker(
            self.record, config_of(self.record), self.registry, checkpoints, self.folder / "logs", self.log, open_toy, self.clock,
            self.heard.append, should_stop,
        )  # fmt: skip

    def play(self, world_id: int = 0, worker: Worker | None = None) -> None:
        for _ in (worker or self.worker()).play(world_id):
            pass

    def orders(self) -> list[bytes]:
        return [record.value for partition in (0, 1) for record in self.log.read("market.orders", partition)]


def test_a_world_ends_with_its_result_and_its_progress_told(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.play(0)
    place.play(1)
    assert place.registry.unfinished(place.record) == []
    assert [message.world_id for message in place.heard if isinstance(message, Finished)] == [0, 1]
    progress = [message for message in place.heard if isinstance(message, Progress) and message.world_id == 0]
    assert progress[0].step == 0 and progress[-1].step == STEPS
    assert progress[-1].records == len(whole_log(3000, STEPS)) == progress[-1].published - 2  # and its name and its label


@pytest.mark.parametrize("to", ["kafka", "csv", "none"])
def test_a_world_stopped_after_any_chunk_goes_on_to_the_same_result(tmp_path: Path, to: str) -> None:
    whole = Place(tmp_path / "whole", to)
    whole.play()
    chunks = 40
    for stop_after in range(1, chunks, 3):
        place, asked = Place(tmp_path / str(stop_after), to), iter(range(10_000))
        place.play(worker=place.worker(lambda asked=asked, n=stop_after: next(asked) >= n))  # type: ignore[misc]
        if place.registry.world(place.record.run_id, 0) is None:
            place.play()
        assert place.registry.world(place.record.run_id, 0) == whole.registry.world(whole.record.run_id, 0)
        files = sorted(path.name for path in (tmp_path / str(stop_after) / "logs").glob("*.csv"))
        assert len(files) == (3 if to == "csv" else 0)
        for name in files:
            assert (tmp_path / str(stop_after) / "logs" / name).read_text() == (tmp_path / "whole" / "logs" / name).read_text()


def test_a_stopped_worker_starts_no_further_world(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.play(1, place.worker(lambda: True))
    assert place.heard == [] and place.orders() == []


def test_a_full_disk_stops_with_a_clear_message_and_the_run_goes_on_later(tmp_path: Path) -> None:
    place = Place(tmp_path)
    for writes in range(1, 4):
        with pytest.raises(DiskFull, match="no room left on the disk to write .*world-0.*; free some room"):
            place.play(worker=place.worker(write=full_after(writes)))
    place.play()
    assert place.registry.unfinished(place.record) == [1]


def test_a_damaged_checkpoint_is_named_and_removing_it_starts_the_world_again(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.log.crash_at = 20
    with pytest.raises(Crash):
        place.play()
    place.log.crash_at = None
    (path,) = (tmp_path / "checkpoints").iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BadCheckpoint, match="is damaged .*remove it to start the world again"):
        place.play()
    path.unlink()
    place.play()
    assert place.registry.unfinished(place.record) == [1]


def test_a_paced_world_takes_its_share_of_time(tmp_path: Path) -> None:
    place = Place(tmp_path, to="none", pace="2x")
    before = place.clock.now_ns()
    place.play()
    assert (place.clock.now_ns() - before) / 1e9 == pytest.approx(STEPS * 0.1 / 2, rel=0.2)


def test_files_of_another_run_are_not_gone_on_with(tmp_path: Path) -> None:
    first, asked = Place(tmp_path, "csv"), iter(range(100))
    first.play(worker=first.worker(lambda: next(asked) >= 3))
    second = Place(tmp_path, "csv")
    second.worker()
    (tmp_path / "logs" / "run_id.txt").write_text(second.record.run_id)
    with pytest.raises(ValueError, match=f"holds the files of run {second.record.run_id}, not of {first.record.run_id}"):
        first.play()


def test_the_start_instant_is_that_of_run_json(tmp_path: Path) -> None:
    assert start_ns(Place(tmp_path).record) == int(NOW.timestamp()) * 1_000_000_000
