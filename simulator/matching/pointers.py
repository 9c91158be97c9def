"""Arrays inside compiled code from an address and a length.

Handing an array to compiled code from Python costs about as much as an order costs the book, and the book needs nine of them.
So Python hands over one address, of a row that says where everything lies. The owner of the memory keeps it alive and in place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic
from numba.np import arrayobj as untyped_arrayobj

from simulator.matching.layout import Array

_arrayobj: Any = untyped_arrayobj


def rows_of(dtype: np.dtype[Any], aligned: bool = True) -> Callable[[int, int], Array]:
    """Return a function for compiled code: (address, rows) to an array of `dtype` over that memory."""
    row_type: Any = numba.from_dtype(dtype)
    array_type: Any = types.Array(row_type, 1, "C", aligned=aligned)

    def rows(typingctx: Any, address: Any, count: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            array = _arrayobj.make_array(array_type)(context, builder)
            row_bytes = context.get_constant(types.intp, dtype.itemsize)
            data = builder.inttoptr(arguments[0], array.data.type)
            _arrayobj.populate_array(array, data=data, shape=[arguments[1]], strides=[row_bytes], itemsize=row_bytes, meminfo=None)
            return array._getvalue()

        return array_type(types.int64, types.int64), generate

    return cast(Callable[[int, int], Array], cast(Any, intrinsic)(rows))
