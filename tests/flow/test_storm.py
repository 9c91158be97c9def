"""A storm over the whole flow: every part is killed, some twice, and nothing is lost or doubled."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.flow.conftest import Lab, checked
from tests.pipelines.said import said_in

pytestmark = [pytest.mark.flow, pytest.mark.timeout(1800)]
KILLS, SEED = 20, 5


def test_a_storm_of_kills_loses_and_doubles_nothing(tmp_path: Path) -> None:
    words = ("chaos", "--seed", str(SEED), "--kills", str(KILLS), "--events", "200000", "--keep", "--json")
    found = json.loads(checked(Lab(tmp_path).start(*words), words, seconds=1500).stdout)
    assert found["ok"] is True, f"seed {SEED}: {found['differences']}"
    check_logs(next((tmp_path / "data").glob("chaos-*")), found["run_id"])
    assert len(found["kills"]) == KILLS and found["events"] >= 180_000


def check_logs(data: Path, run_id: str) -> None:
    """Every line of the stream, of each sink and of each worker says who it is, and for whom it works."""
    followers = {path.stem: said_in(path) for path in (data / "logs").glob("*.log") if path.stem.partition("-")[0] in ("stream", "sink")}
    assert len(followers) > 2
    for name, lines in followers.items():
        ids = {"process": "stream"} if name == "stream" else {"process": "sink", "sink": name.removeprefix("sink-")}
        assert all(line.items() >= ids.items() for line in lines), name
    workers = [line for path in (data / "runs" / run_id).glob("worker-*.log") for line in said_in(path)]
    assert all(line["run_id"] == run_id and line["process"] == "worker" and "worker" in line for line in workers)
    assert {line["world_id"] for line in workers if line["event"].startswith("a world")} == {0, 1}
