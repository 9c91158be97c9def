"""Exported policies: one file that says where it comes from and plays like its checkpoint."""

from pathlib import Path

import numpy as np
import pytest

from simulator.training.config import Sharing, TrainConfig
from simulator.training.exported import export_checkpoint, lineage_of, policy_path
from simulator.training.policy import Policy
from simulator.training.sb3 import Learner

TINY = TrainConfig(
    steps=24, worlds=1, learners=2, scripted=4, episode_steps=20, rollout_steps=12, batch_size=12, epochs=1, hidden=(4,),
    sharing=Sharing.PER_AGENT,
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of two untrained policies."""
    place = tmp_path_factory.mktemp("learner") / "checkpoint"
    Learner(TINY).save(place, "abc")
    return place


@pytest.mark.parametrize("number", [0, 1])
def test_it_is_the_checkpoints_policy_with_its_lineage(folder: Path, tmp_path: Path, number: int) -> None:
    file, seen = tmp_path / "deep" / "trader.npz", np.linspace(-1, 1, 30).reshape(2, 15)
    lineage = export_checkpoint(folder, file, number)
    assert lineage_of(file) == lineage == lineage_of(folder)
    own = folder / ("policy.npz", "policy-1.npz")[number]
    assert (Policy.load(policy_path(file)).evaluate(seen) == Policy.load(own).evaluate(seen)).all()
    assert policy_path(folder) == folder / "policy.npz"


def test_what_is_none_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"trader.bin does not end in .npz"):
        export_checkpoint(folder, tmp_path / "trader.bin")
    with pytest.raises(ValueError, match="policy 2 is not in .*; it holds 2, numbered from 0"):
        export_checkpoint(folder, tmp_path / "trader.npz", 2)
    with pytest.raises(ValueError, match="no checkpoint in"):
        export_checkpoint(tmp_path, tmp_path / "trader.npz")
    with pytest.raises(ValueError, match="does not say what it was trained in"):
        lineage_of(folder / "policy.npz")
