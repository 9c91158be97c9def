"""What every environment must do: PettingZoo's own checks, and the same whole episode for the same seed.

An environment is checked by being registered in `simulator.envs.registry.ENVIRONMENTS`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pettingzoo.test import parallel_api_test, parallel_seed_test

Env = Any  # ParallelEnv[str, ..., ...]; PettingZoo ships no types
Make = Callable[[], Env]


def check_env(make: Make) -> None:
    """One check over every environment."""
    parallel_api_test(make(), num_cycles=60)
    parallel_seed_test(make, num_cycles=20)
    check_whole_episodes_repeat(make)
    check_a_series_goes_on(make)
    check_ends(make())
    check_answers_are_the_callers_to_keep(make())
    check_refuses_foreign_agents(make())


def episode(env: Env, seed: int | None, actions_seed: int = 3) -> str:
    """Play an episode to its end under random actions; a digest of everything that was answered."""
    for number, name in enumerate(env.possible_agents):
        env.action_space(name).seed(actions_seed + number)
    observations, _ = env.reset(seed=seed)
    digest, steps = hashlib.blake2b(), 0
    while env.agents:
        for name, seen in observations.items():
            assert env.observation_space(name).contains(seen)
        actions = {name: env.action_space(name).sample() for name in env.agents}
        observations, rewards, *ends, _ = env.step(actions)
        for name, seen in observations.items():
            digest.update(np.asarray(seen).tobytes() + np.float64(rewards[name]).tobytes() + repr([end[name] for end in ends]).encode())
        steps += 1
    assert steps > 0
    return digest.hexdigest()


def check_whole_episodes_repeat(make: Make) -> None:
    """Not one step: everything until the end, in a fresh environment and in a used one."""
    used = make()
    first = episode(used, seed=7)
    assert episode(used, seed=7) == first
    assert episode(make(), seed=7) == first
    assert episode(make(), seed=8) != first
    assert episode(make(), seed=7, actions_seed=4) != first


def check_a_series_goes_on(make: Make) -> None:
    """Without a seed the next episode of the series follows, another one, and the same in every series."""
    one, other = make(), make()
    first = [episode(one, 5), episode(one, None), episode(one, None)]
    assert len(set(first)) == 3
    assert [episode(other, 5), episode(other, None), episode(other, None)] == first


def check_ends(env: Env) -> None:
    """At the end nobody is left, and going on is refused."""
    env.reset(seed=1)
    actions: dict[str, Any] = {}
    ended: dict[str, bool] = {}
    while env.agents:
        actions = {name: env.action_space(name).sample() for name in env.agents}
        _, _, terminated, truncated, _ = env.step(actions)
        ended = {name: terminated[name] or truncated[name] for name in truncated}
    assert all(ended.values())
    with pytest.raises(ValueError, match="reset"):
        env.step(actions)


def check_answers_are_the_callers_to_keep(env: Env) -> None:
    """A later step changes nothing that an earlier one answered, and what a caller does to an answer changes no later one."""
    seed, actions = 0, {}
    while not env.agents:  # an episode that does not end with its first step
        seed += 1
        env.reset(seed=seed)
        actions = {name: env.action_space(name).sample() for name in env.agents}
        before = env.step(actions)
    kept = {name: np.copy(seen) for name, seen in before[0].items()}
    before[2].clear()
    before[3].clear()
    before[4][env.agents[0]]["mine"] = 1
    after = env.step(actions)
    assert all((before[0][name] == kept[name]).all() for name in kept)
    assert set(after[2]) == set(after[3]) == set(env.possible_agents)
    assert "mine" not in next(iter(after[4].values()))


def check_refuses_foreign_agents(env: Env) -> None:
    """An action is needed of each agent, and of nobody else."""
    env.reset(seed=1)
    actions = {name: env.action_space(name).sample() for name in env.agents}
    with pytest.raises(ValueError, match="one action for each"):
        env.step(dict(list(actions.items())[1:]))
    with pytest.raises(ValueError, match="one action for each"):
        env.step(actions | {"stranger": next(iter(actions.values()))})
