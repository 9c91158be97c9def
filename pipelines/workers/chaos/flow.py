"""The whole flow as processes of its own that can be killed and started again, one by one."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from pipelines.events.declarations import ORDERS
from pipelines.local_stack import stack
from pipelines.settings import Settings
from pipelines.sinks.status import read_all
from pipelines.workers.command import agora, end
from pipelines.workers.stores import SERVERS
from spark_jobs.ingest.journal import Journal
from spark_jobs.ingest.status import read_status
from spark_jobs.stream import MARKET

BROKER, STREAM, WORKER, SINK = "kafka", "stream", "worker", "sink:"
START_S = 120.0


class Flow:
    """A broker, a stream, a run, and for each store its server and its sink.

    Parameters
    ----------
    config : whose data folder everything lies in.
    stores : servers of that name, each with a sink.
    run : the words of the command that publishes.
    """

    def __init__(self, config: Settings, stores: Sequence[str], run: Sequence[str]) -> None:
        self.config, self.stores, self._run = config, tuple(stores), tuple(run)
        self.run_id = ""
        self._parts: dict[str, subprocess.Popen[bytes]] = {}
        self._servers = {SERVERS[name]: name for name in stores}
        self._followers = {STREAM: ("stream", "--follow"), **{SINK + name: ("sink", name, "--follow") for name in stores}}

    @property
    def targets(self) -> list[str]:
        """What can be killed."""
        return [BROKER, STREAM, WORKER, *self._servers, *(SINK + name for name in self.stores)]

    @property
    def folder(self) -> Path:
        """Where every part says what it does."""
        return self.config.data_dir / "logs"

    def start(self) -> None:
        """Start everything; returns once the stream and every sink have taken what the run publishes. RuntimeError if one does not."""
        self.folder.mkdir(parents=True, exist_ok=True)
        stack.up(self.config, (BROKER, *self._servers))
        for name in self._followers:
            self._follow(name)
        self._parts[WORKER] = self._begin("run", *self._run)
        until = time.monotonic() + START_S
        while not self.run_id:
            self.run_id = next((path.parent.name for path in self.config.runs_dir.glob("*/run.json")), "")
            if time.monotonic() > until or self._parts[WORKER].poll():
                raise RuntimeError(f"the run did not begin; see {self.folder / 'run.log'}")
            time.sleep(0.1)
        while late := [name for name in self._followers if not any(self.progress(name))]:
            if time.monotonic() > until:
                raise RuntimeError(f"{late[0]} took nothing within {START_S:.0f} s; see {self.folder}")
            time.sleep(0.1)

    def kill(self, target: str) -> bool:
        """SIGKILL it, with its children; whether it was there."""
        process = self._process(target)
        if process is None:
            return False
        with suppress(psutil.Error):
            for each in [*process.children(recursive=True), process]:
                with suppress(psutil.Error):
                    each.send_signal(signal.SIGKILL)
            process.wait(20)
        return True

    def revive(self, target: str) -> None:
        """Start what was killed; a worker is started by its own parent, the parent again if it gave up."""
        if target in self._followers:
            self._follow(target)
        elif target != WORKER:
            stack.up(self.config, (target,))
        self.mend()

    def mend(self) -> None:
        """Start again what ended without having been told to: a run that gave up, a stream that could not go on."""
        for name in self._followers:
            if self._parts[name].poll() is not None:
                self._follow(name)
        if self._parts[WORKER].poll() not in (None, 0):
            self._parts[WORKER] = self._begin("run", self._run[0], "--resume", self.run_id)

    def progress(self, target: str) -> tuple[float, ...]:
        """Numbers all of which change once the target, or what depends on it, has moved on: when the stream or the sink last wrote.

        Of a worker it is how far the tables are with each world, since the other worker's world goes on meanwhile.
        """
        name = self._servers.get(target, target.removeprefix(SINK))
        if name in self.stores:
            return tuple(sink.batches + sink.pid * 1e6 for sink in read_all(self.config.sinks_dir) if sink.name == name)
        if target == WORKER:
            last = Journal(MARKET.checkpoint(self.config) / "journal").last()
            marks = sorted(last.marks.items()) if last else []
            return tuple(float(mark.seq) for world, mark in marks if world.startswith(f"{ORDERS.topic.name}/"))
        status = read_status(MARKET.status_path(self.config))
        return (float(status.events if status else 0),)

    @property
    def publishing(self) -> bool:
        """Whether the run goes on."""
        return self._parts[WORKER].poll() is None

    def finish(self) -> dict[str, Any]:
        """Let the run end, then bring everything up to it; what `agora verify` says."""
        while self._parts[WORKER].poll() != 0:
            self.mend()
            time.sleep(0.5)
        for name in self._followers:
            end(self._parts[name])
        stack.up(self.config, (BROKER, *self._servers))
        self.call("stream", "--once", "--json")
        for name in self.stores:
            self.call("sink", name, "--once", "--json")
        stores = ",".join(["kafka", "bronze", "silver", *self.stores])
        found: dict[str, Any] = self.call("verify", "--run", self.run_id, "--stores", stores, "--json")
        return found

    def call(self, *words: str) -> Any:
        """Run a command to its end; its one line of JSON. RuntimeError with its last words if it fails without any."""
        done = subprocess.run(self._command(*words), capture_output=True, text=True, check=False)
        lines = done.stdout.splitlines()
        if not lines:
            raise RuntimeError(f"agora {' '.join(words)} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
        return json.loads(lines[-1])

    def stop(self) -> None:
        """End every process."""
        for process in self._parts.values():
            end(process)
        stack.down(self.config)

    def _follow(self, name: str) -> None:
        self._parts[name] = self._begin(name.replace(":", "-"), *self._followers[name])

    def _begin(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as said:
            return subprocess.Popen(self._command(*words), stdout=said, stderr=said, start_new_session=True)

    def _command(self, *words: str) -> list[str]:
        return agora(*words, data_dir=self.config.data_dir)

    def _process(self, target: str) -> psutil.Process | None:
        """The process that a target is; of a run one of its workers."""
        try:
            if target in self._followers:
                return psutil.Process(self._parts[target].pid) if self._parts[target].poll() is None else None
            if target == WORKER:
                children = psutil.Process(self._parts[WORKER].pid).children()
                return next((child for child in children if "pipelines.workers.main" in child.cmdline()), None)
            pid = stack.status(self.config, (target,))[0].process_id
            return psutil.Process(pid) if pid else None
        except psutil.Error:
            return None
