"""Checkpoints: whole or not there, and never mistaken for another version's."""

from pathlib import Path

import pytest

from simulator.training.checkpoint import Checkpoint, Draft, Lineage
from simulator.training.config import TrainConfig

LINEAGE = Lineage(config=TrainConfig(seed=3).as_dict(), seed=3, code_version="abc", steps=7, log_hash="ff")


def write(folder: Path, lineage: Lineage = LINEAGE, content: bytes = b"state") -> None:
    with Draft(folder) as draft:
        (draft.folder / "resume.bin").write_bytes(content)
        draft.commit(lineage)


def test_a_committed_checkpoint_is_read_back(tmp_path: Path) -> None:
    write(tmp_path / "last")
    checkpoint = Checkpoint(tmp_path / "last")
    assert checkpoint.lineage == LINEAGE
    assert checkpoint.lineage.training() == TrainConfig(seed=3)
    assert checkpoint.resume_state() == b"state"
    assert [path.name for path in tmp_path.iterdir()] == ["last"]


def test_a_second_one_takes_the_place_of_the_first(tmp_path: Path) -> None:
    write(tmp_path / "last")
    write(tmp_path / "last", content=b"later")
    assert Checkpoint(tmp_path / "last").resume_state() == b"later"
    assert [path.name for path in tmp_path.iterdir()] == ["last"]


def test_an_interrupted_one_leaves_the_older_in_place(tmp_path: Path) -> None:
    write(tmp_path / "last")
    with Draft(tmp_path / "last") as draft:
        (draft.folder / "resume.bin").write_bytes(b"half")
    assert Checkpoint(tmp_path / "last").resume_state() == b"state"
    assert [path.name for path in tmp_path.iterdir()] == ["last"]


def test_a_stop_between_the_two_moves_loses_nothing(tmp_path: Path) -> None:
    write(tmp_path / "last")
    (tmp_path / "last").rename(tmp_path / ".last.older")
    assert Checkpoint(tmp_path / "last").resume_state() == b"state"


def test_another_version_is_refused_by_number(tmp_path: Path) -> None:
    write(tmp_path / "last", Lineage(format_version=2, config={}, seed=0, code_version="", steps=0, log_hash=""))
    with pytest.raises(ValueError, match="format version 2 and this version reads 1"):
        Checkpoint(tmp_path / "last")


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"format_version": 1}'])
def test_a_damaged_lineage_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "lineage.json").write_bytes(content)
    with pytest.raises(ValueError, match=r"damaged lineage|format version None"):
        Checkpoint(tmp_path)


def test_a_folder_without_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no checkpoint in"):
        Checkpoint(tmp_path / "nowhere")
