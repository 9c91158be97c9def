"""One step of many markets in one compiled call: write the actions, play, look; the markets' own memory is reached by address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from simulator.envs.market.batch import see
from simulator.envs.market.reward import ACCOUNT
from simulator.envs.market.writing import remember
from simulator.matching.compiled import compiled, i8, inlined
from simulator.matching.pointers import rows_of
from simulator.world.call import agents_at, call_at, i8_at, markets_at, states_at, symbols_at, u8_at
from simulator.world.digest import WORDS

SEATS = np.dtype(
    [
        ("call", "i8"),  # where the market's arrays lie (world.call_address)
        ("outside", "i8"),  # and the numbers of its learners
        ("accounts", "i8"),  # what they had before (reward.ACCOUNT)
        ("log", "i8"),  # and the records that are kept for an observer
        ("room", "i8"),  # how many fit there; 0: none is kept
        ("kept", "i8"),  # how many lie there
        ("count", "i8"),  # what `play` answered: records of the step, or why it stopped
        ("left", "i8"),  # whether there is something to see to: it stopped, or its records do not fit
    ],
    align=True,
)
"""One market as the compiled step finds it."""

accounts_at = rows_of(ACCOUNT)


@compiled
def step_markets(
    play: int, seats: Any, orders: Any, horizon: int, features: Any, unit: float, observations: Any, rewards: Any, office: int, damped: int
) -> int:
    """Play a step in every market and look, where it did not stop; return in how many there is something to see to.

    orders (n, 3) float64, one row a learner, as ActionRules.resolve answers; observations (n, features), rewards (n,) float32;
    office and damped as batch.see takes them.
    """
    left, learners = i8(0), len(orders) // len(seats)
    for place in range(len(seats)):
        seat = seats[place]
        call = call_at(seat.call, 1)[0]
        agents, outside = agents_at(call.agents_at, call.agents_rows), i8_at(seat.outside, learners)
        first = place * learners
        for i in range(learners):
            remember(agents[outside[i]], orders[first + i, 0], orders[first + i, 1], orders[first + i, 2])
        seat.count = call_play(play, seat.call, states_at(call.states_at, 1)[0].step + 1)
        seat.left = i8(1)
        if seat.count >= 0:
            look_from(seat, call, first, learners, horizon, features, unit, observations, rewards, office, damped)
            seat.left = keep(seat, u8_at(call.words_at, call.words_rows))
        left += seat.left
    return left


@compiled
def look_again(
    seats: Any, place: int, learners: int, horizon: int, features: Any, unit: float, observations: Any, rewards: Any,
    office: int, damped: int,
) -> None:  # fmt: skip
    """Look at one market."""
    seat = seats[place]
    look_from(seat, call_at(seat.call, 1)[0], place * learners, learners, horizon, features, unit, observations, rewards, office, damped)


@inlined
def look_from(
    seat: Any, call: Any, first: int, learners: int, horizon: int, features: Any, unit: float, observations: Any, rewards: Any,
    office: int, damped: int,
) -> None:  # fmt: skip
    """Write what the learners of a market see and gained into their rows."""
    markets, symbols = markets_at(call.markets_at, call.markets_rows), symbols_at(call.symbols_at, call.symbols_rows)
    agents, outside = agents_at(call.agents_at, call.agents_rows), i8_at(seat.outside, learners)
    accounts = accounts_at(seat.accounts, learners)
    see(markets, symbols, agents, outside, horizon, features, unit, accounts, observations, rewards, first, office, damped)


@inlined
def keep(seat: Any, words: Any) -> int:
    """Keep the step's records if there is an observer; return 1 if they don't fit."""
    if seat.room == 0:
        return i8(0)
    if seat.room < seat.kept + seat.count:
        return i8(1)
    log = u8_at(seat.log, seat.room * WORDS)
    begin = seat.kept * WORDS
    for word in range(seat.count * WORDS):
        log[begin + word] = words[word]
    seat.kept += seat.count
    return i8(0)


def _call_play(typing_context: Any, address: Any, call: Any, target: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        word, pointer = ir.IntType(64), ir.IntType(8).as_pointer()
        answer, error = builder.alloca(word), builder.alloca(pointer)
        entry = ir.FunctionType(ir.IntType(32), [word.as_pointer(), pointer.as_pointer(), word, word])
        builder.call(builder.inttoptr(arguments[0], entry.as_pointer()), [answer, error, *arguments[1:]])
        return builder.load(answer)

    return types.int64(types.int64, types.int64, types.int64), generate


call_play = cast("Callable[[int, int, int], int]", cast(Any, intrinsic)(_call_play))
"""(address of the compiled loop, address of a CALL row, target) -> as simulator.world.loop.play, which raises nothing."""
