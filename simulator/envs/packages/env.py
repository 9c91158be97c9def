"""The package environment: PettingZoo's parallel interface over a batch of one."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from simulator.bargaining.rules import ActionType, Outcome
from simulator.envs.packages.action import masks_of, resolve, space
from simulator.envs.packages.batch import PackageBatch
from simulator.envs.packages.observation import MOST, layout
from simulator.envs.packages.scenario import PackageScenario
from simulator.envs.packages.types import ActionView

Observations = dict[str, NDArray[np.float32]]
Infos = dict[str, dict[str, Any]]


class PackageEnv(ParallelEnv[str, NDArray[np.float32], Any]):  # type: ignore[misc]
    """Two or more parties agree on a package: price and quantity, a bundle of items, or any issues; each knows its own utilities alone.

    Observation
        (features,) float32 in -2..2, named by observation.layout: how the talks stand, the package on the table, and what it likes.
    Action
        accept, counter with a package, or walk away; of all agents' actions the active one's counts. Forms: types.ActionView.
        Accepting without a package, or one's own, wastes the turn; info counts that.
    Reward
        At the end, to each: its utility of the deal x delta ^ rounds that are over, or the rules' reservation without a deal.
    Termination
        By a deal, which all others than its proposer must accept, or by walking away; all agents are truncated when time is out.

    Parameters
    ----------
    scenario : the game; scenario.price_and_quantity, bundle and group make one.
    view : the form of the actions.
    render_mode : None, "ansi" (render returns text) or "human" (render prints it).
    """

    metadata: ClassVar[dict[str, Any]] = {"name": "packages_v1", "render_modes": ["ansi", "human"], "is_parallelizable": True}

    def __init__(
        self, scenario: PackageScenario | None = None, *, view: ActionView = ActionView.DICT, render_mode: str | None = None
    ) -> None:
        if render_mode not in (None, "ansi", "human"):
            raise ValueError(f"render_mode {render_mode!r} is unknown; use None, 'ansi' or 'human'")
        self.scenario, self.view, self.render_mode = scenario or PackageScenario(), view, render_mode
        rules = self.scenario.rules
        self.possible_agents = [f"party_{party}" for party in range(rules.parties)]
        self.agents: list[str] = []
        features = len(layout(rules))
        self.observation_spaces = {name: spaces.Box(-MOST, MOST, (features,), np.float32) for name in self.possible_agents}
        self.action_spaces = {name: space(rules, view) for name in self.possible_agents}
        self._seed, self._episode = 0, 0
        self._batch: PackageBatch | None = None

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        """The space of an agent's observations, always the same object."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        """The space of an agent's actions, always the same object."""
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observations, Infos]:
        """Begin a negotiation. A seed starts a new series of them; without one the next of the series follows."""
        if seed is not None:
            self._seed, self._episode = seed, 0
        self._batch = PackageBatch(self.scenario, 1, self._seed, self._episode)
        self._episode += 1
        self.agents = list(self.possible_agents)
        return self._by_agent(self._batch.look()[0]), self._infos()

    def step(self, actions: dict[str, Any]) -> tuple[Observations, dict[str, float], dict[str, bool], dict[str, bool], Infos]:
        """Carry out the active agent's action and answer observations, rewards, terminations, truncations and infos by agent."""
        batch, names = self._negotiation(), self.possible_agents
        if not self.agents:
            raise ValueError("the negotiation is over; call reset first")
        if set(actions) != set(names):
            raise ValueError(f"actions for {sorted(actions)} were given; pass one action for each of {', '.join(names)}")
        kinds, packages = resolve(self.scenario.rules, self.view, [actions[self.active]])
        found = batch.step(kinds, packages)
        over, late = bool(found.terminated[0]), bool(found.truncated[0])
        if over or late:
            self.agents = []
        rewards = {name: float(found.rewards[0, party]) for party, name in enumerate(names)}
        return self._by_agent(found.observations[0]), rewards, dict.fromkeys(names, over), dict.fromkeys(names, late), self._infos()

    @property
    def active(self) -> str:
        """The agent whose turn it is."""
        return self.possible_agents[int(self._negotiation().turn()[0])]

    @property
    def deal(self) -> tuple[int, ...] | None:
        """The choices agreed on, None without a deal."""
        row = self._negotiation().tables.rows[0]
        return self.scenario.rules.choices(int(row["standing"])) if row["outcome"] == Outcome.DEAL else None

    def action_masks(self) -> NDArray[np.bool_]:
        """Which actions are legal, (parties, choices of the view; 3 ActionTypes for DICT): for agents that are not active, all."""
        batch = self._negotiation()
        masks = np.ones((len(self.possible_agents), len(ActionType)), np.bool_)
        masks[int(batch.turn()[0])] = batch.action_masks()[0]
        return masks_of(self.scenario.rules, self.view, masks)

    def render(self) -> str | None:
        """The state in a line of text; printed in mode "human"."""
        row, rules = self._negotiation().tables.rows[0], self.scenario.rules
        table = "no package on the table"
        if row["standing"] >= 0:
            table = f"{rules.choices(int(row['standing']))} of party_{row['proposer']}, accepted by {row['accepted']}"
        line = f"round {row['turns'] // rules.parties}: {table}, {Outcome(int(row['outcome'])).name.lower().replace('_', ' ')}"
        line += f", next {self.active}"
        if self.render_mode == "human":
            print(line)
            return None
        return line

    def close(self) -> None:
        """Let go of the negotiation; reset begins another."""
        self._batch, self.agents = None, []

    def _negotiation(self) -> PackageBatch:
        if self._batch is None:
            raise ValueError("the environment has no negotiation yet; call reset first")
        return self._batch

    def _by_agent(self, observations: NDArray[np.float32]) -> Observations:
        return {name: observations[party] for party, name in enumerate(self.possible_agents)}

    def _infos(self) -> Infos:
        row = self._negotiation().tables.rows[0]
        told = {"round": int(row["turns"]) // self.scenario.rules.parties, "active": self.active, "illegal": int(row["illegal"])}
        return {name: dict(told) for name in self.possible_agents}
