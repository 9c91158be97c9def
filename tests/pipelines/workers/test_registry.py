"""Runs on disk: stored before they start, found again, and never handed the same epoch twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.workers.durable import DiskFull, write_atomic
from pipelines.workers.registry import RUN_ID, Registry, RunRecord, UnknownRun, WorldResult
from tests.pipelines.workers.full_disk import full_after

NOW = datetime(2026, 11, 21, 10, 15, 0, tzinfo=UTC)


def a_run(registry: Registry, worlds: int = 2) -> RunRecord:
    return registry.create(NOW, kind="simulate", config={"steps": 10}, seed=7, worlds=worlds, code_version="0.1.0+abc")


def test_a_run_is_stored_whole_and_found_again(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    record = a_run(registry)
    assert RUN_ID.fullmatch(record.run_id) and record.run_id.startswith("20261121-101500-")
    assert record.created == "2026-11-21T10:15:00+00:00"
    assert Registry(tmp_path).load(record.run_id) == record


def test_two_runs_of_one_second_have_two_ids(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    assert len({a_run(registry).run_id for _ in range(20)}) == 20


def test_an_unknown_run_is_answered_with_the_latest_ones(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    with pytest.raises(UnknownRun, match="there are none yet"):
        registry.load("20261121-101500-ffff")
    known = a_run(registry).run_id
    with pytest.raises(UnknownRun, match=f"the latest are {known}"):
        registry.load("../../etc")


def test_a_run_of_another_record_layout_is_refused(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    record = a_run(registry)
    path = registry.folder(record.run_id) / "run.json"
    path.write_text(path.read_text().replace('"record_layout": 1', '"record_layout": 99'))
    with pytest.raises(ValueError, match="record layout 99, this program knows 1"):
        registry.load(record.run_id)


def test_a_damaged_run_file_is_named(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    record = a_run(registry)
    (registry.folder(record.run_id) / "run.json").write_text('{"run_id": 3')
    with pytest.raises(ValueError, match="run.json cannot be read"):
        registry.load(record.run_id)


def test_epochs_grow_and_are_never_given_twice(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    assert [registry.next_epoch("r", 0) for _ in range(3)] == [1, 2, 3]
    assert registry.next_epoch("r", 1) == 1
    with ThreadPoolExecutor(8) as pool:
        epochs = list(pool.map(lambda _: registry.next_epoch("r", 2), range(40)))
    assert sorted(epochs) == list(range(1, 41))


def test_a_world_is_unfinished_until_its_result_is_stored(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    record = a_run(registry)
    result = WorldResult(
        world_id=1, events={"orders": 3}, hashes={"orders": "ff"}, world_hash="aa", books={"ABC": "bb"}, steps=10, last_seq=2
    )
    assert registry.unfinished(record) == [0, 1]
    registry.store_world(record.run_id, result)
    assert registry.unfinished(record) == [0]
    assert registry.world(record.run_id, 1) == result


def test_a_full_disk_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "state"
    write = full_after(1)
    write_atomic(path, b"old", write)
    with pytest.raises(DiskFull, match=r"no room left .*state; free some room, then continue the run with --resume"):
        write_atomic(path, b"newer", write)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["state"]
