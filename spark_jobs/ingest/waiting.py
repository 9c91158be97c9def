"""`--once` beside a stream that runs: wait until that one has read what there was when the wait began."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import structlog

from spark_jobs.ingest.lock import LakeBusyError
from spark_jobs.ingest.status import Status, read_status

log = structlog.get_logger(__name__)
POLL_S = 0.2


def wait_for_holder(path: Path, busy: LakeBusyError, stop: threading.Event) -> Status | None:
    """The holder's status once it has caught up with all that was published before now; None if it has ended, or is no follower.

    The ends of the partitions are those that the holder asked for after this call began.
    """
    log.info("waiting for the stream that runs to catch up", holder=busy.holder, mode=busy.mode)
    began, wanted = time.time(), None
    while not stop.wait(POLL_S):
        status = read_status(path)
        if busy.mode != "follow" or status is None or status.pid != busy.holder or status.state in ("stopped", "failed"):
            return None
        if wanted is None and status.checked_at > began:
            wanted = dict(status.ends)
        if wanted is not None and all(status.offsets.get(place, 0) >= end for place, end in wanted.items()):
            return status
    raise ValueError("stopped before the stream that runs had caught up; nothing is lost")
