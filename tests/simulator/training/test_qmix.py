"""QMIX and its kin: the paper's table, monotonic mixing, and right values at ends of games and of time."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from simulator.envs.games.recall import Recall
from simulator.envs.games.two_step import PAYOFFS, TwoStep
from simulator.envs.joint import Joint
from simulator.training.exploration import Fading
from simulator.training.joint_learner import episode_return
from simulator.training.joint_presets import two_step
from simulator.training.networks import torch_generator
from simulator.training.qmix import Mixer, Mixing, Qmix, QmixConfig
from tests.simulator.training.joint_cases import Masked, Steady, qmix

pytestmark = pytest.mark.slow


def places() -> Joint:
    """The two-step game's three places."""
    state = np.eye(3, dtype=np.float32)
    return Joint(np.repeat(state[:, None], 2, axis=1), state)


def quick(mixing: Mixing) -> QmixConfig:
    """The preset, with fewer steps than the benchmark takes for two more decimals."""
    return replace(two_step(mixing), steps=64 * 500, target_every=20, batch=96)


def test_qmix_finds_the_papers_table() -> None:
    table = Qmix(quick(Mixing.QMIX), TwoStep(64)).train().team_values(places())
    assert table[0] == pytest.approx(np.array([[6.93, 6.93], [7.92, 7.92]]), abs=0.1)
    assert table[1:] == pytest.approx(PAYOFFS, abs=0.1)


def test_a_sum_cannot_and_stays_safe() -> None:
    learner = Qmix(quick(Mixing.VDN), TwoStep(64)).train()
    table = learner.team_values(places())
    assert table[0].argmax() < 2  # the first agent leads to 2A
    assert table[2] == pytest.approx(np.array([[-1.5, 2.5], [2.5, 6.5]]), abs=0.3)  # the nearest sum


def test_mixing_rises_in_every_agent() -> None:
    chance = torch_generator(1, "test")
    mixer = Mixer(3, 4, 8, chance)
    values = torch.randn(50, 3, generator=chance, requires_grad=True)
    mixer(values, torch.randn(50, 4, generator=chance)).sum().backward()
    assert values.grad is not None and (values.grad >= 0).all() and (values.grad > 0).any()


class SteadyForever(Steady):
    """Cut short by time alone."""

    truncates = True


@pytest.mark.parametrize(("mixing", "team"), [(Mixing.QMIX, 1), (Mixing.VDN, 1), (Mixing.INDEPENDENT, 2)])
@pytest.mark.parametrize("recurrent", [False, True])
def test_time_that_is_up_ends_no_value(mixing: Mixing, team: int, recurrent: bool) -> None:
    """One a step at a discount of a half is worth two for ever, wherever time cuts it."""
    settings = {"mixing": mixing, "gamma": 0.5, "steps": 2400, "learning_rate": 3e-2, "learning_rate_end": 1e-4, "recurrent": recurrent}
    learner = qmix(SteadyForever(8), **settings).train()
    assert learner.team_values(learner.seen) / team == pytest.approx(2.0, abs=0.1)


def test_nothing_comes_after_a_game_that_is_over() -> None:
    class Short(Steady):
        length = 1

    learner = qmix(Short(8), gamma=0.5, steps=1600, learning_rate=3e-2, learning_rate_end=1e-4).train()
    assert learner.team_values(learner.seen) == pytest.approx(1.0, abs=0.05)


def test_a_choice_that_is_not_legal_is_neither_taken_nor_counted_on() -> None:
    class MaskedForever(Masked):
        truncates = True

    learner = qmix(MaskedForever(8), gamma=0.5, steps=2400, learning_rate=2e-2, learning_rate_end=1e-4, mixing=Mixing.VDN).train()
    seen = learner.seen
    assert learner.act(seen.observations, masks=seen.masks).tolist() == [[1, 1]] * 8
    assert learner.team_values(seen)[0, 1, 1] < 6.0  # two a step for ever is worth four; three, which is not legal, would be six


def test_who_remembers_recalls() -> None:
    """Who does not, guesses: one half."""
    settings = {"recurrent": True, "sequence": 6, "hidden": 32, "batch": 384, "gamma": 0.9, "mixing": Mixing.VDN, "update_every": 6}
    pace = {"gradient_steps": 6, "steps": 64 * 6 * 25, "warm_up": 512, "epsilon": Fading(1.0, 0.1, 8000), "memory": 4096}
    learner = Qmix(QmixConfig(**settings, **pace), Recall(64)).train()
    assert episode_return(learner, Recall(256, seed=9)) > 0.9


def test_torch_is_left_as_it_was() -> None:
    threads = torch.get_num_threads()
    qmix(Recall(8)).train()
    assert torch.get_num_threads() == threads
