"""A recorded run is read from the lake as it was, and its page shows what was found and what was missed."""

from __future__ import annotations

import json
import shutil
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import numpy as np
import pytest

from pipelines.apps import main
from pipelines.events.from_simulator import Bridge
from pipelines.workers.detecting import runs
from pipelines.workers.detecting.pictures import depth_of
from pipelines.workers.detecting.recorded import alerts_of, recorded_scores, truth_of
from pipelines.workers.detecting.report_page import parts
from pipelines.workers.page import page
from simulator.manipulators.infiltrated import infiltrated
from simulator.types import RECORD
from simulator.world.scenario import Scenario
from simulator.world.scenario_files import load
from simulator.world.world import World
from spark_jobs.detection.columns import Orders
from spark_jobs.detection.public_rows import Market, markets, public_of
from spark_jobs.detection.scoring import Incident
from tests.spark_jobs.lakes import Bench
from tests.spark_jobs.records import block, kafka
from tests.spark_jobs.watching import BUY, SELL, cancelled, placed, rows

SHORT: Scenario = msgspec.structs.replace(load("trading").with_agents(40), steps=1200)
NAMES = [{"seq": 0, "start_ns": 0, "step_ns": 100_000_000, "kind": "symbol", "id": 0, "name": "AGR"}]


class Recorded:
    """A run in a lake: its orders, its labels if they were read, and an alert on the first episode and on somebody else."""

    def __init__(self, folder: Path, labels: bool = True) -> None:
        world = World(infiltrated(SHORT, ["spoofing"], 5, 2), 0, 5)
        self.log = np.concatenate([np.zeros(0, RECORD), *(chunk.records.copy() for chunk in world.chunks(SHORT.steps))])
        self.truth = sorted(runs.truth_of(world), key=lambda each: each.first_step)
        bridge, bench = Bridge("r1", 0), Bench(folder)
        self.lake = bench.lake
        records = [*bridge.feed(self.log, 0), *bridge.finish(), block("worlds", NAMES), block("alerts", self.alerts())]
        bench.batch(0, [kafka(*zip(records, range(len(records)), strict=True))])
        if labels:
            beside = Bench(folder / "beside")
            beside.batch(0, [kafka((block("labels", list(self.labels())), 0))])
            shutil.move(beside.lake, self.lake / "evaluation")

    def alerts(self) -> list[dict[str, object]]:
        one = self.truth[0]
        told = {"kind": "spoofing", "suspects": json.dumps(sorted(one.agents)), "first_step": one.first_step, "last_step": one.last_step}
        proof = {"features": {"size_to_touch": 3.5}, "orders": [{}]}
        right = {"seq": 0, "step": one.last_step, "alert_id": "a", "score": 0.9, "evidence": json.dumps(proof)} | told
        return [right, right | {"seq": 1, "alert_id": "b", "score": 0.8, "suspects": "[39]"}]

    def labels(self) -> list[dict[str, object]]:
        agents = [(number, one, agent) for number, one in enumerate(self.truth) for agent in one.agents]
        return [{"seq": 0}] + [
            {
                "seq": 1 + seq, "step": one.last_step, "kind": one.kind, "agent": agent, "symbol": 0, "first_step": one.first_step,
                "last_step": one.last_step, "episode": number, "value": "attempted",
            }
            for seq, (number, one, agent) in enumerate(agents)
        ]  # fmt: skip


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return Recorded(tmp_path_factory.mktemp("recorded"))


def test_a_run_is_read_as_it_was(recorded: Recorded) -> None:
    (market,) = markets(recorded.lake, "r1")
    assert markets(recorded.lake, "another") == []
    assert market == Market("r1", 0, 0, "AGR", market.steps, 0.1) and SHORT.steps - 5 < market.steps <= SHORT.steps
    found, books = public_of(recorded.lake, market), recorded.log[recorded.log["kind"] <= 8]
    assert all(np.array_equal(getattr(found.orders, name), books[name]) for name in Orders._fields)
    assert sorted(truth_of(recorded.lake, market) or []) == sorted(recorded.truth)
    right, wrong = sorted(alerts_of(recorded.lake, market), key=lambda alert: alert.alert_id)
    one = recorded.truth[0]
    assert right.incident == Incident("spoofing", one.agents, 0, one.first_step, one.last_step, 0.9, one.last_step)
    assert wrong.incident.agents == {39} and wrong.evidence["features"] == {"size_to_touch": 3.5}


class Outline(HTMLParser):
    """Headings, cells and captions of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.captions: list[str] = []
        self.at = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.at = tag

    def handle_data(self, data: str) -> None:
        if self.at in ("td", "th"):
            self.cells.append(data)
        if self.at == "figcaption":
            self.captions.append(data)


def test_the_page_shows_what_is_right_what_is_false_and_what_was_missed(recorded: Recorded) -> None:
    outline = Outline()
    outline.feed(page("Found", parts(recorded.lake, "r1")))
    place = outline.cells.index("spoofing")
    alerts, episodes, precision, recall = outline.cells[place + 1 : place + 5]
    assert (alerts, int(episodes)) == ("2", len(recorded.truth)) and precision.startswith("0.500 (")
    assert recall.startswith(f"{1 / len(recorded.truth):.3f} (")
    said = " ".join(outline.captions)
    assert "right" in said and "Agents 39" in said and "false" in said and "Missed" in said


def test_without_labels_nothing_is_called_right(tmp_path: Path) -> None:
    text = page("Found", parts(Recorded(tmp_path, labels=False).lake, "r1"))
    assert "The labels of this run were not read" in text and ", right" not in text and "Missed" not in text


def test_depth_is_what_rests_at_each_step() -> None:
    orders = rows(
        placed(1, 1, BUY, 99, 5, 1), placed(2, 2, SELL, 103, 7, 1), placed(3, 3, BUY, 98, 4, 2), cancelled(3, 3, BUY, 4, 3),
        placed(4, 3, BUY, 90, 1, 5),
    )  # fmt: skip
    depth, base = depth_of(orders, 1, 5)
    assert depth[98 - base].tolist() == [0, 4, 0, 0]
    assert depth[99 - base, -1] == 5 and depth[103 - base, -1] == -7


def test_without_a_run_the_newest_one_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AGORA_DATA_DIR", str(tmp_path))
    assert main.main(["detect", "report"]) == 2
    assert "holds no runs yet" in capsys.readouterr().err
    bench = Bench(tmp_path)
    for number, run in enumerate(("20261120-101500-b1b2", "20261121-101500-a1b2")):
        records = [block("worlds", NAMES, run=run), block("orders", [{"seq": 0, "size": 2}], run=run)]
        bench.batch(number, [kafka(*zip(records, range(2 * number, 2 * number + 2), strict=True))])
    monkeypatch.setenv("AGORA_LAKE", str(bench.lake))
    assert main.main(["detect", "report", "--json"]) == 0
    assert Path(json.loads(capsys.readouterr().out)["page"]).name == "detect-20261121-101500-a1b2.html"


def test_a_run_that_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("AGORA_DATA_DIR", str(tmp_path))
    assert main.main(["detect", "report", "nowhere"]) == 2
    assert "holds no orders of run 'nowhere'" in " ".join(capsys.readouterr().err.split())


def test_pairs_of_it_are_listed_the_most_suspicious_first(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AGORA_LAKE", str(recorded.lake))
    assert main.main(["detect", "pairs", "--run", "r1", "--most", "3", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    scores = [pair["score"] for pair in told["pairs"]]
    assert (told["world_id"], told["symbol"], len(scores)) == (0, "AGR", 3) and scores == sorted(scores, reverse=True)
    assert main.main(["detect", "pairs", "--run", "r1", "--most", "3"]) == 0
    table = capsys.readouterr().out
    assert "world 0, AGR" in table and ", ".join(map(str, told["pairs"][0]["agents"])) in table and "above" in table


def test_what_was_raised_in_it_is_scored(recorded: Recorded) -> None:
    found = recorded_scores(recorded.lake, "r1")
    assert found.keys() == {"spoofing"}
    one = found["spoofing"]
    assert (one.alerts, one.episodes, one.precision.value) == (2, len(recorded.truth), 0.5)
    assert one.recall.value == pytest.approx(1 / len(recorded.truth)) and one.false_per_hour is None


def test_a_run_whose_labels_were_not_read_has_no_score(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the labels of run r1 were not read"):
        recorded_scores(Recorded(tmp_path, labels=False).lake, "r1")
