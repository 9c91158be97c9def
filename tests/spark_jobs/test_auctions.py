"""Auctions, who took part in them together, and cartels among bidders."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.events.vocabulary import DealStep, Protocol
from spark_jobs.detection.auctions import Bidders, Letters, connected, ended
from spark_jobs.detection.cartels import FEATURES, candidates
from tests.spark_jobs.dealing import deals, done, in_order, messages, public, renamed, until, with_deals
from tests.spark_jobs.watching import Row

RING = (1, 2, 3)


def auction(number: int, step: int, bids: list[tuple[int, int, int]], winner: int = -1, price: int = 0, seller: int = 90) -> list[Row]:
    """Opened at a step, with bids (steps later, bidder, price), and ended 60 steps later."""
    kind = {"protocol": int(Protocol.ENGLISH)}
    return [
        done(DealStep.OPENED, number, seller, -1, step, price=100, **kind),
        *(done(DealStep.BID, number, bidder, seller, step + later, price=bid, **kind) for later, bidder, bid in bids),
        done(DealStep.SOLD if winner >= 0 else DealStep.UNSOLD, number, seller, winner, step + 60, price=price, **kind),
    ]


def honest(count: int = 60) -> list[Row]:
    """Three of forty bidders in each, never the same ones for long."""
    rows = []
    for n in range(count):
        who = [10 + (n * 7) % 40, 10 + (n * 11 + 3) % 40, 10 + (n * 17 + 5) % 40]
        rows += auction(n, 20 * n, [(5 + 3 * place, bidder, 100 + place) for place, bidder in enumerate(who)], who[-1], 102)
    return rows


def rigged(count: int = 8) -> list[Row]:
    """Members bid in a fixed order, whose turn it is last."""
    rows = []
    for n in range(count):
        turn = [RING[(n + place) % 3] for place in range(3)]
        rows += auction(1000 + n, 100 + 130 * n, [(4 + 4 * place, member, 100 + place) for place, member in enumerate(turn)], turn[-1], 102)
    return rows


def found(*given: Row, letters: tuple[Row, ...] = ()) -> list[dict[str, float]]:
    names = ("one", "two", "first", "last", *FEATURES)
    return [dict(zip(names, row, strict=True)) for row in candidates(public(*in_order(*given), letters=letters)).tolist()]


def test_an_auction_is_what_its_rows_say() -> None:
    (one,) = ended(deals(*auction(7, 20, [(3, 1, 100), (9, 2, 105), (12, 1, 110)], winner=1, price=110)))
    assert (one.opened, one.ended, one.winner, one.price) == (20, 80, 1, 110)
    assert one.first_bids() == {1: 23, 2: 29} and one.spread() == pytest.approx(110 / 105 - 1)
    (unsold,) = ended(deals(*auction(8, 20, [])))
    assert (unsold.winner, unsold.bids, unsold.spread()) == (-1, [], 0.0)


def test_letters_connect_those_who_write_with_those_who_bid() -> None:
    bidders, (one,) = Bidders(), ended(deals(*auction(7, 20, [(3, 1, 100)], winner=1, price=100)))
    assert bidders.take_in(one, [(1, 2), (2, 3), (8, 9)]) == [(1, 2), (1, 3), (2, 3)]
    assert (bidders.took_part[3], bidders.took_part[8], bidders.shared[1, 2].with_letters, bidders.shared[1, 3].with_letters) == (
        1,
        0,
        1,
        0,
    )


def test_communities_come_as_they_are_named() -> None:
    assert connected([(7, 3), (1, 2), (3, 9)]) == [[7, 3, 9], [1, 2]] and connected([]) == []


def test_letters_are_messages_from_one_to_another() -> None:
    plain, gossip, everybody = (
        {"sender": 5, "receiver": 2, "step": 3},
        {"sender": 1, "receiver": 2, "kind": 1},
        {"sender": 1, "receiver": -1},
    )
    assert Letters.of(messages(plain, gossip, everybody)).between(0, 9) == [(2, 5)]


def test_members_who_always_come_together_and_take_turns_are_told() -> None:
    raised = [each for each in found(*honest(), *rigged()) if each["one"] in RING]
    assert raised and {(each["one"], each["two"]) for each in raised} <= {(1, 2), (1, 3), (2, 3)}
    last = raised[-1]
    assert (last["auction"], last["members"], last["overlap"], last["wins_ever"] > 0.5) == (1, 3, 1.0, True)
    assert last["switches"] > 0.5 and last["bids_each"] == 1.0 and last["lag_deviation"] < 0.5 and last["spread"] > 0
    assert len({each["last"] for each in raised}) == len(raised), "one for an auction and community"


def test_bidders_who_meet_by_chance_are_not_tied() -> None:
    assert not [each for each in found(*honest()) if each["occasions"] > 4]


def test_letters_without_auctions_are_no_candidate() -> None:
    letters = tuple({"sender": 1, "receiver": 2, "step": step} for step in range(0, 900, 50))
    assert not [each for each in found(*honest(), letters=letters) if each["one"] == 1]


def test_a_candidate_takes_only_what_was_known_by_its_last_step() -> None:
    market = with_deals("cartel")
    whole = candidates(market)
    assert len(whole) > 30 and set(whole[:, 4].tolist()) == {0.0, 1.0}
    for step in (700, 1600):
        assert np.array_equal(candidates(until(market, step)), whole[whole[:, 3] <= step])


def test_numbers_of_agents_mean_nothing() -> None:
    market, names = with_deals("cartel"), np.random.default_rng(3).permutation(500)
    one, other = candidates(market), candidates(renamed(market, names))
    assert np.allclose(one[:, 2:], other[:, 2:], rtol=1e-12)
    assert np.array_equal(np.sort(names[one[:, :2].astype(int)], axis=1), other[:, :2])


def test_nothing_comes_of_nothing() -> None:
    assert candidates(public()).shape == (0, 4 + len(FEATURES))
