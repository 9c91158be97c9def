"""Training: exact from its configuration, exact when resumed, and its policy plays in a world as it was evaluated."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from simulator.envs.market.types import ActionView
from simulator.training.checkpoint import Checkpoint
from simulator.training.config import Algorithm, Sharing, TrainConfig
from simulator.training.evaluate import compare, earnings, player
from simulator.training.policy import Policy
from simulator.training.sb3 import Learner, Rollout

MARKETS: dict[str, Any] = {"worlds": 2, "learners": 2, "scripted": 8, "episode_steps": 24}
SMALL: dict[str, Any] = MARKETS | {"rollout_steps": 16, "hidden": (8,), "batch_size": 32, "epochs": 2}
KINDS: list[dict[str, Any]] = [
    {"algorithm": Algorithm.PPO},
    {"algorithm": Algorithm.PPO, "view": ActionView.BOX},
    {"algorithm": Algorithm.PPO, "sharing": Sharing.PER_AGENT},
    {"algorithm": Algorithm.SAC},
    {"algorithm": Algorithm.DQN},
]
SCALED: dict[str, Any] = {"standardise": True, "anneal": True, "damped": True}
KINDS += [SCALED | {"quotes": (1, 2)}, SCALED | {"algorithm": Algorithm.SAC}, SCALED | {"sharing": Sharing.PER_AGENT}]


def config(**changes: Any) -> TrainConfig:
    return TrainConfig(**(SMALL | {"steps": 256, "seed": 3} | changes))


def weights(policy: Policy) -> list[bytes]:
    return [part.tobytes() for layer in policy.layers for part in layer[:2]]


def trained(learner: Learner) -> tuple[list[bytes], str, list[dict[str, float]]]:
    metrics = [rollout.metrics for rollout in learner.rollouts()]
    return [part for policy in learner.policies() for part in weights(policy)], learner.env.log_hash(), metrics


def disturbed(rollouts: Iterator[Rollout]) -> None:
    """Use the global generators between rollouts, as other code of a process does."""
    for rollout in rollouts:
        np.random.default_rng()
        torch.manual_seed(rollout.number)
        np.random.seed(rollout.number)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(str(getattr(value, "value", value)) for value in kind.values()))
def test_resumed_at_any_rollout_equals_never_stopped(kind: dict[str, Any], tmp_path: Path) -> None:
    settings = config(**kind)
    straight = Learner(settings)
    expected = trained(straight)
    assert straight.steps == 256
    for stop in range(1, 4):
        first = Learner(settings)
        for rollout in first.rollouts():
            if rollout.number == stop:
                break
        first.save(tmp_path / "last", "abc")
        again = Learner.resume(Checkpoint(tmp_path / "last"))
        found = trained(again)
        assert (found[0], found[1], found[2]) == (expected[0], expected[1], expected[2][stop:])


def test_a_seed_decides_everything_and_nothing_else_does() -> None:
    first = trained(Learner(config()))
    other = Learner(config())
    disturbed(other.rollouts())
    assert (weights(other.policy()), other.env.log_hash()) == first[:2]
    assert trained(Learner(config(seed=4)))[1] != first[1]


def test_global_generators_and_threads_are_given_back() -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    np.random.seed(7)
    torch.manual_seed(7)
    expected = np.random.random(), torch.rand(1).item()
    np.random.seed(7)
    torch.manual_seed(7)
    next(Learner(config()).rollouts())
    assert (np.random.random(), torch.rand(1).item()) == expected
    assert torch.get_num_threads() == 2
    torch.set_num_threads(threads)


def test_a_checkpoint_says_where_it_comes_from(tmp_path: Path) -> None:
    learner = Learner(config())
    next(learner.rollouts())
    lineage = learner.save(tmp_path / "one", "abc")
    found = Checkpoint(tmp_path / "one").lineage
    assert found == lineage
    assert (found.seed, found.code_version, found.steps, found.log_hash, found.parent) == (3, "abc", 64, learner.env.log_hash(), None)
    assert found.training() == config()
    child = Learner.resume(Checkpoint(tmp_path / "one"))
    next(child.rollouts())
    assert child.save(tmp_path / "two").parent == f"64-{found.log_hash}"


def test_a_saved_policy_plays_as_the_learner_evaluated_it(tmp_path: Path) -> None:
    learner = Learner(config())
    next(learner.rollouts())
    learner.save(tmp_path / "one")
    stored = Policy.load(Checkpoint(tmp_path / "one").policy)
    market = config().market()
    ours, theirs = (earnings(market, player(config(), policy), seed=9, episodes=2) for policy in (learner.policy(), stored))
    assert (ours.profits == theirs.profits).all()
    assert ours.profits.shape == (2, 2)


def test_a_policy_meets_in_a_world_what_it_met_in_training() -> None:
    """Stepped by the environment under the policy's actions, and played by the trader: the same market."""
    from simulator.envs.market.env import MarketEnv
    from simulator.envs.market.scenario import LEARNER
    from simulator.traders.registry import make_trader
    from simulator.world.world import World

    learner = Learner(config(episode_steps=60))
    next(learner.rollouts())
    policy, market = learner.policy(), learner.config.market()
    env = MarketEnv(market, view=learner.config.action_view)
    seen = env.reset_batch(11)
    for _ in range(60):
        seen = env.step_batch(policy.act(seen)).observations
    seat = player(learner.config, policy)
    world = World(market.world(), 0, 11, lambda name, parameters: seat if name == LEARNER else make_trader(name, parameters))
    for _ in world.chunks(60):
        pass
    assert world.hash() == env._market().world.hash()


def test_a_restored_world_plays_with_this_process_own_copy_of_the_policy() -> None:
    from simulator.envs.market.scenario import LEARNER
    from simulator.traders.registry import make_trader
    from simulator.world.world import World

    learner = Learner(config())
    market, policy = learner.config.market(), learner.policy()

    def world() -> World:
        seat = player(learner.config, policy)
        return World(market.world(), 0, 1, lambda name, parameters: seat if name == LEARNER else make_trader(name, parameters))

    first = world()
    first.advance(5)
    snapshot, other = first.snapshot(), world()
    own = other.agents["parameters"][other.outside, 0].copy()
    assert (own != first.agents["parameters"][first.outside, 0]).all()
    other.restore(snapshot)
    assert (other.agents["parameters"][other.outside, 0] == own).all()
    first.advance(10)
    other.advance(10)
    assert first.hash() == other.hash()


def test_evaluation_gives_everybody_the_same_markets() -> None:
    learner = Learner(config())
    found = compare(learner.config, {"one": [learner.policy()], "two": [learner.policy()]}, seed=4, episodes=3)
    assert (found["one"].profits == found["two"].profits).all()
    assert not found["one"].beats(found["two"])
    assert set(found) == {"one", "two", "noise"}
    with pytest.raises(ValueError, match="do not pair"):
        found["one"].beats(compare(learner.config, {}, seed=4, episodes=2)["noise"])
    with pytest.raises(ValueError, match="0 episodes"):
        compare(learner.config, {}, seed=4, episodes=0)


def learns(settings: TrainConfig) -> bool:
    """Whether the trained policy earns more than its untrained self and than the noise trader, beyond chance, in markets it never met."""
    learner = Learner(settings)
    untrained = learner.policy()
    for _ in learner.rollouts():
        pass
    found = compare(settings, {"trained": learner.policies(), "untrained": [untrained]}, seed=1_000_000 + settings.seed, episodes=30)
    return found["trained"].beats(found["untrained"]) and found["trained"].beats(found["noise"])


def test_ppo_learns_to_beat_its_untrained_self_and_the_noise_trader() -> None:
    assert learns(TrainConfig(seed=1, steps=65_536))


@pytest.mark.flow
@pytest.mark.timeout(1200)
def test_ppo_learns_on_five_of_five_seeds() -> None:
    assert [learns(TrainConfig(seed=seed)) for seed in range(5)] == [True] * 5
