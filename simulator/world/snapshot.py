"""A world as bytes, and back: continuing from a snapshot gives the same log as never having stopped.

Books are stored as what they are, not as the arrays that hold them. Layouts and scenario are stored beside the state, and a snapshot
of another layout, scenario, seed or world is refused.
"""

from __future__ import annotations

import hashlib
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from simulator.matching.arrays import BookArrays
from simulator.matching.state import BookState
from simulator.matching.stored import put_state
from simulator.types import RECORD
from simulator.world.layout import DECLARED, MARKET, OPEN_ORDER, OWN, STATE, SYMBOL, Array
from simulator.world.party_rows import LAYOUTS
from simulator.world.scenario import to_builtins

if TYPE_CHECKING:
    from simulator.world.world import World

VERSION = 1
_LEVEL = 1  # of compression: the fastest


class _Snapshot(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    version: int
    layout: str
    origin: str  # which scenario, world and seed
    arrays: dict[str, bytes]
    books: list[bytes]


def write(world: World) -> bytes:
    """Return the state of a world between two steps."""
    state, agents = world.state.copy(), world.agents.copy()
    state["first_seq"], state["target"] = world.next_seq, world.step
    agents["orders_address"] = agents["party_address"] = 0
    arrays = {
        "state": state, "markets": world.markets, "symbols": world.symbols, "agents": agents, "chains": world.digest.chains,
        "orders": np.concatenate([world.table.orders_of(agent) for agent in range(len(world.agents))]),
        "declared": world.declared,
        **world.parties.stored(),
    }  # fmt: skip
    stored = _Snapshot(
        version=VERSION,
        layout=_layout(),
        origin=_origin(world),
        arrays={name: array.tobytes() for name, array in arrays.items()},
        books=[world.book_state(symbol).to_bytes() for symbol in range(len(world.markets))],
    )
    return zlib.compress(msgspec.msgpack.encode(stored), _LEVEL)


def read(world: World, snapshot: bytes) -> None:
    """Make a world go on from a snapshot. Raises ValueError, and leaves it alone, if the snapshot is not one of this world."""
    stored = _decoded(snapshot)
    if stored.version != VERSION or stored.layout != _layout():
        raise ValueError(f"world snapshot of version {stored.version} or another layout, this build reads {VERSION}; "
                         "restore it with the build that wrote it")  # fmt: skip
    if stored.origin != _origin(world):
        raise ValueError("this snapshot is of another scenario, seed or world; restore it into the one that wrote it")
    arrays, books = stored.arrays, [BookState.from_bytes(book) for book in stored.books]
    for name, array in (("state", world.state), ("markets", world.markets), ("symbols", world.symbols), ("chains", world.digest.chains)):
        array.reshape(-1)[:] = np.frombuffer(arrays[name], array.dtype)
    world.declared = np.frombuffer(arrays["declared"], DECLARED)
    world.parties.adopt(arrays)
    _read_agents(world, np.frombuffer(arrays["agents"], OWN), np.frombuffer(arrays["orders"], OPEN_ORDER))
    world.adopt_books(_books(world.scenario.symbols, books))


def _decoded(snapshot: bytes) -> _Snapshot:
    try:
        return msgspec.msgpack.decode(zlib.decompress(snapshot), type=_Snapshot)
    except (zlib.error, msgspec.MsgspecError) as error:
        raise ValueError(f"these {len(snapshot)} bytes are not a world snapshot ({error}); pass what World.snapshot() returned") from None


def _read_agents(world: World, rows: Array, orders: Array) -> None:
    ours = world.agents[["orders_address", "parameters"]].copy()  # a parameter may be an address of this process, too
    world.agents[:] = rows
    world.agents["orders_address"], world.agents["parameters"] = ours["orders_address"], ours["parameters"]
    world.parties.attach(world.agents, world.markets)
    first = 0
    for agent, count in enumerate(rows["open_orders"].tolist()):
        world.table.orders_of(agent)[:] = orders[first : first + count]
        first += count


def _books(symbols: tuple[Any, ...], books: list[BookState]) -> BookArrays:
    arrays = BookArrays(len(symbols), orders=max(4096, 2 * sum(len(book.resting) for book in books)))
    for symbol, book in enumerate(books):
        put_state(arrays, symbol, book)
    return arrays


@cache
def _layout() -> str:
    described = str([layout.descr for layout in (RECORD, MARKET, SYMBOL, OWN, OPEN_ORDER, STATE, DECLARED, *LAYOUTS)])
    return hashlib.blake2b(described.encode(), digest_size=8).hexdigest()


def _origin(world: World) -> str:
    described = msgspec.json.encode([to_builtins(world.scenario), world.world_id, world.seed], order="sorted")
    return hashlib.blake2b(described, digest_size=16).hexdigest()
