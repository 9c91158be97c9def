"""What two agents have in common, on literal rows: letters, contracts, quotes and bids; and over all of a market."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.events.vocabulary import DealStep, Protocol
from spark_jobs.detection.columns import Public
from spark_jobs.detection.pairs import features
from spark_jobs.detection.pairs.features import FEATURES, pairs_of
from spark_jobs.detection.pairs.ranking import in_company, most_suspicious, read_pairs_model
from tests.spark_jobs.dealing import contract, done, in_order, public, renamed, with_deals
from tests.spark_jobs.watching import SELL, Row, cancelled, filled, placed, taken

CROWD = range(10, 30)


def found(given: Public, one: int, two: int) -> dict[str, float]:
    """The features of two agents."""
    agents, rows = pairs_of(given)
    (place,) = np.flatnonzero((agents == (one, two)).all(axis=1)).tolist()
    return dict(zip(FEATURES, rows[place].tolist(), strict=True))


def letter(sender: int, receiver: int, step: int) -> Row:
    return {"step": step, "sender": sender, "receiver": receiver, "topic": 1, "kind": 0}


def small_talk() -> list[Row]:
    """Everybody of a crowd writes to the next one now and then."""
    return [letter(agent, 10 + (agent - 9) % 20, 7 * agent + 200 * time) for time in range(5) for agent in CROWD]


def test_letters_are_counted_both_ways_and_beside_those_to_others() -> None:
    private = [letter(1, 2, 50 * n) for n in range(8)] + [letter(2, 1, 50 * n + 9) for n in range(4)]
    two = found(public(letters=tuple(in_order(*small_talk(), *private))), 1, 2)
    assert (two["letters"], two["letters_back"], two["letters_share"]) == (12.0, 0.5, 1.0) and two["letters_tie"] > 10.0
    neighbours = found(public(letters=tuple(in_order(*small_talk(), *private))), 10, 11)
    assert (neighbours["letters"], neighbours["letters_back"], neighbours["letters_share"]) == (5.0, 0.0, 0.5)


def trades(count: int) -> list[Row]:
    """Contracts of a crowd, each with another one each time."""
    return [row for n in range(count) for row in contract(n, 10 + n % 20, 10 + (n * 7 + 3) % 20, 10 * n, price=100)]


def test_contracts_below_the_market_after_a_win_are_told_from_others() -> None:
    book = (placed(1, 50, SELL, 100, 9, step=0), taken(2, 51, 0, 1, step=1), filled(1, 50, 2, 51, 0, 1, step=1) | {"price": 100})
    kind = {"protocol": int(Protocol.ENGLISH)}
    won = [
        row for n in range(5) for row in (
            done(DealStep.OPENED, 900 + n, 50, -1, 100 * n, price=90, **kind),
            done(DealStep.BID, 900 + n, 1, 50, 100 * n + 5, price=91, **kind),
            done(DealStep.SOLD, 900 + n, 50, 1, 100 * n + 60, price=91, lots=5, **kind),
            *contract(800 + n, 1, 2, 100 * n + 70, price=95),
        )
    ]  # fmt: skip
    given = public(*in_order(*trades(60), *won), orders=book)
    members, strangers = found(given, 1, 2), found(given, 10, 13)
    assert members["after_win"] == 1.0 and members["deals_price"] == pytest.approx(-0.05) and members["deals_tie"] > 5.0
    assert (members["sells_low"], members["sells_high"]) == (0.0, 1.0), "one always sells, one always buys"
    assert strangers["after_win"] == 0.0 and strangers["deals_price"] == 0.0 and strangers["deals_tie"] < members["deals_tie"]


def quoted(agent: int, prices: list[int]) -> list[Row]:
    """One offer that is placed anew every 40 steps."""
    rows = []
    for n, price in enumerate(prices):
        number = 1000 * agent + n
        rows += [placed(number, agent, SELL, price, 3, step=40 * n + 1), cancelled(number, agent, SELL, 3, step=40 * n + 40)]
    return rows


def test_offers_that_keep_close_above_the_market_stand_out() -> None:
    floor = [10_500 + 40 * n for n in range(12)]
    crowd = [row for agent in CROWD for row in quoted(agent, [10_000 + 3 * (agent * (n + 3) % 17) for n in range(12)])]
    apart = quoted(3, [10_900 - 60 * n for n in range(12)])
    last = [taken(9, 51, 0, 1, step=0), filled(8, 50, 9, 51, 0, 1, step=0) | {"price": 10_000}]
    rows = sorted([*quoted(1, floor), *quoted(2, [price + 4 for price in floor]), *apart, *crowd, *last], key=lambda row: row["step"])
    given = public(orders=tuple(rows))
    members, others = found(given, 1, 2), found(given, 1, 3)
    assert members["ask_far_close"] == 1.0 and members["ask_far_excess"] > 5.0 and members["ask_alike"] > 0.9
    assert others["ask_far_close"] < 0.3 and others["ask_alike"] < 0.0, "it is as far above, and falls while theirs rise"
    assert members["ask_alike_out"] > others["ask_alike_out"]


def sales(who_bids: dict[int, list[int]], count: int, protocol: Protocol) -> list[Row]:
    """Auctions every ten steps of sellers in turn; by bidder, the numbers of those in which it bids."""
    kind = {"protocol": int(protocol)}
    rows = []
    for n in range(count):
        seller = 90 + n * 5 % 7
        rows.append(done(DealStep.OPENED, n, seller, -1, 10 * n, price=90, **kind))
        rows += [done(DealStep.BID, n, bidder, seller, 10 * n + 3, price=91, **kind) for bidder, wanted in who_bids.items() if n in wanted]
    return rows


def by_chance(count: int) -> dict[int, list[int]]:
    chance = np.random.default_rng(3)
    return {agent: np.flatnonzero(chance.random(count) < 0.3).tolist() for agent in CROWD}


def test_turns_by_number_and_allotted_sellers_are_uneven() -> None:
    ours, n = {one: list(range(one, 300, 3)) for one in (1, 2)}, 300
    given = public(*sales(by_chance(n) | ours, n, Protocol.ENGLISH))
    members, others = found(given, 1, 2), found(given, 10, 11)
    assert members["open_turns"] > 20.0 > 4.0 > others["open_turns"]
    assert members["open_tie"] < -10.0 and members["open_apart"] < -10.0, "never in the same"
    allotted = {1: [k for k in range(n) if k * 5 % 7 in (0, 1)], 2: [k for k in range(n) if k * 5 % 7 in (2, 3)]}
    shared = found(public(*sales(by_chance(n) | allotted, n, Protocol.ENGLISH)), 1, 2)
    assert shared["open_sellers"] > 20.0 > 4.0 > others["open_sellers"]


def test_bidding_for_show_shows_auction_by_auction() -> None:
    n, chance = 300, np.random.default_rng(4)
    together = np.flatnonzero((chance.random(n) < 0.8) & (np.arange(n) // 60 % 2 == 0)).tolist()
    given = public(*sales(by_chance(n) | {1: together, 2: together}, n, Protocol.FIRST_PRICE))
    members, others = found(given, 1, 2), found(given, 10, 11)
    for name in ("sealed_rest_out", "sealed_stretches_out", "sealed_alike_out", "sealed_tie"):
        assert members[name] > max(2.5, 1.5 * others[name]), name
    assert abs(members["open_tie"]) < 1e-6, "no open auction"


def test_names_and_their_order_change_nothing() -> None:
    market, names = with_deals("cartel"), np.random.default_rng(3).permutation(500)
    (agents, rows), (others, again) = pairs_of(market), pairs_of(renamed(market, names))
    place = {tuple(sorted(pair)): number for number, pair in enumerate(others.tolist())}
    order = [place[tuple(sorted((int(names[one]), int(names[two]))))] for one, two in agents.tolist()]
    assert rows == pytest.approx(again[order], rel=1e-6, abs=1e-6)


def test_nobody_and_one_alone_are_no_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pairs_of(public()).features.shape == (0, len(FEATURES))
    assert len(pairs_of(public(orders=(placed(1, 5, SELL, 99, 4, step=2),))).agents) == 0
    assert most_suspicious(public(), read_pairs_model(), 5) == []
    monkeypatch.setattr(features, "MOST", 4)
    assert len(pairs_of(public(*trades(60))).agents) == 6, "the four who deal most"


def test_a_common_third_makes_two_more_suspicious() -> None:
    agents = np.array([[1, 2], [1, 3], [2, 3], [4, 5], [4, 6], [5, 6]])
    scores = in_company(agents, np.array([0.4, 0.6, 0.6, 0.4, 1e-5, 1e-5]))
    assert scores[0] > scores[3] == pytest.approx(np.log(0.4 / 0.6)), "1 and 2 are both suspected with 3"
    assert len(in_company(np.zeros((0, 2), np.int64), np.zeros(0))) == 0


def test_what_a_pair_stands_out_by_is_told() -> None:
    first, second = most_suspicious(with_deals("cartel"), read_pairs_model(), 2)
    assert first.score >= second.score and first.agents[0] < first.agents[1]
    assert all(name in FEATURES and 0.0 <= below <= 1.0 for name, _, below in first.reasons)
    assert [below for *_, below in first.reasons] == sorted((below for *_, below in first.reasons), reverse=True)
