"""Deals between two agents: negotiation, contract, delivery or default, mediation and ratings, on tiny markets with scripted agents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.types import DealStep, MessageKind, Protocol, Reason, RecordKind
from simulator.world.acts import Act, accept, bid, counter, offer, open_auction, rate, settle, walk_away
from simulator.world.commands import BUY, SELL, Commands, place_limit, place_market, put_more
from simulator.world.looking import deal_of
from simulator.world.mechanisms import Deals, Production, Resource, RoleName
from simulator.world.scenario import Limits, Symbol
from simulator.world.view import View
from simulator.world.world import World
from tests.simulator.world.dealing import (
    BEGUN,
    GRAIN,
    STILL,
    at_once,
    dealt,
    do,
    gains,
    holdings,
    mailbox,
    refusals,
    reputations,
    seats,
    steps_of,
)
from tests.simulator.world.markets import TINY, Decide, at_steps, kinds_of, log_of, nothing, only, scripted

SELLER, BUYER = seats(2)
ONE, TWO, THREE = seats(3)
STOCKED: dict[int, dict[str, Any]] = {0: {"inventory": 10}}
BROKE: dict[int, dict[str, Any]] = {0: {"inventory": 10}, 1: {"cash": 1000}}
OFFERS = do(offer, BUYER, SELL, 10_000, 5, 3)
ACCEPTS = do(accept, 0)
SALE = (at_steps(s0=OFFERS, s2=ACCEPTS), at_steps(s1=do(counter, 0, 9_800, 4)))
"""An offer of 5 lots at 10 000, countered by 4 at 9 800, which is agreed and delivered three steps later."""


def sale_to_third(*more: Decide, **scenario: Any) -> World:
    """A contract over 5 lots at 10 000 between the first and the second agent, due at step 4, and a third one."""
    seller = at_steps(s0=do(offer, TWO, SELL, 10_000, 5, 3))
    return dealt(seller, at_steps(s1=ACCEPTS), *more, **({"populations": STOCKED} | scenario))


def test_an_offer_a_counter_offer_and_an_agreement_lead_to_delivery() -> None:
    world = dealt(*SALE, populations=STOCKED)
    log = log_of(world, 6)
    assert kinds_of(log) == ["NEGOTIATION"] * 4 + ["ACCOUNT"] * 2
    fields = ["step", "reason", "owner", "other_owner", "side", "price", "size", "remaining", "order_id", "other_id"]
    assert only(log, RecordKind.NEGOTIATION)[fields].tolist() == [
        (0, DealStep.OFFERED, SELLER, BUYER, SELL, 10_000, 5, 1, 0, 1_000_000),
        (1, DealStep.COUNTERED, BUYER, SELLER, BUY, 9_800, 4, 2, 0, 1_000_000),
        (2, DealStep.AGREED, SELLER, BUYER, SELL, 9_800, 4, 2, 0, 5),
        (5, DealStep.DELIVERED, SELLER, BUYER, SELL, 9_800, 4, 2, 0, 1_000_000),
    ]
    assert set(log["time_in_force"][:4].tolist()) == {Protocol.BILATERAL}
    assert log[4:][["owner", "size", "order_id"]].tolist() == [(SELLER, 6, BEGUN + 39_200), (BUYER, 4, BEGUN - 39_200)]
    assert (gains(world), holdings(world)) == ([39_200, -39_200], [6, 4])
    assert world.parties.parties["deals"].tolist() == world.parties.parties["due_lots"].tolist() == [0, 0]
    world.check()


def test_without_deals_the_same_agents_deliver_nothing() -> None:
    world = dealt(*SALE, populations=STOCKED, deals=None)
    log = log_of(world, 6)
    assert kinds_of(log) == ["REJECTED"] * 3
    assert (gains(world), holdings(world)) == ([0, 0], [10, 0])
    world.check()


def test_a_buyer_may_offer_and_pays_when_the_seller_delivers() -> None:
    buys, sells = at_steps(s0=do(offer, BUYER, BUY, 10_000, 5, 1)), at_steps(s1=ACCEPTS)
    world = dealt(buys, sells, populations={1: {"inventory": 10}})
    log = only(log_of(world, 3), RecordKind.NEGOTIATION)
    assert log[["owner", "side"]].tolist() == [(SELLER, BUY), (BUYER, SELL), (BUYER, SELL)]
    assert (gains(world), holdings(world)) == ([-50_000, 50_000], [5, 5])
    world.check()


def test_what_is_to_be_delivered_is_counted_until_it_is() -> None:
    counted: list[int] = []

    def look(view: View, commands: Commands) -> None:
        SALE[0](view, commands)
        counted.append(view.due_lots)

    log_of(dealt(look, SALE[1], populations=STOCKED), 7)
    assert counted == [0, 0, 0, 4, 4, 4, 0]


def test_each_step_of_a_deal_is_a_letter_to_the_other_side() -> None:
    seen: dict[int, list[Any]] = {SELLER: [], BUYER: []}

    def reading(script: Decide) -> Decide:
        def decide(view: View, commands: Commands) -> None:
            script(view, commands)
            seen[view.agent] = mailbox(view)

        return decide

    log_of(dealt(*map(reading, SALE), populations=STOCKED), 7)
    kind = MessageKind.DEAL
    assert seen == {
        SELLER: [(1, BUYER, 0, kind, DealStep.COUNTERED, 2, 0, 9_800)],
        BUYER: [
            (0, SELLER, 0, kind, DealStep.OFFERED, 1, 0, 10_000),
            (2, SELLER, 0, kind, DealStep.AGREED, 2, 0, 9_800),
            (5, SELLER, 0, kind, DealStep.DELIVERED, 2, 0, 1_000_000),
        ],
    }


def test_only_who_is_asked_can_answer() -> None:
    third = at_steps(s1=at_once(ACCEPTS, do(counter, 0, 1, 1), do(walk_away, 0), do(rate, 0, 1), do(settle, 0, 0), do(bid, 0, 1)))
    first = at_steps(s0=do(offer, TWO, SELL, 10_000, 5, 3), s1=at_once(ACCEPTS, do(counter, 0, 1, 1)))
    world = dealt(first, nothing, third, populations=STOCKED)
    log = log_of(world, 2)
    assert steps_of(log) == ["OFFERED"]
    assert sorted(refusals(log)) == sorted(
        [(ONE, "NOT_YOUR_TURN")] * 2
        + [(THREE, "NOT_YOUR_TURN")] * 2
        + [(THREE, "NOT_PERMITTED")] * 3
        + [(THREE, "UNKNOWN_DEAL")]
    )  # fmt: skip
    world.check()


@pytest.mark.parametrize("deal", [-(2**63), -1, 1, 8, 2**40])
def test_a_deal_that_does_not_exist_cannot_be_answered(deal: int) -> None:
    answers = at_once(
        *(do(act, deal, *rest) for act, *rest in ((accept,), (counter, 9, 9), (walk_away,), (settle, 1), (rate, 1), (bid, 9)))
    )
    world = dealt(at_steps(s0=OFFERS), at_steps(s1=answers), populations=STOCKED)
    assert refusals(log_of(world, 2)) == [(BUYER, "UNKNOWN_DEAL")] * 6
    world.check()


def test_beyond_the_last_round_the_standing_offer_can_still_be_accepted() -> None:
    first = at_steps(s0=OFFERS, s2=at_once(do(counter, 0, 9_900, 5), ACCEPTS))
    world = dealt(first, SALE[1], populations=STOCKED, deals=Deals(rounds=2))
    log = log_of(world, 6)
    assert refusals(log) == [(SELLER, "NOT_YOUR_TURN")]
    assert steps_of(log) == ["OFFERED", "COUNTERED", "AGREED", "DELIVERED"]
    assert gains(world) == [39_200, -39_200]
    world.check()


@pytest.mark.parametrize(("answered", "steps"), [(3, ["OFFERED", "AGREED"]), (4, ["OFFERED", "EXPIRED"])])
def test_an_offer_expires_when_nobody_answers_in_time(answered: int, steps: list[str]) -> None:
    world = dealt(at_steps(s0=OFFERS), at_steps(**{f"s{answered}": ACCEPTS}), populations=STOCKED, deals=Deals(patience=3))
    log = log_of(world, 5)
    assert steps_of(log) == steps
    assert refusals(log) == ([] if answered == 3 else [(BUYER, "UNKNOWN_DEAL")])
    world.check()


def test_a_counter_offer_begins_the_wait_anew() -> None:
    world = dealt(at_steps(s0=OFFERS), at_steps(s2=do(counter, 0, 9_800, 4)), populations=STOCKED, deals=Deals(patience=3))
    log = only(log_of(world, 7), RecordKind.NEGOTIATION)
    assert log[["step", "reason", "owner"]].tolist() == [
        (0, DealStep.OFFERED, SELLER), (2, DealStep.COUNTERED, BUYER), (5, DealStep.EXPIRED, SELLER),
    ]  # fmt: skip
    world.check()


@pytest.mark.parametrize("script", [0, 1])
def test_either_side_may_walk_away_and_then_nothing_is_left_to_accept(script: int) -> None:
    leaves = at_steps(s1=do(walk_away, 0))
    first, second = (at_once(at_steps(s0=OFFERS), leaves if script == 0 else nothing), at_steps(s2=ACCEPTS))
    world = dealt(first, at_once(leaves if script == 1 else nothing, second), populations=STOCKED)
    log = log_of(world, 3)
    assert steps_of(log) == ["OFFERED", "WALKED_AWAY"]
    assert log["owner"][1] == (SELLER, BUYER)[script]
    assert refusals(log) == [(BUYER, "UNKNOWN_DEAL")]
    world.check()


def test_nobody_walks_away_from_a_contract() -> None:
    world = dealt(at_steps(s0=OFFERS, s2=do(walk_away, 0)), at_steps(s1=ACCEPTS), populations=STOCKED)
    log = log_of(world, 5)
    assert refusals(log) == [(SELLER, "NOT_YOUR_TURN")]
    assert steps_of(log) == ["OFFERED", "AGREED", "DELIVERED"]


WRONG: list[tuple[tuple[int, ...], Reason]] = [
    ((ONE, SELL, 10_000, 10, 3), Reason.UNKNOWN_RECEIVER),
    ((THREE, SELL, 10_000, 10, 3), Reason.UNKNOWN_RECEIVER),  # of another symbol
    ((3, SELL, 10_000, 10, 3), Reason.UNKNOWN_RECEIVER),
    ((-1, SELL, 10_000, 10, 3), Reason.UNKNOWN_RECEIVER),
    ((2**40, SELL, 10_000, 10, 3), Reason.UNKNOWN_RECEIVER),
    ((TWO, 2, 10_000, 10, 3), Reason.INVALID_SIDE),
    ((TWO, -1, 10_000, 10, 3), Reason.INVALID_SIDE),
    ((TWO, SELL, 10_001, 10, 3), Reason.OFF_TICK),
    ((TWO, SELL, 0, 10, 3), Reason.INVALID_PRICE),
    ((TWO, SELL, -10, 10, 3), Reason.INVALID_PRICE),
    ((TWO, SELL, 2**31, 10, 3), Reason.INVALID_PRICE),
    ((TWO, SELL, 10_000, 15, 3), Reason.OFF_LOT),
    ((TWO, SELL, 10_000, 0, 3), Reason.INVALID_SIZE),
    ((TWO, SELL, 10_000, -10, 3), Reason.INVALID_SIZE),
    ((TWO, SELL, 10_000, 2**31, 3), Reason.INVALID_SIZE),
    ((TWO, SELL, 10_000, 10, 0), Reason.INVALID_AMOUNT),
    ((TWO, SELL, 10_000, 10, -3), Reason.INVALID_AMOUNT),
    ((TWO, SELL, 10_000, 10, 1024), Reason.INVALID_AMOUNT),
    ((TWO, SELL, 10_000, 10, 3, -1), Reason.INVALID_AMOUNT),
    ((TWO, SELL, 10_000, 10, 3, 1_000_001), Reason.INVALID_AMOUNT),
]
COARSE = (Symbol(name="A", tick_size=5, lot_size=10), Symbol(name="B"))
IN_TWO_MARKETS: dict[int, dict[str, Any]] = {0: {"symbols": ("A",)}, 1: {"symbols": ("A",)}, 2: {"symbols": ("B",)}}


@pytest.mark.parametrize(("terms", "reason"), WRONG)
def test_an_offer_against_the_rules_is_a_record_with_the_reason(terms: tuple[int, ...], reason: Reason) -> None:
    world = dealt(at_steps(s0=do(offer, *terms)), nothing, nothing, symbols=COARSE, populations=IN_TWO_MARKETS)
    log = log_of(world, 1)
    assert refusals(log) == [(ONE, reason.name)]
    assert steps_of(log) == []
    assert not world.parties.parties["deals"].any()
    world.check()


def test_a_right_offer_with_the_longest_delay_is_taken() -> None:
    world = dealt(at_steps(s0=do(offer, TWO, SELL, 10_000, 10, 1023, 0)), nothing, nothing, symbols=COARSE, populations=IN_TWO_MARKETS)
    assert steps_of(log_of(world, 1)) == ["OFFERED"]


def test_a_counter_offer_keeps_to_tick_and_lot_sizes_and_leaves_the_offer_where_it_does_not() -> None:
    wrong = at_once(do(counter, 0, 10_001, 10), do(counter, 0, 10_000, 15), do(counter, 0, 0, 10), do(counter, 0, 10_000, -10))
    first = at_steps(s0=do(offer, TWO, SELL, 10_000, 10, 1))
    world = dealt(first, at_steps(s1=wrong, s2=ACCEPTS), nothing, symbols=COARSE, populations=IN_TWO_MARKETS, limits=Limits(messages=9))
    log = log_of(world, 4)
    assert refusals(log) == [(TWO, "OFF_TICK"), (TWO, "OFF_LOT"), (TWO, "INVALID_PRICE"), (TWO, "INVALID_SIZE")]
    assert steps_of(log) == ["OFFERED", "AGREED", "DELIVERED"]
    world.check()


def test_an_agent_may_have_begun_so_many_deals_and_may_begin_another_when_one_is_over() -> None:
    world = dealt(at_steps(s0=at_once(*[OFFERS] * 3), s1=at_once(do(walk_away, 1), OFFERS, OFFERS)), OFFERS, deals=Deals(limit=2))
    log = only(log_of(world, 2), RecordKind.REJECTED)
    assert log[log["owner"] == SELLER][["step", "reason"]].tolist() == [(0, Reason.DEAL_LIMIT), (1, Reason.DEAL_LIMIT)]
    assert world.parties.parties["deals"][SELLER] == 2
    world.check()


@pytest.mark.parametrize("act", list(Act))
def test_where_nothing_is_switched_on_every_act_is_refused_as_such(act: Act) -> None:
    def ask(view: View, commands: Commands) -> None:
        put_more(commands, int(act), 0, 1, 10_000, 1, 1 - view.agent, 0, 1)

    world = scripted(at_steps(s0=ask), nothing)
    log = log_of(world, 2)
    assert refusals(log) == [(SELLER, "SWITCHED_OFF")]
    world.check()


def test_where_other_things_are_switched_on_there_are_still_no_deals() -> None:
    acts = at_once(OFFERS, do(open_auction, Protocol.ENGLISH, 1, 100, 0, 5, 0), ACCEPTS, do(bid, 0, 100))
    world = dealt(at_steps(s0=acts), nothing, populations=STOCKED, deals=None)
    assert [reason for _, reason in refusals(log_of(world, 2))] == ["SWITCHED_OFF"] * 2 + ["UNKNOWN_DEAL"] * 2
    world.check()


def test_acts_count_as_messages_of_the_step() -> None:
    world = dealt(at_steps(s0=at_once(OFFERS, OFFERS, OFFERS)), nothing, limits=Limits(messages=2))
    log = log_of(world, 1)
    assert steps_of(log) == ["OFFERED", "OFFERED"]
    assert refusals(log) == [(SELLER, "MESSAGE_LIMIT")]


def test_a_seller_that_has_sold_its_lots_meanwhile_breaks_the_contract() -> None:
    seller = at_steps(s0=do(offer, TWO, SELL, 10_000, 5, 3), s2=do(place_market, SELL, 6))
    world = dealt(seller, at_steps(s1=ACCEPTS), at_steps(s0=do(place_limit, BUY, 9_990, 6)), populations=STOCKED)
    log = log_of(world, 5)
    assert steps_of(log) == ["OFFERED", "AGREED", "DEFAULTED"]
    [broken] = log[log["reason"] == DealStep.DEFAULTED]
    assert (broken["owner"], broken["other_owner"], broken["other_id"], broken["side"]) == (ONE, TWO, 10_000, SELL)
    assert (gains(world), holdings(world)) == ([59_940, 0, -59_940], [4, 0, 6])
    assert reputations(world) == [333_333, 500_000, 500_000]
    assert not world.parties.parties["due_lots"].any()
    world.check()


def test_a_buyer_without_the_money_breaks_the_contract() -> None:
    world = dealt(at_steps(s0=OFFERS), at_steps(s1=ACCEPTS), populations=BROKE, deals=Deals(penalty=0.5))
    log = only(log_of(world, 5), RecordKind.NEGOTIATION)
    assert steps_of(log) == ["OFFERED", "AGREED", "DEFAULTED"]
    assert log[["owner", "other_owner", "other_id", "side"]][2].item() == (BUYER, SELLER, 25_000, BUY)
    assert holdings(world) == [10, 0]
    assert reputations(world) == [500_000, 333_333]
    world.check()


MEDIATED: dict[int, dict[str, Any]] = BROKE | {2: {"role": RoleName.MEDIATOR}}


def mediated(second: Decide = nothing, mediator: Decide = nothing, first: Decide = nothing, **scenario: Any) -> World:
    """A contract over 50 000 that the second agent cannot pay at step 4, a claim of 10 000, and a mediator."""
    seller = at_once(at_steps(s0=do(offer, TWO, SELL, 10_000, 5, 3)), first)
    return dealt(seller, at_once(at_steps(s1=ACCEPTS), second), mediator, **({"populations": MEDIATED} | scenario))


def test_a_mediator_settles_a_broken_contract_when_both_sides_agree_to_its_amount() -> None:
    world = mediated(at_steps(s6=ACCEPTS), at_steps(s5=do(settle, 0, 800)), at_steps(s7=ACCEPTS))
    log = log_of(world, 7)
    assert steps_of(log) == ["OFFERED", "AGREED", "DEFAULTED", "DISPUTED", "PROPOSED"]
    assert int(world.agents["cash"][TWO]) == 1000
    fields = ["step", "owner", "other_owner", "other_id", "remaining"]
    assert only(log, RecordKind.NEGOTIATION)[3:][fields].tolist() == [(4, ONE, THREE, 10_000, 1), (5, THREE, TWO, 800, 1)]
    [settled] = only(log_of(world, 1), RecordKind.NEGOTIATION)
    assert settled[fields].item() == (7, TWO, ONE, 800, 1)
    assert settled["reason"] == DealStep.SETTLED
    assert [int(world.agents["cash"][seat]) for seat in (ONE, TWO, THREE)] == [BEGUN + 720, 200, BEGUN + 80]
    assert world.parties.parties["paid"][[ONE, TWO, THREE]].tolist() == [-720, 800, -80]
    assert reputations(world) == [500_000, 400_000, 600_000]
    assert holdings(world) == [10, 0, 0]
    world.check()


def test_the_mediator_is_written_to_about_the_dispute_and_both_sides_about_its_amount() -> None:
    seen: dict[int, tuple[int, ...]] = {}

    def read(view: View, commands: Commands) -> None:
        if view.letters:
            seen[view.agent] = mailbox(view)[-1]

    log_of(mediated(read, at_once(at_steps(s5=do(settle, 0, 800)), read), read), 7)
    assert seen == {
        THREE: (4, ONE, 0, MessageKind.DEAL, DealStep.DISPUTED, 1, 0, 10_000),
        ONE: (5, THREE, 0, MessageKind.DEAL, DealStep.PROPOSED, 1, 0, 800),
        TWO: (5, THREE, 0, MessageKind.DEAL, DealStep.PROPOSED, 1, 0, 800),
    }


def test_only_the_mediator_names_an_amount_and_none_above_the_claim() -> None:
    tries = at_once(do(settle, 0, 10_001), do(settle, 0, -1), do(settle, 0, 2**40), do(settle, 0, 10_000), do(settle, 0, 0))
    world = mediated(at_steps(s5=do(settle, 0, 1)), at_steps(s3=do(settle, 0, 1), s5=tries), at_steps(s5=do(settle, 0, 1)))
    log = log_of(world, 6)
    by_mediator = [reason for owner, reason in refusals(log) if owner == THREE]
    assert by_mediator == ["NOT_PERMITTED"] + ["INVALID_AMOUNT"] * 3
    assert sorted(refusals(log)) == sorted([(THREE, reason) for reason in by_mediator] + [(ONE, "NOT_PERMITTED"), (TWO, "NOT_PERMITTED")])
    proposed = log[(log["kind"] == RecordKind.NEGOTIATION) & (log["reason"] == DealStep.PROPOSED)]
    assert proposed["other_id"].tolist() == [10_000, 0]
    world.check()


def test_there_is_nothing_to_agree_to_before_an_amount_is_named_and_each_side_agrees_once() -> None:
    world = mediated(at_steps(s5=ACCEPTS, s7=at_once(ACCEPTS, ACCEPTS)), at_steps(s6=do(settle, 0, 800)))
    log = log_of(world, 8)
    assert refusals(log) == [(TWO, "NOT_YOUR_TURN")] * 2
    assert "SETTLED" not in steps_of(log)
    world.check()


def test_another_amount_must_be_agreed_to_anew() -> None:
    world = mediated(at_steps(s6=ACCEPTS, s9=ACCEPTS), at_steps(s5=do(settle, 0, 800), s7=do(settle, 0, 900)), at_steps(s8=ACCEPTS))
    assert "SETTLED" not in steps_of(log_of(world, 9))
    assert steps_of(log_of(world, 1)) == ["SETTLED"]
    assert gains(world)[2] == 90
    world.check()


def test_a_dispute_that_is_not_settled_in_time_counts_against_the_breaker_once_more() -> None:
    world = mediated(mediator=at_steps(s5=do(settle, 0, 800)), deals=Deals(patience=5))
    log = only(log_of(world, 10), RecordKind.NEGOTIATION)
    assert steps_of(log)[-1] == "UNSETTLED"
    assert log[-1][["step", "owner", "other_owner", "other_id"]].item() == (9, TWO, ONE, 10_000)
    assert reputations(world) == [500_000, 1_000_000 * 2 // 7, 500_000]
    assert world.parties.parties["deals"].tolist() == [0, 0, 0]
    world.check()


@pytest.mark.parametrize("who", ["breaker", "victim"])
def test_either_side_may_end_a_mediation_without_a_result(who: str) -> None:
    ends = at_steps(s6=do(walk_away, 0))
    world = mediated(ends if who == "breaker" else nothing, at_steps(s5=do(settle, 0, 800)), ends if who == "victim" else nothing)
    log = log_of(world, 7)
    assert steps_of(log)[-1] == "UNSETTLED"
    assert log[-1]["owner"] == (TWO if who == "breaker" else ONE)
    assert int(world.agents["cash"][TWO]) == 1000
    world.check()


def test_nobody_mediates_in_its_own_case() -> None:
    alone = dict(MEDIATED) | {1: {"cash": 1000, "role": RoleName.MEDIATOR}, 2: {}}
    assert steps_of(log_of(mediated(populations=alone), 5)) == ["OFFERED", "AGREED", "DEFAULTED"]
    both = dict(MEDIATED) | {1: {"cash": 1000, "role": RoleName.MEDIATOR}}
    for deal in range(2):
        first = at_steps(s0=at_once(*[do(offer, TWO, SELL, 10_000, 5, 3)] * (deal + 1)))
        world = dealt(first, at_steps(s1=do(accept, deal)), nothing, populations=both)
        [disputed] = only(log_of(world, 5), RecordKind.NEGOTIATION)[-1:]
        assert (disputed["reason"], disputed["other_owner"]) == (DealStep.DISPUTED, THREE)
        world.check()


FRESH = Symbol(name="G", resource=Resource(period=2, decay=0.0, storage=0))


@pytest.mark.parametrize(
    ("promised", "verification", "refund"),
    [(900_000, 1.0, 4_000), (551_000, 1.0, 510), (550_000, 1.0, 0), (400_000, 1.0, 0), (900_000, 0.0, 0)],
)
def test_a_seller_pays_back_what_a_verified_delivery_lacks_in_quality(promised: int, verification: float, refund: int) -> None:
    first = at_steps(s2=do(offer, BUYER, SELL, 100, 100, 1, promised))
    big = Deals(verification=verification)
    made = {0: {"production": Production(lots=100, cost=0, quality=0.5)}}
    world = dealt(first, at_steps(s3=ACCEPTS), symbols=(FRESH,), populations=made, deals=big)
    log = only(log_of(world, 5), RecordKind.NEGOTIATION)
    assert log[2][["reason", "other_id"]].item() == (DealStep.DELIVERED, 500_000)
    assert gains(world) == [10_000 - refund, refund - 10_000]
    assert world.parties.parties["quality"][BUYER] == 100 * 500_000
    assert reputations(world) == ([333_333, 666_666] if refund else [666_666, 666_666])
    assert [(int(row["owner"]), int(row["other_id"])) for row in log[log["reason"] == DealStep.MISREPRESENTED]] == (
        [(SELLER, refund)] if refund else []
    )
    world.check()


def test_a_security_has_no_quality_to_be_verified_also_where_others_have() -> None:
    symbols, in_a = (STILL, GRAIN), {"symbols": ("A",)}
    world = dealt(
        at_steps(s0=OFFERS), at_steps(s1=ACCEPTS), symbols=symbols, deals=Deals(verification=1.0),
        populations={0: in_a | {"inventory": 10}, 1: in_a},
    )  # fmt: skip
    log = log_of(world, 5)
    assert steps_of(log) == ["OFFERED", "AGREED", "DELIVERED"]
    assert gains(world) == [50_000, -50_000]
    world.check()


def test_quality_is_that_of_the_lots_however_many_there_are() -> None:
    first = at_steps(s0=do(offer, BUYER, SELL, 1, 10_000_000, 1))
    wide = Limits(position=2**31 - 1, messages=9)
    world = dealt(first, at_steps(s1=ACCEPTS), limits=wide, populations={0: {"inventory": 30_000_000}})
    log_of(world, 3)
    assert world.parties.parties["quality"][[SELLER, BUYER]].tolist() == [20_000_000_000_000, 10_000_000_000_000]
    world.check()


def rated(*stars: int) -> tuple[World, Any]:
    """Let the buyer of a delivered deal rate the seller, again and again."""
    buyer = at_steps(s1=ACCEPTS, s5=at_once(*(do(rate, 0, number) for number in stars)))
    world = dealt(at_steps(s0=OFFERS), buyer, populations=STOCKED)
    return world, log_of(world, 6)


@pytest.mark.parametrize(("stars", "reputation"), [(-2, 500_000), (-1, 571_428), (0, 666_666), (1, 1_000_000 * 5 // 7), (2, 750_000)])
def test_a_star_counts_as_half_a_kept_or_broken_contract(stars: int, reputation: int) -> None:
    world, log = rated(stars)
    last = only(log, RecordKind.NEGOTIATION)[-1]
    assert last[["reason", "owner", "other_owner", "other_id"]].item() == (DealStep.RATED, BUYER, SELLER, stars)
    assert reputations(world) == [reputation, 666_666]
    world.check()


@pytest.mark.parametrize("stars", [3, -3, 2**31, -(2**62)])
def test_no_more_than_two_stars_are_given_and_a_wrong_rating_can_be_mended(stars: int) -> None:
    world, log = rated(stars, 2)
    assert refusals(log) == [(BUYER, "INVALID_AMOUNT")]
    assert reputations(world)[0] == 750_000
    world.check()


def test_each_side_rates_once_and_nobody_else_does() -> None:
    seller = at_steps(s0=do(offer, TWO, SELL, 10_000, 5, 3), s5=do(rate, 0, 2))
    buyer = at_steps(s1=ACCEPTS, s5=at_once(do(rate, 0, 1), do(rate, 0, 1)))
    world = dealt(seller, buyer, at_steps(s5=do(rate, 0, -2)), populations=STOCKED)
    log = log_of(world, 6)
    assert steps_of(log)[3:] == ["RATED", "RATED"]
    assert sorted(refusals(log)) == sorted([(TWO, "NOT_YOUR_TURN"), (THREE, "NOT_PERMITTED")])
    assert reputations(world) == [1_000_000 * 5 // 7, 750_000, 500_000]
    world.check()


def test_nothing_is_rated_before_it_is_delivered_or_after_it_was_broken() -> None:
    early = at_steps(s1=at_once(do(rate, 0, 2), ACCEPTS, do(rate, 0, 2)), s5=do(rate, 0, -2))
    log = log_of(dealt(at_steps(s0=OFFERS), early, populations=BROKE), 6)
    assert [reason for _, reason in refusals(log)] == ["NOT_YOUR_TURN", "NOT_YOUR_TURN", "UNKNOWN_DEAL"]


def test_everybody_can_look_a_deal_up_by_its_id() -> None:
    seen: list[tuple[int, ...]] = []

    def look(view: View, commands: Commands) -> None:
        deal = deal_of(view, 0)
        seen.append((deal.id, deal.price, deal.lots, deal.round, deal.turn))

    log_of(sale_to_third(look), 2)
    assert seen[1] == (0, 10_000, 5, 1, TWO)


def busy(**scenario: Any) -> World:
    """All that can happen to a deal: one is countered and delivered, one broken and settled, one rated."""
    seller = at_steps(
        s0=at_once(do(offer, TWO, SELL, 100, 5, 3), do(offer, TWO, SELL, 10_000, 2, 4)), s2=ACCEPTS, s9=do(accept, 1), s10=do(rate, 0, 2)
    )
    buyer = at_steps(s1=at_once(do(counter, 0, 90, 4), do(accept, 1)), s8=do(accept, 1))
    return dealt(seller, buyer, at_steps(s7=do(settle, 1, 300)), **({"populations": MEDIATED} | scenario))


def test_the_busy_market_does_what_it_is_named_for() -> None:
    world = busy()
    assert steps_of(log_of(world, 12)) == [
        "OFFERED", "OFFERED", "COUNTERED", "AGREED", "AGREED", "DELIVERED", "DEFAULTED", "DISPUTED", "PROPOSED", "SETTLED", "RATED",
    ]  # fmt: skip
    world.check()


@pytest.mark.parametrize("cut", [1, 2, 4, 6, 8, 9])
def test_a_deal_goes_on_from_a_snapshot(cut: int) -> None:
    whole, first, second = busy(), busy(), busy()
    log, head = log_of(whole, 12), log_of(first, cut)
    second.restore(first.snapshot())
    second.check()
    assert np.array_equal(np.concatenate([head, log_of(second, 12 - cut)]), log)
    assert (second.hash(), second.snapshot()) == (whole.hash(), whole.snapshot())


def test_deals_need_no_more_memory_than_they_find() -> None:
    roomy, tight = busy(), busy(capacity=TINY)
    assert np.array_equal(log_of(roomy, 12), log_of(tight, 12))
    assert roomy.snapshot() == tight.snapshot()


def test_a_row_is_used_again_and_the_deal_of_before_is_then_unknown() -> None:
    def again(view: View, commands: Commands) -> None:
        if view.step % 5 == 0:
            OFFERS(view, commands)

    def agrees(view: View, commands: Commands) -> None:
        if view.step % 5 == 1:
            accept(commands, view.step // 5)
        if view.step == 31:
            rate(commands, 0, 2)

    world = dealt(again, agrees, populations={0: {"inventory": 100}}, deals=Deals(limit=1))
    log = log_of(world, 35)
    assert steps_of(log) == ["OFFERED", "AGREED", "DELIVERED"] * 7
    assert refusals(log) == [(BUYER, "UNKNOWN_DEAL")]
    assert len(world.parties.deals) == 2
    world.check()
