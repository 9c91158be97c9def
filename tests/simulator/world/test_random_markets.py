"""Random agents that obey no rule: whatever they ask for, the market's invariants hold and its log rebuilds its books."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.matching import rebuild
from simulator.seeding import next_word
from simulator.types import RECORD
from simulator.world.commands import Commands, cancel, message, modify, place_limit, place_market, put
from simulator.world.scenario import Fees, Limits, Session, Symbol
from simulator.world.view import View
from simulator.world.world import Capacity
from tests.simulator.world.markets import TINY, Decide, scripted

ODD_PRICES = (0, -1, 1, 99, 100, 101, 102, 2**31 - 1, 2**31, 103)
ODD_SIZES = (1, 2, 3, 4, 5, 0, -1, 2**31 - 1, 2**40, 7)


def wild(start: int) -> Decide:
    """Return a script that asks for anything, by a stream of its own."""
    state = [start]

    def below(bound: int) -> int:
        state[0], word = next_word(state[0])
        return word % bound

    def decide(view: View, commands: Commands) -> None:
        for _ in range(below(4)):
            wish(view, commands)

    def wish(view: View, commands: Commands) -> None:
        order_id = int(view.orders[below(len(view.orders))].order_id) if view.open_orders and below(3) else below(200)
        price = 95 + below(10) if below(8) else ODD_PRICES[below(10)]
        size = 1 + below(9) if below(8) else ODD_SIZES[below(10)]
        kind = below(12)
        if kind < 6:
            place_limit(commands, below(2), price, size, below(4))
        elif kind < 7:
            place_market(commands, below(3), size)
        elif kind < 9:
            cancel(commands, order_id)
        elif kind < 10:
            modify(commands, order_id, price, size, below(4))
        elif kind < 11:
            message(commands, below(6) - 2, below(3), below(1000))
        else:
            put(commands, below(20) - 1, below(4) - 1, below(6) - 1, price, size, order_id)

    return decide


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.integers(0, 2**63),
    st.integers(1, 3),
    st.sampled_from([TINY, Capacity()]),
    st.integers(2, 60),
    st.sampled_from([None, Session(steps=12, opening=4, closing=3)]),
)
def test_invariants_hold_whatever_agents_ask_for(
    seed: int, symbols: int, capacity: Capacity, position: int, session: Session | None
) -> None:
    changes: dict[str, Any] = {
        "symbols": tuple(Symbol(name=f"S{number}", initial_price=100) for number in range(symbols)),
        "limits": Limits(position=position, open_orders=5, messages=1, credit=1_000_000),
        "fees": Fees(maker=-12_345, taker=54_321),
        "session": session,
    }
    world = scripted(*(wild(seed + number) for number in range(6)), capacity=capacity, **changes)
    log = [np.zeros(0, RECORD)]
    for step in range(25):
        if step in (10, 15):
            (world.halt if step == 10 else world.resume)(step % symbols)
        log.append(world.advance(1).records.copy())
        world.check()
    for number, name in enumerate(world.book_hashes()):
        assert rebuild(np.concatenate(log), symbol=number).state_hash() == world.book_hashes()[name]
