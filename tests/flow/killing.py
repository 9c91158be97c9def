"""Killing a real store in the middle of a sink's work."""

from __future__ import annotations

import threading

import psutil

from pipelines.local_stack import stack
from pipelines.ports import Sink
from pipelines.settings import Settings
from pipelines.sinks.batch_writer import BatchWriter, Figures, Pace
from pipelines.testing import MemoryLog

PACE = Pace(events=300, wait=0.02, longest_pause=0.5, patience=180.0)


def written_over_a_kill(local: Settings, log: MemoryLog, sink: Sink, after: int) -> Figures:
    """Write a log to its end; after so many batches the store is killed with SIGKILL, and started again while the sink waits."""
    killed = threading.Event()

    def tell(figures: Figures) -> None:
        if figures.batches >= after and not killed.is_set():
            process_id = stack.status(local, (sink.name,))[0].process_id
            assert process_id is not None
            process = psutil.Process(process_id)
            process.kill()
            process.wait(60)
            killed.set()

    writer, ended = BatchWriter(log, sink, threading.Event(), PACE, tell), list[Figures]()
    thread = threading.Thread(target=lambda: ended.append(writer.run(once=True)))
    thread.start()
    assert killed.wait(120)
    stack.up(local, (sink.name,))
    thread.join(240)
    sink.close()
    assert ended, f"the sink did not end; it says {writer.figures.trouble!r}"
    return ended[0]
