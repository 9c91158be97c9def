"""Small games: what they pay, what they show, how they end."""

import numpy as np
import pytest

from simulator.envs.games.game import Game
from simulator.envs.games.matching import Matching
from simulator.envs.games.matrix import CLIMBING, Matrix
from simulator.envs.games.recall import Recall
from simulator.envs.games.two_step import TwoStep
from simulator.envs.joint import Choices, refuse_not_finite

GAMES: list[type[Game]] = [TwoStep, Matrix, Matching, Recall]


def acts(game: Game, seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    if isinstance(game.actions, Choices):
        return chance.integers(0, game.actions.count, (game.worlds, 2))
    return chance.uniform(-1.0, 1.0, (game.worlds, 2, 1)).astype(np.float32)


def test_two_step_pays_by_where_the_first_agent_led() -> None:
    game = TwoStep(5)
    assert game.reset().state.tolist() == [[1.0, 0.0, 0.0]] * 5
    turn = game.step(np.array([[0, 1], [1, 0], [1, 0], [1, 1], [1, 1]]))
    assert turn.rewards.tolist() == [[0.0, 0.0]] * 5 and not turn.terminated.any()
    assert turn.seen.state.argmax(axis=1).tolist() == [1, 2, 2, 2, 2]
    turn = game.step(np.array([[0, 1], [0, 0], [0, 1], [1, 0], [1, 1]]))
    assert turn.rewards[:, 0].tolist() == turn.rewards[:, 1].tolist() == [7.0, 0.0, 1.0, 1.0, 8.0]
    assert turn.terminated.all() and not turn.truncated.any()
    assert turn.last.state.argmax(axis=1).tolist() == [1, 2, 2, 2, 2]
    assert turn.seen.state.argmax(axis=1).tolist() == [0] * 5


def test_a_table_pays_its_cells() -> None:
    game = Matrix(3, payoffs=CLIMBING)
    game.reset()
    turn = game.step(np.array([[0, 0], [0, 1], [1, 2]]))
    assert turn.rewards[:, 1].tolist() == [11.0, -30.0, 6.0] and turn.terminated.all()
    with pytest.raises(ValueError, match="not square"):
        Matrix(3, payoffs=[[1.0, 2.0]])


def test_matching_is_paid_for_the_sum_and_cut_short_after_ten_steps() -> None:
    game = Matching(2, seed=4)
    seen = game.reset()
    for step in range(10):
        assert seen.observations.shape == (2, 2, 1) and np.array_equal(seen.observations[:, :, 0], seen.state)
        best = seen.observations / 2
        best[1, 0, 0] += 0.5  # half too much costs a quarter
        turn = game.step(best)
        assert turn.rewards == pytest.approx(np.array([[0.0, 0.0], [-0.25, -0.25]]), abs=1e-6)
        assert turn.truncated.tolist() == [step == 9] * 2 and not turn.terminated.any()
        assert not np.array_equal(turn.seen.state, seen.state)
        seen = turn.seen


def test_recall_shows_the_cue_once_and_asks_at_the_end() -> None:
    game = Recall(64)
    seen = game.reset()
    cues = seen.observations[:, 0, :2].argmax(axis=1)
    assert 0 < cues.sum() < 64
    nothing = np.zeros((64, 2), np.int64)
    for _ in range(2):
        turn = game.step(nothing)
        assert not turn.rewards.any() and not turn.seen.observations[:, :, :2].any()
        assert np.array_equal(turn.seen.state[:, :2].argmax(axis=1), cues)
    answers = np.stack([cues, cues], axis=1)
    answers[0, 1] ^= 1
    assert game.step(answers).rewards[:, 0].tolist() == [0.0] + [1.0] * 63


@pytest.mark.parametrize("made", GAMES)
def test_a_snapshot_goes_on_as_the_game_did(made: type[Game]) -> None:
    first, second = made(4, seed=3), made(4, seed=3)
    first.reset()
    for step in range(5):
        first.step(acts(first, step))
    second.reset()
    seen = second.restore(first.snapshot())
    for step in range(12):
        a, b = first.step(acts(first, step)), second.step(acts(second, step))
        for left, right in zip((*a[:3], *a.last[:2], *a.seen[:2]), (*b[:3], *b.last[:2], *b.seen[:2]), strict=True):
            assert np.array_equal(left, right)
    assert seen.observations.shape == (4, 2, first.features)
    with pytest.raises(ValueError, match="4 worlds does not fit 3"):
        made(3).restore(first.snapshot())


def test_a_reward_that_is_no_number_is_refused_by_name() -> None:
    rewards = np.zeros((3, 2), np.float32)
    refuse_not_finite(rewards)
    rewards[1, 0] = np.nan
    with pytest.raises(ValueError, match="reward nan of agent 0 in world 1 is not finite"):
        refuse_not_finite(rewards)
