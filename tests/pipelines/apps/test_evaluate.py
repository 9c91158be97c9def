"""The verb evaluate over two tiny trainings: what it prints, writes and refuses."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pipelines.apps import main
from pipelines.settings import settings
from pipelines.workers.found_checkpoints import candidate
from pipelines.workers.judging_page import TITLE, parts
from pipelines.workers.page import page
from pipelines.workers.registry import Registry
from pipelines.workers.run_config import to_builtins
from pipelines.workers.train_config import TrainRunConfig
from pipelines.workers.training import Training
from simulator.training.config import TrainConfig
from simulator.training.judging.figures import FIGURES
from simulator.training.judging.report import Report

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 21, 10, 15, tzinfo=UTC)
TINY: dict[str, Any] = {
    "steps": 96, "worlds": 2, "learners": 2, "scripted": 6, "episode_steps": 16, "rollout_steps": 12, "batch_size": 12, "epochs": 1,
    "hidden": (4,),
}  # fmt: skip
FEW = ["--seeds", "2", "--episodes", "2"]


class Place:
    """A data folder with two trainings that differ in their seed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.registry = folder, Registry(folder / "runs")
        self.runs = [self._train(seed) for seed in (0, 1)]

    def _train(self, seed: int) -> str:
        training = TrainConfig(**TINY, seed=seed)
        config = TrainRunConfig(training=training.as_dict(), to="none", evaluate=0)
        record = self.registry.create(NOW, kind="train", config=to_builtins(config), seed=seed, worlds=training.episodes, code_version="x")
        folder = self.folder / "checkpoints" / record.run_id
        assert Training(record, self.registry, folder, None, lambda message: None, lambda: False).run()
        return record.run_id


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("data"))


@pytest.fixture
def place(trained: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("AGORA_DATA_DIR", str(trained.folder))
    return trained


@pytest.fixture(scope="module")
def report(trained: Place) -> Report:
    """All that an evaluation can say."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AGORA_DATA_DIR", str(trained.folder))
        found = printed_report(["evaluate", *trained.runs, "--metagame", "--mix", "noise=5,market_maker=2", *FEW])
    return msgspec.json.decode(found, type=Report)


def printed_report(words: list[str]) -> str:
    from contextlib import redirect_stdout
    from io import StringIO

    with redirect_stdout(StringIO()) as out:
        assert main.main([*words, "--json"]) == 0
    return out.getvalue()


def test_the_report_has_everybody_in_the_same_markets(report: Report, trained: Place) -> None:
    by_name = {each.name: each for each in report.contestants}
    assert list(by_name)[:5] == ["ppo", "ppo (sampled)", "ppo (untrained)", "random actions", "noise"]
    assert by_name["ppo"].runs == trained.runs and len(report.seeds) == report.episodes == 2
    assert report.market["agents"] == {"noise": 5, "market_maker": 2} and report.market["scenario"] == "trading"
    for each in report.contestants:
        assert set(each.figures) == set(FIGURES) and each.score.low <= each.score.value <= each.score.high
    assert set(report.wins) == {"ppo", "ppo (sampled)"}
    assert report.wins["ppo"]["ppo (sampled)"].value == pytest.approx(1 - report.wins["ppo (sampled)"]["ppo"].value)


def test_few_seeds_are_warned_of(report: Report) -> None:
    assert report.warnings[0] == "2 seeds of markets, fewer than 5: the intervals mean little"
    assert report.warnings[1].startswith("ppo has 2 training seeds, fewer than 5")


def test_policies_are_seated_together_and_with_the_scripted(report: Report) -> None:
    assert report.cross_play is not None and report.metagame is not None
    assert report.cross_play.names[:3] == ["ppo, seed 0", "ppo, seed 1", "random actions"]
    assert set(report.cross_play.gaps) == {"ppo"} and len(report.cross_play.cells) == len(report.cross_play.names)
    assert sum(report.metagame.evolved.values()) == pytest.approx(1.0)
    assert {each.name for each in report.transfer} == {each.name for each in report.contestants}
    assert [each.run for each in report.learning] == report.contestants[0].runs
    assert {each.verdict for each in report.learning} == {"too short to tell"}


def test_the_same_question_has_the_same_answer(place: Place) -> None:
    words = ["evaluate", place.runs[0], "--seeds", "1", "-n", "1"]
    assert printed_report(words) == printed_report(words)


class Outline(HTMLParser):
    """What a page consists of."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.figures: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.cells: list[tuple[str, str | None]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.figures += [str(found["id"])] if tag == "figure" else []
        self.images += [found] if tag == "img" else []
        self.cells += [(tag, found.get("scope"))] if tag == "th" else []
        self.headings += [tag] if tag in ("h1", "h2", "h3") else []
        self.open += [tag] if tag not in ("img", "meta") else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_can_be_read_without_seeing_it(report: Report) -> None:
    text, outline = page(TITLE, parts(report)), Outline()
    outline.feed(text)
    assert outline.open == []
    assert outline.headings[0] == "h1" and outline.headings.count("h1") == 1 and "h3" in outline.headings
    assert outline.figures == ["intervals", "equity", "profile", "game", "learning"]
    assert all(len(image["alt"] or "") > 20 and str(image["src"]).startswith("data:image/svg+xml") for image in outline.images)
    assert all(scope in ("col", "row") for _, scope in outline.cells)
    assert '<th scope="col"></th>' not in text
    assert "http" not in text and "width=device-width" in text


def test_it_is_told_on_the_terminal_and_written_as_a_page(place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "new" / "judged.html"
    assert main.main(["evaluate", *place.runs, "--seeds", "1", "-n", "1", "--html", str(file)]) == 0
    shown = capsys.readouterr().out
    for part in ("warning: 1 seed", "profit per episode and seat", "0 of 1", "cross-play", "too short to tell"):
        assert part in shown
    assert file.read_text().startswith("<!doctype html>") and 'id="cross-play"' in file.read_text()


def test_a_against_b_ends_with_a_verdict(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["evaluate", *place.runs, "--ab", "--seeds", "5", "-n", "1"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "verdict" in shown and ("earns more than" in shown or "no difference is shown" in shown)
    assert "warning" not in shown


def test_a_checkpoint_is_found_by_run_and_by_folder(place: Place, tmp_path: Path) -> None:
    run = place.runs[0]
    by_run = candidate(settings(), run)
    folder = place.folder / "checkpoints" / run
    assert by_run.returns and candidate(settings(), str(folder)).returns == by_run.returns
    assert candidate(settings(), str(folder / "learner")).label == run
    shutil.copytree(folder / "learner", tmp_path / "elsewhere")
    moved = candidate(settings(), str(tmp_path / "elsewhere"))
    assert (moved.label, moved.returns, moved.untrained) == (str(tmp_path / "elsewhere"), (), None)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "no checkpoint in nowhere"),
        (["20261121-101500-0000"], "is not among the runs"),
        (["RUN", "RUN"], "is named twice"),
        (["RUN", "--ab"], "1 checkpoints cannot be compared as A and B"),
        (["RUN", "--first-seed", "0"], "seed 0 is that of a training"),
        (["RUN", "--scenario", "balanced"], "scenario balanced has no trader"),
        (["RUN", "--mix", "nobody=2"], "there is no strategy nobody"),
        (["RUN", "--tuned", "nowhere.yaml"], "there is no file nowhere.yaml"),
    ],
)
def test_what_cannot_be_judged_is_refused(words: list[str], message: str, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    named = [place.runs[0] if word == "RUN" else word for word in words]
    assert main.main(["evaluate", *named]) == 2
    assert message in " ".join(capsys.readouterr().err.split())


def test_what_a_search_found_takes_part_beside_the_scenarios_own(place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "best.yaml"
    file.write_text("trader: random_trader\nparameters: {activity: 0.9}\n")
    found = json.loads(printed_report(["evaluate", *place.runs, "--seeds", "2", "-n", "2", "--tuned", str(file)]))
    scores = {each["name"]: each["score"][0] for each in found["contestants"]}
    assert scores["random_trader (tuned)"] != scores["random_trader"]
    assert len(found["ahead"]["ppo"]["random_trader (tuned)"]) == 2
    file.write_text("learning_rate: 0.1\n")
    assert main.main(["evaluate", place.runs[0], "--tuned", str(file)]) == 2
    assert "names no trader with parameters" in " ".join(capsys.readouterr().err.split())


def test_the_report_is_plain_json(place: Place) -> None:
    found = json.loads(printed_report(["evaluate", place.runs[0], "--seeds", "1", "-n", "1"]))
    assert found["version"] == 1 and len(found["contestants"][0]["score"]) == 3
    assert found["contestants"][0]["figures"]["cooperation"] is None and found["metagame"] is None
