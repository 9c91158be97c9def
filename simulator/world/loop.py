"""The step, compiled: all agents decide on what they see, their commands are carried out in a shuffled order, accounts follow.

The loop can stop anywhere and go on where it was: when memory must grow, when a trader of plain Python must decide. What it
returns says which; its place is in STATE. It returns DONE only between two steps.
"""

from __future__ import annotations

from enum import IntEnum

from simulator.matching.arrays import Grow
from simulator.matching.compiled import called, compiled, i8, inlined, u1, u4, u8
from simulator.matching.writing import emit
from simulator.types import CommandKind, Reason, RecordKind
from simulator.world.by_address import What, call_beyond
from simulator.world.call import (
    Stop,
    agents_at,
    books_at,
    call_at,
    commands_at,
    f8_at,
    i4_at,
    i8_at,
    markets_at,
    pool_at,
    queued_rows_at,
    ring_at,
    states_at,
    symbols_at,
    turns_at,
    u8_at,
)
from simulator.world.digest import digest_rows
from simulator.world.draws import below, next_word, unit_of
from simulator.world.layout import Array, Row
from simulator.world.step_end import end_step
from simulator.world.turns import carry_out, clipped
from simulator.world.view_type import call_trader, view_of


class Phase(IntEnum):
    """Where in a step the loop stands."""

    BEGIN = 0
    DECIDE = 1
    CARRY_OUT = 2
    BEYOND = 3
    TICKS = 4
    ACCOUNTS = 5
    END = 6


_BEGIN, _DECIDE, _CARRY_OUT = int(Phase.BEGIN), int(Phase.DECIDE), int(Phase.CARRY_OUT)
_BEYOND, _TICKS, _ACCOUNTS, _END = int(Phase.BEYOND), int(Phase.TICKS), int(Phase.ACCOUNTS), int(Phase.END)
_DONE, _RING, _QUEUE, _PYTHON = i8(Grow.DONE), i8(Grow.RING), i8(Stop.QUEUE), i8(Stop.PYTHON)
_TICK, _ACCOUNT, _NONE = u1(RecordKind.TICK), u1(RecordKind.ACCOUNT), u1(Reason.NONE)
_HALT, _RESUME = i8(CommandKind.HALT), i8(CommandKind.RESUME)
_CALL, _UNCROSS = i8(CommandKind.CALL), i8(CommandKind.UNCROSS)
_ZERO, _NOBODY = i8(0), i8(-1)
_BEGIN_BEYOND, _PHASE_BEYOND = i8(What.BEGIN), i8(What.PHASE)

GO_ON = -1
"""The `target` of a call of `play` that goes on where it stopped."""


@compiled
def play(address: int, target: int) -> int:
    """Forget the records in the ring and play until `target` steps are played, or the ring is half full at the end of a step.

    Returns how many records lie in the ring, or minus why it stopped (Grow, Stop); then it goes on with `target` GO_ON.
    `address` is that of a call.CALL row.
    """
    call = call_at(address, 1)[0]
    books, pool, ring = books_at(call.books_at, call.books_rows), pool_at(call.pool_at, 1), ring_at(call.ring_at, call.ring_rows)
    words, chains = u8_at(call.words_at, call.words_rows), u8_at(call.chains_at, call.chains_rows)
    state, commands = states_at(call.states_at, 1)[0], commands_at(call.commands_at, 1)[0]
    markets, symbols = markets_at(call.markets_at, call.markets_rows), symbols_at(call.symbols_at, call.symbols_rows)
    agents, dirty = agents_at(call.agents_at, call.agents_rows), i4_at(call.dirty_at, call.dirty_rows)
    queued, turns = queued_rows_at(call.queued_at, call.queued_rows), turns_at(call.turns_at, call.turns_rows)
    beyond = u8_at(call.beyond_at, 1)[0]
    if target != GO_ON:
        state.first_seq = state.first_seq + pool[0].cursor
        pool[0].cursor = 0
        state.target = target
    while True:
        code = _DONE
        if state.phase == _BEGIN:
            if state.step >= state.target or 2 * pool[0].cursor >= len(ring):
                break
            if state.position == 0:
                begin_step(state, markets, symbols, commands, queued, turns)
            if beyond != 0:
                state.position = 1  # should the queue be too short, what the world wants is in it already
                code = call_beyond(beyond, call, _BEGIN_BEYOND, _ZERO, _ZERO)
        elif state.phase == _DECIDE:
            code = decide(call, state, commands)
        elif state.phase == _CARRY_OUT:
            code = carry_out(call, state)
        elif state.phase == _BEYOND:
            if beyond != 0:
                code = call_beyond(beyond, call, _PHASE_BEYOND, _ZERO, _ZERO)
        elif state.phase == _TICKS:
            code = write_ticks(books, pool, ring, state, symbols)
        elif state.phase == _ACCOUNTS:
            code = write_accounts(pool, ring, state, agents, dirty)
        else:
            end_step(call, books, state, markets, symbols)
        if code != _DONE:
            return -code
        state.phase = state.phase + 1 if state.phase < _END else _BEGIN
        state.position = 0
    digest_rows(words, pool[0].cursor, state.first_seq, chains)
    return i8(pool[0].cursor)


@inlined
def begin_step(state: Row, markets: Array, symbols: Array, commands: Row, queued: Array, turns: Array) -> None:
    """Put what the world itself wants before everybody's commands; an auction neither begins nor ends while trading is halted."""
    commands.count = 0
    state.turns = 0
    for number in range(len(symbols)):
        symbol = symbols[number]
        if symbol.wanted == _RESUME:
            want(state, markets, commands, queued, turns, number, symbol.wanted)
        if symbol.phase != 0:
            want(state, markets, commands, queued, turns, number, symbol.phase)
        if symbol.wanted == _HALT:
            want(state, markets, commands, queued, turns, number, symbol.wanted)
        symbol.wanted = 0
        symbol.phase = 0


@called
def want(state: Row, markets: Array, commands: Row, queued: Array, turns: Array, number: int, kind: int) -> None:
    """Queue one command of the world's own."""
    row, turn = queued[commands.count], turns[state.turns]
    row.kind = kind
    row.side = 0
    row.time_in_force = 0
    row.price = markets[number].last if kind == _UNCROSS else _ZERO
    row.size = 0
    row.order_id = number
    turn.agent = -1
    turn.first = commands.count
    turn.count = 1
    commands.count = commands.count + 1
    state.turns = state.turns + 1


@called
def decide(call: Row, state: Row, commands: Row) -> int:
    """Let every agent from state.position on decide, if its coin says so; return DONE, QUEUE or PYTHON."""
    markets, symbols = markets_at(call.markets_at, call.markets_rows), symbols_at(call.symbols_at, call.symbols_rows)
    agents, agenda = agents_at(call.agents_at, call.agents_rows), i8_at(call.agenda_at, call.agenda_rows)
    addresses, ends = u8_at(call.addresses_at, call.addresses_rows), i8_at(call.ends_at, call.ends_rows)
    turns, saved = turns_at(call.turns_at, call.turns_rows), f8_at(call.saved_at, call.saved_rows)
    position, taken, code = state.position, state.turns, _DONE
    for kind in range(len(addresses)):
        address, end = addresses[u8(kind)], ends[u8(kind)]
        while position < end and code == _DONE:
            own = agents[u8(agenda[u8(position)])]  # unsigned: a negative index would have to be looked out for
            random = own.random
            if own.activity >= 1.0 or unit_of(next_word(own)) < own.activity:
                code, count = ask(address, own, random, markets, symbols, commands, turns[u8(taken)], saved)
                taken += i8(1) if count > 0 else _ZERO
            position += i8(1) if code == _DONE else _ZERO
        if code != _DONE:
            break
    state.position = position
    state.turns = taken
    if code == _DONE:
        shuffle(state, turns)
    return code


@inlined
def ask(address: int, own: Row, random: int, markets: Array, symbols: Array, commands: Row, turn: Row, saved: Array) -> tuple[int, int]:
    """Let one agent decide and note its turn; return (DONE, QUEUE or PYTHON, how many commands it gave).

    `random` is the state of its stream before the step, for when it must be asked again.
    """
    symbol = u8(own.symbol)
    if own.informed != 0:
        own.signal = symbols[symbol].value
    if address == 0:
        return _PYTHON, _ZERO
    first, words = commands.count, own.memory_words
    if words != 0:
        keep_words(own.memory, saved, words)
    call_trader(address, view_of(markets[symbol], own), commands)
    if commands.overflow != 0:  # ask again when there is room: nothing may have happened until then
        own.random = random
        keep_words(saved, own.memory, words)
        commands.count = first
        commands.overflow = 0
        return _QUEUE, _ZERO
    count = commands.count - first
    turn.agent = own.agent
    turn.first = first
    turn.count = count
    return _DONE, count


@inlined
def keep_words(memory: Array, kept: Array, words: int) -> None:
    """Copy the first words of a memory."""
    for word in range(words):
        kept[u8(word)] = memory[u8(word)]


@inlined
def shuffle(state: Row, turns: Array) -> None:
    """Bring the agents' turns into an order of chance, anew each step; the world's own stay in front."""
    start = 0
    while start < state.turns and turns[start].agent < 0:
        start += 1
    for last in range(state.turns - 1, start, -1):
        one = turns[last]
        other = turns[start + below(next_word(state), last - start + 1)]
        agent, first, count = one.agent, one.first, one.count
        one.agent = other.agent
        one.first = other.first
        one.count = other.count
        other.agent = agent
        other.first = first
        other.count = count


@inlined
def write_ticks(books: Array, pool: Array, ring: Array, state: Row, symbols: Array) -> int:
    """Write a TICK for every symbol that changed in the step, and for all of them at the interval."""
    due = (state.step + 1) % state.tick_interval == 0
    for number in range(state.position, len(symbols)):
        book, symbol = books[number], symbols[number]
        volume, trades = book.volume - symbol.volume, book.trades - symbol.trades
        moved = book.best[0] != symbol.bid or book.best[1] != symbol.ask or volume != 0
        if due or moved or book.size[0] != symbol.bid_size or book.size[1] != symbol.ask_size:
            if pool[0].cursor >= len(ring):
                pool[0].needed = 1
                state.position = number
                return _RING
            emit(ring, pool, u4(number), state.step, _TICK, u8(0), _NONE, _NONE, i8(book.last), clipped(volume), clipped(trades),
                 clipped(book.size[0]), clipped(book.size[1]), i8(book.best[0]), i8(book.best[1]))  # fmt: skip
            symbol.bid = book.best[0]
            symbol.ask = book.best[1]
            symbol.bid_size = book.size[0]
            symbol.ask_size = book.size[1]
    return _DONE


@inlined
def write_accounts(pool: Array, ring: Array, state: Row, agents: Array, dirty: Array) -> int:
    """Write an ACCOUNT for every agent whose account changed, in the order of the changes; at the interval for all, by number."""
    due = (state.step + 1) % state.account_interval == 0
    rows = len(agents) if due else state.dirty
    for position in range(state.position, rows):
        if pool[0].cursor >= len(ring):
            pool[0].needed = 1
            state.position = position
            return _RING
        own = agents[position if due else i8(dirty[position])]
        own.changed = 0
        emit(ring, pool, u4(own.symbol), state.step, _ACCOUNT, u8(0), _NONE, _NONE, own.reputation, own.inventory, own.open_orders,
             own.agent, own.alliance, own.cash, own.fees)  # fmt: skip
    state.dirty = 0
    return _DONE
