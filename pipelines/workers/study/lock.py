"""One process at a time: a lock that the operating system takes back when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAUSE_S = 0.2


class Taken(ValueError):
    """Somebody else holds it."""


@contextmanager
def held(path: Path, what: str, patience_s: float = 0.0) -> Iterator[None]:
    """Hold the lock of a file, which stays where it is.

    Raises Taken if another process, or another place in this one, holds it for longer than patience_s.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as handle:
        waited = 0.0
        while not _locked(handle.fileno()):
            if waited >= patience_s:
                raise Taken(f"{what} is at work elsewhere (it holds {path}); wait for its end, or stop it there first")
            time.sleep(PAUSE_S)
            waited += PAUSE_S
        yield  # closing the file gives the lock back


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
