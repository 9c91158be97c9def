"""A server process that outlives its starter: found again by a file with its id, and never taken for another."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil


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

    def start(self, command: Sequence[str], output: Path) -> None:
        """Start it in a session of its own, so that Ctrl-C in the terminal does not reach it. What it says goes to output."""
        with output.open("wb") as stream:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True)
        while self._ours(process.pid) is None and process.poll() is None:
            time.sleep(0.001)  # for an instant after its start a process has no command line yet
        self.pid_file.write_text(str(process.pid))

    def _ours(self, pid: int) -> psutil.Process | None:
        try:
            process = psutil.Process(pid)
            return process if self.mark in process.cmdline() else None
        except (ValueError, psutil.Error):
            return None

    def stop(self, timeout: float) -> bool:
        """Ask it to end, insist after timeout seconds, and say whether it was running."""
        process = self.find()
        if process is not None:
            process.terminate()
            try:
                process.wait(timeout)
            except psutil.TimeoutExpired:
                process.kill()
                process.wait(timeout)
        self.pid_file.unlink(missing_ok=True)
        return process is not None
