"""Thousands of negotiations over packages that move one turn at a time, as rows of arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.bargaining.package_conceding import conceded
from simulator.bargaining.package_draws import begin
from simulator.bargaining.package_protocol import package_game, step_packages
from simulator.bargaining.rules import ActionType, Outcome
from simulator.envs.bound import bound
from simulator.envs.packages.observation import layout, likes, observe
from simulator.envs.packages.scenario import PackageScenario
from simulator.envs.packages.types import Step


class PackageBatch:
    """n negotiations of a seed, numbered from `start` on; a number's course does not depend on the batch that it is in.

    Parameters
    ----------
    scenario : the game.
    count : how many; each holds packages x parties numbers of 8 bytes.

    Attributes
    ----------
    tables : Tables, all that is to know of each.
    """

    def __init__(self, scenario: PackageScenario, count: int, seed: int = 0, start: int = 0) -> None:
        rules = scenario.rules
        self.scenario, self.count, self.seed = scenario, count, seed
        self.tables = begin(rules, scenario.goods, seed, count, start)
        self._next = start + count
        self._kinds, self._packages = np.zeros(count, np.int64), np.zeros(count, np.int64)
        self._rewards = np.zeros((count, rules.parties))
        self._observations = np.zeros((count, rules.parties, len(layout(rules))), np.float32)
        self._observations[:, :, -sum(rules.issues) :] = likes(rules, self.tables.utilities)  # which never change
        game, issues = package_game(rules), np.array(rules.issues, np.int64)
        self._step = bound(step_packages, game, *self.tables, self._kinds, self._packages, self._rewards)
        self._look = bound(observe, game, issues, *self.tables, self._observations)

    def reset(self) -> NDArray[np.float32]:
        """Put the next negotiations of the seed into all places that are over, and return (n, parties, features) observations."""
        over = np.flatnonzero(self.tables.rows["outcome"] != Outcome.RUNNING)
        if len(over):
            fresh = begin(self.scenario.rules, self.scenario.goods, self.seed, len(over), self._next)
            for table, new in zip(self.tables, fresh, strict=True):
                table[over] = new
            liked = likes(self.scenario.rules, fresh.utilities)
            self._observations[over, :, -liked.shape[2] :] = liked
            self._next += len(over)
        return self.look()

    def look(self) -> NDArray[np.float32]:
        """What the parties of each see now, (n, parties, features)."""
        self._look()
        return self._observations.copy()

    def step(self, kinds: NDArray[np.int64], packages: NDArray[np.int64]) -> Step:
        """Let the party whose turn it is act in each; kinds (n,) are ActionTypes. What is over stays as it is.

        Raises ValueError for another number of actions, or a kind that does not exist.
        """
        if len(kinds) != self.count or len(packages) != self.count:
            raise ValueError(f"{len(kinds)} kinds and {len(packages)} packages for {self.count} negotiations; pass one for each")
        if not 0 <= np.min(kinds) <= np.max(kinds) < len(ActionType):
            raise ValueError(f"an action type lies outside 0..{len(ActionType) - 1}; choose one of ActionType")
        running = self.tables.rows["outcome"] == Outcome.RUNNING
        self._kinds[:], self._packages[:] = kinds, packages
        self._step()
        ended = self.tables.rows["outcome"] * running
        over = (ended == Outcome.DEAL) | (ended == Outcome.WALKED_AWAY)
        return Step(self.look(), self._rewards.copy(), over, ended == Outcome.TIMEOUT)

    def turn(self) -> NDArray[np.int64]:
        """(n,): the party to act in each."""
        return np.asarray(self.tables.rows["turns"] % self.scenario.rules.parties)

    def conceding(self, exponent: float = 1.0) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(n,) kinds and (n,) packages of those who concede by the clock: for step, as opponents or as a yardstick."""
        return conceded(self.scenario.rules, self.tables, exponent)

    def action_masks(self) -> NDArray[np.bool_]:
        """(n, 3): which ActionTypes the party to act may choose; accepting needs a package of another party."""
        masks, rows = np.ones((self.count, len(ActionType)), np.bool_), self.tables.rows
        masks[:, ActionType.ACCEPT] = (rows["standing"] >= 0) & (rows["proposer"] != self.turn())
        masks[rows["outcome"] != Outcome.RUNNING] = False
        return masks
