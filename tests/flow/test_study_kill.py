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
STUDY = ("train", "--seeds", "2", "--workers", "2", "--worlds", "2", "--steps", "3072", "--evaluate", "0", "--json")


def test_a_killed_dask_worker_repeats_nothing(lab: Lab) -> None:
    running = lab.start(*STUDY)
    deadline = time.monotonic() + 120
    while (victim := worker_amid_training(running, lab.folder / "data")) is None:
        assert running.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(victim.pid, signal.SIGKILL)

    summary = json.loads(checked(running, STUDY).stdout)
    runs = [run["run_id"] for run in summary["runs"]]
    assert len(runs) == 2 and summary["failed"] == {}
    lives = [len(list((lab.folder / "data" / "runs" / run_id / "epochs").glob("trainer-*"))) for run_id in runs]
    assert sorted(lives) == [1, 2], "the kill hit no training in its midst"
    for run_id in runs:
        proof = lab.json("verify", "--run", run_id, "--stores", "kafka")
        assert proof["ok"] is True and proof["duplicates_dropped"] == 0
        assert proof["events"]["orders"]["kafka"] > 0


def worker_amid_training(parent: subprocess.Popen[str], data: Path) -> psutil.Process | None:
    """A process of Dask that trains a run of which there is a checkpoint behind its beginning."""
    begun = {path.parent.name for path in (data / "checkpoints").glob("*/streams-*.checkpoint") if path.stem != "streams-0"}
    locks = {str(data / "runs" / run_id / "lock") for run_id in begun}
    for child in psutil.Process(parent.pid).children():
        if any("spawn_main" in word for word in child.cmdline()) and locks & {file.path for file in child.open_files()}:
            return child
    return None
