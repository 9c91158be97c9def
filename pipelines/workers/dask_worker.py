"""What a worker process of a local Dask cluster does before its first task.

A Ctrl-C in a terminal reaches every process there; the command alone hears it and asks the tasks to stop.
"""

from __future__ import annotations

import signal
from typing import Any


def dask_setup(worker: Any) -> None:
    """Called by Dask in the main thread of the new process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
