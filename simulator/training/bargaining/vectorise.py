"""Many negotiations as one Stable-Baselines3 vector environment, straight over the arrays: a slot is a learner in a negotiation of its own.

A step of a slot goes from one of its turns to its next one, or to the end: the opponent's turns between are played inside.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv

from simulator import seeding
from simulator.bargaining.protocol import game_of, step_rows
from simulator.bargaining.rules import ActionType, Outcome, Party
from simulator.envs.bargaining.action import resolve, space
from simulator.envs.bargaining.batch import BargainingBatch
from simulator.envs.bargaining.observation import RICH
from simulator.envs.bargaining.scenario import BargainingScenario
from simulator.envs.bargaining.types import ActionView
from simulator.training.bargaining.objective import Objective, aimed_at
from simulator.training.bargaining.opponents import Opponent
from simulator.training.bargaining.train_config import Sight

STATE = ("role", "value", "current_price", "gain", "round", "time_left")
"""The features of RICH that do not depend on how the state was reached."""

Answer = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]


class Deadline(StrEnum):
    """What running out of time is to a learner."""

    END = "end"  # a state like others: it is seen coming and has its payoff
    CUT = "cut"  # Gymnasium's truncation: the value of going on is added, as if there were no deadline


def columns(sight: Sight) -> NDArray[np.int64]:
    """Return which of the RICH features a policy sees."""
    return np.array([RICH.index(name) for name in (STATE if sight is Sight.STATE else RICH)])


def masks_of(view: ActionView, kinds: NDArray[np.bool_], buckets: int) -> NDArray[np.bool_]:
    """Return (n, choices): the (n, 3) ActionTypes that are legal, in the form of DISCRETE or MULTI_DISCRETE.

    Raises ValueError for BOX, which has no choices.

    >>> masks_of(ActionView.DISCRETE, np.array([[False, True, True]]), buckets=2).tolist()
    [[False, True, True, True]]
    """
    prices = np.repeat(kinds[:, [ActionType.COUNTER]], buckets, axis=1)
    if view is ActionView.DISCRETE:
        return np.concatenate([kinds[:, [ActionType.ACCEPT]], kinds[:, [ActionType.WALK_AWAY]], prices], axis=1)
    if view is ActionView.MULTI_DISCRETE:
        return np.concatenate([kinds, np.ones_like(prices)], axis=1)
    raise ValueError(f"{view.value} actions have no masks; use discrete or multi_discrete")


class BargainingVecEnv(VecEnv):
    """One negotiation a slot; the next of the series takes its place at its end.

    The reward is what the end is worth over `unit`, 0 before. infos of an end hold the last observation, the episode's return and length,
    its Outcome, and TimeLimit.truncated, which is true for a deadline that is CUT only.

    Parameters
    ----------
    scenario, view, sight : the game, the form of actions, and what is seen of RICH.
    seats : (slots,) Party of the learner in each slot.
    opponents : who plays a party in the slots where the learner is the other one.
    seed : root of the series; `seed()` changes it from the next reset on.
    """

    def __init__(
        self,
        scenario: BargainingScenario,
        seats: NDArray[np.int64],
        opponents: Mapping[Party, Opponent],
        view: ActionView,
        *,
        sight: Sight = Sight.STATE,
        objective: Objective = Objective.OWN,
        deadline: Deadline = Deadline.END,
        unit: float = 1.0,
        seed: int = 0,
    ) -> None:
        if not scenario.rich:
            raise ValueError("the plain five numbers do not tell a learner its value; use a scenario with rich=True")
        if missing := [party.name.lower() for party in Party if (seats != party).any() and party not in opponents]:
            raise ValueError(f"nobody plays the {' and '.join(missing)} against the learner; give an opponent for each")
        self.scenario, self.seats, self.opponents, self.view = scenario, np.asarray(seats, np.int64), dict(opponents), view
        self.sight, self.objective, self.deadline, self.unit, self.root_seed = sight, objective, deadline, unit, seed
        self._columns, self._places = columns(sight), np.arange(len(seats))
        super().__init__(len(seats), spaces.Box(-2.0, 2.0, (len(self._columns),), np.float32), space(scenario, view))
        self._actions: NDArray[Any] = np.zeros(0)
        self._game = game_of(scenario.rules, scenario.learn, scenario.settle)
        self._restart()

    def _restart(self) -> None:
        self.batch = BargainingBatch(self.scenario, self.num_envs, self.root_seed)
        self._chance = seeding.generator(self.root_seed, "opponents")
        self._lengths, self._digest = np.zeros(self.num_envs, np.int64), hashlib.blake2b(digest_size=16)

    def reset(self) -> NDArray[np.float32]:
        """Begin the series anew; observations (slots, features)."""
        if self._seeds[0] is not None:
            self.root_seed = self._seeds[0]
        self._reset_seeds()
        self._reset_options()
        self._restart()
        self._answered()
        return self._begin()

    def step_async(self, actions: NDArray[Any]) -> None:
        """Take the actions of all slots."""
        self._actions = np.array(actions)

    def step_wait(self) -> Answer:
        """Play the learners' turns and the opponents' that follow."""
        kinds, prices = resolve(self.scenario, self.view, self._actions)
        self._digest.update(kinds.tobytes() + prices.tobytes())
        payoffs = self.batch.step(kinds, prices).rewards + self._answered()
        self._lengths += 1
        rewards = aimed_at(self.objective, payoffs)[self._places, self.seats] / self.unit
        dones = self.batch.rows["outcome"] != Outcome.RUNNING
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        self._tell(np.flatnonzero(dones), rewards, infos)
        return self._begin(), rewards.astype(np.float32), dones, infos

    def _tell(self, over: NDArray[np.int64], rewards: NDArray[np.float64], infos: list[dict[str, Any]]) -> None:
        last, outcome = self._seen(), self.batch.rows["outcome"]
        for slot in over:
            infos[slot] = {
                "terminal_observation": last[slot],
                "TimeLimit.truncated": bool(outcome[slot] == Outcome.TIMEOUT and self.deadline is Deadline.CUT),
                "outcome": Outcome(int(outcome[slot])),
                "episode": {"r": float(rewards[slot]), "l": int(self._lengths[slot]), "t": 0.0},
            }
        self._lengths[over] = 0

    def _waiting(self) -> NDArray[np.int64]:
        """The slots in which it is the opponent's turn."""
        rows = self.batch.rows
        return np.flatnonzero((rows["outcome"] == Outcome.RUNNING) & (rows["turn"] != self.seats))

    def _answered(self) -> NDArray[np.float64]:
        """Let opponents act until each slot is over or its learner's turn; return (slots, 2) what ends were worth."""
        payoffs = np.zeros((self.num_envs, 2))
        while len(waiting := self._waiting()):
            payoffs[waiting] += self._opponents_turn(waiting)
        return payoffs

    def _opponents_turn(self, waiting: NDArray[np.int64]) -> NDArray[np.float64]:
        """Let opponents act once in the waiting slots; return (waiting, 2) what ends were worth."""
        sitting, chance = self.batch.rows[waiting], self._chance.random(len(waiting))
        kinds, prices, payoffs = np.zeros(len(waiting), np.int64), np.zeros(len(waiting)), np.zeros((len(waiting), 2))
        for party, opponent in self.opponents.items():
            mine = np.flatnonzero(sitting["turn"] == party)
            if len(mine):
                rows = sitting[mine]
                kinds[mine], prices[mine] = opponent.moves(rows, chance[mine])
                sitting["random"][mine] = rows["random"]
        step_rows(self._game, sitting, kinds, prices, payoffs)
        self.batch.rows[waiting] = sitting
        return payoffs

    def _begin(self) -> NDArray[np.float32]:
        """Put the next negotiations where some are over, up to the learner's first turn, and return what learners see."""
        while (self.batch.rows["outcome"] != Outcome.RUNNING).any():
            self.batch.reset()
            self._answered()  # an opponent may begin, and even end it before the learner's first turn
        return self._seen()

    def _seen(self) -> NDArray[np.float32]:
        return self.batch.look()[self._places, self.seats][:, self._columns]

    def action_masks(self) -> NDArray[np.bool_]:
        """(slots, choices): what is legal now, as MaskablePPO takes it. Raises ValueError for BOX."""
        return masks_of(self.view, self.batch.action_masks(), self.scenario.buckets)

    def log_hash(self) -> str:
        """Hash of all that learners did."""
        return self._digest.hexdigest()

    def close(self) -> None:
        """Nothing is held."""

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """An attribute of the environment, once per slot asked for."""
        value = None if attr_name == "render_mode" else getattr(self, attr_name)
        return [value for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Not possible: slots share one environment."""
        raise ValueError(f"{attr_name} cannot be set for single slots; make another environment")

    def env_method(self, method_name: str, *method_args: Any, indices: Any = None, **method_kwargs: Any) -> list[Any]:
        """What sb3-contrib asks for: the masks, one row per slot. Raises ValueError for anything else."""
        if method_name != "action_masks":
            raise ValueError(f"{method_name} cannot be called on single slots; call it on the environment")
        masks = self.action_masks()
        return [masks[slot] for slot in self._get_indices(indices)]

    def env_is_wrapped(self, wrapper_class: type[Any], indices: Any = None) -> list[bool]:
        """Never: slots are rows, not environments. Episodes are reported in the infos as a Monitor would."""
        return [False for _ in self._get_indices(indices)]
