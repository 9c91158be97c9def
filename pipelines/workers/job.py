"""What the parent tells a worker process, and what the worker tells back: one JSON object a line, on the worker's stdin and stdout."""

from __future__ import annotations

from typing import Any

import msgspec


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """The worlds that one process runs. Everything else stands in the run's own run.json."""

    run_id: str
    worker: int
    worlds: list[int]
    settings: dict[str, Any]  # pipelines.settings.Settings, dumped


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """Where a world stands: step of how many, records written so far, events acknowledged (published runs only)."""

    world_id: int
    step: int
    records: int
    published: int = 0


class Learned(msgspec.Struct, frozen=True, tag="learned"):
    """A rollout and its update are done: environment steps so far, and the mean return of the episodes that ended last."""

    update: int
    steps: int
    mean_return: float | None


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """A world ended and its result is stored."""

    world_id: int


class Notice(msgspec.Struct, frozen=True, tag="notice"):
    """A line for the user."""

    line: str


class Stopped(msgspec.Struct, frozen=True, tag="stopped"):
    """The worker was asked to stop and did, after a checkpoint of what it ran."""

    worker: int


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """An error that would come again after a restart; the run can be resumed once its cause is gone."""

    message: str


Message = Progress | Learned | Finished | Notice | Stopped | Failed


def encode_line(message: Job | Message) -> bytes:
    """One compact line."""
    return msgspec.json.encode(message) + b"\n"


def decode_job(line: bytes) -> Job:
    """The job on a line; raises msgspec.DecodeError."""
    return msgspec.json.decode(line, type=Job)


_MESSAGES: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


def decode_message(line: bytes) -> Message:
    """The message on a line; raises msgspec.DecodeError."""
    return _MESSAGES.decode(line)


def share_worlds(worlds: list[int], workers: int) -> list[list[int]]:
    """Deal worlds to workers like cards; workers without a world are left out.

    >>> share_worlds([0, 1, 2], 2)
    [[0, 2], [1]]
    """
    if workers < 1:
        raise ValueError(f"{workers} workers is fewer than one; ask for at least one")
    return [worlds[start::workers] for start in range(min(workers, len(worlds)))]
