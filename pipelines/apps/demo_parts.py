"""The programs that the demo runs: the same commands that a user types, each a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.apps.errors import UserError
from pipelines.settings import Settings
from pipelines.workers.command import agora


@dataclass
class Part:
    """One running command. Its stderr goes to a log file, its one line of JSON is the result."""

    name: str
    process: subprocess.Popen[str]
    log: Path

    @classmethod
    def start(cls, name: str, settings: Settings, *words: str, results: Path | None = None) -> Part:
        """Start `agora WORDS --json` in a session of its own: a Ctrl-C reaches it through the demo only.

        `results` is where it writes CSV files and charts, if not where the settings say.
        """
        command = agora(*words, "--json", results_dir=results)
        log = settings.data_dir / "demo" / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w") as errors:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True)
        return cls(name, process, log)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def result(self, codes: tuple[int, ...] = (0,)) -> dict[str, Any]:
        """Wait for the end; what it printed. Raises UserError if it ended with another exit code or printed nothing."""
        out, _ = self.process.communicate()
        lines = out.splitlines()
        if self.process.returncode not in codes or not lines:
            last = self.log.read_text().strip().splitlines()[-1:] or [""]
            raise UserError(f"{self.name} ended with exit code {self.process.returncode}: {last[0]}", f"see {self.log}")
        found: dict[str, Any] = json.loads(lines[-1])
        return found

    def check(self) -> None:
        """Raise UserError if it has ended with an error."""
        if self.process.poll():
            self.result()

    def stop(self) -> None:
        """Ask it to end as Ctrl-C would, and wait; kill it if it takes longer than a minute."""
        stop_all([self])


def stop_all(parts: Sequence[Part]) -> None:
    """Ask all to end as Ctrl-C would, and wait for them; kill those that take longer than a minute."""
    for part in parts:
        if part.running:
            part.process.send_signal(signal.SIGINT)
    until = time.monotonic() + 60
    for part in parts:
        try:
            part.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            part.process.kill()
            part.process.wait()
