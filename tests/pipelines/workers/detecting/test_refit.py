"""A refitted detector is taken only if it finds more beyond doubt, and one that was taken is what streams use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from pipelines.settings import Settings
from pipelines.sinks.sql_promotions import Promotions, open_promotions
from pipelines.workers.detecting.drift import FEWEST, drift
from pipelines.workers.detecting.refit import better, decided, f1, present_model, promoted, restore, settle, sha256_of
from pipelines.workers.detecting.score import RunScore
from simulator.seeding import generator
from spark_jobs.detection.models import model_path, present_models, read_model

KIND, NOW = "spoofing", datetime(2026, 11, 21, tzinfo=UTC)


def run(seed: int, found: int, false: int = 0, episodes: int = 10) -> RunScore:
    """A run of which so many episodes were found, with so many false alerts."""
    hits = [(0.9, 1, 1)] * found + [(0.9, None, None)] * false
    return RunScore(seed, 1.0, hits, [(0.1, place < found) for place in range(episodes)])


@pytest.fixture
def known(tmp_path: Path) -> Iterator[Promotions]:
    with open_promotions(f"sqlite:///{tmp_path / 'agora.db'}") as found:
        yield found


@pytest.fixture
def refit(tmp_path: Path) -> Path:
    """A model that is not the product's own."""
    forest = read_model(model_path(KIND), KIND)
    replace(forest, about={**forest.about, "created": "2026-11-21"}).save(tmp_path / "new.npz")
    return tmp_path / "new.npz"


def test_f1_counts_what_was_found_and_what_was_false() -> None:
    assert f1(run(0, 10)) == 1.0
    assert f1(run(0, 5, 5)) == 0.5
    assert f1(run(0, 0, 3)) == 0.0
    assert f1(RunScore(0, 1.0, [], [])) == 1.0


def test_the_same_runs_are_compared() -> None:
    with pytest.raises(ValueError, match="same seeds"):
        better([run(1, 5)], [run(2, 5)])


@pytest.mark.parametrize(
    ("found", "false", "taken"),
    [([9] * 6, 0, True), ([5] * 6, 0, False), ([1] * 6, 0, False), ([9, 1, 9, 1, 9, 1], 0, False), ([9] * 6, 9, False)],
)
def test_only_what_is_better_beyond_doubt_is_taken(
    tmp_path: Path, known: Promotions, refit: Path, found: list[int], false: int, taken: bool
) -> None:
    settings = Settings(data_dir=tmp_path)
    ours, theirs = [run(seed, count) for seed, count in enumerate(found)], [run(seed, 5) for seed in range(6)]
    clean = [RunScore(9, 1.0, [(0.9, None, None)] * false, [])], [RunScore(9, 1.0, [], [])]
    decision = decided(KIND, (refit, present_model(settings, KIND)), "", (ours, theirs), clean, 2.0, NOW)
    assert settle(settings, known, decision, refit).promoted is taken
    assert [each.promoted for each in known.of("detector/spoofing")] == [taken]
    used = present_model(settings, KIND)
    assert sha256_of(used) == sha256_of(refit if taken else model_path(KIND))
    models = present_models(settings.data_dir / "models")
    assert (models[KIND].about["created"] == "2026-11-21") is taken and len(models) == 9


def test_a_model_that_was_lost_is_restored(tmp_path: Path, known: Promotions, refit: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    sides = [run(seed, 9) for seed in range(6)], [run(seed, 5) for seed in range(6)]
    decision = decided(KIND, (refit, present_model(settings, KIND)), "", sides, ([], []), 2.0, NOW)
    first, second = (settle(settings, known, decision, refit) for _ in range(2))
    assert first == second == promoted(known, KIND, refit)
    assert len(known.of("detector/spoofing")) == 1
    model_path(KIND, settings.data_dir / "models").unlink()
    assert restore(settings, known, KIND) == sha256_of(refit) == sha256_of(present_model(settings, KIND))


def test_drift_is_told_of_the_feature_that_changed() -> None:
    forest = read_model(model_path(KIND), KIND)
    width = 4 + len(forest.features)
    before, now = (generator(seed, "rows").random((2_000, width)) for seed in (0, 1))
    assert not drift(forest, before, now).drifted
    moved = now.copy()
    moved[:, 4] += 1.0
    found = drift(forest, before, moved)
    assert found.drifted and set(found.changed) <= {forest.features[0], "score"} and forest.features[0] in found.changed
    then, today = found.changed[forest.features[0]]
    assert np.isclose(today - then, 1.0, atol=0.1)


def test_too_few_say_nothing() -> None:
    forest = read_model(model_path(KIND), KIND)
    rows = np.ones((FEWEST - 1, 4 + len(forest.features)))
    found = drift(forest, rows, rows * 9)
    assert not found.drifted and "too few" in found.told
