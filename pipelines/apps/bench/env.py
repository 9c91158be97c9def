"""`agora bench env`: agent steps per second of the market environment, beside an environment that does nothing.

All agents of the market are outside agents that act at random: nobody scripted, everything on (limits, settlement, event log, hash,
features, rewards). Peer is a PettingZoo environment of as many agents that only builds its five dictionaries: no environment can be
faster through that interface. Everything is measured in turns and in the processor's time, of which other work on the machine can only
take more: a figure is the best turn, a ratio the median over turns, each turn's sides having met the same machine.
"""

from __future__ import annotations

import json as json_text
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from simulator import seeding
from simulator.envs.market.env import MarketEnv, MultiAgentMarketEnv
from simulator.envs.market.observation import FEATURES
from simulator.envs.market.scenario import MarketScenario, among
from simulator.envs.market.types import ActionView
from simulator.world.scenario_files import load

_VARIETY = 64  # different steps' actions, used in turns
_WORLDS, _LEARNERS = 16, 16  # of the vector environment
_SEED = 1


def run(json: bool = False, agents: int = 100, steps: int = 2000, repeats: int = 5) -> dict[str, Any]:
    """Measure agent steps per second through PettingZoo, on arrays, and as a vector environment.

    Examples:  [bold]agora bench env --json[/bold]
    """
    measures: dict[str, Measure] = {
        "pettingzoo_agent_steps_per_second": pettingzoo_rate(agents, steps),
        "batch_agent_steps_per_second": batch_rate(agents, steps),
        "pettingzoo_discrete_agent_steps_per_second": pettingzoo_rate(agents, steps, ActionView.DISCRETE),
        "vectorised_slots_per_second": vectorised_rate(steps, among(load("trading"), 4, informed=True, horizon=500)),
        "vectorised_learners_only_slots_per_second": vectorised_rate(steps, MarketScenario(horizon=500)),
        "peer": nothing_rate(agents, steps),
    }
    rates: dict[str, list[float]] = {name: [] for name in measures}
    for turn in range(repeats + 1):  # the first warms up
        for name, measure in measures.items():
            rate = measure()
            if turn:
                rates[name].append(rate)
    result = report(agents, rates)
    print(json_text.dumps(result, separators=(",", ":") if json else None, indent=None if json else 2))
    return result


Measure = Callable[[], float]
"""Runs once; agent steps per second of processor time."""


def report(agents: int, rates: dict[str, list[float]]) -> dict[str, Any]:
    """The best turns as figures, and medians of each turn's ratios."""
    peer = rates.pop("peer")
    figures: dict[str, float] = {"agents": agents}
    figures |= {name: round(max(found)) for name, found in rates.items()}
    names = {"pettingzoo_agent_steps_per_second": "nothing_pettingzoo", "batch_agent_steps_per_second": "nothing_batch"}
    ratios = {short: round(median(a / b for a, b in zip(rates[name], peer, strict=True)), 3) for name, short in names.items()}
    return {"figures": figures, "peers": {"nothing_agent_steps_per_second": round(max(peer))}, "ratios": ratios}


def pettingzoo_rate(agents: int, steps: int, view: ActionView = ActionView.MULTI_DISCRETE) -> Measure:
    """Through PettingZoo's dictionaries."""
    env = MultiAgentMarketEnv(agents, view=view, horizon=steps)
    actions = [dict(zip(env.possible_agents, rows, strict=True)) for rows in sampled(env)]

    def measure() -> float:
        env.reset(seed=_SEED)
        return rate_of(lambda i: env.step(actions[i % _VARIETY]), steps, agents)

    return measure


def batch_rate(agents: int, steps: int) -> Measure:
    """Through step_batch."""
    env = MultiAgentMarketEnv(agents, horizon=steps)
    actions = sampled(env)

    def measure() -> float:
        env.reset_batch(_SEED)
        return rate_of(lambda i: env.step_batch(actions[i % _VARIETY]), steps, agents)

    return measure


def vectorised_rate(steps: int, scenario: MarketScenario) -> Measure:
    """As Stable-Baselines3 meets it: every market's learners are slots; new markets at the horizon included."""
    from simulator.training.vectorise import MarketVecEnv

    env = MarketVecEnv(scenario.with_learners(_LEARNERS), _WORLDS, ActionView.DISCRETE, _SEED)
    choices = len(scenario.rules.orders)
    actions = seeding.generator(_SEED, "bench").integers(0, choices, (_VARIETY, env.num_envs))

    def measure() -> float:
        env.reset()
        return rate_of(lambda i: env.step(actions[i % _VARIETY]), steps, env.num_envs)

    return measure


def nothing_rate(agents: int, steps: int) -> Measure:
    """The environment that does nothing."""
    env = DoNothing(agents)
    actions = dict.fromkeys(env.possible_agents, 0)

    def measure() -> float:
        env.reset()
        return rate_of(lambda _: env.step(actions), steps, agents)

    return measure


def sampled(env: MarketEnv) -> NDArray[Any]:
    """Random actions of all agents for some steps, (steps, agents, ...)."""
    for number, name in enumerate(env.possible_agents):
        env.action_space(name).seed(_SEED + number)
    return np.array([[env.action_space(name).sample() for name in env.possible_agents] for _ in range(_VARIETY)])


def rate_of(step: Callable[[int], object], steps: int, agents: int) -> float:
    """Agent steps per second of processor time."""
    start = time.process_time()
    for i in range(steps):
        step(i)
    return steps * agents / (time.process_time() - start)


class DoNothing(ParallelEnv[str, NDArray[np.float32], Any]):  # type: ignore[misc]
    """As little as PettingZoo's interface allows: five new dictionaries a step, nothing in them computed."""

    metadata = {"name": "nothing_v0"}  # noqa: RUF012

    def __init__(self, agents: int) -> None:
        self.possible_agents = [f"agent_{i}" for i in range(agents)]
        self.agents: list[str] = []
        self._seen, self._rewards = np.zeros((agents, len(FEATURES)), np.float32), np.zeros(agents, np.float32)
        self._space = spaces.Box(-5.0, 5.0, (len(FEATURES),), np.float32)

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Begin."""
        self.agents = self.possible_agents[:]
        return dict(zip(self.agents, self._seen, strict=True)), {name: {} for name in self.agents}

    def step(self, actions: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]:
        """Answer the same as ever."""
        seen = dict(zip(actions, self._seen.copy(), strict=True))
        rewards, running = dict(zip(actions, self._rewards.tolist(), strict=True)), dict.fromkeys(actions, False)
        return seen, rewards, running, running.copy(), {name: {} for name in actions}

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        """The one space."""
        return self._space
