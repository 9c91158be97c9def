"""Markets as joint worlds: the same markets, seen as agents of worlds; nothing is lost where they end."""

import numpy as np
import pytest

from simulator.envs.joint import Choices, Interval
from simulator.envs.market.types import ActionView
from simulator.training.market_joint import MarketJoint, Reward, trading_market

pytestmark = pytest.mark.slow

SMALL = {"scripted": 6, "episode_steps": 4}


def market(reward: Reward = Reward.INDIVIDUAL, view: ActionView = ActionView.DISCRETE) -> MarketJoint:
    return trading_market(3, 2, view, seed=5, reward=reward, **SMALL)


def test_slots_are_agents_of_worlds() -> None:
    joint, flat = market(), market().markets
    seen, expected = joint.reset(), flat.reset()
    assert (joint.actions, joint.features, joint.state_size) == (Choices(18), 15, 30)
    assert np.array_equal(seen.observations[2, 1], expected[5])
    assert np.array_equal(seen.state[2], np.concatenate([expected[4], expected[5]]))
    actions = np.array([[1, 2], [3, 4], [5, 6]])
    for _ in range(3):
        turn = joint.step(actions)
        observations, rewards, _, _ = flat.step(actions.ravel())
        assert np.array_equal(turn.rewards.ravel(), rewards)
        assert np.array_equal(turn.seen.observations.reshape(6, 15), observations)
        assert turn.last is turn.seen and not turn.truncated.any()


def test_at_the_horizon_markets_are_truncated_with_what_was_last_seen() -> None:
    joint, flat = market(), market().markets
    joint.reset()
    flat.reset()
    actions = np.array([[1, 2], [3, 4], [5, 6]])
    for _ in range(4):
        turn = joint.step(actions)
        observations, _, _, infos = flat.step(actions.ravel())
    assert turn.truncated.all() and not turn.terminated.any()
    assert np.array_equal(turn.last.observations[2, 1], infos[5]["terminal_observation"])
    assert np.array_equal(turn.seen.observations[2, 1], observations[5])
    assert not np.array_equal(turn.last.observations, turn.seen.observations)
    assert turn.last.state[2].tolist() == turn.last.observations[2].ravel().tolist()


def test_a_team_shares_the_mean() -> None:
    gains: list[np.ndarray] = []
    for reward in (Reward.INDIVIDUAL, Reward.TEAM):
        joint = trading_market(3, 2, seed=5, reward=reward, scripted=6, episode_steps=20)
        joint.reset()
        gains.append(np.stack([joint.step(np.array([[1, 3], [1, 4], [5, 6]])).rewards for _ in range(20)]))
    own, shared = gains
    assert (own[:, :, 0] != own[:, :, 1]).any()
    assert np.array_equal(shared, np.repeat(own.mean(axis=2, keepdims=True), 2, axis=2))


def test_numbers_are_actions_and_several_choices_at_once_are_not() -> None:
    joint = market(view=ActionView.BOX)
    joint.reset()
    assert joint.actions == Interval(3)
    joint.step(np.zeros((3, 2, 3), np.float32))
    with pytest.raises(ValueError, match="use discrete or box"):
        market(view=ActionView.MULTI_DISCRETE)
