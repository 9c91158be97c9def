"""A run with a key is begun once, however often it is asked for and however the one before ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pipelines.apps.main import main
from pipelines.workers.keyed import begun_with, keyed
from pipelines.workers.registry import Registry

WORDS = ("simulate", "--agents", "20", "--steps", "400", "--seed", "5", "--to", "csv", "--key", "an attempt", "--json")


def environment(folder: Path) -> dict[str, str]:
    return os.environ | {"AGORA_DATA_DIR": str(folder / "data"), "AGORA_RESULTS_DIR": str(folder / "results")}


def called(folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "pipelines.apps.main", *WORDS]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment(folder))
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_killed_run_is_gone_on_with_and_a_finished_one_told(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "data" / "runs")
    command = [sys.executable, "-m", "pipelines.apps.main", *WORDS, "--pace", "10x"]
    with subprocess.Popen(command, env=environment(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as first:
        while not registry.recent() or not registry.begun(registry.recent()[0]):
            assert first.poll() is None, "it ended before it was killed"
            time.sleep(0.05)
        first.send_signal(signal.SIGKILL)
    again, told = called(tmp_path), called(tmp_path)
    assert registry.recent() == [again["run_id"]]
    assert told["run_hash"] == again["run_hash"] and told["events"] == again["events"]
    assert again["steps"] == 400


def test_a_key_is_found_by_its_run_alone(tmp_path: Path) -> None:
    for number, config in enumerate(({"key": "mine"}, {"key": ""}, {})):
        folder = tmp_path / f"20261121-10150{number}-a1b2"
        folder.mkdir()
        (folder / "run.json").write_text(json.dumps({"config": config}))
    (tmp_path / "20261121-101509-a1b2").mkdir()
    (tmp_path / "20261121-101509-a1b2" / "run.json").write_text("damaged")
    assert begun_with(Registry(tmp_path), "mine") == "20261121-101500-a1b2"
    assert begun_with(Registry(tmp_path), "another") == ""


def test_no_key_finds_nothing_and_holds_nothing(tmp_path: Path) -> None:
    with keyed(Registry(tmp_path), "") as first, keyed(Registry(tmp_path), "") as second:
        assert first == second == ""


@pytest.mark.parametrize("words", [("--resume", "20261121-101500-a1b2"), ("--seeds", "2")])
def test_a_key_names_one_training(words: tuple[str, ...], empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--key", "mine", *words]) == 2
    assert "--key" in capsys.readouterr().err
