"""What a trader may ask for in a step: place, cancel, modify, send a message. Any number of them, carried out in that order.

The functions work on both forms: on `Commands` in Python, and in compiled traders on the rows that the world provides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.types import CommandKind, Outcome, Side, TimeInForce
from simulator.world.jit import both_ways, compiled_form
from simulator.world.layout import DECLARE, MESSAGE
from simulator.world.view_type import queued_at

BUY, SELL = int(Side.BUY), int(Side.SELL)
BEGUN, ATTEMPTED, CONSUMMATED = int(Outcome.BEGUN), int(Outcome.ATTEMPTED), int(Outcome.CONSUMMATED)
GTC, IOC, FOK, POST_ONLY = int(TimeInForce.GTC), int(TimeInForce.IOC), int(TimeInForce.FOK), int(TimeInForce.POST_ONLY)
EVERYBODY = -1  # receiver of a broadcast

_LIMIT, _MARKET, _CANCEL, _MODIFY = int(CommandKind.LIMIT), int(CommandKind.MARKET), int(CommandKind.CANCEL), int(CommandKind.MODIFY)


@dataclass(frozen=True)
class PlaceOrder:
    """A new order; a market order has no price."""

    kind: CommandKind
    side: Side
    size: int
    price: int | None = None
    time_in_force: TimeInForce = TimeInForce.GTC


@dataclass(frozen=True)
class CancelOrder:
    """The end of a resting order."""

    order_id: int


@dataclass(frozen=True)
class ModifyOrder:
    """Another price or size for a resting order; the same price with a smaller size keeps its place."""

    order_id: int
    price: int
    size: int


@dataclass(frozen=True)
class SendMessage:
    """A message to one agent, or to EVERYBODY."""

    receiver: int
    topic: int
    value: int
    kind: int = 0


class Commands:
    """The commands of one decision, in Python.

    `rows` holds what the functions of this module appended, as (kind, side, time in force, price, size, order id, more, most).
    """

    def __init__(self) -> None:
        """Begin with none."""
        self.rows: list[tuple[int, ...]] = []

    def __len__(self) -> int:
        """Return how many commands there are."""
        return len(self.rows)

    def placed(self) -> list[PlaceOrder | CancelOrder | ModifyOrder | SendMessage]:
        """Return the commands to the book and the messages in words."""
        return [_in_words(*row[:6]) for row in self.rows if row[0] <= MESSAGE]

    def declared(self) -> list[tuple[int, Outcome]]:
        """Return what was declared, as episodes with their outcomes."""
        return [(row[5], Outcome(row[1])) for row in self.rows if row[0] == DECLARE]


def _in_words(kind: int, side: int, tif: int, price: int, size: int, order_id: int) -> PlaceOrder | CancelOrder | ModifyOrder | SendMessage:
    if kind == _CANCEL:
        return CancelOrder(order_id)
    if kind == _MODIFY:
        return ModifyOrder(order_id, price, size)
    if kind == MESSAGE:
        return SendMessage(order_id, price, size, side)
    if kind == _MARKET:
        return PlaceOrder(CommandKind.MARKET, Side(side), size, None, TimeInForce.IOC)
    return PlaceOrder(CommandKind(kind), Side(side), size, price, TimeInForce(tif))


def put(commands: Any, kind: int, side: int, time_in_force: int, price: int, size: int, order_id: int) -> None:
    """Append one command to the book as numbers; the functions below say what they mean."""
    commands.rows.append((int(kind), int(side), int(time_in_force), int(price), int(size), int(order_id), 0, 0))


@compiled_form(put)
def _put(commands: Any, kind: int, side: int, time_in_force: int, price: int, size: int, order_id: int) -> None:
    if commands.count >= commands.capacity:
        commands.overflow = 1
        return
    row = queued_at(commands.address, commands.count)
    row.kind = kind
    row.side = side
    row.time_in_force = time_in_force
    row.price = price
    row.size = size
    row.order_id = order_id
    commands.count = commands.count + 1


def put_more(commands: Any, kind: int, side: int, time_in_force: int, price: int, size: int, order_id: int, more: int, most: int) -> None:
    """Append one command beyond the book as numbers."""
    commands.rows.append(tuple(int(number) for number in (kind, side, time_in_force, price, size, order_id, more, most)))


@compiled_form(put_more)
def _put_more(commands: Any, kind: int, side: int, time_in_force: int, price: int, size: int, order_id: int, more: int, most: int) -> None:
    if commands.count < commands.capacity:
        row = queued_at(commands.address, commands.count)
        row.more = more
        row.most = most
    put(commands, kind, side, time_in_force, price, size, order_id)


@both_ways
def place_limit(commands: Any, side: int, price: int, size: int, time_in_force: int = GTC) -> None:
    """Place a limit order of `size` lots at `price` ticks."""
    put(commands, _LIMIT, side, time_in_force, price, size, -1)


@both_ways
def place_market(commands: Any, side: int, size: int) -> None:
    """Place a market order of `size` lots: it takes what is there and the rest is cancelled."""
    put(commands, _MARKET, side, IOC, 0, size, -1)


@both_ways
def cancel(commands: Any, order_id: int) -> None:
    """Cancel an own order; find its id in `view.orders`."""
    put(commands, _CANCEL, 0, 0, 0, 0, order_id)


@both_ways
def modify(commands: Any, order_id: int, price: int, size: int, time_in_force: int = GTC) -> None:
    """Give an own order another price or open size; only the same price with a smaller size keeps its place in the queue."""
    put(commands, _MODIFY, 0, time_in_force, price, size, order_id)


@both_ways
def message(commands: Any, receiver: int, topic: int, value: int, kind: int = 0) -> None:
    """Send a number to an agent, or to EVERYBODY; it can be seen from the next step on."""
    put_more(commands, MESSAGE, kind, 0, topic, value, receiver, 0, 0)


@both_ways
def tell(commands: Any, receiver: int, topic: int, kind: int, value_1: int, value_2: int, value_3: int, value_4: int) -> None:
    """Send four numbers to an agent, or to EVERYBODY; `kind` is 0, or 16..255 with a meaning of your own."""
    put_more(commands, MESSAGE, kind, value_1, topic, value_3, receiver, value_2, value_4)


@both_ways
def declare(commands: Any, episode: int, outcome: int) -> None:
    """Say that an episode of manipulation has begun or ended: BEGUN, ATTEMPTED or CONSUMMATED.

    It becomes a label. Nobody in the market sees it, and it leaves no event. Agents that take part in one episode each declare it for
    themselves, under the same number; each number is used once (simulator.manipulators.manipulator.own_episode makes them).
    """
    put(commands, DECLARE, outcome, 0, 0, 0, episode)
