"""Whole numbers handed from Python to compiled code: strictly, and faster than numba's own integers.

numba cuts 100.5 to 100 without a word. A WholeNumber argument accepts what Python accepts as an index, and raises TypeError for
anything else and OverflowError beyond 64 bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.core import cgutils as untyped_cgutils
from numba.extending import NativeValue, intrinsic, models, register_model, unbox

_cgutils: Any = untyped_cgutils
_PrimitiveModel: Any = models.PrimitiveModel
_native: Any = NativeValue
_unbox_of: Any = unbox


class WholeNumber(types.Type):
    """The type of such an argument."""

    def __init__(self) -> None:
        """There is one such type."""
        super().__init__(name="WholeNumber")


WHOLE_NUMBER = WholeNumber()


@register_model(WholeNumber)
class _Model(_PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, ir.IntType(64))


@_unbox_of(WholeNumber)  # type: ignore[untyped-decorator]
def _unbox(kind: Any, value: Any, context: Any) -> Any:
    builder = context.builder
    number = context.pyapi.long_as_longlong(value)
    failed = _cgutils.alloca_once_value(builder, _cgutils.false_bit)
    with builder.if_then(builder.icmp_signed("==", number, number.type(-1)), likely=False):
        builder.store(_cgutils.is_not_null(builder, context.pyapi.err_occurred()), failed)
    return _native(number, is_error=builder.load(failed))


@intrinsic
def _as_integer(typingctx: Any, number: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return arguments[0]

    return types.int64(WHOLE_NUMBER), generate


as_integer = cast(Callable[[int], int], _as_integer)
"""For compiled code: the int64 that was handed in."""
