"""Negotiators: what each must do whoever it is, and what each does by itself."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.bargaining.draws import begin
from simulator.bargaining.negotiators.negotiator import Decision, Negotiator, Situation
from simulator.bargaining.negotiators.registry import NEGOTIATORS, make_negotiator
from simulator.bargaining.playing import Match
from simulator.bargaining.rules import ActionType, Discount, Outcome, Party, Rules
from simulator.bargaining.tournament import tournament

GAMES = [Rules(), Rules(offers=1), Rules(offers=2, answer_last=True), Rules(offers=30, discount=Discount.GEOMETRIC),
         Rules(supplier=(6000, 9000), retailer=(5000, 8000)), Rules(supplier=(5000, 5000), retailer=(5000, 5000)),
         Rules(supplier=(0, 0), retailer=(10_000, 10_000))]  # fmt: skip


@pytest.mark.parametrize("name", sorted(NEGOTIATORS))
@pytest.mark.parametrize("rules", GAMES)
def test_every_negotiator_keeps_the_contract(name: str, rules: Rules) -> None:
    for pair in ((name, "linear"), ("linear", name)):
        match = Match(rules, *(make_negotiator(each) for each in pair))
        rows = begin(rules, 5, 200)
        rewards = match.play(rows)
        assert (rows["outcome"] != Outcome.RUNNING).all() and np.isfinite(rewards).all()
        assert rows["offers"].max() <= rules.offers
        assert ((rows["price"] >= rules.low) & (rows["price"] <= rules.high)).all()
        again = begin(rules, 5, 200)
        assert np.array_equal(match.play(again), rewards) and np.array_equal(again, rows)
        if name != "random":
            deals = rows[rows["outcome"] == Outcome.DEAL]
            own = deals["price"] - deals["value"][:, 0] if pair[0] == name else deals["value"][:, 1] - deals["price"]
            assert (own >= -1e-9).all(), f"{name} took a deal that is worth less than nothing to it"


class Stubborn(Negotiator):
    """Offers one price and accepts at the last chance."""

    def decide(self, situation: Situation, rules: Rules) -> Decision:
        assert 0 <= situation.uniform < 1 and situation.value > 0
        if situation.last_chance and situation.price == situation.price:
            return Decision(ActionType.ACCEPT)
        return Decision(ActionType.COUNTER, 6400.0)


def test_a_negotiator_of_plain_python_plays_against_compiled_ones() -> None:
    rules = Rules(offers=4)
    match, rows = Match(rules, Stubborn(), make_negotiator("conceder")), begin(rules, 1, 20)
    rewards = match.play(rows)
    assert (rows["outcome"] == Outcome.DEAL).all() and (rows["opening"][:, 0] == 6400).all()
    assert rewards[0, 0] == pytest.approx(rules.payoff(Party.SUPPLIER, rows["value"][0, 0], rows["price"][0], int(rows["standing"][0])))


def offers_of(name: str, party: Party, offers: int = 10, **parameters: float) -> list[float]:
    """What a negotiator offers to somebody who never gives way."""

    class Wall(Negotiator):
        def decide(self, situation: Situation, rules: Rules) -> Decision:
            return Decision(ActionType.COUNTER, rules.high if situation.party is Party.SUPPLIER else rules.low)

    rules = Rules(offers=offers, first=party, supplier=(5000, 5000), retailer=(8000, 8000))
    pair = (make_negotiator(name, parameters), Wall()) if party is Party.SUPPLIER else (Wall(), make_negotiator(name, parameters))
    match, row, found = Match(rules, *pair), begin(rules, 1, 1), []
    while row["outcome"][0] == Outcome.RUNNING:
        mine = row["turn"][0] == party
        decision = match.turn(row)
        if mine and decision.action is ActionType.COUNTER:
            found.append(decision.price)
    return found


def test_the_clock_makes_some_concede_late_and_others_at_once() -> None:
    boulware, linear, conceder = (offers_of(name, Party.SUPPLIER) for name in ("boulware", "linear", "conceder"))
    assert boulware[0] == linear[0] == conceder[0] == 7500
    assert np.diff(linear).tolist() == pytest.approx([-2500 * 2 / 9] * 4)
    assert boulware[2] > linear[2] > conceder[2]
    assert offers_of("linear", Party.RETAILER)[0] == 4000


def test_who_gets_no_concession_gives_none() -> None:
    assert set(offers_of("tit_for_tat", Party.SUPPLIER)) == {7500}
    assert set(offers_of("fixed_price", Party.RETAILER, margin=0.1)) == {7200}


def test_a_belief_based_negotiator_offers_near_what_it_believes() -> None:
    found = offers_of("belief_based", Party.SUPPLIER, greed=1.0)
    assert found[0] == 8000  # the middle of what the retailer may value it at
    assert found[-1] < found[0]


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("nobody", {}, "there is no negotiator nobody; choose one of aggressive"),
        ("linear", {"speed": 1}, "negotiator linear has no parameter speed; it has: exponent, margin"),
        ("linear", {"exponent": 0}, "exponent 0"),
        ("tit_for_tat", {"margin": -1}, "margin -1"),
        ("random", {"accepts": 0.7, "walks": 0.7}, "above 1 together"),
        ("belief_based", {"greed": 2}, "greed 2 is no share"),
        ("simulator.types:Side", {}, "is no Negotiator"),
        ("no.such:Thing", {}, "cannot be imported"),
    ],
)
def test_wrong_names_and_numbers_are_refused(name: str, parameters: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_negotiator(name, parameters)


def test_a_tournament_has_every_pair_in_the_same_negotiations() -> None:
    rules = Rules(offers=8)
    found = tournament(rules, {name: make_negotiator(name) for name in ("linear", "random")}, 3, 400)
    assert [(pair.supplier, pair.retailer) for pair in found] == [
        ("linear", "linear"), ("linear", "random"), ("random", "linear"), ("random", "random"),
    ]  # fmt: skip
    both = found[0]
    assert both.deals.value == 1 and both.false_deals == both.irrational == both.illegal == 0
    assert 0 < both.efficiency.low < both.efficiency.value < both.efficiency.high < 1
    assert found[3].irrational > 0 < found[3].false_deals + found[3].irrational
    rows = begin(rules, 3, 400)
    rewards = Match(rules, make_negotiator("linear"), make_negotiator("linear")).play(rows)
    assert both.supplier_payoff.value == pytest.approx(rewards[:, 0].mean())
    middle = rows["value"].mean(axis=1)
    surplus = rows["value"][:, 1] - rows["value"][:, 0]
    assert both.nash_distance.value == pytest.approx((np.abs(rows["price"] - middle) / surplus).mean())
    assert 0 < both.perfect_distance.value < 1


def test_theory_is_silent_where_there_is_no_zone_of_agreement() -> None:
    rules = Rules(supplier=(8000, 8000), retailer=(5000, 5000))
    (found,) = tournament(rules, {"random": make_negotiator("random")}, 1, 50)
    assert np.isnan(found.nash_distance.value) and np.isnan(found.deals.value) and found.false_deals > 0
