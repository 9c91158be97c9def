"""The benchmark of groups: its figures, on one short pair of runs."""

from __future__ import annotations

import json

import pytest

from pipelines.apps.bench import clustering
from pipelines.workers.clustering.score import Agreement


def test_figures_are_means_and_the_worst_seed() -> None:
    found = clustering.summary("benign", [Agreement(0.5, 0.6, 0.7, 0.8, 3, 4), Agreement(1.0, 0.8, 0.9, 1.0, 5, 4)])
    assert found["ari_benign"] == 0.75
    assert found["ari_benign_worst"] == 0.5
    assert (found["f1_benign"], found["groups_benign"], found["strategies_benign"]) == (0.9, 4.0, 4.0)


@pytest.mark.slow
def test_one_line_of_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(clustering, "STEPS", 10_000)
    result = clustering.run(json=True, seeds=1, first_seed=300_700, others=0, long=0)
    assert json.loads(capsys.readouterr().out) == result
    figures = result["figures"]
    assert figures["ari_benign"] >= 0.8
    assert figures["ari_mixed"] >= 0.7
    assert figures["supervised_accuracy"] is figures["kept_in_next_window"] is figures["false_switches_per_hour"] is None
