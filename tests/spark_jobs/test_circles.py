"""Circles of agents who deal with each other, as candidates."""

from __future__ import annotations

import numpy as np

from pipelines.events.vocabulary import DealStep, Protocol
from spark_jobs.detection.circles import FEATURES, TOLD, candidates
from tests.spark_jobs.dealing import contract, done, in_order, public, renamed, until, with_deals
from tests.spark_jobs.watching import Row

RING = (1, 2, 3)


def crowd(deals: int = 150, agents: int = 150) -> list[Row]:
    """Agents from 10 on, each of whom deals with another one each time."""
    return [row for n in range(deals) for row in contract(n, 10 + n % agents, 10 + (7 * n + 11) % agents, 2 * n, lots=6, stars=1)]


def ring(first: int, deals: int = 18, pause: int = 4, number: int = 1000, stars: int | None = 2) -> list[Row]:
    return [row for n in range(deals) for row in contract(number + n, RING[n % 3], RING[(n + 1) % 3], first + pause * n, stars=stars)]


def found(*given: Row) -> list[dict[str, float]]:
    names = ("one", "two", "first", "last", *FEATURES)
    return [dict(zip(names, row, strict=True)) for row in candidates(public(*in_order(*given))).tolist()]


def test_a_circle_that_praises_itself_is_told_as_its_deals_double() -> None:
    raised = found(*crowd(), *ring(80))
    assert [each["deals"] for each in raised] == list(TOLD[: len(raised)]) and len(raised) > 4
    assert {frozenset((each["one"], each["two"])) <= frozenset(RING) for each in raised} == {True}
    assert len({each["first"] for each in raised}) == 1 and raised[0]["first"] >= 80
    last = raised[-1]
    assert (last["closedness"], last["agreed_at_once"], last["members"], last["component"]) == (1.0, 1.0, 3, 3)
    assert last["praise"] > 1.0 and last["lots"] < 0.5 and last["within_ever"] == 1.0


def test_those_who_deal_with_anybody_are_none() -> None:
    assert found(*crowd()) == []


def test_regular_partners_who_deal_with_others_too_are_not_closed() -> None:
    others = [row for n in range(24) for row in contract(2000 + n, RING[n % 3], 10 + n, 80 + 3 * n, stars=1)]
    (alone, busy) = (found(*crowd(), *ring(80))[-1], found(*crowd(), *ring(80), *others)[-1])
    assert busy["closedness"] < 0.7 < alone["closedness"] and busy["within_ever"] < 0.7


def test_a_pause_ends_a_campaign_and_the_circle_is_remembered() -> None:
    raised = found(*crowd(300), *ring(80), *ring(400, number=3000))
    begun = sorted({each["first"] for each in raised})
    assert len(begun) == 2 and begun[1] == 400
    assert {each["earlier"] > 0 for each in raised if each["first"] == 400} == {True}


def test_what_members_do_to_others_is_told_of_them() -> None:
    cheated = [
        *contract(4000, 1, 20, 130),
        done(DealStep.RATED, 4000, 20, 1, 140, amount=-2),
        done(DealStep.MISREPRESENTED, 4000, 1, 20, 141),
    ]
    last = found(*crowd(300), *ring(80), *cheated, *ring(400, number=3000))[-1]
    assert last["blame_suffered"] > 0 and last["broken_outside"] > 0 and last["blame_outside"] == 0


def test_without_ratings_it_is_still_a_circle() -> None:
    assert found(*crowd(), *ring(80, stars=None))[-1]["praise"] == 0.0


def sold(number: int, seller: int, winner: int, step: int) -> list[Row]:
    """An auction with another bidder than its winner; lots and money change hands as it ends, without a rating."""
    kind = {"protocol": int(Protocol.ENGLISH), "lots": 1, "price": 100}
    return [
        done(DealStep.OPENED, number, seller, -1, step, **kind),
        *(done(DealStep.BID, number, bidder, seller, step + 2, **kind) for bidder in (90, winner)),
        done(DealStep.SOLD if winner >= 0 else DealStep.UNSOLD, number, seller, winner, step + 4, **kind),
    ]


def test_a_circle_may_deal_by_auctions_that_its_members_win() -> None:
    auctions = [row for n in range(12) for row in sold(1000 + n, RING[n % 3], RING[(n + 1) % 3], 80 + 12 * n)]
    last = found(*crowd(), *auctions)[-1]
    assert {last["one"], last["two"]} <= set(RING) and last["first"] >= 80
    assert (last["closedness"], last["agreed_at_once"], last["offered_within"]) == (1.0, 1.0, 1.0)
    assert last["kept_within"] == last["praise"] == 0.0, "as of contracts that are not delivered yet"


def test_auctions_won_by_anybody_or_by_nobody_make_no_circle() -> None:
    by_others = [row for n in range(24) for row in sold(1000 + n, RING[n % 3], 10 + 5 * n, 80 + 6 * n)]
    unsold = [row for n in range(24) for row in sold(2000 + n, RING[n % 3], -1, 83 + 6 * n)]
    assert found(*crowd(), *by_others, *unsold) == []


def test_a_candidate_takes_only_what_was_known_by_its_last_step() -> None:
    market = with_deals("sybil_reputation")
    whole = candidates(market)
    assert len(whole) > 15
    for step in (700, 1600):
        assert np.array_equal(candidates(until(market, step)), whole[whole[:, 3] <= step])


def test_numbers_of_agents_mean_nothing() -> None:
    market, names = with_deals("sybil_reputation"), np.random.default_rng(3).permutation(500)
    one, other = candidates(market), candidates(renamed(market, names))
    assert np.allclose(one[:, 2:], other[:, 2:], rtol=1e-12) and np.array_equal(names[one[:, :2].astype(int)], other[:, :2])


def test_nothing_comes_of_nothing() -> None:
    assert candidates(public()).shape == (0, 4 + len(FEATURES))
