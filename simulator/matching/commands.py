"""Commands as other people hand them in, checked and brought into the layout that compiled code reads."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulator.matching.state import Array
from simulator.types import COMMAND

_CHUNK = 65536
_NAMES = COMMAND.names or ()


def check_commands(commands: object) -> Array:
    """Return `commands` if it is a 1-D structured array with the fields of COMMAND, in any order, padding and byte order.

    Raises TypeError for anything but such an array or a field of another type, ValueError for another number of dimensions.
    """
    if isinstance(commands, np.ndarray) and commands.ndim == 1 and commands.dtype is COMMAND:
        return commands
    if not isinstance(commands, np.ndarray) or commands.dtype.names is None:
        raise TypeError(f"commands are {type(commands).__name__}, not a structured array; use np.zeros(n, simulator.types.COMMAND)")
    if commands.ndim != 1:
        raise ValueError(f"commands have {commands.ndim} dimensions, not 1; pass commands.ravel()")
    missing = [name for name in _NAMES if name not in commands.dtype.names]
    if missing:
        raise TypeError(f"commands lack the field {missing[0]!r}; they need {', '.join(_NAMES)}")
    for name in _NAMES:
        given, wanted = commands.dtype[name], COMMAND[name]
        if not np.can_cast(given, wanted, "safe"):
            raise TypeError(f"field {name!r} is {given}, which does not fit into {wanted}; check the range and use .astype({wanted})")
    return commands


def chunks_of(commands: Array) -> Iterator[Array]:
    """Yield commands in order as writable C-contiguous COMMAND arrays; commands that already are one are not copied."""
    if (commands.dtype is COMMAND or commands.dtype == COMMAND) and commands.flags.c_contiguous and commands.flags.writeable:
        yield commands
        return
    for begin in range(0, len(commands), _CHUNK):
        part = commands[begin : begin + _CHUNK]
        chunk = np.empty(len(part), COMMAND)
        for name in _NAMES:
            chunk[name] = part[name]
        yield chunk
