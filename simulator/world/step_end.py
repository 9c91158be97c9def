"""The end of a step, compiled: values move, everybody sees the market anew, bands and breakers follow, the trading day goes on."""

from __future__ import annotations

from simulator.matching.auction import clearing
from simulator.matching.compiled import called, i8, inlined
from simulator.types import CommandKind
from simulator.world.bands import band_of
from simulator.world.call import levels_at, pages_at
from simulator.world.fundamental import move_values
from simulator.world.layout import HISTORY, Array, Row

_HALT, _RESUME = i8(CommandKind.HALT), i8(CommandKind.RESUME)
_CALL, _UNCROSS = i8(CommandKind.CALL), i8(CommandKind.UNCROSS)
_ZERO = i8(0)
_LAST_STEP = HISTORY - 1


@inlined
def end_step(call: Row, books: Array, state: Row, markets: Array, symbols: Array) -> None:
    """Move the fundamental values and let everybody see the market as it is now."""
    state.step = state.step + 1
    move_values(state, symbols)
    at = state.step & _LAST_STEP
    for number in range(len(markets)):
        refresh_market(call, books[number], markets[number], symbols[number], state.step, at)
        if state.band_width != 0:
            move_band(state, markets[number], at)
        if symbols[number].breaker_move != 0:
            break_circuit(markets[number], symbols[number], state.step)
    if state.session_steps != 0:
        wanted = phase_of_day(state)
        if wanted != 0:
            for number in range(len(symbols)):
                symbols[number].phase = wanted


@inlined
def phase_of_day(state: Row) -> int:
    """Return CALL or UNCROSS where the step about to be played begins or ends a call auction of the trading day, otherwise 0."""
    step = state.step % state.session_steps
    if state.opening != 0 and (step == 0 or step == state.opening):
        return _CALL if step == 0 else _UNCROSS
    last = state.session_steps - 1
    if state.closing != 0 and (step == last - state.closing or step == last):
        return _UNCROSS if step == last else _CALL
    return _ZERO


@inlined
def move_band(state: Row, market: Row, at: int) -> None:
    """Lay the price band around the mean mid price of the last steps."""
    twice = market.mid_sums[at] - market.mid_sums[(at - state.band_window) & _LAST_STEP]
    low, high = band_of(twice // (2 * state.band_window), state.band_width, market.tick_size)
    market.band_low = low
    market.band_high = high


@inlined
def break_circuit(market: Row, symbol: Row, step: int) -> None:
    """Want trading stopped after too large a move, and after the pause want it to go on."""
    if symbol.resume_at != 0:
        if step >= symbol.resume_at:
            if market.halted != 0:
                symbol.wanted = _RESUME
                symbol.asked_by = -1
            symbol.resume_at = 0
            symbol.counted_from = step
        return
    if market.in_call != 0:  # no order trades at the prices meanwhile
        symbol.counted_from = step
        return
    then = step - symbol.breaker_window
    before = market.mids_twice[(then if then > symbol.counted_from else symbol.counted_from) & _LAST_STEP]
    moved = market.mid_twice - before
    if market.halted == 0 and (moved if moved > 0 else -moved) * 1_000_000 > symbol.breaker_move * before:
        symbol.wanted = _HALT
        symbol.asked_by = -1
        symbol.resume_at = step + symbol.breaker_pause


@called
def indicative_price(call: Row, book: Row, reference: int) -> int:
    """Return the price at which a call auction would trade if it ended now."""
    price, _, _ = clearing(book, levels_at(call.levels_at, call.levels_rows), pages_at(call.pages_at, call.pages_rows), reference)
    return price


@inlined
def refresh_market(call: Row, book: Row, market: Row, symbol: Row, step: int, at: int) -> None:
    """Write what is public of a symbol at the start of a step."""
    bid, ask = i8(book.best[0]), i8(book.best[1])
    market.step = step
    market.best_bid = bid
    market.best_ask = ask
    market.bid_size = book.size[0]
    market.ask_size = book.size[1]
    market.halted = book.halted
    market.in_call = book.in_call
    market.volume = book.volume - symbol.volume
    market.trades = book.trades - symbol.trades
    symbol.volume = book.volume
    symbol.trades = book.trades
    if book.last != 0:
        market.last = book.last
    if bid != 0 and bid < ask:
        market.mid_twice = bid + ask
    elif bid != 0 and ask != 0:
        market.mid_twice = 2 * indicative_price(call, book, market.last)
    market.mids_twice[at] = market.mid_twice
    market.mid_sums[at] = market.mid_sums[(at - 1) & _LAST_STEP] + market.mid_twice
    market.lasts[at] = market.last
