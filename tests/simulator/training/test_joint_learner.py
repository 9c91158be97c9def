"""What holds of every joint learner: exact from its configuration, exact when resumed, blind to what others see."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from simulator.envs.games.matching import Matching
from simulator.envs.games.matrix import Matrix
from simulator.envs.games.recall import Recall
from simulator.envs.joint import Turn
from simulator.envs.market.types import ActionView
from simulator.training.joint_learner import JointLearner
from simulator.training.maddpg import Acting, Maddpg
from simulator.training.mappo import Mappo
from simulator.training.market_joint import Reward, trading_market
from simulator.training.qmix import Qmix
from tests.simulator.training.joint_cases import KINDS, maddpg, made, mappo, qmix

pytestmark = pytest.mark.slow


def held(value: Any) -> Any:
    """All that a state dictionary holds, comparable to the bit."""
    if isinstance(value, torch.Tensor):
        return value.numpy().tobytes()
    if isinstance(value, dict):
        return {name: held(part) for name, part in value.items()}
    return [held(part) for part in value] if isinstance(value, list | tuple) else str(value)


def everything(learner: JointLearner[Any]) -> Any:
    return held(learner._state()), learner.env.snapshot()


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_configuration_gives_the_same_learner(kind: str) -> None:
    first = everything(made(kind).train())
    torch.manual_seed(5)  # of others
    again = made(kind)
    for _ in again.iterations():
        torch.rand(1)
        again.act(again.seen.observations, greedy=False, masks=again.seen.masks)
    assert everything(again) == first
    assert everything(made(kind, seed=1).train()) != first


@pytest.mark.parametrize("kind", KINDS)
def test_resumed_equals_never_stopped(kind: str, tmp_path: Path) -> None:
    straight = made(kind)
    expected = [msgspec.to_builtins(progress) for progress in straight.iterations()]
    assert len(expected) >= 3
    stop = len(expected) // 2
    first = made(kind)
    for number, _ in enumerate(first.iterations(), 1):
        if number == stop:
            break
    assert first.save(tmp_path / "last").steps == first.steps
    again = type(first).resume(tmp_path / "last", KINDS[kind][1]())
    assert everything(again) == everything(first)
    found = [msgspec.to_builtins(progress) for progress in again.iterations()]
    assert repr(found) == repr(expected[stop:])  # before an episode ends its return is no number
    assert everything(again) == everything(straight)


@pytest.mark.parametrize("kind", KINDS)
def test_each_acts_by_its_own_observation_alone(kind: str) -> None:
    learner = made(kind).train()
    seen = learner.seen.observations.copy()
    before = learner.act(seen, masks=learner.seen.masks)
    seen[:, 1] += 100.0
    learner.forget(len(seen))
    assert np.array_equal(learner.act(seen, masks=learner.seen.masks)[:, 0], before[:, 0])
    learner.forget(1)
    masks = None if learner.seen.masks is None else learner.seen.masks[:1]
    assert learner.act(seen[:1], masks=masks).shape == (1, *before.shape[1:])


def test_who_remembers_acts_by_what_was_and_forgets_on_request() -> None:
    learner = made("mappo recurrent").train()
    seen = learner.env.reset().observations
    first, second = learner._decide(torch.from_numpy(seen), None, learner.memory * 0, None)[1:], None
    learner.forget(8)
    learner.act(seen)
    assert torch.equal(learner._acting, first[0])
    learner.act(seen)
    second = learner._acting
    assert not torch.equal(second, first[0])
    learner.forget(8)
    assert not learner._acting.any()


def test_memories_end_with_their_episodes() -> None:
    learner = made("mappo recurrent")
    for step in range(3):
        actions, info = learner.select_action_with_info(learner.seen)
        assert learner.memory.abs().sum() > 0
        learner.store_experience(learner.seen, actions, learner.env.step(actions), info)
        assert bool(learner.memory.any()) == (step < 2)
    assert learner.began.tolist() == [1.0] * 8


class Broken(Matching):
    """Pays nonsense to the second agent of the third world."""

    def step(self, actions: np.ndarray) -> Turn:
        turn = super().step(actions)
        turn.rewards[2, 1] = np.inf
        return turn


def test_nonsense_for_a_reward_is_refused() -> None:
    with pytest.raises(ValueError, match="reward inf of agent 1 in world 2 is not finite"):
        maddpg(Broken(8)).train()


def test_what_does_not_fit_is_refused_with_what_does() -> None:
    with pytest.raises(ValueError, match="use MADDPG"):
        qmix(Matching(8))
    with pytest.raises(ValueError, match="use MADDPG"):
        mappo(Matching(8))
    with pytest.raises(ValueError, match=r"use acting=Acting.DISCRETE, MAPPO or QMIX"):
        maddpg(Matrix(8))
    with pytest.raises(ValueError, match=r"use acting=Acting.CONTINUOUS"):
        maddpg(Matching(8), acting=Acting.DISCRETE)
    for make in (qmix, mappo, maddpg):
        with pytest.raises(ValueError, match="hidden 0 is not positive"):
            make(Recall(8), hidden=0)


def test_a_checkpoint_of_another_learner_or_game_is_refused(tmp_path: Path) -> None:
    qmix(Recall(8)).train().save(tmp_path / "q")
    with pytest.raises(ValueError, match="is not of Mappo"):
        Mappo.resume(tmp_path / "q", Recall(8))
    with pytest.raises(ValueError, match="is not of Qmix"):
        Qmix.resume(tmp_path / "q", Matrix(8))
    with pytest.raises(ValueError, match="no checkpoint"):
        Maddpg.resume(tmp_path / "nothing", Matching(8))


def markets(reward: Reward = Reward.TEAM) -> Any:
    return trading_market(2, 2, ActionView.BOX, seed=3, reward=reward, scripted=6, episode_steps=10)


def test_resumed_in_markets(tmp_path: Path) -> None:
    straight = maddpg(markets(), warm_up=8, steps=48)
    for progress in straight.iterations():
        if progress.steps == 24:
            straight.save(tmp_path / "half")
            assert straight.env.markets.episode_step == 2  # within the second episode
    again = Maddpg.resume(tmp_path / "half", markets()).train()
    assert everything(again) == everything(straight)
    assert again.env.log_hash() == straight.env.log_hash()
