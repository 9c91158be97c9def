"""One stream per lake, and what it says of itself."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from pipelines.settings import Settings
from spark_jobs.ingest.journal import Entry
from spark_jobs.ingest.lock import LakeBusyError, hold
from spark_jobs.ingest.status import StatusFile, lag, read_status
from spark_jobs.ingest.waiting import wait_for_holder
from spark_jobs.stream import LABELS, MARKET


def test_a_second_stream_is_refused_with_the_holder(tmp_path: Path) -> None:
    message = rf"process {os.getpid()} \(stream --follow\)"
    with hold(tmp_path, "follow"), pytest.raises(LakeBusyError, match=message) as refused, hold(tmp_path, "once"):
        pass
    assert (refused.value.holder, refused.value.mode) == (os.getpid(), "follow")
    with hold(tmp_path, "once"):
        pass


def test_the_lock_of_a_lake_in_an_object_store_lies_in_a_folder(tmp_path: Path) -> None:
    chosen = Settings(data_dir=tmp_path, lake="s3://market/lake")
    lake, folder = MARKET.lake_dir(chosen), MARKET.lock_dir(chosen)
    assert folder == tmp_path / "checkpoints" / "stream-market" != LABELS.lock_dir(chosen)
    with hold(lake, "follow", folder), pytest.raises(LakeBusyError, match="writes s3://market/lake;"), hold(lake, "once", folder):
        pass


def test_lag_is_per_topic() -> None:
    assert lag({"a:0": 3, "a:1": 9}, {"a:0": 5, "a:1": 9, "b:0": 2}) == {"a": 2, "b": 2}


def test_the_file_holds_what_was_done(tmp_path: Path) -> None:
    file = StatusFile(tmp_path / "stream" / "status.json", "follow")
    file.ends_read({"market.trades:0": 10})
    file.batch_done(
        Entry(batch=4, offsets={"market.trades:0": 7}, totals={"events": 70, "rows:silver.trades": 70}, counters={"events": 70}), 0.5
    )
    found = read_status(tmp_path / "stream" / "status.json")
    assert found is not None
    assert (found.state, found.batch, found.events, found.rows, found.lag) == (
        "running",
        4,
        70,
        {"silver.trades": 70},
        {"market.trades": 3},
    )
    assert found.events_per_second == 7.0
    assert not found.caught_up
    assert read_status(tmp_path / "none.json") is None


def test_once_beside_a_follower_waits_for_what_was_published_before(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    file = StatusFile(path, "follow")
    file.batch_done(Entry(batch=0, offsets={"t:0": 5}), 0.1)
    file.ends_read({"t:0": 5})
    busy = LakeBusyError(tmp_path, os.getpid(), "follow")

    def follow() -> None:
        time.sleep(0.3)
        file.ends_read({"t:0": 8})
        file.ends_read({"t:0": 20})
        file.batch_done(Entry(batch=1, offsets={"t:0": 20}), 0.1)

    follower = threading.Thread(target=follow)
    follower.start()
    status = wait_for_holder(path, busy, threading.Event())
    follower.join()
    assert status is not None
    assert status.offsets == {"t:0": 20}


def test_once_does_not_wait_for_a_follower_that_ended(tmp_path: Path) -> None:
    file = StatusFile(tmp_path / "status.json", "follow")
    file.write("stopped")
    assert wait_for_holder(tmp_path / "status.json", LakeBusyError(tmp_path, os.getpid(), "follow"), threading.Event()) is None
