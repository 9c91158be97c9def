"""The one way in which this package compiles: numba without reference counting, cached on disk.

Numba's array reference counting costs a factor of four in the book and is not needed where nothing is allocated, so it is
left out (`_nrt=False`). `REFERENCE_COUNTS = True`, set before anything else of the package is imported, builds everything the
ordinary way and uncached, to compare the two builds.

Numba's cache looks only at the file of the cached function, not at the functions compiled into it. `compiled` therefore stamps the
cache with all sources that it may have been made of: whichever of them changes, it is compiled anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba.core.ccallback import CFunc

from simulator.parts import FROM_COMPILED_ONLY

Function = TypeVar("Function", bound=Callable[..., Any])

SIMULATOR = Path(__file__).parent.parent
REFERENCE_COUNTS = False

# Conversions inside compiled code. To numba they are numpy's types, to the type checker they give whole numbers.
u1, u4, u8, i4, i8 = (cast(Callable[[Any], int], kind) for kind in (np.uint8, np.uint32, np.uint64, np.int32, np.int64))


def inlined(function: Function) -> Function:
    """Compile a function into its callers, which are compiled themselves."""
    return _jit(function, forceinline=True, **FROM_COMPILED_ONLY)


def called(function: Function) -> Function:
    """Compile a function that its compiled callers call: for what is rare, so that they stay small."""
    return _jit(function, **FROM_COMPILED_ONLY)


def compiled(function: Function) -> Function:
    """Compile a function that Python calls, and keep the machine code on disk."""
    if REFERENCE_COUNTS:
        return _jit(function)
    dispatcher: Any = _jit(function, cache=True)
    dispatcher._cache._cache_file._source_stamp = sources(Path(function.__code__.co_filename))
    stamped: Function = dispatcher
    return stamped


@contextmanager
def one_at_a_time(dispatcher: Any) -> Iterator[None]:
    """Let one process compile something long while others wait, who then find the machine code on disk."""
    folder = dispatcher._cache.cache_path
    if folder is None:
        yield
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    with (Path(folder) / f"{dispatcher.__name__}.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield


@cache
def compiled_entry(function: Callable[..., Any], signature: Any) -> int:
    """Compile a function that is called by its address, and return that address, which stays valid until the process ends.

    The machine code is kept on disk and made anew when the function's file or anything of the simulator changes.
    Raises numba's TypingError for what cannot be compiled.
    """
    make: Any = CFunc
    options = {"forceinline": True} if REFERENCE_COUNTS else {"forceinline": True, "_nrt": False}
    entry = make(function, (signature.args, signature.return_type), locals={}, options=options)
    if not REFERENCE_COUNTS:
        _keep_on_disk(entry, function)
    with one_at_a_time(entry):
        entry.compile()
    _KEPT.append(entry)
    return cast(int, entry.address)


def _keep_on_disk(entry: Any, function: Callable[..., Any]) -> None:
    try:
        entry.enable_caching()
    except RuntimeError:  # typed at a prompt: there is no file beside which to keep it
        return
    file = entry._cache._cache_file
    file._source_stamp = (file._source_stamp, sources(Path(function.__code__.co_filename)))


_KEPT: list[Any] = []  # they live as long as their addresses are used


def _jit(function: Function, **options: Any) -> Function:
    if not REFERENCE_COUNTS:
        options["_nrt"] = False
    decorate: Any = numba.njit
    jitted: Function = decorate(**options)(function)
    return jitted


@cache
def sources(of: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, time and size of every file that may be compiled into a function of the file `of`: the layers below, and its own folder."""
    below = ("types.py", "seeding.py", "parts.py", "matching/*.py", "world/*.py")
    paths = {path for pattern in below for path in SIMULATOR.glob(pattern)} | set(of.parent.glob("*.py"))
    stats = ((str(path), path.stat()) for path in sorted(paths))
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)
