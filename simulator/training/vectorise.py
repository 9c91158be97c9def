"""Many markets as one Stable-Baselines3 vector environment, straight over the arrays: slot i is learner i % L of market i // L."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv

from simulator.envs.market.rows import MarketRows, Observer
from simulator.envs.market.scenario import MarketScenario
from simulator.envs.market.types import ActionView
from simulator.training.objectives import Objectives, Weights
from simulator.world.digest import run_hash


class _Snapshot(msgspec.Struct, frozen=True):
    seed: int
    series: int
    hashes: list[str]
    returns: list[float]
    worlds: list[bytes]
    objectives: tuple[list[list[float]], list[list[float]] | None] | None = None


Answer = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]


class Stepped(NamedTuple):
    """What one step of all slots answers; the arrays are the caller's to keep."""

    observations: NDArray[np.float32]  # (slots, features), of the next episode's begin where one ended
    rewards: NDArray[np.float32]  # (slots,)
    last: NDArray[np.float32] | None  # (slots, features), the last observations of the episodes that ended with the step, all at once
    returns: NDArray[np.float64]  # (slots,), rewards of the episode up to this step


class MarketVecEnv(VecEnv):
    """`worlds` markets of `scenario.learners` learners each, in step with each other.

    At the horizon every market ends and the next of the series takes its place: market k of the series is World(world_id=k) of the
    seed, so a training run's worlds are numbered in the order in which they begin. Truncations are marked as such
    (`TimeLimit.truncated`, with the last observation), because a horizon is no loss.

    Parameters
    ----------
    scenario, view : the market and the form of its actions.
    worlds : how many run side by side.
    seed : root of the series; `seed()` changes it from the next reset on.
    observer : told what happens, when a market ends and at each flush().
    weights : of the reward's components; None: the reward is the gain, and the others are not looked at.
    """

    def __init__(
        self,
        scenario: MarketScenario,
        worlds: int,
        view: ActionView,
        seed: int = 0,
        observer: Observer | None = None,
        weights: Weights | None = None,
    ) -> None:
        if worlds < 1:
            raise ValueError(f"{worlds} worlds is not positive; give at least 1")
        self.scenario, self.worlds, self.view, self.root_seed, self.observer = scenario, worlds, view, seed, observer
        self.markets: MarketRows | None = None
        self.series = 0  # markets begun so far
        self.hashes: list[str] = []  # of the markets that ended, by world id
        self.returns = np.zeros(worlds * scenario.learners)
        self._weights = weights
        self.objectives = self._new_objectives()
        observation_space = spaces.Box(-5.0, 5.0, (len(scenario.features),), np.float32)
        super().__init__(worlds * scenario.learners, observation_space, scenario.rules.space(view))

    def _new_objectives(self) -> Objectives | None:
        return Objectives(self._weights, self.worlds, self.scenario.learners) if self._weights else None

    @property
    def running(self) -> MarketRows:
        """The markets. Raises ValueError before the first reset."""
        if self.markets is None:
            raise ValueError("the environment has no markets yet; call reset first")
        return self.markets

    @property
    def episode_step(self) -> int:
        """Steps since the markets began."""
        return self.running.step

    def reset(self) -> NDArray[np.float32]:
        """Begin the series anew; observations (slots, features)."""
        if self._seeds[0] is not None:
            self.root_seed = self._seeds[0]
        self._reset_seeds()
        self._reset_options()
        self.series, self.hashes, self.objectives = 0, [], self._new_objectives()
        self.markets = MarketRows(self.scenario, self.root_seed, self.worlds, self.observer)
        self._began()
        return self.markets.observations.copy()

    def _began(self) -> None:
        self.series += self.worlds
        self.returns = np.zeros(self.num_envs)
        self._tell_began()

    def _tell_began(self) -> None:
        if self.observer:
            for world in self.running.worlds:
                self.observer.began(world)

    def step_async(self, actions: NDArray[Any]) -> None:
        """Take the actions of all slots."""
        self._actions = actions

    def step_wait(self) -> Answer:
        """Play one step in every market."""
        found = self.step_arrays(self._actions)
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        if found.last is not None:
            for slot, info in enumerate(infos):
                info["TimeLimit.truncated"], info["terminal_observation"] = True, found.last[slot]
                info["episode"] = {"r": float(found.returns[slot]), "l": self.scenario.horizon, "t": 0.0}
        return found.observations, found.rewards, np.full(self.num_envs, found.last is not None), infos

    def step_arrays(self, actions: NDArray[Any]) -> Stepped:
        """Play one step in every market: as `step`, without a dictionary for each slot.

        Raises ValueError for an action that does not exist.
        """
        markets = self.running
        orders = self.scenario.rules.resolve(self.view, actions)
        markets.play(orders)
        rewards, last = markets.rewards.copy(), None
        if self.objectives:
            rewards = self.objectives.rewards(rewards, markets.observations, orders)
        returns = self.returns = self.returns + rewards
        if markets.step >= self.scenario.horizon:
            last = markets.observations.copy()
            self._end_episode()
        return Stepped(markets.observations.copy(), rewards, last, returns)

    def _end_episode(self) -> None:
        markets = self.running
        markets.flush()
        self.hashes.extend(world.hash() for world in markets.worlds)
        if self.observer:
            for world in markets.worlds:
                self.observer.ended(world)
        if self.objectives:
            self.objectives.end()
        markets.begin_again(self.series)
        self._began()

    def flush(self) -> None:
        """Tell the observer the records kept since the last time, one chunk a market."""
        self.running.flush()

    def log_hash(self) -> str:
        """Hash of the logs of all markets so far, in the order of their ids; one that runs counts as far as it is, unplayed ones do not."""
        return run_hash([*self.hashes, *(world.hash() for world in self.running.worlds if world.step > 0)])

    def snapshot(self) -> bytes:
        """All that decides what happens next, between two steps."""
        self.flush()
        return msgspec.msgpack.encode(
            _Snapshot(
                seed=self.root_seed,
                series=self.series,
                hashes=self.hashes,
                returns=self.returns.tolist(),
                worlds=[world.snapshot() for world in self.running.worlds],
                objectives=self.objectives.state() if self.objectives else None,
            )
        )

    def restore(self, snapshot: bytes) -> NDArray[np.float32]:
        """Go on from a snapshot of the same scenario; the observations are those after its last step.

        Raises ValueError for a snapshot of another scenario or number of worlds.
        """
        found = msgspec.msgpack.decode(snapshot, type=_Snapshot)
        if len(found.worlds) != self.worlds:
            raise ValueError(f"a snapshot of {len(found.worlds)} worlds does not fit {self.worlds}; restore it with its own configuration")
        self.root_seed, self.series, self.hashes = found.seed, found.series, found.hashes
        self.markets = MarketRows(self.scenario, self.root_seed, self.worlds, self.observer, self.series - self.worlds)
        self.markets.restore(found.worlds)
        self.returns = np.array(found.returns)
        if self.objectives and found.objectives:
            self.objectives.restore(found.objectives)
        self._tell_began()
        return self.markets.observations.copy()

    def close(self) -> None:
        """Let go of the markets."""
        self.markets = None

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """An attribute of the environment, once per slot asked for."""
        if attr_name == "render_mode":
            return [None for _ in self._get_indices(indices)]
        return [getattr(self, attr_name) for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Not possible: slots share one environment."""
        raise ValueError(f"{attr_name} cannot be set for single slots of a market; make another environment")

    def env_method(self, method_name: str, *method_args: Any, indices: Any = None, **method_kwargs: Any) -> list[Any]:
        """Not possible: slots share one environment."""
        raise ValueError(f"{method_name} cannot be called on single slots of a market; call it on the environment")

    def env_is_wrapped(self, wrapper_class: type[Any], indices: Any = None) -> list[bool]:
        """Never: slots are rows, not environments. Episodes are reported in the infos as a Monitor would."""
        return [False for _ in self._get_indices(indices)]
