"""The runs on this machine: what each was asked to do, stored before its first event, and what each of its worlds came to.

runs/<run_id>/run.json            the request: configuration, seed, worlds, versions (written once, never changed)
runs/<run_id>/worlds/<id>.json    a world's own counts and hashes, written when it ends
runs/<run_id>/epochs/<id>-<n>     one empty file per start of a world; the highest n is its epoch
runs/<run_id>/training.json        of a training: its steps, its checkpoint, what it learned
runs/<run_id>/worker-<n>.log      what a worker process said
runs/<run_id>/status.json         when its worlds last moved, while it is played
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from pipelines.workers.durable import create_once, write_atomic

RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4}")
RECORD_LAYOUT = 1
"""Version of simulator.types.RECORD; a run of another layout is neither resumed nor verified."""


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a run was asked to do. `created` is its start instant: the zero of simulated time, never read from a clock again."""

    run_id: str
    created: str  # ISO 8601, UTC
    kind: str  # simulate or train
    config: dict[str, Any]
    seed: int
    worlds: int
    code_version: str
    record_layout: int = RECORD_LAYOUT


class WorldResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a world came to, taken from its own digest, before anything was sent anywhere."""

    world_id: int
    events: dict[str, int]  # event type -> number of events
    hashes: dict[str, str]  # event type -> hash of its events with their sequence numbers
    world_hash: str
    books: dict[str, str]  # symbol -> hash of its book at the end
    steps: int
    last_seq: int  # -1 if the world wrote nothing
    finals: dict[str, Any] = {}  # trader type -> what its agents ended with
    roles: dict[str, Any] = {}  # role -> the same with what it did, where agents have roles


class UnknownRun(ValueError):
    """No run of that id here; the message lists the latest ones."""


def new_run_id(now: datetime) -> str:
    """A run id like 20261121-101500-a1b2: sorts by time, and two runs of one second differ."""
    return f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


class Registry:
    """The run folders under one directory.

    Parameters
    ----------
    runs_dir : where they lie; made when the first run is.
    """

    def __init__(self, runs_dir: Path) -> None:
        self.runs_dir = runs_dir

    def folder(self, run_id: str) -> Path:
        """The folder of a run."""
        return self.runs_dir / run_id

    def create(self, now: datetime, *, kind: str, config: dict[str, Any], seed: int, worlds: int, code_version: str) -> RunRecord:
        """Store a new run durably and return it. now is the start instant, with its time zone."""
        run_id = new_run_id(now)
        while self.folder(run_id).exists():
            run_id = new_run_id(now)
        record = RunRecord(
            run_id=run_id, created=now.isoformat(), kind=kind, config=config, seed=seed, worlds=worlds, code_version=code_version
        )
        write_atomic(self.folder(run_id) / "run.json", msgspec.json.format(msgspec.json.encode(record)))
        return record

    def load(self, run_id: str) -> RunRecord:
        """The run of that id. Raises UnknownRun, or ValueError if its run.json is of another layout or damaged."""
        path = self.folder(run_id) / "run.json"
        if RUN_ID.fullmatch(run_id) is None or not path.exists():
            raise UnknownRun(f"run {run_id!r} is not among the runs in {self.runs_dir}; {self._latest()}")
        try:
            record = msgspec.json.decode(path.read_bytes(), type=RunRecord)
        except msgspec.DecodeError as error:
            raise ValueError(f"{path} cannot be read ({error}); restore it from a copy or start a new run") from error
        if record.record_layout != RECORD_LAYOUT:
            raise ValueError(
                f"run {run_id} was written with record layout {record.record_layout}, this program knows {RECORD_LAYOUT}; "
                f"use the version that wrote it ({record.code_version}) or start a new run"
            )
        return record

    def recent(self, limit: int = 5) -> list[str]:
        """The ids of the latest runs, newest first."""
        if not self.runs_dir.exists():
            return []
        ids = [path.parent.name for path in self.runs_dir.glob("*/run.json") if RUN_ID.fullmatch(path.parent.name)]
        return sorted(ids, reverse=True)[:limit]

    def _latest(self) -> str:
        ids = self.recent()
        return f"the latest are {', '.join(ids)}" if ids else "there are none yet: start one with `agora simulate`"

    def begun(self, run_id: str) -> list[int]:
        """The worlds that have had an epoch, in order."""
        names = {path.name.rpartition("-")[0] for path in (self.folder(run_id) / "epochs").glob("*-*")}
        return sorted(int(name) for name in names if name.isdigit())

    def next_epoch(self, run_id: str, world_id: int | str) -> int:
        """Allocate the next epoch of a world (or of what else has one), from 1; durable before it is returned, never given twice."""
        folder, epoch = self.folder(run_id) / "epochs", 1
        while not create_once(folder / f"{world_id}-{epoch}"):
            epoch += 1
        return epoch

    def store_world(self, run_id: str, result: WorldResult) -> None:
        """Store what a world came to."""
        path = self.folder(run_id) / "worlds" / f"{result.world_id}.json"
        write_atomic(path, msgspec.json.format(msgspec.json.encode(result)))

    def store_training(self, run_id: str, result: msgspec.Struct) -> None:
        """Store what a training came to."""
        write_atomic(self.training_path(run_id), msgspec.json.format(msgspec.json.encode(result)))

    def training_path(self, run_id: str) -> Path:
        """Where that lies."""
        return self.folder(run_id) / "training.json"

    def world(self, run_id: str, world_id: int) -> WorldResult | None:
        """What a world came to, or None while it has not ended."""
        path = self.folder(run_id) / "worlds" / f"{world_id}.json"
        return msgspec.json.decode(path.read_bytes(), type=WorldResult) if path.exists() else None

    def unfinished(self, record: RunRecord) -> list[int]:
        """The worlds of a run that have not ended, in order."""
        return [world_id for world_id in range(record.worlds) if self.world(record.run_id, world_id) is None]
