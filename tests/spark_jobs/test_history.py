"""A second look: who had candidates before is known, and what comes out does not depend on how candidates are cut into blocks."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from pipelines.workers.detecting import fitting
from pipelines.workers.detecting.fitting import first_forest, second_forest
from spark_jobs.detection.forest import Forest, forest_of
from spark_jobs.detection.history import FEATURES, LEAST, History, log_odds
from spark_jobs.detection.kept import SymbolWatch, packed, unpacked
from spark_jobs.detection.raising import Raiser

NOTHING = (0.0, -6.0)


def test_what_is_known_of_suspects_are_their_earlier_candidates() -> None:
    suspects = [(7,), (7,), (8,), (7,), (7,)]
    found = History().features(suspects, [10, 12, 12, 40, 80], [1.0, 3.0, 0.5, -1.0, 0.0])
    assert found[:, 0].tolist() == [1.0, 3.0, 0.5, -1.0, 0.0]
    assert [tuple(row) for row in found[:, 1:].tolist()] == [NOTHING, NOTHING, NOTHING, (1.0, 3.0), (2.0, 1.0)]


def test_the_newest_candidate_weighs_a_tenth_at_least() -> None:
    steps = list(range(0, 1010, 10))
    found = History().features([(7,)] * len(steps), steps, [-1.0] * 99 + [9.0, 0.0])
    assert found[-1].tolist() == [0.0, 100.0, pytest.approx(0.0)]


def test_log_odds() -> None:
    assert log_odds(np.array([0.5, LEAST, 1.0])).tolist() == pytest.approx([0.0, np.log(0.02 / 0.98), np.log(1e12)])


def runs(seed: int, count: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Candidates of agents 0 to 9, of whom 0 and 1 are guilty: only a glimpse of that is in a candidate's one feature."""
    chance, candidates, right = np.random.default_rng(seed), [], []
    for _ in range(count):
        rows = np.zeros((400, 5))
        rows[:, 0], rows[:, 2] = chance.integers(0, 10, 400), np.arange(400) * 10
        rows[:, 3] = rows[:, 2]
        guilty = rows[:, 0] < 2
        rows[:, 4] = guilty + chance.normal(0, 1.0, 400)
        candidates.append(rows)
        right.append(guilty)
    return candidates, right


ABOUT = {"kind": "momentum_ignition", "features": ["glimpse"]}


@pytest.fixture(scope="module")
def looks_twice() -> Forest:
    candidates, right = runs(1, 10)
    first = first_forest(candidates, right, ABOUT)
    second = second_forest(candidates, right, ABOUT)
    assert second is not None and second.features == (*FEATURES, "glimpse")
    return Forest(first.nodes, first.roots, first.base, 0.5, ABOUT, second)


def errors(scores: list[np.ndarray], right: list[np.ndarray]) -> float:
    return float(np.mean((np.concatenate(scores) >= 0.5) != np.concatenate(right)))


def test_who_had_candidates_before_is_judged_better(looks_twice: Forest) -> None:
    candidates, right = runs(2, 10)
    once = [looks_twice.scores(rows[:, 4:]) for rows in candidates]
    twice = [Raiser("momentum_ignition", 0).scores(looks_twice, rows) for rows in candidates]
    assert errors(twice, right) < 0.5 * errors(once, right) < 0.15


def test_blocks_change_nothing_and_neither_does_a_restart(looks_twice: Forest) -> None:
    rows = runs(3, 1)[0][0]
    whole = Raiser("momentum_ignition", 0).scores(looks_twice, rows)
    kept, cut = SymbolWatch(), []
    kept.raisers["momentum_ignition"] = Raiser("momentum_ignition", 0)
    for part in np.array_split(rows, [1, 1, 50, 333]):
        cut.append(kept.raisers["momentum_ignition"].scores(looks_twice, part))
        kept = unpacked(packed(kept), 0) or SymbolWatch()
    assert np.array_equal(np.concatenate(cut), whole)


def test_a_pair_is_known_whoever_of_them_comes_first(looks_twice: Forest) -> None:
    pair = Forest(looks_twice.nodes, looks_twice.roots, looks_twice.base, 0.5, {**ABOUT, "kind": "wash_trading"}, looks_twice.second)
    rows = np.array([[0, 1, 0, 0, 2.0], [1, 0, 10, 10, 2.0], [0, 2, 20, 20, 2.0]])
    _, known = Raiser("wash_trading", 0).again(pair, rows)
    assert known[:, 1].tolist() == [0.0, 1.0, 0.0]


def test_a_second_forest_is_kept_in_the_file(looks_twice: Forest, tmp_path: Path) -> None:
    looks_twice.save(tmp_path / "model.npz")
    again, rows = Forest.load(tmp_path / "model.npz"), runs(4, 1)[0][0]
    assert again.about == ABOUT and again.second is not None
    scores = (Raiser("momentum_ignition", 0).scores(forest, rows) for forest in (again, looks_twice))
    assert np.array_equal(*scores)


def test_wrong_candidates_are_thinned_out_and_weigh_more(monkeypatch: pytest.MonkeyPatch) -> None:
    candidates, right = runs(7, 10)
    whole = first_forest(candidates, right, ABOUT)
    monkeypatch.setattr(fitting, "MOST", 1500)
    thinned = first_forest(candidates, right, ABOUT)
    rows = runs(8, 5)[0]
    means = [np.mean([forest.scores(each[:, 4:]).mean() for each in rows]) for forest in (whole, thinned)]
    assert means[0] == pytest.approx(0.2, abs=0.03) and means[1] == pytest.approx(means[0], abs=0.03)
    assert not np.array_equal(whole.nodes, thinned.nodes)


def test_too_little_to_learn_a_second_look_from() -> None:
    candidates, right = runs(5, 4)
    assert second_forest(candidates[:1], right[:1], ABOUT) is None
    assert second_forest(candidates, [right[0], *(np.zeros(400, np.bool_) for _ in range(3))], ABOUT) is None


def test_a_model_without_a_second_forest_judges_each_for_itself() -> None:
    candidates, right = runs(6, 2)
    alone = forest_of(HistGradientBoostingClassifier(max_iter=5).fit(candidates[0][:, 4:], right[0]), 0.5, ABOUT)
    raiser = Raiser("momentum_ignition", 0)
    assert np.array_equal(raiser.scores(alone, candidates[1]), alone.scores(candidates[1][:, 4:]))
    assert msgspec.to_builtins(raiser.history) == {"known": {}}
