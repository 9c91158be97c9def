"""A local server: what all of them have in common.

Everything of a server lies in one folder: its configuration, its ports once chosen, its data, what it says, and its process id.
Data and ports survive a stop, a kill and a restart. One file a server says the rest: what it needs, how it is configured, and how it
is asked whether it is ready.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import psutil

from pipelines.local_stack.ports import HOST, free_port, holder, is_free
from pipelines.local_stack.process import ServerError, ServerProcess, kill
from pipelines.secrecy import is_sample
from pipelines.settings import Settings


@dataclass(frozen=True)
class LocalServer(ABC):
    """The local server of one kind and one data folder.

    Parameters
    ----------
    settings : data folder, ports, heaps, jars and Java.
    """

    settings: Settings

    name: ClassVar[str]
    """What it is called in commands and settings: AGORA_<NAME>_PORT is its port."""
    title: ClassVar[str]
    """What people call it."""
    elsewhere: ClassVar[str]
    """The variable that says where one is that need not be started."""
    port_names: ClassVar[tuple[str, ...]] = ("port",)
    """The ports that it listens on, the clients' first."""
    least_disk: ClassVar[int] = 256 * 2**20
    """Bytes without which it is not started: a server that runs out of them stops for good."""
    stop_seconds: ClassVar[float] = 20.0
    """How long it may take to end by itself."""
    stop_request: ClassVar[signal.Signals] = signal.SIGTERM
    least_start_seconds: ClassVar[float] = 0.0
    """How long it may take until it answers, where the settings allow less."""

    @property
    def start_seconds(self) -> float:
        """How long it may take until it answers."""
        return max(self.settings.start_timeout, self.least_start_seconds)

    @abstractmethod
    def lack(self) -> str:
        """What is missing and what to do about it, in one line; empty if it can be started."""

    @abstractmethod
    def configure(self, chosen: Mapping[str, int]) -> None:
        """Write the configuration for these ports by name and make the data folder, unless that was done before."""

    @abstractmethod
    def command(self) -> Sequence[str]:
        """The command line, which contains `mark`."""

    @property
    @abstractmethod
    def mark(self) -> str:
        """An argument of its command line that no other process has."""

    @abstractmethod
    def answers(self, port: int) -> bool:
        """Whether a server of this kind is ready on the port: it is asked by its own protocol."""

    @property
    @abstractmethod
    def version(self) -> str:
        """The version that would be started, or empty if that cannot be told."""

    def environment(self) -> Mapping[str, str] | None:
        """The variables that it sees; None: those of this process."""
        return None

    def leftovers(self) -> Sequence[psutil.Process]:
        """Processes of it that outlived a killed leader."""
        return ()

    def open(self) -> None:  # noqa: B027 (most servers have nothing left to do)
        """What is left to do once it answers for the first time, such as making users; does nothing the next time."""

    @property
    def folder(self) -> Path:
        """Where everything of it lies."""
        return self.settings.stack_dir / self.name

    @property
    def process(self) -> ServerProcess:
        """Its process, running or not."""
        return ServerProcess(self.folder / f"{self.name}.pid", self.mark)

    @property
    def log(self) -> Path:
        """Where it says what goes wrong."""
        return self.folder / f"{self.name}.log"

    @property
    def output(self) -> Path:
        """What it prints."""
        return self.folder / f"{self.name}.out"

    @property
    def port(self) -> int | None:
        """The clients' port, or None if it was never started."""
        return self.ports().get(self.port_names[0])

    @property
    def address(self) -> str | None:
        """host:port for clients, or None if it was never started."""
        return f"{HOST}:{self.port}" if self.port else None

    def ports(self) -> dict[str, int]:
        """The ports by name as remembered, or none if it was never started."""
        try:
            kept = json.loads((self.folder / "ports.json").read_text())
            return {name: int(kept[name]) for name in self.port_names}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def ready(self) -> bool:
        """Whether it answers requests (and it is ours that does)."""
        return self.port is not None and self.process.find() is not None and self.answers(self.port)

    def start(self) -> str:
        """Start it unless it runs, wait until it answers, and return its address.

        Raises ServerError if something that it needs is missing, a port is busy, the disk is full, or it ends or does not answer in time.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock():
            if not self._stays():
                self.process.settle()
                self._launch()
            self._wait()
            self.open()
        return self.address or ""

    def _stays(self) -> bool:
        """Whether a running process goes on until it answers: one that was just killed may still be seen."""
        deadline = time.monotonic() + self.start_seconds
        while self.process.find() is not None and time.monotonic() < deadline:
            if self.ready():
                return True
            time.sleep(0.05)
        return self.process.find() is not None

    def stop(self) -> bool:
        """Stop it, keep its data, and say whether it was running."""
        if not self.folder.exists():
            return False
        stopped = self.process.stop(self.stop_seconds, self.stop_request)
        kill(self.leftovers())
        return stopped

    def _launch(self) -> None:
        lack = self.lack() or self._samples()
        if lack:
            raise ServerError(lack)
        free = shutil.disk_usage(self.folder).free
        if free < self.least_disk:
            raise ServerError(
                f"{self.folder} has {free >> 20} MiB left, {self.title} needs {self.least_disk >> 20}; "
                "make room or set AGORA_DATA_DIR to another disk"
            )
        kill(self.leftovers())
        self.configure(self._choose())
        self.process.start(self.command(), self.output, self.environment())

    def _samples(self) -> str:
        """In production: which of its passwords, kept from an earlier start, everybody knows; empty if none."""
        kept = [*self.folder.glob("*.password"), *self.folder.glob("users/*.password")] if self.settings.mode == "production" else []
        found = [str(path) for path in sorted(kept) if is_sample(path.read_text().strip())]
        remedy = "is refused with AGORA_MODE=production; change it on the server and in the file, or begin anew in another AGORA_DATA_DIR"
        return f"{self.title} has a sample password in {', '.join(found)}, which {remedy}" if found else ""

    def _choose(self) -> dict[str, int]:
        """Choose the ports and remember them: those of the last time, unless they were taken meanwhile."""
        chosen = self.ports() or dict.fromkeys(self.port_names, 0)
        variable, wanted = f"{self.name}_port", getattr(self.settings, f"{self.name}_port")
        if wanted and not is_free(wanted):
            raise ServerError(
                f"port {wanted} is held by {holder(wanted)}; stop it, or set AGORA_{variable.upper()} to another port (0: any free one)"
            )
        for name, port in chosen.items():
            if not port or not is_free(port):
                chosen[name] = free_port()
        if wanted:
            chosen[self.port_names[0]] = wanted
        (self.folder / "ports.json").write_text(json.dumps(chosen))
        return chosen

    def _wait(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + self.start_seconds
        while not self.ready():
            if self.process.find() is None:
                raise ServerError(f"{self.title} ended while starting: {self._last_words()}; the whole log is {self.log}")
            if time.monotonic() > deadline:
                raise ServerError(
                    f"{self.title} did not answer within {self.start_seconds:g} s; see {self.log}, or set AGORA_START_TIMEOUT higher"
                )
            time.sleep(0.05)

    def _last_words(self) -> str:
        said = [path.read_text(errors="replace").strip() for path in (self.output, self.log) if path.exists()]
        return next((text.splitlines()[-1] for text in said if text), "it said nothing")

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One starter at a time; a second waits and then finds it running."""
        with (self.folder / "lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
