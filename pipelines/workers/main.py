"""A worker process: `python -m pipelines.workers.main`, with its job on the first line of stdin.

It tells its parent what happens on stdout, one JSON object a line, and logs to stderr. SIGTERM or SIGINT: finish the
chunk, store a checkpoint, exit with 130. When stdin ends the parent has gone, and the worker stops likewise.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator

import structlog

from pipelines import logs
from pipelines.broker.contract import agree
from pipelines.broker.kafka_log import KafkaLog
from pipelines.kafka_access import Principal, access
from pipelines.ports import EventLog
from pipelines.settings import Settings
from pipelines.workers.broker_watch import BrokerWatch, WatchedLog
from pipelines.workers.experiments.chosen import recorders
from pipelines.workers.job import Failed, Job, Message, Notice, Stopped, decode_job, encode_line
from pipelines.workers.process import WallClock, open_worker
from pipelines.workers.registry import Registry, RunRecord
from pipelines.workers.train_config import KIND, train_config_of

logger = structlog.get_logger(__name__)
ORPHAN_S = 20.0
"""How long a worker without a parent may take to store its checkpoint."""


class Line:
    """The pipe to the parent; several threads may speak."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._out = os.dup(sys.stdout.fileno())
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a stray print must not look like a message

    def tell(self, message: Message) -> None:
        """Send one message; a parent that has gone is no error, the end of stdin deals with it."""
        with self._lock:
            try:
                os.write(self._out, encode_line(message))
            except BrokenPipeError:
                return


def watch_parent(stop: threading.Event) -> None:
    """Stop when stdin ends; if that takes too long, end at once (the last checkpoint stands)."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        stop.set()
        time.sleep(ORPHAN_S)
        os._exit(130)

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()


def watched(log: EventLog, line: Line, stop: threading.Event, job: Job) -> EventLog:
    """The event log, with a watch on the broker behind it."""

    def give_up(reason: str) -> None:
        line.tell(Stopped(job.worker) if stop.is_set() else Failed(reason))
        os._exit(130 if stop.is_set() else 1)

    inside = WatchedLog(log)
    BrokerWatch(inside, lambda text: line.tell(Notice(text)), give_up, stop.is_set).start()
    return inside


def take_turns(plays: list[Iterator[None]], at_once: bool) -> None:
    """Play worlds one after the other, or (at_once) a chunk of each in turn."""
    waiting = list(plays)
    while waiting:
        for play in list(waiting) if at_once else waiting[:1]:
            if next(play, StopIteration) is StopIteration:
                waiting.remove(play)


def run_job(job: Job, line: Line, stop: threading.Event) -> int:
    """Run the worlds of a job, or its training; the exit status."""
    settings = Settings(**job.settings)
    record = Registry(settings.runs_dir).load(job.run_id)
    logs.begin("trainer" if record.kind == KIND else "worker", run_id=job.run_id, worker=job.worker)
    finished = (train if record.kind == KIND else simulate)(settings, record, job, line, stop)
    if not finished:
        line.tell(Stopped(job.worker))
    return 0 if finished else 130


def simulate(settings: Settings, record: RunRecord, job: Job, line: Line, stop: threading.Event) -> bool:
    """Play the worlds of a job; False if it was asked to stop before their end."""
    worker = open_worker(settings, job.run_id, WallClock(), line.tell, stop.is_set, lambda log: watched(log, line, stop, job))
    take_turns([worker.play(world_id) for world_id in job.worlds], at_once=worker.config.pace != "max")
    if worker.log is not None:
        worker.log.close()
    return all(worker.registry.world(job.run_id, world_id) is not None for world_id in job.worlds)


def train(settings: Settings, record: RunRecord, job: Job, line: Line, stop: threading.Event) -> bool:
    """Train; False if it was asked to stop before the end."""
    from pipelines.workers.training import Training  # torch takes seconds to import, and only this needs it

    config, folder = train_config_of(record), settings.checkpoints_dir / job.run_id
    log = watched(KafkaLog(access(settings, settings.broker, Principal.WORKER)), line, stop, job) if config.to == "kafka" else None
    if log is not None:
        agree(log)
    records = recorders(config.log, config.wandb_project, settings)
    finished = Training(record, Registry(settings.runs_dir), folder, log, line.tell, stop.is_set, records).run()
    if log is not None:
        log.close()
    return finished


def main() -> int:
    """Read the job, run it, and say how it ended."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    line = Line()
    job = decode_job(read_line())
    logs.begin("worker", run_id=job.run_id, worker=job.worker)
    watch_parent(stop)
    try:
        return run_job(job, line, stop)
    except (ValueError, OSError) as error:
        line.tell(Failed(" ".join(str(error).split())))
    except Exception as error:  # the parent reports it; the whole story is in this worker's log
        logger.exception("fault")
        line.tell(Failed(f"fault in worker {job.worker}: {error!r}; its log in the run's folder has the details"))
    return 1


def read_line() -> bytes:
    """The first line of stdin, without taking anything after it."""
    data = bytearray()
    while not data.endswith(b"\n"):
        byte = os.read(sys.stdin.fileno(), 1)
        if not byte:
            break
        data += byte
    return bytes(data)


if __name__ == "__main__":
    sys.exit(main())
