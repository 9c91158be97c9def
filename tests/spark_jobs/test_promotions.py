"""Promotions as candidates: who talks which way, with what position."""

from __future__ import annotations

from functools import cache

import msgspec
import numpy as np
import pytest

from pipelines.events.vocabulary import MessageKind
from pipelines.workers.detecting.runs import watched_run
from simulator.world.scenario_files import load
from spark_jobs.detection.columns import Array, Deals, Messages, Orders, Public
from spark_jobs.detection.promotions import FEATURES, GAP, candidates
from tests.spark_jobs.watching import BUY, SELL, Row, filled, part, rows

CROWD = 50
DEALS = Deals(*(np.zeros(0, np.int64) for _ in Deals._fields))


def said(step: int, sender: int, value: int, topic: int = 0, receiver: int = -1, kind: int = 0) -> Row:
    return {"step": step, "sender": sender, "receiver": receiver, "topic": topic, "kind": kind, "value_3": value}


def talk(*given: Row) -> Messages:
    return Messages(*(np.array([row.get(name, 0) for row in given], np.int64) for name in Messages._fields))


def trades(agent: int, side: int, lots: int, steps: range) -> list[Row]:
    """The agent takes so many lots in each step."""
    return [filled(9, CROWD, 10, agent, side, lots, step) | {"price": 100} for step in steps]


def raised(orders: list[Row], *given: Row) -> list[dict[str, float]]:
    names = ("agent", "partner", "first", "last", *FEATURES)
    return [dict(zip(names, row, strict=True)) for row in candidates(Public(rows(*orders), talk(*given), DEALS)).tolist()]


def test_a_promotion_is_told_each_time_that_it_has_doubled() -> None:
    found = raised(trades(7, BUY, 2, range(20, 40)), *(said(step, 7, 80) for step in range(50, 95, 5)))
    assert [(each["messages"], each["last"]) for each in found] == [(1, 50), (2, 55), (4, 65), (8, 85)]
    assert {(each["agent"], each["partner"], each["first"]) for each in found} == {(7, 7, 30)}, "more than half of it was there in step 30"
    last = found[-1]
    assert (last["claim_to_gain"], last["build_steps"], last["one_sidedness"]) == (2.0, 20, pytest.approx(40 / 18))
    assert (last["message_share"], last["claims_apart"], last["changes_of_mind"]) == (1.0, -1.0, 0.0)
    assert last["gain_to_volume"] == pytest.approx(40 / (100 * 40 / 51))


def test_selling_against_ones_word_is_seen() -> None:
    orders = [*trades(7, BUY, 2, range(20, 40)), *trades(7, SELL, 5, range(56, 60)), *trades(8, BUY, 10, range(52, 54))]
    found = raised(orders, *(said(step, 7, 80) for step in range(50, 65, 5)), said(65, 7, 80))
    assert [each["sold_since"] for each in found] == [0.0, 0.0, 0.5] and found[-1]["taken_since"] == -0.5
    assert found[-1]["followers"] == pytest.approx(20 / 40)


def test_the_mirror_image_looks_the_same() -> None:
    up = raised(trades(7, BUY, 2, range(20, 40)), *(said(step, 7, 80) for step in (50, 55, 60)))
    down = raised(trades(7, SELL, 2, range(20, 40)), *(said(step, 7, -80) for step in (50, 55, 60)))
    assert up == down


def test_who_says_the_same_is_a_partner() -> None:
    orders = [*trades(7, BUY, 2, range(20, 40)), *trades(8, BUY, 2, range(22, 42)), *trades(9, BUY, 2, range(20, 40))]
    found = raised(orders, said(44, 9, 10), said(50, 7, 80), said(55, 8, 90), said(58, 6, -80))
    pairs = [(each["agent"], each["partner"], each["last"]) for each in found]
    assert pairs == [(9, 9, 44), (7, 9, 50), (7, 7, 50), (8, 7, 55), (6, 6, 58)], "8 and 7 are one; 6 says the opposite"
    both = found[3]
    assert (both["claims_apart"], both["built_apart"], both["begun_apart"], both["speakers"]) == (0.0, 2, 5, 2)
    assert found[1]["claims_apart"] == pytest.approx(np.log(8 / 2))


@pytest.mark.parametrize(
    "message",
    [
        said(50, 7, 80, receiver=8), said(50, 7, 80, kind=int(MessageKind.GOSSIP)), said(50, 7, 0),
    ],
    ids=["to one alone", "not its own", "neither way"],
)  # fmt: skip
def test_what_is_no_promotion(message: Row) -> None:
    assert raised(trades(7, BUY, 2, range(20, 40)), message) == []


def test_another_topic_is_as_good() -> None:
    orders = trades(7, BUY, 2, range(20, 40))
    assert raised(orders, said(50, 7, 80)) == raised(orders, said(50, 7, 80, topic=3, kind=16))


def test_a_pause_or_another_direction_ends_a_run_which_is_remembered() -> None:
    orders = [*trades(7, BUY, 2, range(20, 40)), *trades(7, SELL, 4, range(60, 65))]
    found = raised(orders, said(50, 7, 80), said(55, 7, 80), said(56 + GAP, 7, 80), said(57 + GAP, 7, -80))
    assert [each["messages"] for each in found] == [1, 2, 1, 1]
    assert (found[1]["earlier_rate"], found[2]["earlier_messages"], found[3]["earlier_messages"]) == (0.0, 2.0, 2.0)
    assert found[2]["earlier_back"] == 0.5 and found[3]["changes_of_mind"] == 0.25


def test_who_holds_nothing_is_a_candidate_all_the_same() -> None:
    (found,) = raised(trades(8, BUY, 2, range(20, 40)), said(50, 7, 80))
    assert (found["first"], found["last"], found["gain_to_volume"], found["build_steps"]) == (50, 50, 0.0, 0)
    assert raised([]) == [] and len(raised([], said(5, 7, 80))) == 1


@cache
def public(steps: int = 2500) -> Public:
    scenario = msgspec.structs.replace(load("surveillance").with_agents(60), steps=steps)
    return watched_run(scenario, {"pump_and_dump": 2}, 3).public


def until(given: Public, step: int) -> Public:
    orders, messages = given.orders, given.messages
    talked = Messages(*(column[messages.step <= step] for column in messages))
    return Public(part(orders, 0, int(np.searchsorted(orders.step, step, side="right"))), talked, given.deals)


def test_a_candidate_needs_nothing_that_came_after_it() -> None:
    given = public()
    whole = candidates(given)
    assert len(whole) > 50
    for step in np.unique(whole[:, 3])[::40].astype(int).tolist():
        assert np.array_equal(candidates(until(given, step)), whole[whole[:, 3] <= step])


def test_no_feature_knows_the_agents_numbers() -> None:
    given = public(1500)
    renamed = np.random.default_rng(3).permutation(5000)
    orders = given.orders._replace(owner=renamed[given.orders.owner], other_owner=_others(renamed, given.orders))
    others = candidates(Public(orders, given.messages._replace(sender=renamed[given.messages.sender]), given.deals))
    one = candidates(given)
    assert np.array_equal(one[:, 2:], others[:, 2:]) and np.array_equal(renamed[one[:, :2].astype(int)], others[:, :2])


def _others(renamed: Array, orders: Orders) -> Array:
    return np.where(orders.other_owner < 0, -1, renamed[orders.other_owner])
