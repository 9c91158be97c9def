"""CSV rows of what happens beside trading, in words and in currency: resources, negotiations, interventions, standing, messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.workers.display import Display
from pipelines.workers.sink import Records
from simulator.types import DealStep, InterventionKind, MessageKind, Protocol, RecordKind, Rule

_MILLION = 1_000_000
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "resources": ("step", "agent_id", "symbol", "produced", "consumed", "lacked", "perished", "paid", "earned", "quality"),
    "negotiations": (
        "step", "deal_id", "protocol", "event", "symbol", "agent_id", "other_id", "side", "price", "quantity", "round", "amount",
    ),
    "interventions": ("step", "event", "rule", "symbol", "regulator_id", "agent_id", "observed", "allowed", "fine", "until"),
    "standing": ("step", "agent_id", "reputation", "alliance"),
    "messages": ("step", "kind", "sender_id", "receiver_id", "topic", "value_1", "value_2", "value_3", "value_4"),
}  # fmt: skip
"""Columns of each file; amount of a negotiation is as its event says (docs/events.md), money in ticks x lots."""


def tables(records: Records, display: Display) -> dict[str, pa.Table]:
    """Return the rows of each file that a display wants, from the records of whole steps."""
    found = {}
    for name in display.beyond:
        kind, columns = _TABLES[name]
        rows = records[records["kind"] == kind]
        if len(rows):
            found[name] = pa.table(columns(rows, display), names=list(COLUMNS[name]))
    return found


def _named(display: Display, agents: NDArray[Any]) -> pa.Array:
    """Return names of agents; nothing for -1."""
    return pa.array(list(display.agents)).take(pa.array(agents, mask=agents < 0))


def _words(kind: type[IntEnum], numbers: NDArray[Any]) -> pa.Array:
    words = {int(member): member.name.lower() for member in kind}
    return pa.array([words[number] for number in numbers.tolist()])


def _symbols(display: Display, rows: Records) -> pa.Array:
    return pa.array(list(display.symbols)).take(pa.array(rows["symbol"]))


def _money(display: Display, amounts: NDArray[Any], rows: Records) -> NDArray[np.float64]:
    return display.price(amounts, rows["symbol"])


def _resources(rows: Records, display: Display) -> list[Any]:
    flows = [rows[name] for name in ("price", "size", "remaining", "other_owner")]
    money = [_money(display, rows[name], rows) for name in ("order_id", "other_id")]
    return [rows["step"], _named(display, rows["owner"]), _symbols(display, rows), *flows, *money, rows["reason"] / 100]


def _negotiations(rows: Records, display: Display) -> list[Any]:
    who = [_named(display, rows["owner"]), _named(display, rows["other_owner"])]
    sides = pa.array(["buy", "sell"]).take(pa.array(rows["side"]))
    return [
        rows["step"], rows["order_id"], _words(Protocol, rows["time_in_force"]), _words(DealStep, rows["reason"]), _symbols(display, rows),
        *who, sides, display.price(rows["price"], rows["symbol"]), rows["size"], rows["remaining"], rows["other_id"],
    ]  # fmt: skip


def _interventions(rows: Records, display: Display) -> list[Any]:
    who = [_named(display, rows["owner"]), _named(display, rows["other_owner"])]
    return [
        rows["step"], _words(InterventionKind, rows["reason"]), _words(Rule, rows["time_in_force"]), _symbols(display, rows), *who,
        rows["price"], rows["size"], _money(display, rows["order_id"], rows), rows["other_id"],
    ]  # fmt: skip


def _standing(rows: Records, display: Display) -> list[Any]:
    return [rows["step"], _named(display, rows["owner"]), rows["price"] / _MILLION, rows["other_owner"]]


def _messages(rows: Records, display: Display) -> list[Any]:
    kinds = pa.array([_MESSAGE_KINDS.get(number, str(number)) for number in rows["reason"].tolist()])
    who = [_named(display, rows["owner"]), _named(display, rows["other_owner"])]
    return [rows["step"], kinds, *who, rows["price"], *(rows[name] for name in ("size", "remaining", "order_id", "other_id"))]


_MESSAGE_KINDS = {int(kind): kind.name.lower() for kind in MessageKind}
_TABLES: Mapping[str, tuple[RecordKind, Callable[[Records, Display], list[Any]]]] = {
    "resources": (RecordKind.RESOURCE, _resources),
    "negotiations": (RecordKind.NEGOTIATION, _negotiations),
    "interventions": (RecordKind.INTERVENTION, _interventions),
    "standing": (RecordKind.ACCOUNT, _standing),
    "messages": (RecordKind.MESSAGE, _messages),
}
