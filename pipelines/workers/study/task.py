"""A training as a task of Dask: the same code as in a process of its own, in a worker that may be killed at any time.

A task that is asked for again finds its run's last checkpoint and goes on under the restart rule, so that nothing is lost or doubled.
The lock of the run keeps a worker that only seemed to be dead from training beside its successor.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Any

import distributed
import msgspec
import structlog

from pipelines.broker.contract import agree
from pipelines.broker.kafka_log import KafkaLog
from pipelines.kafka_access import Principal, access
from pipelines.ports import EventLog
from pipelines.settings import Settings
from pipelines.workers.broker_watch import BrokerWatch, WatchedLog
from pipelines.workers.dask_worker import logged
from pipelines.workers.job import Learned, Message
from pipelines.workers.registry import Registry
from pipelines.workers.study.lock import held
from pipelines.workers.train_config import train_config_of

logger = structlog.get_logger(__name__)
_dask: Any = distributed  # it says that it is typed, but most of it is not

TELL_S = 0.5
"""Least time between two words of a task; the scheduler hears them all."""

PATIENCE_S = 30.0
"""How long a task waits for another process to let go of its run."""

_ALONE = threading.Lock()
"""The generators of torch and numpy belong to a process: two trainings in one would draw each other's numbers."""


class State(Enum):
    """Where a task stands."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    PRUNED = "pruned"
    STOPPED = "stopped"
    FAILED = "failed"


class Told(msgspec.Struct, frozen=True):
    """A word of a task: the environment steps it has taken, its mean return, or a line for the user."""

    name: str
    steps: int
    mean_return: float | None = None
    notice: str = ""


class Outcome(msgspec.Struct, frozen=True):
    """How a task ended; why, if it failed; and of a trial what it was worth, and the environment steps that it took."""

    state: State
    reason: str = ""
    value: float | None = None
    steps: int = 0


Tell = Callable[[Message], None]
Ask = Callable[[], bool]


def train_task(name: str, run_id: str, folder: str, dumped: dict[str, Any]) -> Outcome:
    """The task: train a run of a study in `folder` to its end. Raises OSError for what may pass; Dask tries again."""
    settings, stop = Settings(**dumped), Path(folder) / "stop"

    def work() -> Outcome:
        finished = train_run(settings, run_id, teller(name, Path(folder).name), stop.exists)
        return Outcome(State.FINISHED if finished else State.STOPPED)

    with logged("trainer", run_id=run_id):
        return attempt(work, stop, Registry(settings.runs_dir).folder(run_id))


def attempt(work: Callable[[], Outcome], stop: Path, run_folder: Path) -> Outcome:
    """Do the work of a task in this process alone, what it prints in the run's log. Errors that would come again are its outcome."""
    with _ALONE:
        if stop.exists():
            return Outcome(State.STOPPED)
        with (run_folder / "worker-0.log").open("a") as log, contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
            try:
                with held(run_folder / "lock", f"run {run_folder.name}", PATIENCE_S):
                    return work()
            except ValueError as error:
                return Outcome(State.FAILED, " ".join(str(error).split()))
            except OSError:
                raise
            except Exception as error:  # the command reports it; the whole story is in the log
                logger.exception("fault")
                return Outcome(State.FAILED, f"fault {error!r}; {run_folder / 'worker-0.log'} has the details")


def train_run(settings: Settings, run_id: str, tell: Tell, should_stop: Ask) -> bool:
    """Train a run to its end, from its last checkpoint if there is one; False if it was asked to stop before."""
    registry = Registry(settings.runs_dir)
    record = registry.load(run_id)
    if registry.training_path(run_id).exists():
        return True
    from pipelines.workers.training import Training  # torch takes seconds to import

    with opened(settings, train_config_of(record).to, tell, should_stop) as log:
        return Training(record, registry, settings.checkpoints_dir / run_id, log, tell, should_stop).run()


@contextmanager
def opened(settings: Settings, to: str, tell: Tell, should_stop: Ask) -> Iterator[EventLog | None]:
    """The event log of a run that is published, with a watch on the broker behind it; None for another."""
    if to != "kafka":
        yield None
        return
    log, over = WatchedLog(KafkaLog(access(settings, settings.broker, Principal.WORKER))), threading.Event()
    # a training that waits inside the producer cannot be interrupted; its worker ends and the task goes on from its checkpoint elsewhere
    watch = BrokerWatch(log, lambda line: None, lambda reason: os._exit(1), should_stop)

    def look() -> None:
        while not over.wait(0.5):
            watch.look()

    threading.Thread(target=look, daemon=True, name="broker-watch").start()
    try:
        agree(log)
        yield log
    finally:
        over.set()
        log.close()


def teller(name: str, topic: str, clock: Callable[[], float] = time.monotonic) -> Tell:
    """Passes what the view needs on to the scheduler, and not more often than people read."""
    worker, last = _dask.get_worker(), -TELL_S

    def tell(message: Message) -> None:
        nonlocal last
        if isinstance(message, Learned) and clock() - last >= TELL_S:
            last = clock()
            worker.log_event(topic, msgspec.json.encode(Told(name, message.steps, message.mean_return)).decode())

    return tell
