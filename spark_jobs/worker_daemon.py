"""Spark's Python daemon, with the stream's work loaded and compiled before it forks: each worker would do that again.

`spark.python.daemon.module` names it. What starts threads is only loaded here, never used: threads do not survive a fork.
"""

from __future__ import annotations

import sys


def leave_archives() -> None:
    """Import from installed packages only, not from the archives of its own Python code that Spark puts before them.

    Python would compile those anew at each start, and read their lists of files, one of them a jar's, anew at each task.
    """
    sys.path[:] = [entry for entry in sys.path if not entry.endswith((".zip", ".jar"))]
    sys.path_importer_cache.clear()


def load() -> None:
    """Compile, or read from disk, what decoding and detection need."""
    import numpy as np
    import pyarrow.parquet  # noqa: F401

    from pipelines.events.codec import decode, fence
    from pipelines.events.declarations import TRADES
    from spark_jobs.detection.ewma import scores
    from spark_jobs.ingest import task  # noqa: F401

    record = fence(TRADES, "example", world_id=0, epoch=0)
    decode(record.value, record.headers)
    scores(np.zeros(1), 0.0, 0.0, 0, 0.1, 1.0, np.zeros(1))


def main() -> None:
    """Serve Spark."""
    leave_archives()
    from pyspark.daemon import manager

    load()
    manager()


if __name__ == "__main__":
    main()
