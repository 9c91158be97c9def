"""packages_v1: what agents see and get, in all forms of action."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.bargaining.package_goods import PriceAndQuantity, Weighed
from simulator.bargaining.packages import PackageRules
from simulator.bargaining.rules import ActionType
from simulator.envs.packages.action import MOST_DISCRETE, masks_of, resolve, space
from simulator.envs.packages.env import PackageEnv
from simulator.envs.packages.observation import STATE, layout
from simulator.envs.packages.scenario import PackageScenario, bundle, group, price_and_quantity
from simulator.envs.packages.types import ActionView

ACCEPT, COUNTER, WALK = (int(kind) for kind in ActionType)
RULES = PackageRules(issues=(4, 3), parties=3, rounds=4, delta=0.5, reservation=-1)


def made(**settings: Any) -> PackageEnv:
    env = PackageEnv(PackageScenario(rules=RULES), **settings)
    env.reset(seed=3)
    return env


def all_do(env: PackageEnv, kind: int, *package: int) -> Any:
    action = {"action_type": kind, "package": np.array(package or (0,) * len(env.scenario.rules.issues))}
    return env.step(dict.fromkeys(env.agents, action))


def seen_by(env: PackageEnv, observations: Any, agent: str) -> dict[str, float]:
    return dict(zip(layout(env.scenario.rules), observations[agent].tolist(), strict=True))


def utilities(env: PackageEnv) -> np.ndarray:
    return env._negotiation().tables.utilities[0]


def test_a_deal_of_three() -> None:
    env = made()
    assert env.metadata["name"] == "packages_v1" and env.agents == ["party_0", "party_1", "party_2"] and env.active == "party_0"
    all_do(env, COUNTER, 0, 0)
    all_do(env, ACCEPT)
    all_do(env, COUNTER, 2, 1)
    all_do(env, ACCEPT)
    assert env.deal is None
    _, rewards, terminated, truncated, infos = all_do(env, ACCEPT)
    assert env.deal == (2, 1) and all(terminated.values()) and not any(truncated.values()) and env.agents == []
    worth = utilities(env)[2 * 3 + 1] * 0.5  # in the second round
    assert list(rewards.values()) == worth.tolist() and infos["party_0"] == {"round": 1, "active": "party_2", "illegal": 0}


def test_time_out_truncates_and_walking_away_terminates() -> None:
    env = made()
    _, rewards, terminated, _, _ = all_do(env, WALK)
    assert set(rewards.values()) == {-1} and all(terminated.values()) and env.deal is None
    env.reset()
    for _ in range(12):
        _, rewards, terminated, truncated, _ = all_do(env, COUNTER, 0, 0)
    assert all(truncated.values()) and not any(terminated.values()) and set(rewards.values()) == {-1} and env.agents == []


def test_accepting_nothing_or_ones_own_is_masked_and_counted() -> None:
    env = made()
    assert env.action_masks().tolist() == [[False, True, True], [True] * 3, [True] * 3]
    *_, infos = all_do(env, ACCEPT)
    assert infos["party_2"]["illegal"] == 1
    all_do(env, COUNTER, 1, 1)
    assert env.active == "party_2" and env.action_masks().all()
    for _ in range(2):
        all_do(env, ACCEPT)
    assert env.deal == (1, 1)
    env.reset()
    all_do(env, COUNTER, 1, 1)
    env._negotiation().tables.rows["turns"] = 3  # as if the others had wasted theirs
    assert env.action_masks()[0].tolist() == [False, True, True]
    *_, infos = all_do(env, ACCEPT)
    assert infos["party_0"]["illegal"] == 1 and env.deal is None


def test_an_observation_is_told_by_its_layout() -> None:
    env = made()
    observations, _ = env.reset(seed=3)
    own = utilities(env)
    first = seen_by(env, observations, "party_0")
    begun = {"my_turn": 1, "offered": 0, "mine": 0, "accepted": 0, "agreed": 0, "utility": 0, "rounds_left": 1}
    assert {name: first[name] for name in begun} == begun
    assert (first["last_offer"], first["best_offer"], first["choice_0"], first["choice_1"]) == (-2, -2, -1, -1)
    assert [first[f"like_0_{choice}"] for choice in range(4)] == pytest.approx(own.reshape(4, 3, 3)[:, :, 0].mean(axis=1).tolist())
    assert [first[f"like_1_{choice}"] for choice in range(3)] == pytest.approx(own.reshape(4, 3, 3)[:, :, 0].mean(axis=0).tolist())
    all_do(env, COUNTER, 0, 2)
    all_do(env, COUNTER, 1, 2)
    all_do(env, ACCEPT)
    observations, *_ = all_do(env, COUNTER, 3, 0)
    third = seen_by(env, observations, "party_0")
    assert (third["mine"], third["accepted"], third["choice_0"], third["choice_1"]) == (1, 0, 1, 0)
    assert third["rounds_left"] == 0.75 and third["my_turn"] == 0
    assert third["utility"] == pytest.approx(own[9, 0]) == third["last_offer"]
    assert third["best_offer"] == pytest.approx(own[5, 0])
    observations, *_ = all_do(env, ACCEPT)
    assert [seen_by(env, observations, agent)["agreed"] for agent in env.agents] == [0, 1, 0]
    assert [seen_by(env, observations, agent)["accepted"] for agent in env.agents] == [0.5] * 3
    assert [seen_by(env, observations, agent)["my_turn"] for agent in env.agents] == [0, 0, 1]


def test_likes_tell_all_of_a_weighed_package_and_nothing_of_the_others() -> None:
    env = PackageEnv(PackageScenario(rules=PackageRules(issues=(5, 2, 3), parties=2)))
    observations, _ = env.reset(seed=1)
    own, like = utilities(env), np.split(observations["party_1"][len(STATE) + 3 :].astype(float), [5, 7])
    told = like[0][:, None, None] + like[1][:, None] + like[2] - 2 * like[0].mean()
    assert told.ravel() == pytest.approx(own[:, 1], abs=1e-6)
    env._negotiation().tables.utilities[0, :, 0] = 0.123  # what the first party likes
    after, *_ = all_do(env, COUNTER, 4, 1, 2)
    assert not np.isclose(after["party_1"], 0.123).any()


@pytest.mark.parametrize("scenario", [price_and_quantity(prices=30, quantities=30), bundle(items=8), group(parties=7)])
def test_all_that_is_seen_is_of_order_one(scenario: PackageScenario) -> None:
    env = PackageEnv(scenario, view=ActionView.MULTI_DISCRETE)
    for seed in range(20):
        observations, _ = env.reset(seed=seed)
        while env.agents:
            for name, seen in observations.items():
                assert env.observation_space(name).contains(seen)
            observations, *_ = env.step({name: env.action_space(name).sample() for name in env.agents})


@pytest.mark.parametrize(
    ("view", "given", "expected"),
    [
        (ActionView.DISCRETE, 0, (ACCEPT, 0)),
        (ActionView.DISCRETE, 1, (WALK, 0)),
        (ActionView.DISCRETE, 2 + 11, (COUNTER, 11)),
        (ActionView.MULTI_DISCRETE, [COUNTER, 3, 1], (COUNTER, 10)),
        (ActionView.DICT, {"action_type": WALK, "package": [0, 2]}, (WALK, 2)),
    ],
)
def test_an_action_means_the_same_in_all_forms(view: ActionView, given: Any, expected: tuple[int, int]) -> None:
    kinds, packages = resolve(RULES, view, [given])
    assert (kinds[0], packages[0]) == expected


@pytest.mark.parametrize(
    ("view", "given"),
    [(ActionView.DISCRETE, 14), (ActionView.MULTI_DISCRETE, [1, 4, 0]), (ActionView.DICT, {"action_type": 3, "package": [0, 0]})],
)
def test_what_is_no_choice_is_refused(view: ActionView, given: Any) -> None:
    with pytest.raises(ValueError, match="a choice lies outside"):
        resolve(RULES, view, [given])


def test_masks_have_the_form_of_the_view() -> None:
    masks = np.array([[False, True, True]])
    assert masks_of(RULES, ActionView.DISCRETE, masks).tolist() == [[False, True, *[True] * 12]]
    assert masks_of(RULES, ActionView.MULTI_DISCRETE, masks).tolist() == [[False, True, True, *[True] * 7]]
    for view in ActionView:
        env = made(view=view)
        assert not env.action_masks()[0, 0]
    assert env.action_masks().shape == (3, 14)


def test_too_many_packages_for_one_number_are_refused() -> None:
    assert space(PackageRules(issues=(MOST_DISCRETE,)), ActionView.DISCRETE).n == MOST_DISCRETE + 2
    with pytest.raises(ValueError, match=r"2001 packages are more than 2000, .* use ActionView.MULTI_DISCRETE"):
        PackageEnv(PackageScenario(rules=PackageRules(issues=(2001,))), view=ActionView.DISCRETE)


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot agree on price and quantity"):
        PackageScenario(rules=PackageRules(parties=3), goods=PriceAndQuantity())
    with pytest.raises(ValueError, match="render_mode 'gif'"):
        PackageEnv(render_mode="gif")
    with pytest.raises(ValueError, match="call reset first"):
        PackageEnv().action_masks()
    assert PackageScenario().goods == Weighed()


def test_a_line_tells_where_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    env = made(render_mode="ansi")
    assert env.render() == "round 0: no package on the table, running, next party_0"
    all_do(env, COUNTER, 3, 1)
    all_do(env, ACCEPT)
    assert env.render() == "round 0: (3, 1) of party_0, accepted by 1, running, next party_2"
    env.render_mode = "human"
    assert env.render() is None and "accepted by 1" in capsys.readouterr().out
