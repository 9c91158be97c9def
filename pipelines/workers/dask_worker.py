"""What a worker process of Dask does before its first task, and how its tasks log.

A Ctrl-C in a terminal reaches every process of a local cluster; the command alone hears it and asks the tasks to stop.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import distributed

from pipelines import logs

_dask: Any = distributed  # it says that it is typed, but most of it is not


def dask_setup(worker: Any) -> None:
    """Called by Dask in the main thread of the new process of a local cluster."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def logged(process: str, **ids: Any) -> Iterator[None]:
    """Within it, the lines of a task say what the task is, whom it concerns, and which worker does it; for a thread inside a worker."""
    if not logs.begun():
        logs.begin("dask-worker")
    with logs.concerning(process=process, worker=str(_dask.get_worker().name), **ids):
        yield
