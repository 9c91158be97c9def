"""The benchmark of the environment: its keys, how turns become figures, and that what it measures is what it says."""

import json

import numpy as np
import pytest

from pipelines.apps.bench.env import DoNothing, report, run, sampled
from simulator.envs.market.env import MultiAgentMarketEnv


def test_one_line_of_json_with_figures_peers_and_ratios(capsys: pytest.CaptureFixture[str]) -> None:
    result = run(json=True, agents=3, steps=20, repeats=1)
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == result
    assert {"pettingzoo_agent_steps_per_second", "batch_agent_steps_per_second", "vectorised_slots_per_second"} <= set(result["figures"])
    assert result["figures"]["agents"] == 3
    assert all(value > 0 for part in result.values() for value in part.values())


def test_figures_are_the_best_turns_and_ratios_medians_of_turns() -> None:
    rates = {
        "pettingzoo_agent_steps_per_second": [10.0, 30.0, 20.0],
        "batch_agent_steps_per_second": [100.0, 90.0, 80.0],
        "peer": [10.0, 15.0, 40.0],
    }
    found = report(100, rates)
    assert found["figures"]["pettingzoo_agent_steps_per_second"] == 30
    assert found["peers"] == {"nothing_agent_steps_per_second": 40}
    assert found["ratios"] == {"nothing_pettingzoo": 1.0, "nothing_batch": 6.0}


def test_the_peer_is_a_proper_environment_that_does_nothing() -> None:
    env = DoNothing(4)
    env.reset()
    observations, rewards, terminated, truncated, infos = env.step(dict.fromkeys(env.possible_agents, 0))
    assert all(len(part) == 4 for part in (observations, rewards, terminated, truncated, infos))
    assert not any(terminated.values()) and not any(truncated.values())


def test_all_agents_act_at_random_and_differently() -> None:
    actions = sampled(MultiAgentMarketEnv(50))
    assert actions.shape == (64, 50, 3)
    assert set(np.unique(actions[:, :, 0])) == set(range(6))
    assert len({agent.tobytes() for agent in actions.swapaxes(0, 1)}) == 50
