"""Random agents that obey no rule beyond the book either: whatever they ask for, nothing breaks and nothing is made or lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.seeding import next_word
from simulator.types import DealStep, InterventionKind, MessageKind, RecordKind
from simulator.world.acts import Act
from simulator.world.commands import MESSAGE, Commands, cancel, place_limit, place_market, put_more
from simulator.world.deal_rows import DealState
from simulator.world.layout import Array
from simulator.world.looking import deal_of
from simulator.world.mechanisms import (
    Alliances,
    Consumption,
    Deals,
    Gossip,
    Oversight,
    Production,
    Reputation,
    Resource,
    RoleName,
    Shortage,
)
from simulator.world.scenario import CircuitBreaker, Fees, Limits, Symbol
from simulator.world.view import View
from simulator.world.world import Capacity, World
from tests.simulator.world.markets import TINY, Decide, scripted

AGENTS = 9
KINDS = (*(int(act) for act in Act), MESSAGE, 35, 36, 99)
ODD = (0, -1, 1, 2, 7, 8, 255, 256, 1023, 1024, 10**6, 2**31 - 1, 2**31, -(2**31), 2**40, 2**53, 2**62, 2**63 - 1, -(2**62), -(2**63))
MADE, USED = Production(lots=6, cost=20, quality=0.6, quality_spread=0.3), Consumption(lots=4, value=150, penalty=5)


def wild(start: int) -> Decide:
    """Return a script that asks for anything, sensible or not, by a stream of its own."""
    state = [start]

    def below(bound: int) -> int:
        state[0], word = next_word(state[0])
        return word % bound

    def some(usual: int) -> int:
        return usual if below(12) else ODD[below(len(ODD))]

    def act(view: View, commands: Commands, newest: int) -> None:
        kind, agent, deal = KINDS[below(len(KINDS))], below(AGENTS), max(newest - below(20), 0)
        side, price, lots = below(2), 90 + below(20), 1 + below(4)
        names_deal = kind in (Act.COUNTER, Act.ACCEPT, Act.WALK_AWAY, Act.SETTLE, Act.RATE, Act.BID)
        target = deal if names_deal else below(2) if kind in (Act.HALT_TRADING, Act.RESUME_TRADING) else agent
        if kind == Act.OPEN_AUCTION:
            side, price, target = 1 + below(4), 110, 1 + below(8)
        if kind == Act.RATE:
            lots = below(5) - 2
        more = 95 if kind == Act.OPEN_AUCTION else 10**6 * below(2)
        put_more(commands, kind, some(side), some(1 + below(6)), some(price), some(lots), some(target), some(more), some(1 + below(9)))

    def decide(view: View, commands: Commands) -> None:
        newest = int(view.around.mechanisms["next_deal"][0])
        for _ in range(below(5)):
            act(view, commands, newest)
        for deal in range(max(newest - 15, 0), newest):
            known, kind = deal_of(view, deal), (Act.ACCEPT, Act.COUNTER, Act.BID)[below(3)]
            if known.state == DealState.DISPUTED and known.id == deal:
                kind = Act.SETTLE if known.amount < 0 else Act.ACCEPT
            if below(4) == 0 or (kind == Act.SETTLE and known.mediator == view.agent):
                put_more(commands, kind, 0, 0, 100 + below(15), 1, deal, 0, 0)
        if below(2):
            place_limit(commands, below(2), 90 + below(20), 1 + below(5))
        elif below(2):
            place_market(commands, below(2), 1 + below(3))
        elif view.open_orders:
            cancel(commands, view.orders[0].order_id)

    return decide


def market(seed: int, capacity: Capacity) -> World:
    """A world in which everything is switched on."""
    businesses: dict[int, dict[str, Any]] = {number: {"symbols": ("G",), "production": MADE, "inventory": 20} for number in range(3)}
    businesses |= {number: {"symbols": ("G",), "consumption": USED, "role": RoleName.BUYER} for number in (3, 4)}
    businesses |= {5: {"role": RoleName.MEDIATOR, "symbols": ("G",)}, 6: {"role": RoleName.REGULATOR, "symbols": ("A",)}}
    businesses |= {7: {"symbols": ("A",), "cash": 3000}, 8: {"symbols": ("A",), "informed": True}}
    return scripted(
        *(wild(seed + number) for number in range(AGENTS)), capacity=capacity, populations=businesses,
        symbols=(
            Symbol(name="G", initial_price=100, resource=Resource(period=3, decay=0.1, shortage=Shortage(chance=0.3, duration=3))),
            Symbol(name="A", initial_price=100),
        ),
        limits=Limits(position=60, open_orders=6, messages=12, credit=10_000), fees=Fees(maker=-1000, taker=3000),
        deals=Deals(limit=3, rounds=3, patience=6, verification=0.5), reputation=Reputation(memory=0.9, period=7),
        alliances=Alliances(members=3, period=5, full=100), gossip=Gossip(neighbours=2, period=2),
        oversight=Oversight(window=10, highest_fine=500, longest_suspension=9), account_interval=50,
        circuit_breaker=CircuitBreaker(move=0.2, window=20, pause=5),
    )  # fmt: skip


def played(seed: int, capacity: Capacity, steps: int = 150) -> tuple[World, Array]:
    """Play, and check what must hold after every step."""
    world = market(seed, capacity)
    log = []
    for _ in range(steps):
        log.append(world.advance(1).records.copy())
        world.check()
    return world, np.concatenate(log)


@pytest.mark.parametrize("seed", range(4))
def test_nothing_breaks_whatever_agents_ask_for_in_any_memory(seed: int) -> None:
    roomy, log = played(10**6 * seed, Capacity())
    tight, same = played(10**6 * seed, TINY)
    assert np.array_equal(log, same)
    assert roomy.hash() == tight.hash()
    assert roomy.snapshot() == tight.snapshot()


def test_the_random_agents_come_to_do_nearly_everything() -> None:
    logs = np.concatenate([played(10**6 * seed, Capacity())[1] for seed in range(4)])
    for kind, words in ((RecordKind.NEGOTIATION, DealStep), (RecordKind.INTERVENTION, InterventionKind), (RecordKind.MESSAGE, MessageKind)):
        reasons = set(logs["reason"][logs["kind"] == kind].tolist())
        assert {word.name for word in words} - {"DEAL"} <= {word.name for word in words if word in reasons}  # type: ignore[attr-defined]


@pytest.mark.parametrize("cut", [40, 90])
def test_a_wild_market_goes_on_from_a_snapshot(cut: int) -> None:
    whole, log = played(7, Capacity(), 120)
    first, head = played(7, Capacity(), cut)
    scripts = first.table.traders
    second = market(7, TINY)
    second.restore(first.snapshot())
    second.table.traders[:] = scripts  # whose streams are where the first world left them
    tail = []
    while second.step < 120:
        tail.append(second.advance(1).records.copy())
        second.check()
    assert np.array_equal(np.concatenate([head, *tail]), log)
    assert second.snapshot() == whole.snapshot()
