"""Where each column of an event type lies in a simulator record, and what the fields that it does not carry always hold."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipelines.events.columns import Encoding
from pipelines.events.declarations import AGENTS, INTERVENTIONS, MESSAGES, NEGOTIATIONS, ORDERS, RESOURCES, TICKS, TRADES, EventType
from pipelines.events.varint import I32, I64, U8, first_other
from simulator.types import RECORD, RecordKind

INT_BYTES = 4


class Layout(msgspec.Struct, frozen=True):
    """`fields`: record field by column; `constants`: the value of every field that no column carries."""

    event: EventType
    kinds: tuple[RecordKind, ...]
    fields: dict[str, str]
    constants: dict[str, int]


BOOK_KINDS = tuple(kind for kind in RecordKind if kind < RecordKind.TRADE)
_ORDER_FIELDS = [name for name in RECORD.names or () if name != "step"]

LAYOUTS: tuple[Layout, ...] = (
    Layout(ORDERS, BOOK_KINDS, {"step": "step"} | {name: name for name in _ORDER_FIELDS}, {}),
    Layout(
        TRADES,
        (RecordKind.TRADE,),
        {
            "step": "step", "symbol": "symbol", "price": "price", "size": "size", "buyer": "owner", "seller": "other_owner",
            "buy_order_id": "order_id", "sell_order_id": "other_id", "aggressor": "side",
        },
        {"kind": RecordKind.TRADE, "reason": 0, "time_in_force": 0, "remaining": 0},
    ),
    Layout(
        TICKS,
        (RecordKind.TICK,),
        {
            "step": "step", "symbol": "symbol", "best_bid": "order_id", "best_ask": "other_id", "last": "price", "volume": "size",
            "bid_size": "owner", "ask_size": "other_owner", "trades": "remaining",
        },
        {"kind": RecordKind.TICK, "side": 0, "reason": 0, "time_in_force": 0},
    ),
    Layout(
        MESSAGES,
        (RecordKind.MESSAGE,),
        {
            "step": "step", "symbol": "symbol", "sender": "owner", "receiver": "other_owner", "topic": "price", "kind": "reason",
            "value_1": "size", "value_2": "remaining", "value_3": "order_id", "value_4": "other_id",
        },
        {"kind": RecordKind.MESSAGE, "side": 0, "time_in_force": 0},
    ),
    Layout(
        NEGOTIATIONS,
        (RecordKind.NEGOTIATION,),
        {
            "step": "step", "deal_id": "order_id", "protocol": "time_in_force", "kind": "reason", "symbol": "symbol", "party": "owner",
            "counterparty": "other_owner", "side": "side", "price": "price", "lots": "size", "round": "remaining", "amount": "other_id",
        },
        {"kind": RecordKind.NEGOTIATION},
    ),
    Layout(
        AGENTS,
        (RecordKind.ACCOUNT,),
        {
            "step": "step", "agent": "owner", "symbol": "symbol", "cash": "order_id", "inventory": "size", "fees": "other_id",
            "open_orders": "remaining", "reputation": "price", "alliance": "other_owner",
        },
        {"kind": RecordKind.ACCOUNT, "side": 0, "reason": 0, "time_in_force": 0},
    ),
    Layout(
        RESOURCES,
        (RecordKind.RESOURCE,),
        {
            "step": "step", "agent": "owner", "symbol": "symbol", "produced": "price", "consumed": "size", "lacked": "remaining",
            "perished": "other_owner", "paid": "order_id", "earned": "other_id", "quality": "reason",
        },
        {"kind": RecordKind.RESOURCE, "side": 0, "time_in_force": 0},
    ),
    Layout(
        INTERVENTIONS,
        (RecordKind.INTERVENTION,),
        {
            "step": "step", "kind": "reason", "rule": "time_in_force", "symbol": "symbol", "regulator": "owner", "agent": "other_owner",
            "observed": "price", "allowed": "size", "amount": "order_id", "until": "other_id",
        },
        {"kind": RecordKind.INTERVENTION, "side": 0, "remaining": 0},
    ),
)  # fmt: skip
"""In the order in which blocks that close at the same step are sent."""

RECORD_TYPES: tuple[str, ...] = tuple(layout.event.name for layout in LAYOUTS)
"""Names of the event types that come from records of the simulator."""

_FIELDS: Mapping[str, tuple[Any, ...]] = RECORD.fields or {}
_BY_NAME = {layout.event.name: layout for layout in LAYOUTS}


def layout_of(event: str) -> Layout:
    """The layout of an event type; ValueError if its events are no records of the simulator."""
    try:
        return _BY_NAME[event]
    except KeyError:
        raise ValueError(f"events of type {event!r} are no simulator records; those are {', '.join(_BY_NAME)}") from None


@cache
def plan(event: str) -> NDArray[np.int64]:
    """Rows of (view, place in the record, words a record, delta) for `varint.put_records`, in wire order after seq."""
    layout, rows = layout_of(event), []
    for column in layout.event.all_columns[1:]:
        dtype, offset = _FIELDS[layout.fields[column.name]][:2]
        view, width = {1: (U8, 1), 4: (I32, 4), 8: (I64, 8)}[dtype.itemsize]
        rows.append((view, offset // width, RECORD.itemsize // width, int(column.encoding is Encoding.DELTA)))
    return np.array(rows, np.int64)


@cache
def type_of_kind() -> NDArray[np.int64]:
    """Index in LAYOUTS by RecordKind (256 entries), -1 where no type carries the kind."""
    table = np.full(256, -1, np.int64)
    for index, layout in enumerate(LAYOUTS):
        table[list(layout.kinds)] = index
    return table


@cache
def _rules(event: str) -> NDArray[np.int64]:
    """Rows of (place among a record's int32, mask, value) for `varint.first_other`: one a word, for all its constants."""
    words: dict[int, list[int]] = {}
    for name, value in layout_of(event).constants.items():
        dtype, offset = _FIELDS[name][:2]
        whole = (1 << 8 * dtype.itemsize) - 1 if dtype.itemsize < INT_BYTES else -1
        shift = 8 * (offset % INT_BYTES) if dtype.itemsize < INT_BYTES else 0
        word = words.setdefault(offset // INT_BYTES, [0, 0])
        word[0] |= whole << shift
        word[1] |= value << shift
    return np.array([(place, mask, value) for place, (mask, value) in words.items()], np.int64).reshape(-1, 3)


def check_constants(layout: Layout, records: NDArray[np.void], seqs: NDArray[np.int64]) -> None:
    """ValueError with the first record that holds something in a field which its event type does not carry."""
    event = layout.event.name
    ints = np.ascontiguousarray(records).view(np.int32)
    wrong = first_other(ints, RECORD.itemsize // INT_BYTES, len(records), _rules(event))
    if wrong < 0:
        return
    name, value = next((name, value) for name, value in layout.constants.items() if records[name][wrong] != value)
    rule = f"{event} does not carry {name}, which is {value} by its layout"
    found = f"record {int(seqs[wrong])} has {name} {int(records[name][wrong])}"
    raise ValueError(f"{found}: {rule}; write {value} or declare a column in a new version")
