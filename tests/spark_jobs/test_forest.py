"""Boosted trees as arrays: they score as scikit-learn does, and a file that is none is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from spark_jobs.detection.forest import Forest, forest_of

ABOUT: dict[str, Any] = {"kind": "spoofing", "features": ["a", "b", "c"], "seeds": [1, 2]}
ROWS = np.random.default_rng(1).normal(size=(400, 3))
RIGHT = ROWS[:, 0] * ROWS[:, 1] + 0.3 * ROWS[:, 2] > 0.2


@pytest.fixture(scope="module")
def model() -> Any:
    return HistGradientBoostingClassifier(max_iter=30, random_state=0).fit(ROWS, RIGHT)


def test_it_scores_as_the_model_that_it_was_made_of(model: Any) -> None:
    others = np.random.default_rng(2).normal(size=(300, 3))
    found = forest_of(model, 0.5, ABOUT).scores(others)
    assert np.allclose(found, model.predict_proba(others)[:, 1], atol=1e-9) and 0.0 < found.min() < 0.2 < 0.8 < found.max() < 1.0


def test_a_file_is_read_as_it_was_written(model: Any, tmp_path: Path) -> None:
    forest, path = forest_of(model, 0.7, ABOUT), tmp_path / "spoofing"
    forest.save(path)
    again = Forest.load(path)
    assert (again.threshold, again.about, again.features) == (0.7, ABOUT, ("a", "b", "c"))
    assert np.array_equal(again.scores(ROWS), forest.scores(ROWS))


def test_what_is_no_model_is_refused(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    with pytest.raises(ValueError, match="there is no model"):
        Forest.load(path)
    np.savez(path, weights=np.zeros(3))
    with pytest.raises(ValueError, match="is no model of a detector"):
        Forest.load(path)
    path.write_bytes(b"something else")
    with pytest.raises(ValueError, match="is no model of a detector"):
        Forest.load(path)
    for content in (b"", b"PK\x03\x04 cut off"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="is no model of a detector"):
            Forest.load(path)
    np.save(tmp_path / "array.npy", np.zeros(3))
    with pytest.raises(ValueError, match="is no model of a detector"):
        Forest.load(tmp_path / "array.npy")
    with pytest.raises(ValueError, match=r"\(400, 2\) do not fit a model of 3 features"):
        forest_of(model, 0.5, ABOUT).scores(ROWS[:, :2])


def test_what_cannot_reach_the_least_score_is_given_up_and_nothing_else(model: Any) -> None:
    forest, others = forest_of(model, 0.5, ABOUT), np.random.default_rng(2).normal(size=(2000, 3))
    exact = forest.scores(others)
    for least in (0.05, 0.5, 0.95):
        quick = forest.scores(others, least)
        assert np.array_equal(quick[exact >= least], exact[exact >= least])
        assert np.all((quick == exact) | (quick == 0.0)) and np.any(quick[exact < least] == 0.0)
