"""kill -9 of a Dask worker in the middle of a study: the run that it trained goes on elsewhere, and nothing is lost or doubled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from tests.flow.conftest import Lab, checked

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]
STUDY = ("train", "--seeds", "2", "--workers", "2", "--worlds", "2", "--steps", "5120", "--evaluate", "0", "--json")


def test_a_killed_dask_worker_repeats_nothing(lab: Lab) -> None:
    running = lab.start(*STUDY)
    checkpoints = lab.folder / "data" / "checkpoints"
    deadline = time.monotonic() + 120
    while not all_have_checkpoints(checkpoints):
        assert running.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(dask_workers(running)[0].pid, signal.SIGKILL)

    summary = json.loads(checked(running, STUDY).stdout)
    runs = [run["run_id"] for run in summary["runs"]]
    assert len(runs) == 2 and summary["failed"] == {}
    lives = [len(list((lab.folder / "data" / "runs" / run_id / "epochs").glob("trainer-*"))) for run_id in runs]
    assert sorted(lives) == [1, 2], "the kill hit no training in its midst"
    for run_id in runs:
        proof = lab.json("verify", "--run", run_id, "--stores", "kafka")
        assert proof["ok"] is True and proof["duplicates_dropped"] == 0
        assert proof["events"]["orders"]["kafka"] > 0


def all_have_checkpoints(folder: Path) -> bool:
    """Whether two runs have a checkpoint that lies behind their beginning."""
    return sum(any(path.stem != "streams-0" for path in run.glob("streams-*.checkpoint")) for run in folder.glob("*")) == 2


def dask_workers(parent: subprocess.Popen[str]) -> list[psutil.Process]:
    """The processes in which Dask runs tasks."""
    return [child for child in psutil.Process(parent.pid).children() if any("spawn_main" in word for word in child.cmdline())]
