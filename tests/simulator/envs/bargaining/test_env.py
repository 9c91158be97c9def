"""bargaining_v1: what agents see and get, in all forms of action; a batch is many of the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.bargaining.rules import ActionType, Outcome, Rules
from simulator.envs.bargaining.action import resolve, space
from simulator.envs.bargaining.batch import BargainingBatch
from simulator.envs.bargaining.env import BargainingEnv
from simulator.envs.bargaining.observation import RICH
from simulator.envs.bargaining.scenario import BargainingScenario, from_config
from simulator.envs.bargaining.types import ActionView

ACCEPT, COUNTER, WALK = (int(kind) for kind in ActionType)


def action(kind: int, price: float = 0.0) -> dict[str, Any]:
    return {"action_type": kind, "price": np.array([price], np.float32)}


def both(env: BargainingEnv, kind: int, price: float = 0.0) -> Any:
    return env.step({name: action(kind, price) for name in env.agents})


def test_a_deal_by_the_plain_game() -> None:
    env = BargainingEnv({"max_rounds": 10, "supplier_val": 5000, "retailer_val": 8000})
    observations, infos = env.reset(seed=1)
    assert env.metadata["name"] == "bargaining_v1" and env.active == "supplier"
    assert observations["supplier"].tolist() == [0, 0, 1, 0, 0]
    assert infos["retailer"] == {"round": 0, "active": "supplier", "illegal": 0}
    observations, rewards, terminated, _, infos = both(env, COUNTER, 7000)
    assert observations["retailer"].tolist() == pytest.approx([7000, 1, 0.9, 7000, 1])
    assert rewards == {"supplier": 0, "retailer": 0} and not any(terminated.values()) and infos["supplier"]["active"] == "retailer"
    both(env, COUNTER, 6000)
    _, rewards, terminated, truncated, _ = both(env, ACCEPT)
    assert env.deal_reached and all(terminated.values()) and not any(truncated.values()) and env.agents == []
    assert rewards == pytest.approx({"supplier": 1000 * 0.64 + 5, "retailer": 2000 * 0.64 + 5})


def test_time_out_truncates_and_walking_away_terminates() -> None:
    env = BargainingEnv({"max_rounds": 1})
    env.reset(seed=1)
    _, rewards, terminated, truncated, _ = both(env, COUNTER, 6000)
    assert all(truncated.values()) and not any(terminated.values()) and set(rewards.values()) == {-5} and not env.deal_reached
    env.reset()
    _, rewards, terminated, _, _ = both(env, WALK)
    assert all(terminated.values()) and set(rewards.values()) == {-10}


def test_an_acceptance_of_nothing_is_masked_and_counted() -> None:
    env = BargainingEnv()
    env.reset(seed=1)
    assert env.action_masks()[0].tolist() == [False, True, True]
    *_, infos = both(env, ACCEPT)
    assert infos["supplier"]["illegal"] == 1 and infos["supplier"]["round"] == 1
    both(env, COUNTER, 6000)
    assert env.action_masks().all()


def test_each_sees_its_own_value_and_never_the_other_ones() -> None:
    env = BargainingEnv(scenario=BargainingScenario(rich=True))
    observations, _ = env.reset(seed=3)
    values = env._negotiation().rows["value"][0]
    place = RICH.index("value")
    for party, name in enumerate(("supplier", "retailer")):
        assert observations[name][place] == pytest.approx(values[party] / 10_000)
        assert not np.isclose(observations[name], values[1 - party] / 10_000, atol=1e-6).any()
    observations, *_ = both(env, COUNTER, 7000)
    seen = dict(zip(RICH, observations["retailer"].tolist(), strict=True))
    assert seen["current_price"] == pytest.approx(0.7) and seen["gain"] == pytest.approx(values[1] / 10_000 - 0.7)
    assert (seen["my_turn"], seen["role"], seen["newest"], seen["newest_1"]) == (1, 1, pytest.approx(0.7), -1)


@pytest.mark.parametrize(
    ("view", "given", "expected"),
    [
        (ActionView.DISCRETE, 0, (ACCEPT, 0)),
        (ActionView.DISCRETE, 1, (WALK, 0)),
        (ActionView.DISCRETE, 2 + 10, (COUNTER, 5000)),
        (ActionView.MULTI_DISCRETE, [COUNTER, 20], (COUNTER, 10_000)),
        (ActionView.BOX, [-1.0, 0.0], (ACCEPT, 5000)),
        (ActionView.BOX, [0.0, -1.0], (COUNTER, 0)),
        (ActionView.BOX, [7.0, 7.0], (WALK, 10_000)),
        (ActionView.DICT, {"action_type": COUNTER, "price": [123.0]}, (COUNTER, 123)),
    ],
)
def test_all_forms_mean_the_same(view: ActionView, given: Any, expected: tuple[int, float]) -> None:
    kinds, prices = resolve(BargainingScenario(), view, [given])
    assert (kinds[0], prices[0]) == expected
    assert space(BargainingScenario(), view).seed(1)


@pytest.mark.parametrize(
    ("view", "given"),
    [(ActionView.DISCRETE, 23), (ActionView.MULTI_DISCRETE, [3, 0]), (ActionView.BOX, [np.nan, 0]), (ActionView.DICT, action(-1))],
)
def test_a_choice_that_does_not_exist_is_refused(view: ActionView, given: Any) -> None:
    with pytest.raises(ValueError, match="sample from action_space"):
        resolve(BargainingScenario(), view, [given])


def test_a_batch_is_many_of_the_same() -> None:
    scenario = BargainingScenario(rules=Rules(offers=8), rich=True)
    chance = np.random.default_rng(1)
    kinds, prices = chance.choice([ACCEPT, COUNTER, COUNTER, COUNTER], (12, 40)), 10_000 * chance.random((12, 40))
    batch = BargainingBatch(scenario, 40, seed=4)
    steps = [batch.step(kinds[turn], prices[turn]) for turn in range(12)]
    assert (batch.rows["outcome"] != Outcome.RUNNING).all()
    for number in (0, 7, 39):
        alone = BargainingBatch(scenario, 1, seed=4, start=number)
        for turn, found in enumerate(steps):
            one = alone.step(kinds[turn, number : number + 1], prices[turn, number : number + 1])
            assert np.array_equal(one.observations[0], found.observations[number]) and np.array_equal(one.rewards[0], found.rewards[number])
            assert (one.terminated[0], one.truncated[0]) == (found.terminated[number], found.truncated[number])
    assert sum(step.terminated.sum() + step.truncated.sum() for step in steps) == 40


def test_a_place_that_is_over_gets_the_next_negotiation() -> None:
    batch = BargainingBatch(BargainingScenario(rich=True), 3, seed=4)
    batch.step(np.array([WALK, COUNTER, WALK]), np.full(3, 6000.0))
    assert batch.action_masks().any(axis=1).tolist() == [False, True, False]
    batch.reset()
    expected = BargainingBatch(BargainingScenario(rich=True), 2, seed=4, start=3)
    assert np.array_equal(batch.rows[[0, 2]], expected.rows) and batch.rows["offers"][1] == 1
    with pytest.raises(ValueError, match="2 kinds and 3 prices for 3"):
        batch.step(np.zeros(2, np.int64), np.zeros(3))
    with pytest.raises(ValueError, match="outside 0..2"):
        batch.step(np.array([0, 1, 9]), np.zeros(3))


@pytest.mark.parametrize(
    ("config", "message"),
    [({"rounds": 3}, "config has no rounds"), ({"max_rounds": 0}, "does not make a game"), ({"supplier_val": -4}, "supplier values")],
)
def test_a_wrong_config_is_refused(config: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        from_config(config)


def test_a_hundred_episodes_run_without_a_crash() -> None:
    env = BargainingEnv(view=ActionView.DISCRETE)
    ends = []
    for episode in range(100):
        env.reset(seed=episode)
        space_of = env.action_space("supplier")
        while env.agents:
            env.step({name: space_of.sample() for name in env.agents})
        ends.append(Outcome(int(env._negotiation().rows["outcome"][0])))
    assert {Outcome.DEAL, Outcome.WALKED_AWAY} <= set(ends) and Outcome.RUNNING not in ends


def test_a_line_tells_where_it_stands() -> None:
    env = BargainingEnv(render_mode="ansi")
    env.reset(seed=1)
    assert env.render() == "round 0: no offer on the table, running, next supplier"
    both(env, COUNTER, 6500)
    assert env.render() == "round 1: 6,500.00 on the table, running, next retailer"
    with pytest.raises(ValueError, match="render_mode 'gif'"):
        BargainingEnv(render_mode="gif")
