"""One stream per lake: the lock that a stream holds while it runs. The system lets go of it when its process ends."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from pipelines.places import Place, folder_of


class LakeBusyError(ValueError):
    """Another stream writes this lake. `holder` is its process id, `mode` whether it follows or runs once."""

    def __init__(self, lake: Place, holder: int, mode: str) -> None:
        super().__init__(f"process {holder} (stream --{mode}) writes {lake}; wait for it, or stop it with: kill {holder}")
        self.holder, self.mode = holder, mode


@contextmanager
def hold(lake: Place, mode: str, folder: Path | None = None) -> Iterator[None]:
    """Hold the lake's lock, which lies in that folder or else in the lake. Raises LakeBusyError at once if another process has it."""
    at = folder or folder_of(lake, "the lock of a stream", "name a folder for it")
    at.mkdir(parents=True, exist_ok=True)
    with (at / ".stream.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(lake, file) from None
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "mode": mode}))
        file.flush()
        yield
        file.truncate(0)


def _busy(lake: Place, file: TextIO) -> LakeBusyError:
    file.seek(0)
    try:
        found = json.loads(file.read())
    except json.JSONDecodeError:
        found = {}  # the holder is just writing it
    return LakeBusyError(lake, found.get("pid", 0), found.get("mode", "follow"))
