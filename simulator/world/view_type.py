"""How compiled traders see their arguments: a view is two pointers, its fields are loaded where they are used.

Nothing is copied for a decision: `view.best_bid` reads the row of the symbol, `view.cash` the row of the agent, `view.orders` the
rows of its open orders. The Python class View has the same attributes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils as untyped_cgutils
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, models, register_model

from simulator.world.layout import COMMANDS, MARKET, OPEN_ORDER, OWN, QUEUED
from simulator.world.party_rows import PARTY

cgutils: Any = untyped_cgutils
_intrinsic: Callable[[Callable[..., Any]], Callable[..., Any]] = cast(Any, intrinsic)
_StructModel: Any = models.StructModel
_AttributeTemplate: Any = AttributeTemplate
_lower_attributes: Any = lower_getattr_generic
MARKET_TYPE: Any = numba.from_dtype(MARKET)
OWN_TYPE: Any = numba.from_dtype(OWN)
OPEN_ORDER_TYPE: Any = numba.from_dtype(OPEN_ORDER)
QUEUED_TYPE: Any = numba.from_dtype(QUEUED)
COMMANDS_TYPE: Any = numba.from_dtype(COMMANDS)
PARTY_TYPE: Any = numba.from_dtype(PARTY)
_ORDERS_TYPE: Any = types.Array(OPEN_ORDER_TYPE, 1, "C")


class ViewType(types.Type):
    """The type of `view` in compiled traders."""

    def __init__(self) -> None:
        """There is one such type."""
        super().__init__(name="View")


VIEW_TYPE = ViewType()


@register_model(ViewType)
class _ViewModel(_StructModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, [("market", MARKET_TYPE), ("own", OWN_TYPE)])


def _part_of(attribute: str) -> tuple[str, Any]:
    if attribute in OWN_TYPE.fields:
        return "own", OWN_TYPE
    return ("market", MARKET_TYPE) if attribute in MARKET_TYPE.fields else ("party", PARTY_TYPE)


@infer_getattr
class _ViewAttributes(_AttributeTemplate):  # type: ignore[misc]
    key = ViewType

    def generic_resolve(self, view: Any, attribute: str) -> Any:
        if attribute == "own":
            return OWN_TYPE
        if attribute == "market":
            return MARKET_TYPE
        if attribute == "party":
            return PARTY_TYPE
        if attribute == "orders":
            return _ORDERS_TYPE
        part = _part_of(attribute)[1]
        return part.typeof(attribute) if attribute in part.fields else None


@_lower_attributes(ViewType)  # type: ignore[untyped-decorator]
def _load(context: Any, builder: Any, kind: Any, value: Any, attribute: str) -> Any:
    view = cgutils.create_struct_proxy(kind)(context, builder, value=value)
    if attribute in ("own", "market"):
        return getattr(view, attribute)
    if attribute == "party":
        return _party(context, builder, view.own)
    if attribute == "orders":
        return _orders(context, builder, view.own)
    name, part = _part_of(attribute)
    pointer = _party(context, builder, view.own) if name == "party" else getattr(view, name)
    return _field(context, builder, part, pointer, attribute)


def _party(context: Any, builder: Any, own: Any) -> Any:
    """Return the row of PARTY that the agent's record points at."""
    return builder.inttoptr(_field(context, builder, OWN_TYPE, own, "party_address"), context.get_value_type(PARTY_TYPE))


def _field(context: Any, builder: Any, part: Any, pointer: Any, attribute: str) -> Any:
    return context.get_getattr(part, attribute)(context, builder, part, pointer, attribute)


def _orders(context: Any, builder: Any, own: Any) -> Any:
    """Make an array over the rows that the agent's record points at."""
    count = _field(context, builder, OWN_TYPE, own, "open_orders")
    address = _field(context, builder, OWN_TYPE, own, "orders_address")
    array = context.make_array(_ORDERS_TYPE)(context, builder)
    width = context.get_constant(types.intp, OPEN_ORDER.itemsize)
    context.populate_array(
        array,
        data=builder.inttoptr(address, array.data.type),
        shape=cgutils.pack_array(builder, [count]),
        strides=cgutils.pack_array(builder, [width]),
        itemsize=width,
        meminfo=None,
        parent=None,
    )
    return array._getvalue()


@_intrinsic
def view_of(typingctx: Any, market: Any, own: Any) -> Any:
    """Return a view over a row of MARKET and a row of OWN."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        view = cgutils.create_struct_proxy(VIEW_TYPE)(context, builder)
        view.market, view.own = arguments
        return view._getvalue()

    return VIEW_TYPE(MARKET_TYPE, OWN_TYPE), generate


def row_in(dtype: Any) -> Any:
    """Return a function for compiled code: (address of rows, index) -> the row, by reference."""
    row_type: Any = numba.from_dtype(dtype)

    def row(typingctx: Any, address: Any, index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            offset = builder.mul(arguments[1], context.get_constant(types.int64, dtype.itemsize))
            return builder.inttoptr(builder.add(arguments[0], offset), context.get_value_type(row_type))

        return row_type(types.uint64, types.int64), generate

    return _intrinsic(row)


queued_at = row_in(QUEUED)
party_at = row_in(PARTY)


@_intrinsic
def open_order_at(typingctx: Any, own: Any, index: Any) -> Any:
    """Return the OPEN_ORDER row of an index behind an agent's record, also one past its open orders."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _field(context, builder, OWN_TYPE, arguments[0], "orders_address")
        offset = builder.mul(arguments[1], context.get_constant(types.int64, OPEN_ORDER.itemsize))
        return builder.inttoptr(builder.add(address, offset), context.get_value_type(OPEN_ORDER_TYPE))

    return OPEN_ORDER_TYPE(OWN_TYPE, types.int64), generate


@_intrinsic
def call_trader(typingctx: Any, address: Any, view: Any, commands: Any) -> Any:
    """Call the compiled trader at an address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        given = [argument.type for argument in arguments[1:]]
        pointer = builder.inttoptr(arguments[0], ir.FunctionType(ir.VoidType(), given).as_pointer())
        builder.call(pointer, arguments[1:])
        return context.get_dummy_value()

    return types.void(types.uint64, VIEW_TYPE, COMMANDS_TYPE), generate


TRADER_SIGNATURE = types.void(VIEW_TYPE, COMMANDS_TYPE)
"""What the address of a compiled trader points at."""
