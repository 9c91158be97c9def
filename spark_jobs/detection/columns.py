"""What detectors take: columns of public topics as whole numbers, of one symbol, in seq order. Nothing else reaches them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = np.ndarray[Any, Any]
Row = Any  # one row of a structured array, by reference
Column = NDArray[np.int64]


class Orders(NamedTuple):
    """Rows of market.orders (pipelines.events.declarations.ORDERS), each column (n,) int64."""

    kind: Column
    side: Column
    reason: Column
    time_in_force: Column
    step: Column
    price: Column
    size: Column
    owner: Column
    other_owner: Column
    order_id: Column
    other_id: Column


class Messages(NamedTuple):
    """Rows of market.messages, each column (n,) int64."""

    step: Column
    sender: Column
    receiver: Column
    topic: Column
    kind: Column
    value_1: Column
    value_2: Column
    value_3: Column
    value_4: Column


class Deals(NamedTuple):
    """Rows of market.negotiations, each column (n,) int64."""

    step: Column
    deal_id: Column
    protocol: Column
    kind: Column
    party: Column
    counterparty: Column
    side: Column
    price: Column
    lots: Column
    round: Column
    amount: Column


class Public(NamedTuple):
    """What is known to everybody of a symbol."""

    orders: Orders
    messages: Messages
    deals: Deals


def rows_between(orders: Orders, first: int, end: int) -> Orders:
    """Rows [first, end)."""
    return Orders(*(column[first:end] for column in orders))


def orders_of(columns: Mapping[str, Array], symbol: int) -> Orders:
    """The rows of a symbol in a block of orders, or in anything else with these columns by name."""
    return Orders(*_of(columns, symbol, Orders._fields))


def messages_of(columns: Mapping[str, Array], symbol: int) -> Messages:
    """The same for messages."""
    return Messages(*_of(columns, symbol, Messages._fields))


def deals_of(columns: Mapping[str, Array], symbol: int) -> Deals:
    """The same for negotiations."""
    return Deals(*_of(columns, symbol, Deals._fields))


def _of(columns: Mapping[str, Array], symbol: int, names: tuple[str, ...]) -> list[Column]:
    rows = np.flatnonzero(np.asarray(columns["symbol"]) == symbol)
    return [np.ascontiguousarray(columns[name][rows], np.int64) for name in names]
