"""What a study stores before its first training."""

from __future__ import annotations

import msgspec
import pytest

from pipelines.settings import Settings
from pipelines.workers.registry import Registry
from pipelines.workers.study.record import Study, is_study
from tests.pipelines.workers.study.conftest import TINY, study_of


def test_each_seed_of_each_point_is_a_run_of_its_own(settings: Settings) -> None:
    study = study_of(settings, {"gamma": [0.9, 0.8]}, 2)
    assert [(member.point, member.seed) for member in study.record.members] == [
        ({"gamma": 0.9}, 0), ({"gamma": 0.9}, 1), ({"gamma": 0.8}, 0), ({"gamma": 0.8}, 1),
    ]  # fmt: skip
    assert [member.name for member in study.record.members][:2] == ["gamma=0.9 seed 0", "gamma=0.9 seed 1"]
    trainings = [study.learning(member).training for member in study.record.members]
    assert [(training.gamma, training.seed) for training in trainings] == [(0.9, 0), (0.9, 1), (0.8, 0), (0.8, 1)]
    assert {training.steps for training in trainings} == {TINY.steps}
    assert len({member.run_id for member in study.record.members}) == 4


def test_a_study_is_found_again_by_its_id_and_is_no_run(settings: Settings) -> None:
    study = study_of(settings, {}, 2)
    again = Study.resume(settings, study.record.study_id)
    assert again.record == study.record
    assert again.left() == study.record.members
    assert is_study(settings, study.record.study_id)
    assert not is_study(settings, study.record.members[0].run_id) and not is_study(settings, "")
    assert set(Registry(settings.runs_dir).recent()) == {member.run_id for member in study.record.members}


def test_nothing_is_stored_of_a_study_with_a_point_that_makes_no_sense(settings: Settings) -> None:
    with pytest.raises(ValueError, match="epochs 0 is not positive"):
        study_of(settings, {"epochs": [1, 0]}, 2)
    assert not settings.runs_dir.exists()


def test_an_unknown_or_damaged_study_is_named(settings: Settings) -> None:
    with pytest.raises(ValueError, match="study 'study-x' is not among the studies in .*; start one with"):
        Study.resume(settings, "study-x")
    study = study_of(settings, {}, 1)
    with pytest.raises(ValueError, match=f"the latest are {study.record.study_id}"):
        Study.resume(settings, "study-x")
    (study.folder / "study.json").write_bytes(b"{}")
    with pytest.raises(ValueError, match=r"study.json cannot be read .*start a new study"):
        Study.resume(settings, study.record.study_id)


def test_the_manifest_says_what_was_asked_for(settings: Settings) -> None:
    study = study_of(settings, {"gamma": [0.9]}, 2)
    stored = msgspec.json.decode((study.folder / "study.json").read_bytes())
    assert stored["grid"] == {"gamma": [0.9]} and stored["seeds"] == [0, 1] and stored["to"] == "none"
