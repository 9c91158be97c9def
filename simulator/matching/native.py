"""Compiled functions that Python calls the way it calls its own built-ins.

numba's own way from Python into compiled code packs the arguments into a tuple and looks at each with care, which takes longer than
an order takes the book. Here the compiled function gets Python's own array of arguments (METH_FASTCALL) and takes whole numbers out
of it itself; whatever is not that plain (a keyword, a float, a number that is too large) it leaves to an ordinary Python function.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any, cast

from numba import types

_FASTCALL, _KEYWORDS = 0x0080, 0x0002

ENTRY = types.int64(types.int64, types.int64, types.int64, types.int64)
"""What `callable_of` takes: (own, arguments, how many, names of keywords or 0), to an object; objects are addresses."""


class _Definition(ctypes.Structure):
    """Python's PyMethodDef."""

    _fields_ = (("name", ctypes.c_char_p), ("address", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p))


def callable_of(address: int, name: str, own: tuple[object, ...], doc: str = "") -> Callable[..., Any]:
    """Return a Python callable for a compiled ENTRY; `own` is what the function finds as its first argument, and keeps alive."""
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.argtypes, make.restype = (ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p), ctypes.py_object
    return cast(Callable[..., Any], make(ctypes.addressof(_defined(address, name, doc)), own, None))


@cache
def _defined(address: int, name: str, doc: str) -> _Definition:
    """Return a definition, which Python wants to stay where it is for ever."""
    return _Definition(name.encode(), address, _FASTCALL | _KEYWORDS, doc.encode())


def _from_python(name: str, arguments: int) -> Callable[..., int]:
    """Return one of Python's own functions in C, for compiled code; objects are addresses."""
    external: Any = types.ExternalFunction
    return cast(Callable[..., int], external(name, types.int64(*[types.int64] * arguments)))


item_of = _from_python("PyTuple_GetItem", 2)
as_integer = _from_python("PyLong_AsLongLong", 1)  # -1 and an error for what is no whole number of 64 bits
from_integer = _from_python("PyLong_FromLongLong", 1)
error_occurred = _from_python("PyErr_Occurred", 0)  # 0 if none
call_with = _from_python("PyObject_Vectorcall", 4)  # (function, arguments, how many, names of keywords or 0)
restore_error = _from_python("PyErr_Restore", 3)  # (0, 0, 0) forgets it
