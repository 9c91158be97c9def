"""A server process that outlives its starter: found again by a file with its id, and never taken for another."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

EXEC_SECONDS = 2.0  # how long a process may take to become the program that it is to run


class ServerError(OSError):
    """A local server cannot be started, reached or stopped; the message says why and what to do."""


@dataclass(frozen=True)
class ServerProcess:
    """One server, by the file that holds its process id.

    Parameters
    ----------
    pid_file : where the id is kept.
    mark : an argument of its command line that no other process has, such as the path of its configuration.
    """

    pid_file: Path
    mark: str

    def find(self) -> psutil.Process | None:
        """The running process, or None. A process that merely got the same id is not taken for it."""
        try:
            return self._ours(int(self.pid_file.read_text()))
        except (OSError, ValueError):
            return None

    def settle(self, timeout: float = 5.0) -> None:
        """Wait until the system has cleared away one that was just killed: its id is taken for a running server's as long."""
        with suppress(OSError, ValueError, psutil.Error):
            process = psutil.Process(int(self.pid_file.read_text()))
            deadline = time.monotonic() + timeout
            while process.status() == psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
                time.sleep(0.01)

    def start(self, command: Sequence[str], output: Path, environment: Mapping[str, str] | None = None) -> None:
        """Start it in a session of its own, so that Ctrl-C in the terminal does not reach it. What it says goes to output.

        environment replaces this process's own unless it is None.
        """
        with output.open("wb") as stream:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True, env=environment
            )
        while self._ours(process.pid) is None and process.poll() is None:
            time.sleep(0.001)  # a script that starts it does not bear the mark
        self.pid_file.write_text(str(process.pid))

    def _ours(self, pid: int) -> psutil.Process | None:
        try:
            process = psutil.Process(pid)
            return process if self.mark in _command_line(process) else None
        except (ValueError, psutil.Error):
            return None

    def memory(self) -> int:
        """Resident bytes of it and all its descendants; 0 if it does not run. What they share is counted once for each."""
        process = self.find()
        return sum(map(_resident, [process, *_descendants(process)])) if process else 0

    def stop(self, timeout: float, request: signal.Signals = signal.SIGTERM) -> bool:
        """Ask it to end, insist after timeout seconds, and say whether it was running. None of its descendants is left."""
        process = self.find()
        if process is not None:
            family = [process, *_descendants(process)]
            process.send_signal(request)
            kill(psutil.wait_procs([process], timeout)[1])
            kill(family)
        self.pid_file.unlink(missing_ok=True)
        return process is not None


def kill(processes: Sequence[psutil.Process], timeout: float = 10.0) -> None:
    """End the processes at once, and wait until they are gone. Those that are gone already are passed over."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout)


def _command_line(process: psutil.Process) -> list[str]:
    """Its command line. For an instant after its start, and again when it becomes another program, a process has none."""
    deadline = time.monotonic() + EXEC_SECONDS
    while not (line := process.cmdline()) and time.monotonic() < deadline:
        time.sleep(0.001)
    return line


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
