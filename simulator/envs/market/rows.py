"""Many markets in step with each other, as rows of arrays: row i is learner i % L of market i // L."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.envs.bound import bound
from simulator.envs.market.batch import office_of
from simulator.envs.market.reward import ACCOUNT
from simulator.envs.market.scenario import TICK_VALUE, MarketScenario
from simulator.envs.market.stepping import SEATS, look_again, step_markets
from simulator.types import RECORD
from simulator.world.world import Capacity, Chunk, World, play_address


class Observer(Protocol):
    """Told what happens in the markets, in the order of each market's log. What it does there is not learned from."""

    def began(self, world: World) -> None:
        """A market is at its first step, or was restored."""
        ...

    def played(self, world: World, chunk: Chunk) -> None:
        """The next records of a market; valid during the call only."""
        ...

    def ended(self, world: World) -> None:
        """A market has reached its horizon; all its records were told. The world becomes another one after the call."""
        ...


class MarketRows:
    """`count` markets of a scenario and seed: worlds `start`, `start` + 1 and so on, all at their first step.

    Parameters
    ----------
    scenario : how they begin.
    observer : told their records, at each flush() and when no more can be kept.
    capacity : the memory with which each begins; as many records are kept for the observer. None: enough as a rule.

    Attributes
    ----------
    worlds : the markets themselves.
    observations : (count x learners, features) float32, what their learners see now.
    rewards : (count x learners,) float32, of the last step.
    """

    def __init__(
        self,
        scenario: MarketScenario,
        seed: int,
        count: int,
        observer: Observer | None = None,
        start: int = 0,
        capacity: Capacity | None = None,
    ) -> None:
        self.scenario, self.observer = scenario, observer
        room = capacity or Capacity(ring_records=64 * scenario.agents + 1024)
        self.worlds = [World(scenario.world(), start + place, seed, capacity=room) for place in range(count)]
        rows = count * scenario.learners
        self.observations, self.rewards = np.zeros((rows, len(scenario.features)), np.float32), np.zeros(rows, np.float32)
        self._accounts, self._orders = np.zeros((count, scenario.learners), ACCOUNT), np.zeros((rows, 3))
        self._logs = np.zeros((count, room.ring_records if observer else 0), RECORD)
        self._seats = np.zeros(count, SEATS)
        self._seats["room"] = self._logs.shape[1]
        for place in range(count):
            self._seat(place)
        unit = 0.5 * TICK_VALUE / scenario.reward_scale
        answers = (
            scenario.horizon,
            np.zeros(len(scenario.features)),
            unit,
            self.observations,
            self.rewards,
            office_of(scenario),
            int(scenario.damped),
        )
        self._step = bound(step_markets, play_address(), self._seats, self._orders, *answers)
        self._answers = answers
        self._look_all()

    def _seat(self, place: int) -> None:
        """Note where a market's arrays lie; they move when they grow."""
        seat, world = self._seats[place], self.worlds[place]
        seat["call"], seat["outside"] = world.call_address, world.outside.ctypes.data
        seat["accounts"], seat["log"] = self._accounts[place].ctypes.data, self._logs[place].ctypes.data

    def _look_all(self) -> None:
        for place in range(len(self.worlds)):
            self._look_at(place)

    def _look_at(self, place: int) -> None:
        look_again(self._seats, place, self.scenario.learners, *self._answers)

    @property
    def step(self) -> int:
        """Steps played since they began."""
        return self.worlds[0].step

    def play(self, orders: NDArray[np.float64]) -> None:
        """Play one step; orders (rows, 3) as ActionRules.resolve answers."""
        self._orders[:] = orders
        if self._step():
            for place in np.flatnonzero(self._seats["left"]):
                self._see_to(int(place))

    def _see_to(self, place: int) -> None:
        """Play a market's step to its end if it stopped, and tell its records if they could not be kept."""
        world, stopped = self.worlds[place], self._seats["count"][place] < 0
        chunk = world.played(int(self._seats["count"][place]))
        if stopped:
            self._seat(place)
            self._look_at(place)
        if self.observer:
            self._tell(place, chunk.first_seq, chunk.last_step - 1)
            self.observer.played(world, chunk)

    def flush(self) -> None:
        """Tell the observer the records kept since the last time, one chunk a market."""
        for place, world in enumerate(self.worlds):
            self._tell(place, world.next_seq, world.step - 1)

    def _tell(self, place: int, end_seq: int, last_step: int) -> None:
        kept = int(self._seats["kept"][place])
        if self.observer and kept:
            self.observer.played(self.worlds[place], Chunk(end_seq - kept, self._logs[place, :kept], last_step))
        self._seats["kept"][place] = 0

    def begin_again(self, start: int) -> None:
        """Become the markets of the same seed from `start` on, at their first step."""
        for place, world in enumerate(self.worlds):
            world.begin_again(start + place)
        self._look_all()

    def restore(self, snapshots: list[bytes]) -> None:
        """Go on from snapshots of these worlds. Raises ValueError for others'."""
        for place, (world, snapshot) in enumerate(zip(self.worlds, snapshots, strict=True)):
            world.restore(snapshot)
            self._seat(place)
        self._look_all()
