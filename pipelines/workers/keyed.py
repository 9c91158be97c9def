"""A run for a key: who asks again with the same key gets the same run, whether it has ended, was killed, or still goes on elsewhere.

What repeats a command after a crash, such as a scheduler, names the attempt by a key and so begins nothing twice.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from pipelines.workers.registry import Registry

KEYS = ".keys"
MANY = 1_000_000


@contextmanager
def keyed(registry: Registry, key: str) -> Iterator[str]:
    """Hold the key, and give the id of the run that was begun with it, or "" if none was; nothing is held for the key "".

    Another process with the same key waits. The run's configuration keeps its key, so that both are stored in one step.
    """
    if not key:
        yield ""
        return
    folder = registry.runs_dir / KEYS
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / hashlib.sha256(key.encode()).hexdigest()).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield begun_with(registry, key)


def begun_with(registry: Registry, key: str) -> str:
    """The id of the run that was begun with that key, or ""."""
    return next((run_id for run_id in registry.recent(MANY) if _key(registry, run_id) == key), "")


class _Asked(msgspec.Struct):
    """What is read of a run's record: others of its fields may be of another version."""

    config: dict[str, Any] = {}


def _key(registry: Registry, run_id: str) -> str:
    try:
        asked = msgspec.json.decode((registry.folder(run_id) / "run.json").read_bytes(), type=_Asked)
    except (OSError, msgspec.DecodeError):
        return ""
    return str(asked.config.get("key", ""))
