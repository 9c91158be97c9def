"""The verb detect: a model made of few runs, scored on others, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.apps import main
from pipelines.apps.detect.options import FRESH, HELD_OUT
from pipelines.workers.detecting.pairs import FROM
from spark_jobs.detection.forest import Forest
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.models import model_path

SMALL = """
small:
  description: noise and makers
  agents: 50
  steps: 3000
  populations:
    - {trader: noise, share: 0.8, activity: 0.2}
    - {trader: market_maker, share: 0.2, activity: 0.5}
"""


@pytest.mark.slow
def test_a_model_is_trained_and_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    market, model = tmp_path / "small.yaml", tmp_path / "new" / "model.npz"
    market.write_text(SMALL)
    common = ["--scenario", str(market), "--workers", "2", "--json"]
    assert main.main(["detect", "train", "--runs", "16", "--held-out", "6", "--out", str(model), *common]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["seeds"] == [0, 16] and told["held_out"] == [HELD_OUT, HELD_OUT + 6] and told["episodes"] > 10
    assert Forest.load(model).about["episodes"] == told["episodes"]
    assert main.main(["detect", "score", "--kind", "spoofing", "--runs", "4", "--clean", "1", "--model", str(model), *common]) == 0
    found = json.loads(capsys.readouterr().out)["kinds"]["spoofing"]
    assert found["detector"]["episodes"] == found["published_rule"]["episodes"] > 5
    assert found["detector"]["precision"][0] > 0.5 and found["detector"]["recall"][0] > 0.3
    assert found["detector"]["clean_hours"] == pytest.approx(3000 * 0.1 / 3600)


@pytest.mark.slow
def test_pairs_are_learned_and_ranked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, workers = tmp_path / "new" / "pairs.npz", ["--workers", "2"]
    assert main.main(["detect", "pairs", "--learn", "4", "--out", str(model), *workers]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["seeds"] == [FROM, FROM + 4] and told["pairs"] > 10 and told["others"] > 1000
    assert main.main(["detect", "pairs", "--runs", "2", "--steps", "3000", "--least", "5", "--model", str(model), *workers]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["runs"] == 2 and found["pairs"] > 0 and found["average_precision"] > 10 * found["pairs"] / found["of"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_models_of_the_product_say_what_they_were_made_of(kind: str) -> None:
    forest = Forest.load(model_path(kind))
    assert forest.features == KINDS[kind].features and forest.about["kind"] == kind
    assert forest.about["seeds"][1] <= forest.about["held_out"][0] < forest.about["held_out"][1] <= FRESH
    assert forest.about["episodes"] > 1000 and 0.0 < forest.threshold < 1.0


def test_a_model_of_something_else_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    forest = Forest.load(model_path("spoofing"))
    for about, message in (({"kind": "layering"}, "is a model of layering"), ({"features": ["a"]}, "looks at other features")):
        replace(forest, about={**forest.about, **about}).save(tmp_path / "other.npz")
        assert main.main(["detect", "score", "--kind", "spoofing", "--model", str(tmp_path / "other.npz")]) == 2
        assert message in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["score", "--kind", "jaywalking"], "there is no detector of 'jaywalking'"),
        (["score", "--kind", "spoofing", "--model", "nowhere.npz"], "there is no model nowhere.npz"),
        (["score", "--model", "nowhere.npz"], "a model is of one kind"),
        (["score", "--run", "nowhere"], "holds no orders of run 'nowhere'"),
        (["train", "--scenario", "nowhere"], "scenario 'nowhere' is unknown"),
        (["train", "--kind", "jaywalking", "--out", "x.npz"], "there is no detector of 'jaywalking'"),
        (["train", "--scenario", "multi_market"], "has 3 symbols, and one is watched"),
        (["pairs", "--scenario", "multi_market"], "has 3 symbols, and one is watched"),
        (["pairs", "--model", "nowhere.npz"], "there is no model nowhere.npz"),
        (["pairs", "--model", str(model_path("spoofing"))], "is no model of what this version computes of pairs"),
        (["pairs", "--run", "nowhere"], "holds no orders of run 'nowhere'"),
        (["pairs", "--learn", "3"], "a model is learned from --learn runs and written to --out"),
        (["train", "--runs", "900000"], "less than or equal to 500000"),
    ],
)
def test_what_is_refused(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["detect", *words]) == 2
    assert message in " ".join(capsys.readouterr().err.split())


@pytest.mark.slow
def test_episodes_are_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["detect", "pictures", "--kind", "spoofing", "--runs", "1", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "spoofing_found.png").read_bytes()[:4] == b"\x89PNG"
    assert "spoofing found: " in capsys.readouterr().out
