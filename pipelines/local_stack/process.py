"""A server process that outlives its starter: found again by a file with its id, and never taken for another."""

from __future__ import annotations

import subprocess
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
            process = psutil.Process(int(self.pid_file.read_text()))
            ours = self.mark in process.cmdline()
        except (OSError, ValueError, psutil.Error):
            return None
        return process if ours else None

    def start(self, command: Sequence[str], output: Path) -> None:
        """Start it in a session of its own, so that Ctrl-C in the terminal does not reach it. What it says goes to output."""
        with output.open("wb") as stream:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True)
        self.pid_file.write_text(str(process.pid))

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
