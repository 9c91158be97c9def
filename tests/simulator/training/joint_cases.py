"""Small games and learners that the tests of joint learning share."""

from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.envs.games.game import Game
from simulator.envs.games.matching import Matching
from simulator.envs.games.matrix import Matrix
from simulator.envs.games.recall import Recall
from simulator.envs.joint import Choices, Interval, Joint
from simulator.training.joint_learner import JointLearner
from simulator.training.maddpg import Acting, Maddpg, MaddpgConfig
from simulator.training.mappo import Mappo, MappoConfig
from simulator.training.networks import Sharing
from simulator.training.qmix import Mixing, Qmix, QmixConfig


class Steady(Game):
    """Pays one a step whatever is done, and shows nothing."""

    features = state_size = 1
    actions = Choices(2)
    length = 3

    def _look(self) -> Joint:
        return Joint(np.ones((self.worlds, 2, 1), np.float32), np.ones((self.worlds, 1), np.float32))

    def _play(self, actions: np.ndarray) -> np.ndarray:
        return np.ones(self.worlds)


class SteadyNumbers(Steady):
    """The same for actions that are numbers."""

    actions = Interval(1)


class Masked(Matrix):
    """A coordination game in which the best choice is not legal; who takes it is found out."""

    def _look(self) -> Joint:
        masks = np.ones((self.worlds, 2, 3), np.bool_)
        masks[:, :, 2] = False
        return super()._look()._replace(masks=masks)

    def _play(self, actions: np.ndarray) -> np.ndarray:
        assert (actions < 2).all()
        return super()._play(actions)


OFF = {"hidden": 8, "warm_up": 32, "batch": 32, "update_every": 2, "memory": 96, "steps": 80}
ON = {"hidden": 8, "rollout": 4, "minibatches": 2, "epochs": 1, "steps": 128}

Made = Callable[..., JointLearner[Any]]


def qmix(game: Any, **changes: Any) -> Qmix:
    """A small one."""
    return Qmix(QmixConfig(**(OFF | {"embedding": 8, "target_every": 3, "sequence": 4} | changes)), game)


def mappo(game: Any, **changes: Any) -> Mappo:
    """A small one."""
    return Mappo(MappoConfig(**(ON | changes)), game)


def maddpg(game: Any, **changes: Any) -> Maddpg:
    """A small one."""
    return Maddpg(MaddpgConfig(**(OFF | changes)), game)


KINDS: dict[str, tuple[Made, Callable[[], Game], dict[str, Any]]] = {
    "qmix": (qmix, lambda: Recall(8), {}),
    "qmix recurrent": (qmix, lambda: Recall(8), {"recurrent": True}),
    "qmix separate": (qmix, lambda: Masked(8), {"sharing": Sharing.SEPARATE}),
    "vdn": (qmix, lambda: Recall(8), {"mixing": Mixing.VDN}),
    "independent": (qmix, lambda: Recall(8), {"mixing": Mixing.INDEPENDENT}),
    "mappo": (mappo, lambda: Recall(8), {}),
    "mappo recurrent": (mappo, lambda: Recall(8), {"recurrent": True}),
    "mappo recurrent separate": (mappo, lambda: Recall(8), {"recurrent": True, "sharing": Sharing.SEPARATE}),
    "mappo masked": (mappo, lambda: Masked(8), {}),
    "maddpg": (maddpg, lambda: Matching(8), {}),
    "maddpg shared": (maddpg, lambda: Matching(8), {"sharing": Sharing.SHARED}),
    "maddpg discrete": (maddpg, lambda: Masked(8), {"acting": Acting.DISCRETE}),
}
"""Every learner in its forms: how it is made, in which game, with what changed."""


def made(kind: str, **changes: Any) -> JointLearner[Any]:
    """A learner by its name in KINDS."""
    maker, game, settings = KINDS[kind]
    return maker(game(), **(settings | changes))
