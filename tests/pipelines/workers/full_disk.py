"""A disk without room, for tests: a writer that fails like one, after a number of writes that still fit."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import BinaryIO


def full_after(writes: int) -> Callable[[BinaryIO, bytes], None]:
    """A write function that stores the first so many files whole, then half a file, then reports a full disk."""
    left = writes

    def write(handle: BinaryIO, data: bytes) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            handle.write(data[: len(data) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        handle.write(data)

    return write
