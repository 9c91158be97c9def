"""How detectors compile: parts into the one function that Python calls, which is kept on disk until a file of this folder changes.

Numba by itself looks only at the file of the function that it kept, not at those of the parts in it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

from pipelines.events.varint import part

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile on first use, without reference counting: nothing here allocates."""
    decorate: Any = numba.njit
    dispatcher: Any = decorate(cache=True, nogil=True, _nrt=False)(function)
    files = sorted(Path(__file__).parent.glob("*.py"))
    dispatcher._cache._cache_file._source_stamp = tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in files)
    compiled: Function = dispatcher
    return compiled


__all__ = ["kernel", "part"]
