"""The parent of the worker processes: starts them, listens, restarts a killed one, stops them all without losing anything."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import msgspec

from pipelines.workers.job import Failed, Finished, Job, Message, Stopped, decode_message, encode_line

COMMAND = (sys.executable, "-m", "pipelines.workers.main")


class Ending(Enum):
    """How a supervised run ended."""

    FINISHED = "finished"
    STOPPED = "stopped"


class WorkerFailed(RuntimeError):
    """A worker reported an error, or died more often than is reasonable. The run can be resumed."""


@dataclass
class _Worker:
    job: Job
    process: subprocess.Popen[bytes]
    left: set[int]
    deaths: int = 0
    ended: bool = False
    due: float | None = None  # when to start it again, on the monotonic clock


@dataclass
class Supervisor:
    """Runs jobs in processes of their own until all their worlds have ended.

    Parameters
    ----------
    logs : the folder for what the workers write to stderr.
    listen : called in the caller's thread with each message.
    notice : called with a line for the user when a worker is restarted.
    command : what to start; the job goes to its stdin, which stays open: a worker whose stdin ends has lost its parent and stops.
    restarts : how often each worker may die before the run is given up.
    backoff : seconds before the first restart of a worker, doubled at each further one.
    """

    logs: Path
    listen: Callable[[Message], None]
    notice: Callable[[str], None]
    command: tuple[str, ...] = COMMAND
    restarts: int = 5
    backoff: float = 0.2
    _workers: list[_Worker] = field(default_factory=list)
    _inbox: queue.Queue[tuple[_Worker, bytes]] = field(default_factory=queue.Queue)
    _stopping: bool = False

    def run(self, jobs: list[Job]) -> Ending:
        """Run all jobs; a first Ctrl-C stops them after their current block, a second one kills them.

        Returns FINISHED or STOPPED. Raises WorkerFailed after all other workers have stopped.
        """
        try:
            for job in jobs:
                worker = _Worker(job, self._start(job), set(job.worlds))
                self._workers.append(worker)
                self._hear(worker)
            self._wait()
        finally:
            self._kill_all()
        return Ending.STOPPED if any(worker.left for worker in self._workers) else Ending.FINISHED

    def stop(self) -> None:
        """Ask every worker to finish its block, store a checkpoint and exit."""
        self._stopping = True
        for worker in self._workers:
            if worker.process.poll() is None:
                worker.process.send_signal(signal.SIGTERM)

    def log(self, worker: int) -> Path:
        """Where a worker's stderr goes."""
        return self.logs / f"worker-{worker}.log"

    def _start(self, job: Job) -> subprocess.Popen[bytes]:
        self.logs.mkdir(parents=True, exist_ok=True)
        with self.log(job.worker).open("ab") as errors:
            process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, start_new_session=True)
        if process.stdin is not None:
            with suppress(BrokenPipeError):  # it died at once; the reader sees its exit
                process.stdin.write(encode_line(job))
                process.stdin.flush()
        return process

    def _hear(self, worker: _Worker) -> None:
        output = worker.process.stdout

        def read() -> None:
            for line in output or ():
                self._inbox.put((worker, line))
            self._inbox.put((worker, b""))

        threading.Thread(target=read, daemon=True, name=f"worker-{worker.job.worker}").start()

    def _wait(self) -> None:
        while not all(worker.ended for worker in self._workers):
            try:
                self._restart_due()
                self._take(*self._inbox.get(timeout=0.1))
            except queue.Empty:
                continue
            except KeyboardInterrupt:
                if self._stopping:
                    return
                self.notice("stopping after the current block; press Ctrl-C again to kill")
                self.stop()

    def _restart_due(self) -> None:
        for worker in self._workers:
            if worker.due is None:
                continue
            if self._stopping:
                worker.due, worker.ended = None, True
            elif time.monotonic() >= worker.due:
                worker.due = None
                worker.job = msgspec.structs.replace(worker.job, worlds=sorted(worker.left))
                worker.process = self._start(worker.job)
                self._hear(worker)

    def _take(self, worker: _Worker, line: bytes) -> None:
        if not line:
            self._ended(worker)
            return
        try:
            message = decode_message(line)
        except msgspec.DecodeError:
            self.notice(f"worker {worker.job.worker} wrote a line that is no message: {line[:80]!r}")
            return
        if isinstance(message, Finished):
            worker.left.discard(message.world_id)
        elif isinstance(message, Stopped):
            worker.ended = True
        elif isinstance(message, Failed):
            self._give_up(message.message)
        self.listen(message)

    def _ended(self, worker: _Worker) -> None:
        code = worker.process.wait()
        if worker.ended or not worker.left or self._stopping:
            worker.ended = True
            return
        worker.deaths += 1
        if worker.deaths > self.restarts:
            self._give_up(
                f"worker {worker.job.worker} died {worker.deaths} times (last exit status {code}); see {self.log(worker.job.worker)}"
            )
        pause = self.backoff * 2 ** (worker.deaths - 1)
        self.notice(f"worker {worker.job.worker} died (exit status {code}); restarting it in {pause:.1f} s from its last checkpoint")
        worker.due = time.monotonic() + pause

    def _give_up(self, message: str) -> None:
        self.stop()
        self._drain(seconds=30.0)
        raise WorkerFailed(message)

    def _drain(self, seconds: float) -> None:
        for worker in self._workers:
            try:
                worker.process.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                worker.process.kill()

    def _kill_all(self) -> None:
        for worker in self._workers:
            if worker.process.poll() is None:
                worker.process.kill()
            worker.process.wait()
            if worker.process.stdin is not None:
                worker.process.stdin.close()
