"""Rewards of several objectives: each component by hand, their sums over episodes, and nothing of it where profit alone counts."""

from typing import Any

import numpy as np
import pytest

from simulator.envs.market.types import ActionView, OrderType
from simulator.training.cadence import appraise
from simulator.training.config import TrainConfig
from simulator.training.evaluate import earnings, player
from simulator.training.objectives import INVENTORY, Objective, Objectives, Weights, undominated
from simulator.training.sb3 import Learner
from simulator.training.vectorise import MarketVecEnv

SMALL: dict[str, Any] = {
    "worlds": 2, "learners": 2, "scripted": 8, "episode_steps": 24, "rollout_steps": 16, "hidden": (8,), "batch_size": 32, "epochs": 2,
    "steps": 256, "seed": 3,
}  # fmt: skip


def seen(*inventories: float) -> np.ndarray[Any, Any]:
    rows = np.zeros((len(inventories), 15), np.float32)
    rows[:, INVENTORY] = inventories
    return rows


def orders(*kinds: OrderType) -> np.ndarray[Any, Any]:
    return np.array([(kind, 0, 1) for kind in kinds], np.float64)


def test_each_component_by_hand() -> None:
    parts = Objectives(Weights(profit=1.0, risk=2.0, fairness=0.5, sustainability=0.25), worlds=1, learners=2)
    gains = np.array([3.0, 1.0], np.float32)
    rewards = parts.rewards(gains, seen(0.5, 0.0), orders(OrderType.HOLD, OrderType.LIMIT_BUY))
    assert parts.sums.tolist() == [[3.0, 1.0], [-0.25, 0.0], [-2.0, -2.0], [0.0, -1.0]]
    assert rewards.tolist() == [3.0 - 0.5 - 1.0, 1.0 - 1.0 - 0.25]
    parts.rewards(np.array([0.0, 2.0], np.float32), seen(-1.0, 0.0), orders(OrderType.HOLD, OrderType.HOLD))
    assert parts.sums[Objective.FAIRNESS].tolist() == [0.0, 0.0]  # the second has caught up
    assert parts.sums[Objective.RISK].tolist() == [-1.25, 0.0]


def test_three_learners_are_compared_within_their_market() -> None:
    parts = Objectives(Weights(fairness=1.0), worlds=2, learners=3)
    parts.rewards(np.array([0, 3, 6, 5, 5, 5], np.float32), seen(*[0.0] * 6), orders(*[OrderType.HOLD] * 6))
    assert parts.sums[Objective.FAIRNESS].tolist() == [-4.5, -3.0, -4.5, 0.0, 0.0, 0.0]


def test_who_is_alone_is_unequal_to_nobody() -> None:
    parts = Objectives(Weights(fairness=1.0), worlds=2, learners=1)
    parts.rewards(np.array([1.0, 9.0], np.float32), seen(0, 0), orders(OrderType.HOLD, OrderType.HOLD))
    assert parts.sums[Objective.FAIRNESS].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(("values", "message"), [({"risk": -1.0}, "weight -1.0 of risk"), ({"profit": 0.0}, "all objectives weigh 0")])
def test_weights_that_make_no_sense_are_refused(values: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Weights(**values)


def test_profit_alone_pays_the_gain_to_the_last_bit() -> None:
    config = TrainConfig(**SMALL)
    market, actions = config.market(), np.array([1, 5, 7, 0])
    plain = MarketVecEnv(market, 2, ActionView.DISCRETE, 3)
    looked_at = MarketVecEnv(market, 2, ActionView.DISCRETE, 3, weights=Weights())
    plain.reset(), looked_at.reset()
    for _ in range(30):
        ours, theirs = plain.step_arrays(actions), looked_at.step_arrays(actions)
        assert ours.rewards.tobytes() == theirs.rewards.tobytes()
        assert ours.observations.tobytes() == theirs.observations.tobytes()
    assert plain.objectives is None and looked_at.objectives is not None
    assert looked_at.objectives.means()["sustainability"] == -24 * 0.75
    assert plain.log_hash() == looked_at.log_hash()


def test_weighted_learners_go_on_exactly_and_tell_the_components() -> None:
    config = TrainConfig(**SMALL, objectives=Weights(risk=0.5, fairness=0.1, sustainability=0.01))
    whole = Learner(config)
    figures = [rollout.metrics for rollout in whole.rollouts()]
    assert {name for name in figures[-1] if name.startswith("objective/")} == {
        f"objective/{name}" for name in ("profit", "risk", "fairness", "sustainability")
    }
    assert "objective/risk" not in figures[0]  # no episode had ended
    first = Learner(config)
    next(first.rollouts())
    snapshot = first.env.snapshot()
    other = MarketVecEnv(config.market(), 2, config.action_view, 3, weights=config.objectives)
    other.restore(snapshot)
    actions = np.zeros(4, np.int64)
    for _ in range(10):
        assert other.step_arrays(actions).returns.tolist() == first.env.step_arrays(actions).returns.tolist()
    assert other.objectives is not None and first.env.objectives is not None
    assert other.objectives.means() == first.env.objectives.means()


def test_an_appraisal_finds_the_profit_that_the_world_itself_finds() -> None:
    config = TrainConfig(**SMALL)
    policy = Learner(config).policy()
    found, own = appraise(config, [policy], 9, 3), earnings(config.market(), player(config, policy), 9, 3)
    assert found["profit"] == pytest.approx(own.mean, rel=1e-5)
    assert found["score"] == pytest.approx(own.middle, rel=1e-5)
    assert set(found) == {"score", "profit", "risk", "fairness", "sustainability"}
    assert appraise(config, [policy, policy], 9, 3) == found  # one policy, or the same one for each


def test_policies_of_their_own_are_appraised_each_in_its_seat() -> None:
    config = TrainConfig(**SMALL)
    one, two = Learner(config).policy(), Learner(TrainConfig(**(SMALL | {"seed": 4}))).policy()
    env = MarketVecEnv(config.market(), 3, config.action_view, 9)
    seen, returns = env.reset(), np.zeros(6)
    for _ in range(24):
        mine, theirs = one.act(seen), two.act(seen)
        seen, _, _, returns = env.step_arrays(np.where(np.arange(6) % 2 == 0, mine, theirs))
    assert appraise(config, [one, two], 9, 3)["profit"] == pytest.approx(returns.mean())


def test_equals_do_not_dominate_each_other() -> None:
    assert undominated({"a": {"x": 1.0}, "b": {"x": 1.0}, "c": {"x": 0.0}}) == ["a", "b"]
