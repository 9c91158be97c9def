"""agora simulate with real worker processes: one result however it is played, killed, stopped or orphaned."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from pipelines.apps.main import main
from pipelines.workers.csv_log import CsvLog
from pipelines.workers.opening import combined_hash, open_world
from pipelines.workers.run_config import SimulateConfig
from simulator.world.scenario import to_builtins
from simulator.world.scenario_files import load
from tests.pipelines.said import said_in

STEPS, SEED = 400, 5
WORDS = ("simulate", "--agents", "20", "--steps", str(STEPS), "--seed", str(SEED), "--json")
SLOWLY = ("--worlds", "1", "--to", "csv", "--pace", "10x")


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    """Hashes of runs of one and of two worlds, played without processes; CSV files of the first world lie in `csv`."""
    hashes = []
    config = SimulateConfig(scenario=to_builtins(load("trading").with_agents(20)), steps=STEPS)
    for world_id in range(2):
        world = open_world(config, SEED, world_id, None)
        for _ in world.advance(STEPS):
            pass
        hashes.append(world.result(world_id).world_hash)
    return {1: combined_hash(hashes[:1]), 2: combined_hash(hashes)}


@pytest.fixture(scope="module")
def expected_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("csv")
    config = SimulateConfig(scenario=to_builtins(load("trading").with_agents(20)), steps=STEPS)
    world = open_world(config, SEED, 0, None)
    log = CsvLog(folder, world.display)
    for chunk in world.advance(STEPS):
        log.write(*chunk)
    log.close(STEPS)
    return folder


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    environment = os.environ | {"AGORA_DATA_DIR": str(folder / "data"), "AGORA_RESULTS_DIR": str(folder / "results")}
    command = [sys.executable, "-m", "pipelines.apps.main", *words]
    return subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ended(process: subprocess.Popen[str], code: int = 0) -> dict[str, Any]:
    out, err = process.communicate(timeout=240)
    assert process.returncode == code, err
    (line,) = out.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def worker_at_work(folder: Path, process: subprocess.Popen[str]) -> psutil.Process:
    """The worker process, once it has written some steps."""
    actions = folder / "results" / "logs" / "actions.csv"
    for _ in range(2400):
        time.sleep(0.05)
        assert process.poll() is None, process.communicate()[1]
        if actions.exists() and actions.stat().st_size > 2000:
            return next(child for child in psutil.Process(process.pid).children() if "pipelines.workers.main" in child.cmdline())
    raise AssertionError("no worker wrote anything")


def check_logs(run: Path, workers: int) -> None:
    """Every line of a worker carries the run's id, its own, and the world's."""
    found = {number: said_in(run / f"worker-{number}.log") for number in range(workers)}
    for number, lines in found.items():
        ids = {"process": "worker", "run_id": run.name, "worker": number}
        assert all(line.items() >= ids.items() and "world_id" in line for line in lines)
    assert sorted(line["world_id"] for lines in found.values() for line in lines if line["event"] == "a world begins") == [0, 1]


def check_files(folder: Path, expected_csv: Path) -> None:
    for name in ("prices.csv", "actions.csv", "pnl.csv"):
        assert (folder / "results" / "logs" / name).read_text() == (expected_csv / name).read_text()
    assert sorted(path.name for path in (folder / "results" / "charts").iterdir()) == ["inventory.png", "pnl.png", "price_history.png"]


@pytest.mark.flow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_hash_is_the_same_for_any_number_of_workers(tmp_path: Path, expected: dict[int, str], workers: str) -> None:
    summary = ended(start(tmp_path, *WORDS, "--worlds", "2", "--workers", workers, "--to", "none"))
    assert summary["run_hash"] == expected[2]
    assert summary["agents"] == 20 and sum(figures["agents"] for figures in summary["profit"].values()) == 40
    check_logs(tmp_path / "data" / "runs" / summary["run_id"], int(workers))
    assert summary["events"]["orders"] > 100 and summary["total_events"] == sum(summary["events"].values())


@pytest.mark.flow
def test_a_worker_killed_in_the_middle_changes_nothing(tmp_path: Path, expected: dict[int, str], expected_csv: Path) -> None:
    process = start(tmp_path, *WORDS, *SLOWLY)
    worker_at_work(tmp_path, process).kill()
    assert ended(process)["run_hash"] == expected[1]
    check_files(tmp_path, expected_csv)


@pytest.mark.flow
def test_ctrl_c_stops_and_resume_goes_on_to_the_same_end(tmp_path: Path, expected: dict[int, str], expected_csv: Path) -> None:
    process = start(tmp_path, *WORDS, *SLOWLY)
    worker_at_work(tmp_path, process)
    process.send_signal(signal.SIGINT)
    stopped = ended(process, code=130)
    assert stopped["stopped"] is True
    assert ended(start(tmp_path, "simulate", "--resume", stopped["run_id"], "--json"))["run_hash"] == expected[1]
    check_files(tmp_path, expected_csv)


@pytest.mark.flow
def test_a_worker_does_not_outlive_its_parent(tmp_path: Path) -> None:
    process = start(tmp_path, *WORDS, *SLOWLY)
    worker = worker_at_work(tmp_path, process)
    process.kill()
    process.communicate()
    worker.wait(timeout=60)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--scenario", "tradng"], "scenario 'tradng' is unknown; choose one of .*trading"),
        (["--steps", "0"], "0 steps is fewer than one"),
        (["--steps", "-5"], "-5 steps is fewer than one"),
        (["--agents", "-1"], "-1 agents is fewer than one"),
        (["--worlds", "0", "--to", "none"], "0 worlds is fewer than one"),
        (["--workers", "-2", "--to", "none"], "-2 workers is fewer than one"),
        (["--seed", "-1"], "seed -1 is not in"),
        (["--pace", "fast"], "pace 'fast' is neither max nor"),
        (["--to", "redis"], "destination 'redis' is none of kafka, csv, none"),
        (["--policy", "nowhere"], "no checkpoint in nowhere"),
        (["--resume", "20261121-101500-ffff"], "run '20261121-101500-ffff' is not among the runs .*there are none yet"),
    ],
)
def test_bad_input_is_answered_with_one_clear_line(
    words: list[str], message: str, empty_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", *words]) == 2
    found = capfd.readouterr()
    assert found.out == ""
    assert re.search(message, " ".join(found.err.split())), found.err
    assert not list(empty_folder.glob(".agora/runs/*/worlds"))
