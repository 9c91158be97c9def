"""The benchmark of learning together: what it compares with, and how it plays."""

import pytest

from pipelines.apps.bench.learn_marl import FIRST_STEP
from simulator.envs.games.matching import Matching
from simulator.envs.games.two_step import TwoStep
from simulator.training.joint_learner import episode_return
from simulator.training.maddpg import Maddpg, MaddpgConfig
from simulator.training.qmix import Qmix, QmixConfig


def test_the_first_choices_are_worth_what_the_paper_says() -> None:
    assert FIRST_STEP.tolist() == [[pytest.approx(6.93)] * 2, [pytest.approx(7.92)] * 2]


def test_episodes_are_played_to_their_end() -> None:
    assert episode_return(Qmix(QmixConfig(), TwoStep(1)), TwoStep(1)) in (0.0, 1.0, 7.0, 8.0)
    assert -10.0 < episode_return(Maddpg(MaddpgConfig(), Matching(4)), Matching(256)) < -1.0  # about -1.7 for doing nothing
