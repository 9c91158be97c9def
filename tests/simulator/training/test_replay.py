"""Memories: rows in the order written, the oldest overwritten, pieces whole."""

import numpy as np
import pytest
import torch

from simulator.training.exploration import Fading
from simulator.training.networks import torch_generator
from simulator.training.replay import Column, Replay, Rollout, Sequences


def test_the_oldest_rows_are_overwritten() -> None:
    replay = Replay(5, {"x": Column((2,)), "n": Column((), torch.int64)})
    for first in (0, 3, 6):
        rows = np.arange(first, first + 3)
        replay.write({"x": np.stack([rows, -rows], axis=1), "n": rows})
    assert (len(replay), replay.written) == (5, 9)
    assert replay.columns["n"].tolist() == [5, 6, 7, 8, 4]
    drawn = replay.sample(200, torch_generator(1, "test"))
    assert sorted(set(drawn["n"].tolist())) == [4, 5, 6, 7, 8]
    assert torch.equal(drawn["x"], torch.stack([drawn["n"], -drawn["n"]], dim=1).float())


def test_what_cannot_be_held_is_refused() -> None:
    with pytest.raises(ValueError, match="3 rows do not fit a memory of 2"):
        Replay(2, {"n": Column(())}).write({"n": np.zeros(3)})
    with pytest.raises(ValueError, match="holds nothing"):
        Replay(0, {})
    with pytest.raises(ValueError, match="holds nothing"):
        Rollout(0, 1, {})


def test_only_written_rows_are_drawn_before_a_memory_is_full() -> None:
    replay = Replay(100, {"n": Column(())})
    replay.write({"n": np.array([1.0, 2.0])})
    assert set(replay.sample(50, torch_generator(1, "test"))["n"].tolist()) == {1.0, 2.0}


def test_pieces_are_of_one_world_and_in_order() -> None:
    memory = Sequences(12, 3, 2, {"n": Column(())})
    for step in range(7):
        memory.put({"n": np.array([step, 100.0 + step])})
    assert len(memory) == 4
    drawn = memory.sample(40, torch_generator(1, "test"))["n"]
    assert drawn.shape == (3, 40)
    assert {tuple(piece) for piece in drawn.T.tolist()} == {(0, 1, 2), (100, 101, 102), (3, 4, 5), (103, 104, 105)}


def test_a_full_rollout_begins_anew() -> None:
    rollout = Rollout(2, 1, {"n": Column(())})
    for step in range(3):
        assert rollout.full == (step == 2)
        rollout.put({"n": np.array([step])})
    assert not rollout.full and rollout.columns["n"][0] == 2.0


def test_exploration_fades_to_its_end() -> None:
    fading = Fading(1.0, 0.5, 10)
    assert [fading.at(step) for step in (0, 5, 10, 99)] == [1.0, 0.75, 0.5, 0.5]
    assert Fading(1.0, 0.5, 0).at(0) == 0.5
