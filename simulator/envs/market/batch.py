"""One market and its learning agents as rows of arrays: what the PettingZoo and the vector environment are views of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.envs.bound import bound
from simulator.envs.market.observation import FEATURES, observe, observe_position
from simulator.envs.market.raw_memory import load
from simulator.envs.market.reward import ACCOUNT, damped_gain, gain, note, value_twice
from simulator.envs.market.roles import observe_role, steadiness
from simulator.envs.market.scenario import TICK_VALUE, MarketScenario
from simulator.envs.market.types import ActionView
from simulator.envs.market.writing import ALL_WRITTEN, WRITERS
from simulator.matching.compiled import compiled, inlined
from simulator.world.mechanisms import RoleName
from simulator.world.view_type import view_of
from simulator.world.world import Capacity, Chunk, World

_NO_ROLE, _TRADES, _REGULATES = range(3)


def office_of(scenario: MarketScenario) -> int:
    """What `see` must know of the learners' role."""
    if scenario.seats is None:
        return _NO_ROLE
    return _REGULATES if scenario.role is RoleName.REGULATOR else _TRADES


@inlined
def see(
    markets: Any,
    symbols: Any,
    agents: Any,
    outside: Any,
    horizon: int,
    features: Any,
    unit: float,
    accounts: Any,
    observations: Any,
    rewards: Any,
    first: int,
    office: int,
    damped: int,
) -> None:
    """Write what the agents `outside` see into the rows from `first` on, and what each gained since its ACCOUNT, brought up to date.

    office : of office_of; who has a role sees more, and a regulator is rewarded for a steady market.
    damped : whether what the fundamental value's moves gave is left out of the reward.
    """
    scratch, seen = features.ctypes.data, -1
    for i in range(len(outside)):
        own = agents[outside[i]]
        if own.informed != 0:
            own.signal = symbols[own.symbol].value
        market = markets[own.symbol]
        if own.symbol == seen:  # the public features are there already
            observe_position(view_of(market, own), scratch)
        else:
            observe(view_of(market, own), scratch, horizon)
            seen = own.symbol
        if office != _NO_ROLE:
            observe_role(view_of(market, own), scratch)
        for j in range(observations.shape[1]):
            observations[first + i, j] = load(scratch, j)
        now, before = value_twice(own, market), accounts[i]
        if office == _REGULATES:
            rewards[first + i] = steadiness(market)
        elif damped != 0:
            rewards[first + i] = damped_gain(before, own, unit)
        else:
            rewards[first + i] = gain(before, now, unit)
        note(before, own, now, symbols[own.symbol].value)


@compiled
def look(
    markets: Any,
    symbols: Any,
    agents: Any,
    outside: Any,
    horizon: int,
    features: Any,
    unit: float,
    accounts: Any,
    observations: Any,
    rewards: Any,
    office: int,
    damped: int,
) -> None:
    """As `see`, for a market by itself."""
    see(markets, symbols, agents, outside, horizon, features, unit, accounts, observations, rewards, 0, office, damped)


@dataclass
class Buffers:
    """Where a batch reads actions and writes what it answers; rows are learners. They may be slices of larger arrays."""

    actions: NDArray[Any]  # (n,) or (n, 3) int64, or (n, 3) float64: as the view says
    observations: NDArray[np.float32]  # (n, features)
    rewards: NDArray[np.float32]  # (n,)

    @classmethod
    def of(cls, learners: int, view: ActionView, features: int = len(FEATURES)) -> Buffers:
        """New ones for so many learners, each of which sees so many features."""
        shape = (learners,) if view is ActionView.DISCRETE else (learners, 3)
        actions = np.zeros(shape, np.float64 if view is ActionView.BOX else np.int64)
        return cls(actions, np.zeros((learners, features), np.float32), np.zeros(learners, np.float32))

    def rows(self, first: int, end: int) -> Buffers:
        """The buffers of some learners, sharing memory."""
        return Buffers(self.actions[first:end], self.observations[first:end], self.rewards[first:end])


class MarketBatch:
    """A market that moves one step at a time under the actions of its learners.

    Parameters
    ----------
    scenario : how it begins.
    seed, world_id : which of the scenario's markets it is.
    view : the form of the actions.
    buffers : where it reads and writes; after the construction they hold the first observations.

    Attributes
    ----------
    world : the market itself; `world.outside` (learners,) are the learners' agent numbers.
    """

    def __init__(self, scenario: MarketScenario, seed: int, world_id: int, view: ActionView, buffers: Buffers) -> None:
        self.scenario, self.buffers = scenario, buffers
        self.world = world = World(scenario.world(), world_id, seed, capacity=Capacity(ring_records=64 * scenario.agents + 1024))
        self.accounts = np.zeros(scenario.learners, ACCOUNT)
        rules = scenario.rules
        offsets, sizes = np.array(rules.offsets, np.int64), np.array(rules.sizes, np.int64)
        self._write = bound(WRITERS[view], world.agents, world.outside, rules.orders, offsets, sizes, buffers.actions)
        self._features = np.zeros(len(scenario.features))
        unit = 0.5 * TICK_VALUE / scenario.reward_scale
        self._look = bound(look, world.markets, world.symbols, world.agents, world.outside, scenario.horizon, self._features, unit,
                           self.accounts, buffers.observations, buffers.rewards, office_of(scenario), int(scenario.damped))  # fmt: skip
        self._look()

    @property
    def over(self) -> bool:
        """Whether the horizon was reached."""
        return self.world.step >= self.scenario.horizon

    def step(self) -> Chunk:
        """Play one step under the actions in the buffers and write observations and rewards there.

        Returns the step's records, valid until the next step. Raises ValueError for an action that does not exist.
        """
        bad = self._write()
        if bad != ALL_WRITTEN:
            raise ValueError(f"action {self.buffers.actions[bad]} of agent {bad} does not exist; sample from action_space or clip")
        chunk = self.world.advance(1)
        self._look()
        return chunk

    def restore(self, snapshot: bytes) -> None:
        """Go on from a snapshot of this market's world; the buffers then hold its observations. Raises ValueError for another's."""
        self.world.restore(snapshot)
        self._look()
