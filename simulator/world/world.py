"""A simulated market: advance it, read its records, look at its state, halt a symbol, store and restore it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
from numba import types

from simulator import seeding
from simulator.matching.arrays import BookArrays, Grow, ring_of
from simulator.matching.compiled import one_at_a_time
from simulator.matching.state import BookState
from simulator.matching.stored import state_of
from simulator.types import CommandKind
from simulator.world import snapshot
from simulator.world.agents import AgentTable, MakeTrader, registered
from simulator.world.call import Call, Stop
from simulator.world.commands import Commands
from simulator.world.digest import Digest, words_of
from simulator.world.initial import initial_markets, initial_state, initial_symbols
from simulator.world.invariants import check
from simulator.world.layout import COMMANDS, DECLARED, MEMORY, QUEUED, STATE, TURN, Array
from simulator.world.loop import GO_ON, play
from simulator.world.parties import Parties
from simulator.world.scenario import Scenario
from simulator.world.view import Around, View

RING_RECORDS = 32768
"""Records that fit beside the processor: 1.5 MiB."""


_DECLARATIONS = 16  # rows to begin with

_STEP, _FIRST_SEQ = ((STATE.names or ()).index(name) for name in ("step", "first_seq"))


class Chunk(NamedTuple):
    """Neighbouring records of a world's log, of whole steps."""

    first_seq: int
    records: Array  # (n,) RECORD, a view that is valid until the world goes on
    last_step: int  # the last step that was played


class Capacity(NamedTuple):
    """How much memory a world begins with. It grows when needed; the log does not depend on it."""

    ring_records: int = RING_RECORDS
    orders: int = 4096
    pages: int = 64
    commands: int = 1024


class World:
    """One market of a run.

    What it is made of can be read at any time between two calls, without copying: `markets` (symbols,) MARKET, `agents` (agents,) OWN,
    `outside` numbers of the agents that decide outside, `books` (symbols,) of the matching core. `step` counts the steps played,
    `next_seq` the records written.
    """

    def __init__(
        self,
        scenario: Scenario,
        world_id: int = 0,
        seed: int = 1,
        make_trader: MakeTrader = registered,
        capacity: Capacity = Capacity(),  # noqa: B008
    ) -> None:
        """Make a market at its first step. Raises ValueError for unknown strategies, wrong parameters and seeds."""
        self.scenario, self.world_id, self.seed = scenario, world_id, seeding.checked_seed(seed)
        self.table = AgentTable(scenario, world_id, seed, make_trader)
        self.arrays = BookArrays(len(scenario.symbols), 1, 1, capacity.orders, capacity.pages)
        self.markets, self.symbols = initial_markets(scenario), initial_symbols(scenario, world_id, seed)
        self.parties = Parties(scenario, self.table, world_id, seed)
        self.state = initial_state(scenario, world_id, seed)
        self._link()
        self.digest = Digest()
        self._ring = ring_of(max(2, capacity.ring_records))
        self._queued = np.zeros(max(capacity.commands, 2 * len(scenario.symbols)), QUEUED)
        self._commands = np.zeros(1, COMMANDS)
        self._turns = np.zeros(scenario.agents + 2 * len(scenario.symbols) + 1, TURN)
        self._beyond, self._declared = np.zeros(1, np.uint64), np.zeros(_DECLARATIONS, DECLARED)
        self._dirty, self._saved = np.zeros(scenario.agents + 1, np.int32), np.zeros(MEMORY)
        self._numbers, self._broken = self.state.view(np.int64), False
        self._bind()

    def begin_again(self, world_id: int) -> None:
        """Become another world of the same scenario and seed, at its first step: as if made anew, in the same memory."""
        self.world_id, self._broken = world_id, False
        self.table.forget()
        self.table.deal(self.scenario, world_id, self.seed)
        self.arrays.clear()
        self.markets[:], self.symbols[:] = initial_markets(self.scenario), initial_symbols(self.scenario, world_id, self.seed)
        self.parties.begin(self.scenario, self.table, world_id, self.seed)
        self.state[:], self.digest.chains[:], self._dirty[:] = initial_state(self.scenario, world_id, self.seed), 0, 0
        self._commands["count"] = self._commands["overflow"] = 0
        self._link()

    def _link(self) -> None:
        """Tell the books and businesses what they belong to."""
        for row, symbol in enumerate(self.scenario.symbols):
            self.books["tick_size"][row], self.books["lot_size"][row] = symbol.tick_size, symbol.lot_size
        self.parties.attach(self.agents, self.markets)

    @property
    def books(self) -> Array:
        """(symbols,) BOOK: the touch and totals of every book."""
        return self.arrays.books

    @property
    def agents(self) -> Array:
        """(agents,) OWN: accounts, limits, memory of every agent."""
        return self.table.rows

    @property
    def around(self) -> Around:
        """The tables that traders look things up in."""
        held = self.parties
        return Around(self.agents, self.markets, held.parties, held.publics, held.letters, held.trust, held.deals, held.alliances,
                      held.mechanisms)  # fmt: skip

    @property
    def outside(self) -> Array:
        """(n,) int64: numbers of the agents that decide outside, ascending."""
        return self.table.outside

    @property
    def declared(self) -> Array:
        """(n,) DECLARED: what its manipulators have said of themselves so far; a view."""
        return self._declared[: int(self.state["declared"][0])]

    @declared.setter
    def declared(self, rows: Array) -> None:
        self._declared = _longer(rows, max(_DECLARATIONS, 2 * len(rows)))
        self._bind()

    @property
    def step(self) -> int:
        """Steps played."""
        return self._numbers.item(_STEP)

    @property
    def next_seq(self) -> int:
        """Records written so far; the sequence number of the next one."""
        return self._numbers.item(_FIRST_SEQ) + int(self.arrays.pool["cursor"][0])

    def _bind(self) -> None:
        """Bind all arrays to the compiled loop: to find out their types anew at each call costs more than a step."""
        self._commands["capacity"], self._commands["address"] = len(self._queued), self._queued.ctypes.data
        books, pool, orders, levels, pages, table, directory = self.arrays.args
        self._call = Call(
            books=books, pool=pool, orders=orders, levels=levels, pages=pages, table=table, directory=directory, ring=self._ring,
            words=words_of(self._ring), states=self.state, markets=self.markets, symbols=self.symbols, agents=self.agents,
            agenda=self.table.agenda, ends=self.table.ends, addresses=self.table.addresses, commands=self._commands,
            queued=self._queued, turns=self._turns, dirty=self._dirty, saved=self._saved, chains=self.digest.chains, beyond=self._beyond,
            declared=self._declared, neighbours=self.parties.neighbours, mediators=self.parties.mediators,
            **{name: getattr(self.parties, name) for name in Parties.STORED},
        )  # fmt: skip
        self._play: Callable[[int], int] | None = None  # compiled only for a world that is played

    def advance(self, steps: int = 1) -> Chunk:
        """Play up to `steps` more steps and return their records; fewer, but at least one, when the ring fills up.

        The records of the call before are gone. Raises ValueError for fewer than one step.
        """
        if steps < 1:
            raise ValueError(f"{steps} steps is fewer than one; ask for at least one")
        return self._play_to(self.step + steps)

    def chunks(self, until: int) -> Iterator[Chunk]:
        """Play until `until` steps have been played in all; each chunk is valid until the next one is asked for."""
        while self.step < until:
            yield self._play_to(until)

    def step_batch(self, actions: Array) -> Chunk:
        """Play one step in which the outside agents act: row i of actions (outside agents, k <= 16) goes to the memory of outside[i].

        What the numbers mean is for the strategy that its population names. Raises ValueError for another number of rows.
        """
        if len(actions) != len(self.outside):
            raise ValueError(f"{len(actions)} rows of actions for {len(self.outside)} outside agents; pass one for each")
        self.table.rows["memory"][self.outside, : actions.shape[1]] = actions
        return self._play_to(self.step + 1)

    def _play_to(self, target: int) -> Chunk:
        """Play; the loop itself forgets the records of the call before."""
        self._refuse_broken()
        return self.played(self._bound()(target))

    def played(self, count: int) -> Chunk:
        """What the loop played: its records; if `count` says why it stopped in a step, see to that and play on to the target first."""
        while count < 0:
            self._broken = True
            self._go_on(-count)
            count, self._broken = self._bound()(GO_ON), False
        return Chunk(self._numbers.item(_FIRST_SEQ), self._ring[:count], self.step - 1)

    @property
    def call_address(self) -> int:
        """Where compiled code finds all arrays of this world (call.CALL); another one after each that `played` had to see to."""
        self._bound()
        return self._call.address

    def _bound(self) -> Callable[[int], int]:
        """The compiled loop over this world's arrays."""
        if self._play is None:
            entry = _entry()
            self.table.compile()
            if self.parties.in_use:
                self._beyond[0] = import_module("simulator.world.beyond").beyond_address()
            self._play = partial(entry, self._call.address)
        return self._play

    def _refuse_broken(self) -> None:
        if self._broken:
            raise ValueError(f"a trader failed in the middle of step {self.step}; restore the world from a snapshot of before")

    def _go_on(self, code: int) -> None:
        """Do what the loop stopped for."""
        if code == Stop.PYTHON:
            self._ask_in_python()
            return
        if code == Stop.QUEUE:
            self._queued = _longer(self._queued, 2 * len(self._queued))
        elif code == Stop.DECLARED:
            self._declared = _longer(self._declared, 2 * len(self._declared))
        elif code == Grow.RING:
            pool = self.arrays.pool[0]
            self._ring = _longer(self._ring, max(2 * len(self._ring), int(pool["cursor"] + pool["needed"])))
        else:
            self.arrays.grow(code)
        self._bind()

    def _ask_in_python(self) -> None:
        state, waiting = self.state[0], self._commands[0]
        agent = int(self.table.agenda[state["position"]])
        own, commands = self.agents[agent], Commands()
        view = View(self.markets[own["symbol"]], own, self.table.orders_of(agent), self.around)
        self.table.traders[own["trader_type"]].act(view, commands)
        first, end = int(waiting["count"]), int(waiting["count"]) + len(commands)
        if end > len(self._queued):
            self._queued = _longer(self._queued, 2 * end)
            self._bind()
        if commands.rows:
            self._queued[first:end] = commands.rows
            self._turns[int(state["turns"])] = (agent, first, len(commands), 0)
            state["turns"] += 1
        waiting["count"] = end
        state["position"] += 1

    def halt(self, symbol: int | str) -> None:
        """Halt trading in a symbol from the next step on: cancellations are accepted, everything else refused."""
        self._want(symbol, CommandKind.HALT)

    def resume(self, symbol: int | str) -> None:
        """Resume trading in a symbol from the next step on."""
        self._want(symbol, CommandKind.RESUME)

    def _want(self, symbol: int | str, kind: CommandKind) -> None:
        row = self.scenario.symbol(symbol) if isinstance(symbol, str) else symbol
        if not 0 <= row < len(self.symbols):
            raise ValueError(f"symbol {symbol} is not one of the {len(self.symbols)} symbols; choose 0..{len(self.symbols) - 1}")
        self.symbols["wanted"][row], self.symbols["asked_by"][row] = int(kind), -1

    def book_state(self, symbol: int) -> BookState:
        """Return the whole book of a symbol in canonical order."""
        return state_of(self.arrays, symbol)

    def book_hashes(self) -> dict[str, str]:
        """Return the state hash of every book by the symbol's name."""
        return {symbol.name: self.book_state(row).hash() for row, symbol in enumerate(self.scenario.symbols)}

    def adopt_books(self, arrays: BookArrays) -> None:
        """Go on with these books and an empty ring, where `state` says: the records of before are gone."""
        self.arrays, self._broken = arrays, False
        self._bind()

    def resize_ring(self, records: int) -> None:
        """Let about so many records pile up before a call returns. The records of the call before are gone."""
        self.state["first_seq"] = self.next_seq
        self.arrays.pool["cursor"] = 0
        self._ring = ring_of(max(2, records))
        self._bind()

    def hash(self) -> str:
        """Return 16 hex digits over the whole log so far."""
        return self.digest.hash()

    def check(self) -> None:
        """Check what must hold after every step. Raises ValueError that names what does not (see invariants)."""
        check(self)

    def snapshot(self) -> bytes:
        """Return the whole state between two steps; restored, the world goes on as if nothing had been."""
        self._refuse_broken()
        return snapshot.write(self)

    def restore(self, stored: bytes) -> None:
        """Become the world of a snapshot of the same scenario, seed and number. Raises ValueError otherwise."""
        snapshot.read(self, stored)


@cache
def _entry() -> Any:
    """Return the machine code of `play` as a Python function: numba's look-up of types costs as much as a step."""
    return _compiled_loop().entry_point


@cache
def play_address() -> int:
    """Return where the machine code of `play` lies, for compiled code that plays many worlds (as numba's own functions call each other)."""
    found = _compiled_loop()
    return int(found.library.get_pointer_to_function(found.fndesc.llvm_func_name))


def _compiled_loop() -> Any:
    dispatcher: Any = play
    with one_at_a_time(dispatcher):
        dispatcher.compile((types.int64, types.int64))
    return dispatcher.overloads[dispatcher.signatures[0]]


def _longer(array: Array, rows: int) -> Array:
    longer = np.zeros(rows, array.dtype)
    longer[: len(array)] = array
    return longer
