"""The market environment: PettingZoo's parallel interface over a batch of arrays."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from simulator.envs.market.batch import Buffers, MarketBatch
from simulator.envs.market.scenario import OFFICES, TICK_VALUE, MarketScenario
from simulator.envs.market.types import ActionView, OrderType, Step

Observations = dict[str, NDArray[np.float32]]
Infos = dict[str, dict[str, Any]]


class MarketEnv(ParallelEnv[str, NDArray[np.float32], Any]):  # type: ignore[misc]
    """Agents trade one symbol through a limit order book with price-time priority, one order a step each.

    Observation
        (15,) float32, simulator.envs.market.observation.FEATURES: returns, spread, imbalance, the fundamental value for informed
        agents, position, time left; each of order one and cut to [-5, 5]. Learners of a role see (33,), roles.ROLE_FEATURES.
    Action
        (order type, offset, size), each a bucket: hold, market buy, market sell, limit buy, limit sell, cancel all; ticks behind the
        own side's best price; lots. `view` writes it as MultiDiscrete, Discrete or Box. What a regulator's or mediator's mean:
        roles.officiate.
    Reward
        Change of the mark-to-market value (cash and inventory at the mid) over `scenario.reward_scale`; what a buyer consumes pays, what
        it lacks costs. Of regulators: roles.steadiness.
    Termination
        Never; all agents are truncated after `scenario.horizon` steps.

    Parameters
    ----------
    scenario : who trades, and how an episode begins.
    view : the form of the actions.
    render_mode : None, "ansi" (render returns text) or "human" (render prints it).

    `step_batch` is the same environment on arrays, without dictionaries: an order of magnitude faster.
    """

    metadata: ClassVar[dict[str, Any]] = {"name": "agora_market_v0", "render_modes": ["ansi", "human"], "is_parallelizable": True}

    def __init__(
        self,
        scenario: MarketScenario | None = None,
        *,
        view: ActionView = ActionView.MULTI_DISCRETE,
        render_mode: str | None = None,
    ) -> None:
        if render_mode not in (None, "ansi", "human"):
            raise ValueError(f"render_mode {render_mode!r} is unknown; use None, 'ansi' or 'human'")
        self.scenario, self.view, self.render_mode = scenario or MarketScenario(), view, render_mode
        self.possible_agents = [f"agent_{i}" for i in range(self.scenario.learners)]
        self.agents: list[str] = []
        self.observation_spaces = {name: _observation_space(self.scenario) for name in self.possible_agents}
        self.action_spaces = {name: self.scenario.rules.space(view) for name in self.possible_agents}
        self._running = dict.fromkeys(self.possible_agents, False)
        self._ended = dict.fromkeys(self.possible_agents, True)
        self._seed, self._episode = 0, 0
        self._buffers = Buffers.of(self.scenario.learners, view, len(self.scenario.features))
        self._left = 0  # steps of the episode
        self._batch: MarketBatch | None = None

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        """The space of an agent's observations, always the same object."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        """The space of an agent's actions, always the same object."""
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Observations, Infos]:
        """Begin an episode. A seed starts a new series of episodes; without one the next of the series follows."""
        observations = self.reset_batch(seed)
        self.agents = self.possible_agents[:]
        return dict(zip(self.agents, observations, strict=True)), {name: {} for name in self.agents}

    def step(self, actions: dict[str, Any]) -> tuple[Observations, dict[str, float], dict[str, bool], dict[str, bool], Infos]:
        """Carry out one action per agent and answer observations, rewards, terminations, truncations and infos by agent."""
        names = self.agents
        chosen = list(actions.values()) if list(actions) == names else self._in_order(actions)
        found = self.step_batch(
            np.fromiter(chosen, np.int64) if self.view is ActionView.DISCRETE else np.concatenate(chosen).reshape(-1, 3)
        )
        ends = self._ended if found.truncated else self._running
        if found.truncated:
            self.agents = []
        return (
            dict(zip(names, found.observations, strict=True)),
            dict(zip(names, found.rewards.tolist(), strict=True)),
            self._running.copy(),
            ends.copy(),
            {name: {} for name in names},
        )

    def reset_batch(self, seed: int | None = None) -> NDArray[np.float32]:
        """As reset, on arrays: the observations (agents, features)."""
        if seed is not None:
            self._seed, self._episode = seed, 0
        self._batch = MarketBatch(self.scenario, self._seed, self._episode, self.view, self._buffers)
        self._left = self.scenario.horizon
        self._episode += 1
        return self._buffers.observations.copy()

    def step_batch(self, actions: NDArray[Any]) -> Step:
        """As step, on arrays: actions of all agents in the order of `possible_agents`, in the form of the view.

        Raises ValueError for a choice that does not exist, or after the end of an episode.
        """
        batch, buffers = self._batch or self._market(), self._buffers
        if self._left == 0:
            raise ValueError(f"the episode ended after {self.scenario.horizon} steps; call reset first")
        if len(actions) != self.scenario.learners:
            raise ValueError(f"{len(actions)} actions were given for {self.scenario.learners} agents; give one each")
        buffers.actions[:] = actions
        batch.step()
        self._left -= 1
        return Step(buffers.observations.copy(), buffers.rewards.copy(), self._left == 0)

    def action_masks(self) -> NDArray[np.bool_]:
        """Which order types are worth choosing, (agents, 6): none that must be refused or would do nothing.

        A market order needs somebody on the other side, an order room within the position limit, CANCEL_ALL a resting order.
        """
        world = self._market().world
        own = world.agents[world.outside]
        book = world.markets[own["symbol"]]
        smallest = min(self.scenario.rules.sizes) * book["lot_size"]
        buy = own["inventory"] + own["bid_lots"] + smallest <= own["position_limit"]
        sell = own["ask_lots"] - own["inventory"] + smallest <= own["short_limit"]
        masks = np.ones((len(own), len(OrderType)), np.bool_)
        if self.scenario.role in OFFICES:
            return masks
        masks[:, OrderType.MARKET_BUY], masks[:, OrderType.MARKET_SELL] = buy & (book["best_ask"] > 0), sell & (book["best_bid"] > 0)
        masks[:, OrderType.LIMIT_BUY] = buy | (own["bid_lots"] > 0)  # a new quote takes the place of the old one
        masks[:, OrderType.LIMIT_SELL] = sell | (own["ask_lots"] > 0)
        masks[:, OrderType.CANCEL_ALL] = own["open_orders"] > 0
        return masks

    def values(self) -> NDArray[np.float64]:
        """Mark-to-market value of each agent in currency."""
        batch = self._market()
        return np.asarray(batch.accounts["value"] * (0.5 * TICK_VALUE))

    def render(self) -> str | None:
        """The touch and the agents' positions as text; printed in mode "human"."""
        world = self._market().world
        book, own = world.markets[0], world.agents[world.outside]
        bid, ask = book["best_bid"] * TICK_VALUE, book["best_ask"] * TICK_VALUE
        touch = f"step {world.step}: {book['bid_size']} @ {bid:.2f} | {ask:.2f} @ {book['ask_size']}"
        rows = (
            f"{name}: {row['inventory']:+d} lots, {value:.2f}"
            for name, row, value in zip(self.possible_agents, own, self.values(), strict=True)
        )
        text = "\n".join((touch, *rows))
        if self.render_mode == "human":
            print(text)
            return None
        return text

    def close(self) -> None:
        """Let go of the market; reset begins another."""
        self._batch, self._left, self.agents = None, 0, []

    def _market(self) -> MarketBatch:
        if self._batch is None:
            raise ValueError("the environment has no market yet; call reset first")
        return self._batch

    def _in_order(self, actions: dict[str, Any]) -> list[Any]:
        if not self.agents:
            raise ValueError("no agent is left in this episode; call reset first")
        if set(actions) != set(self.agents):
            missing, foreign = sorted(set(self.agents) - set(actions)), sorted(set(actions) - set(self.agents))
            raise ValueError(f"actions lack {missing[:3]} and have {foreign[:3]} too many; pass one action for each of env.agents")
        return [actions[name] for name in self.agents]


def _observation_space(scenario: MarketScenario) -> spaces.Box:
    return spaces.Box(-5.0, 5.0, (len(scenario.features),), np.float32)


def MultiAgentMarketEnv(n_agents: int, initial_price: float = 100.0, **settings: Any) -> MarketEnv:
    """A market of `n_agents` learning agents and nobody else: cash 100,000, inventory 0, price `initial_price`.

    settings : further fields of MarketScenario, and `view` and `render_mode` of MarketEnv.
    """
    own = {name: settings.pop(name) for name in ("view", "render_mode") if name in settings}
    return MarketEnv(MarketScenario(learners=n_agents, initial_price=initial_price, **settings), **own)


def TwoPlayerMarketEnv(initial_price: float = 100.0, **settings: Any) -> MarketEnv:
    """A market of two learning agents, for self-play; see MultiAgentMarketEnv."""
    return MultiAgentMarketEnv(2, initial_price, **settings)
