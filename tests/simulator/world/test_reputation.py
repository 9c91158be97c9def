"""Reputation: how kept and broken contracts count, how they fade, and who knows what of whom."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.types import RecordKind
from simulator.world.acts import accept, offer, settle
from simulator.world.commands import SELL, Commands
from simulator.world.looking import public_of, reputation_of, trust_in, trust_row
from simulator.world.mechanisms import Deals, Reputation, RoleName
from simulator.world.view import View
from simulator.world.world import World
from tests.simulator.world.dealing import at_once, dealt, do, reputations, seats, steps_of
from tests.simulator.world.markets import Decide, agent_of, at_steps, log_of, nothing, only

SELLER, BUYER, OTHER = seats(3)
LASTING = Reputation(memory=1.0)


def contracts(*lots: int, **scenario: Any) -> World:
    """The first agent, which has ten lots, sells so many by each contract; they are due in step 2, 3 and so on."""
    offers = at_once(*(do(offer, BUYER, SELL, 100, size, number + 1) for number, size in enumerate(lots)))
    accepts = at_once(*(do(accept, number) for number in range(len(lots))))
    given = {"populations": {0: {"inventory": 10}}, "deals": Deals(limit=9), "reputation": LASTING}
    return dealt(at_steps(s0=offers), at_steps(s1=accepts), nothing, **(given | scenario))


@pytest.mark.parametrize(
    ("lots", "seller", "buyer"),
    [
        ((1,), 666_666, 666_666),  # 2 / 3
        ((1, 2, 3), 800_000, 800_000),  # 4 / 5
        ((20,), 333_333, 500_000),  # 1 / 3
        ((20, 20, 20), 200_000, 500_000),  # 1 / 5
        ((10, 1), 500_000, 666_666),  # 2 / 4
        ((1, 20, 2, 3), 666_666, 800_000),  # 4 / 6
    ],
)
def test_reputation_is_kept_contracts_and_one_over_all_contracts_and_two(lots: tuple[int, ...], seller: int, buyer: int) -> None:
    world = contracts(*lots)
    log_of(world, 8)
    assert reputations(world) == [seller, buyer, 500_000]
    world.check()


def test_reputation_shows_in_the_account_records() -> None:
    world = contracts(1)
    accounts = only(log_of(world, 3), RecordKind.ACCOUNT)
    assert sorted(accounts[["owner", "price"]].tolist()) == sorted([(SELLER, 666_666), (BUYER, 666_666)])
    broken = only(log_of(contracts(20), 4), RecordKind.ACCOUNT)
    assert broken[["owner", "price"]].tolist() == [(SELLER, 333_333)]


def test_without_reputation_nothing_is_remembered_or_shown() -> None:
    seen: list[tuple[float, ...]] = []

    def look(view: View, commands: Commands) -> None:
        if view.step == 1:
            accept(commands, 0)
        seen.append((view.reputation, trust_in(view, SELLER), reputation_of(view, SELLER), public_of(view, SELLER).good))

    offers = at_steps(s0=do(offer, BUYER, SELL, 100, 1, 1))
    world = dealt(offers, look, nothing, populations={0: {"inventory": 10}}, reputation=None)
    log = log_of(world, 4)
    assert steps_of(log) == ["OFFERED", "AGREED", "DELIVERED"]
    assert seen == [(0, 0.5, 0.5, 0)] * 4
    assert set(only(log, RecordKind.ACCOUNT)["price"].tolist()) == {0}
    assert reputations(world) == [0, 0, 0]
    world.check()


def test_evidence_fades_by_memory_once_in_a_period() -> None:
    world = contracts(1, 20, reputation=Reputation(memory=0.5, period=10))
    seen = {}
    for step in (9, 10, 19, 20, 30):
        log_of(world, step - world.step)
        known = world.parties.publics[SELLER]
        seen[step] = (int(known["good"]), int(known["bad"]), *reputations(world)[:2])
    assert seen == {
        9: (1_000_000, 1_000_000, 500_000, 666_666),
        10: (500_000, 500_000, 500_000, 600_000),
        19: (500_000, 500_000, 500_000, 600_000),
        20: (250_000, 250_000, 500_000, 555_555),
        30: (125_000, 125_000, 500_000, 529_411),
    }
    own = world.parties.trust[BUYER * 8 + SELLER % 8]
    assert (int(own["partner"]), int(own["good"]), int(own["bad"])) == (SELLER, 125_000, 125_000)
    world.check()


@pytest.mark.parametrize(("memory", "left"), [(1.0, 800_000), (0.0, 500_000)])
def test_evidence_may_last_for_ever_or_be_forgotten_at_once(memory: float, left: int) -> None:
    world = contracts(1, 1, 1, reputation=Reputation(memory=memory, period=20))
    log_of(world, 20)
    assert reputations(world)[:2] == [left, left]


def test_ones_own_experience_counts_twice_more_than_what_all_know() -> None:
    seen: dict[int, tuple[float, float]] = {}

    def looking(script: Decide) -> Decide:
        def decide(view: View, commands: Commands) -> None:
            script(view, commands)
            seen[view.agent] = (reputation_of(view, SELLER), trust_in(view, SELLER))

        return decide

    first = at_steps(s0=at_once(do(offer, BUYER, SELL, 100, 1, 1), do(offer, BUYER, SELL, 100, 20, 1)))
    second = looking(at_steps(s1=at_once(do(accept, 0), do(accept, 1)), s3=nothing))
    populations = {0: {"inventory": 10}}
    log_of(dealt(first, second, looking(nothing), populations=populations, reputation=LASTING), 4)
    assert seen == {BUYER: (0.5, 0.5), OTHER: (0.5, 0.5)}
    first = at_steps(s0=do(offer, BUYER, SELL, 100, 1, 1))
    log_of(dealt(first, looking(at_steps(s1=do(accept, 0))), looking(nothing), populations=populations, reputation=LASTING), 4)
    assert seen == {BUYER: (2 / 3, 4 / 5), OTHER: (2 / 3, 2 / 3)}
    first = at_steps(s0=do(offer, BUYER, SELL, 100, 20, 1))
    log_of(dealt(first, looking(at_steps(s1=do(accept, 0))), looking(nothing), populations=populations, reputation=LASTING), 4)
    assert seen == {BUYER: (1 / 3, 1 / 5), OTHER: (1 / 3, 1 / 3)}


def test_a_new_partner_may_drive_an_old_one_out_of_memory_but_not_out_of_what_all_know() -> None:
    seen: list[tuple[int, float, float]] = []
    numbers = seats(9)

    def buys(view: View, commands: Commands) -> None:
        if view.step in (1, 4):
            accept(commands, view.step // 4)
        seen.append((trust_row(view, 0).partner, trust_in(view, 0), trust_in(view, 8)))

    buyer = numbers[next(script for script in range(9) if numbers[script] not in (0, 8))]
    at_zero, at_eight = at_steps(s0=do(offer, buyer, SELL, 100, 1, 1)), at_steps(s3=do(offer, buyer, SELL, 100, 1, 1))
    scripts = {0: at_zero, 8: at_eight, buyer: buys}
    held = {script: {"inventory": 1} for script in range(9) if numbers[script] in (0, 8)}
    world = dealt(*(scripts.get(number, nothing) for number in numbers), populations=held, reputation=LASTING)
    log_of(world, 7)
    assert seen == [(-1, 1 / 2, 1 / 2)] * 3 + [(0, 4 / 5, 1 / 2)] * 3 + [(8, 2 / 3, 4 / 5)]
    world.check()


def test_a_settlement_takes_back_half_a_broken_contract_and_no_more_than_is_left_of_it() -> None:
    roles = {0: {"inventory": 10}, 1: {"cash": 50}, 2: {"role": RoleName.MEDIATOR}}
    first = at_steps(s0=do(offer, BUYER, SELL, 100, 1, 1), s5=do(accept, 0))
    forgetful = Reputation(memory=0.1, period=4)
    world = dealt(
        first, at_steps(s1=do(accept, 0), s5=do(accept, 0)), at_steps(s4=do(settle, 0, 10)), populations=roles, reputation=forgetful
    )
    log_of(world, 4)
    assert int(world.parties.publics["bad"][BUYER]) == 100_000
    assert steps_of(log_of(world, 2)) == ["PROPOSED", "SETTLED"]
    assert int(world.parties.publics["bad"][BUYER]) == 0
    assert reputations(world) == [500_000, 500_000, 600_000]
    world.check()


def test_reputation_survives_a_snapshot() -> None:
    first, second = contracts(1, 20), contracts(1, 20)
    log_of(first, 3)
    second.restore(first.snapshot())
    log_of(second, 3)
    log_of(first, 3)
    assert reputations(second) == reputations(first) == [500_000, 666_666, 500_000]
    assert agent_of(second, 0) == SELLER
