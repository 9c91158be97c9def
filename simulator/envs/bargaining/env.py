"""The bargaining environment: PettingZoo's parallel interface over a batch of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from simulator.bargaining.rules import ActionType, Outcome, Party
from simulator.envs.bargaining.action import resolve, space
from simulator.envs.bargaining.batch import BargainingBatch
from simulator.envs.bargaining.observation import PLAIN, RICH
from simulator.envs.bargaining.scenario import BargainingScenario, from_config
from simulator.envs.bargaining.types import ActionView

Observations = dict[str, NDArray[np.float32]]
Infos = dict[str, dict[str, Any]]
AGENTS = tuple(party.name.lower() for party in Party)


class BargainingEnv(ParallelEnv[str, NDArray[np.float32], Any]):  # type: ignore[misc]
    """A supplier and a retailer bargain over a price; each knows only its own valuation.

    Observation
        (5,) float32, observation.PLAIN: the current offer, rounds, time left, the mean of the last three offers, their number. With
        `scenario.rich` (15,), observation.RICH: the own value, belief and the course of the offers too, each of order one.
    Action
        accept, counter with a price, or walk away; of both agents' actions the active one's counts. Forms: types.ActionView.
        Accepting before there is an offer wastes the turn; a price out of bounds is moved to the nearest legal one; info counts both.
    Reward
        At the end, to both: of a deal the surplus x the discount + the bonus, or what walking away or running out of time costs.
    Termination
        By a deal or by walking away; both agents are truncated when time is out.

    Parameters
    ----------
    config : max_rounds, supplier_val, retailer_val of the plain game; or give a scenario.
    scenario : the game, and what the agents see.
    view : the form of the actions.
    render_mode : None, "ansi" (render returns text) or "human" (render prints it).
    """

    metadata: ClassVar[dict[str, Any]] = {"name": "bargaining_v1", "render_modes": ["ansi", "human"], "is_parallelizable": True}

    def __init__(
        self,
        config: Mapping[str, Any] | None = None,
        *,
        scenario: BargainingScenario | None = None,
        view: ActionView = ActionView.DICT,
        render_mode: str | None = None,
    ) -> None:
        if render_mode not in (None, "ansi", "human"):
            raise ValueError(f"render_mode {render_mode!r} is unknown; use None, 'ansi' or 'human'")
        if config and scenario:
            raise ValueError("both config and scenario were given; give one of them")
        self.scenario, self.view, self.render_mode = scenario or from_config(config or {}), view, render_mode
        self.possible_agents = list(AGENTS)
        self.agents: list[str] = []
        self.observation_spaces = {name: self._observation_space() for name in AGENTS}
        self.action_spaces = {name: space(self.scenario, view) for name in AGENTS}
        self._seed, self._episode = 0, 0
        self._batch: BargainingBatch | None = None

    def _observation_space(self) -> spaces.Box:
        if self.scenario.rich:
            return spaces.Box(-2.0, 2.0, (len(RICH),), np.float32)
        return spaces.Box(0.0, max(10_000.0, self.scenario.rules.high, self.scenario.rules.offers), (len(PLAIN),), np.float32)

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
        self._batch = BargainingBatch(self.scenario, 1, self._seed, self._episode)
        self._episode += 1
        self.agents = list(AGENTS)
        return self._by_agent(self._batch.look()[0]), self._infos()

    def step(self, actions: dict[str, Any]) -> tuple[Observations, dict[str, float], dict[str, bool], dict[str, bool], Infos]:
        """Carry out the active agent's action and answer observations, rewards, terminations, truncations and infos by agent."""
        batch = self._negotiation()
        if not self.agents:
            raise ValueError("the negotiation is over; call reset first")
        if set(actions) != set(AGENTS):
            raise ValueError(f"actions for {sorted(actions)} were given; pass one action for each of {', '.join(AGENTS)}")
        kinds, prices = resolve(self.scenario, self.view, [actions[self.active]])
        found = batch.step(kinds, prices)
        over, late = bool(found.terminated[0]), bool(found.truncated[0])
        if over or late:
            self.agents = []
        rewards = {name: float(found.rewards[0, party]) for party, name in enumerate(AGENTS)}
        return self._by_agent(found.observations[0]), rewards, dict.fromkeys(AGENTS, over), dict.fromkeys(AGENTS, late), self._infos()

    @property
    def active(self) -> str:
        """The agent whose turn it is."""
        return AGENTS[int(self._negotiation().rows["turn"][0])]

    @property
    def deal_reached(self) -> bool:
        """Whether the negotiation ended in a deal, by the protocol's own state."""
        return bool(self._negotiation().rows["outcome"][0] == Outcome.DEAL)

    def action_masks(self) -> NDArray[np.bool_]:
        """Which ActionTypes are legal, (2, 3) by Party: for the agent that is not active, all, because none counts."""
        batch = self._negotiation()
        masks = np.ones((2, len(ActionType)), np.bool_)
        masks[int(batch.rows["turn"][0])] = batch.action_masks()[0]
        return masks

    def render(self) -> str | None:
        """The state in a line of text; printed in mode "human"."""
        row = self._negotiation().rows[0]
        table = f"{row['price']:,.2f} on the table" if row["standing"] >= 0 else "no offer on the table"
        line = f"round {row['offers']}: {table}, {Outcome(int(row['outcome'])).name.lower().replace('_', ' ')}, next {self.active}"
        if self.render_mode == "human":
            print(line)
            return None
        return line

    def close(self) -> None:
        """Let go of the negotiation; reset begins another."""
        self._batch, self.agents = None, []

    def _negotiation(self) -> BargainingBatch:
        if self._batch is None:
            raise ValueError("the environment has no negotiation yet; call reset first")
        return self._batch

    def _by_agent(self, observations: NDArray[np.float32]) -> Observations:
        return {name: observations[party] for party, name in enumerate(AGENTS)}

    def _infos(self) -> Infos:
        row = self._negotiation().rows[0]
        told = {"round": int(row["offers"]), "active": AGENTS[int(row["turn"])], "illegal": int(row["illegal"])}
        return {name: dict(told) for name in AGENTS}
