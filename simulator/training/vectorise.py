"""Many markets as one Stable-Baselines3 vector environment, straight over the arrays: slot i is learner i % L of market i // L."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv

from simulator.envs.market.batch import Buffers, MarketBatch
from simulator.envs.market.scenario import MarketScenario
from simulator.envs.market.types import ActionView
from simulator.world.digest import run_hash
from simulator.world.world import Chunk, World


class Observer(Protocol):
    """Told what happens in the markets, in the order of each market's log. What it does there is not learned from."""

    def began(self, world: World) -> None:
        """A market is at its first step, or was restored."""
        ...

    def played(self, world: World, chunk: Chunk) -> None:
        """The next records of a market; valid during the call only."""
        ...

    def ended(self, world: World) -> None:
        """A market has reached its horizon; all its records were told."""
        ...


class _Snapshot(msgspec.Struct, frozen=True):
    seed: int
    series: int
    hashes: list[str]
    returns: list[float]
    worlds: list[bytes]


Answer = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]


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
    """

    def __init__(self, scenario: MarketScenario, worlds: int, view: ActionView, seed: int = 0, observer: Observer | None = None) -> None:
        if worlds < 1:
            raise ValueError(f"{worlds} worlds is not positive; give at least 1")
        self.scenario, self.worlds, self.view, self.root_seed, self.observer = scenario, worlds, view, seed, observer
        self.buffers = Buffers.of(worlds * scenario.learners, view, len(scenario.features))
        self.markets: list[MarketBatch] = []
        self.series = 0  # markets begun so far
        self.hashes: list[str] = []  # of the markets that ended, by world id
        self._kept: list[list[Chunk]] = [[] for _ in range(worlds)]  # told at the next flush
        self.returns = np.zeros(worlds * scenario.learners)
        observation_space = spaces.Box(-5.0, 5.0, (len(scenario.features),), np.float32)
        super().__init__(worlds * scenario.learners, observation_space, scenario.rules.space(view))

    @property
    def episode_step(self) -> int:
        """Steps since the markets began."""
        return self.markets[0].world.step

    def reset(self) -> NDArray[np.float32]:
        """Begin the series anew; observations (slots, features)."""
        if self._seeds[0] is not None:
            self.root_seed = self._seeds[0]
        self._reset_seeds()
        self._reset_options()
        self.series, self.hashes = 0, []
        self._kept = [[] for _ in range(self.worlds)]
        self._begin()
        return self.buffers.observations.copy()

    def _begin(self) -> None:
        """Put the next markets of the series into all places."""
        first = self.series
        self.markets = [self._market(place, first + place) for place in range(self.worlds)]
        self.series = first + self.worlds
        self.returns[:] = 0.0
        self._tell_began()

    def _tell_began(self) -> None:
        if self.observer:
            for market in self.markets:
                self.observer.began(market.world)

    def _market(self, place: int, world_id: int) -> MarketBatch:
        learners = self.scenario.learners
        return MarketBatch(self.scenario, self.root_seed, world_id, self.view, self.buffers.rows(place * learners, (place + 1) * learners))

    def step_async(self, actions: NDArray[Any]) -> None:
        """Take the actions of all slots."""
        self.buffers.actions[:] = actions

    def step_wait(self) -> Answer:
        """Play one step in every market."""
        for market, kept in zip(self.markets, self._kept, strict=True):
            chunk = market.step()
            if self.observer:
                kept.append(chunk._replace(records=chunk.records.copy()))
        rewards = self.buffers.rewards.copy()
        self.returns += rewards
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        over = self.markets[0].over
        if over:
            self._end_episode(infos)
        return self.buffers.observations.copy(), rewards, np.full(self.num_envs, over), infos

    def _end_episode(self, infos: list[dict[str, Any]]) -> None:
        last, length = self.buffers.observations.copy(), self.episode_step
        for slot, info in enumerate(infos):
            info["TimeLimit.truncated"], info["terminal_observation"] = True, last[slot]
            info["episode"] = {"r": float(self.returns[slot]), "l": length, "t": 0.0}
        self.flush()
        self.hashes.extend(market.world.hash() for market in self.markets)
        if self.observer:
            for market in self.markets:
                self.observer.ended(market.world)
        self._begin()

    def flush(self) -> None:
        """Tell the observer the records kept since the last time, one chunk a market."""
        for market, kept in zip(self.markets, self._kept, strict=True):
            if self.observer and kept:
                records = np.concatenate([chunk.records for chunk in kept])
                self.observer.played(market.world, Chunk(kept[0].first_seq, records, kept[-1].last_step))
            kept.clear()

    def log_hash(self) -> str:
        """Hash of the logs of all markets so far, in the order of their ids; one that runs counts as far as it is, unplayed ones do not."""
        return run_hash([*self.hashes, *(market.world.hash() for market in self.markets if market.world.step > 0)])

    def snapshot(self) -> bytes:
        """All that decides what happens next, between two steps."""
        self.flush()
        return msgspec.msgpack.encode(
            _Snapshot(
                seed=self.root_seed,
                series=self.series,
                hashes=self.hashes,
                returns=self.returns.tolist(),
                worlds=[market.world.snapshot() for market in self.markets],
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
        self.markets = [self._market(place, self.series - self.worlds + place) for place in range(self.worlds)]
        for market, world in zip(self.markets, found.worlds, strict=True):
            market.restore(world)
        self.returns[:] = found.returns
        self._tell_began()
        return self.buffers.observations.copy()

    def close(self) -> None:
        """Let go of the markets."""
        self.markets = []

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
