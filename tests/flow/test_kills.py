"""kill -9 of each part in the middle of a run: nothing is lost, nothing is doubled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from typing import Any

import psutil
import pytest

from tests.flow.conftest import Lab, checked

pytestmark = [pytest.mark.flow, pytest.mark.timeout(1200)]
SIMULATE = ("simulate", "--worlds", "2", "--workers", "2", "--steps", "2000", "--pace", "200x", "--json")


def test_a_killed_worker_is_restarted_and_repeats_nothing(lab: Lab) -> None:
    running = lab.start(*SIMULATE, "--seed", "1")
    victim = _wait_for(lambda: _workers(running))[0]
    time.sleep(4)
    os.kill(victim.pid, signal.SIGKILL)
    _reconcile(lab, running)


def test_a_killed_broker_comes_back_and_gets_what_it_missed(lab: Lab) -> None:
    running = lab.start(*SIMULATE, "--seed", "2")
    _wait_for(lambda: _workers(running))
    time.sleep(4)
    [server] = lab.json("stack", "status")["servers"]
    os.kill(server["process_id"], signal.SIGKILL)
    time.sleep(2)
    lab.call("stack", "up")
    _reconcile(lab, running)


def test_a_killed_stream_goes_on_where_it_was(lab: Lab) -> None:
    stream = lab.start("stream", "--follow")
    running = lab.start(*SIMULATE, "--seed", "3")
    _wait_for(lambda: _workers(running))
    time.sleep(12)
    for process in (*psutil.Process(stream.pid).children(recursive=True), psutil.Process(stream.pid)):
        process.kill()
    stream.communicate()
    _reconcile(lab, running)


def _reconcile(lab: Lab, running: subprocess.Popen[str]) -> None:
    summary: dict[str, Any] = json.loads(checked(running, SIMULATE).stdout)
    lab.json("stream", "--once")
    assert lab.json("verify", "--run", summary["run_id"], "--recompute")["ok"] is True


def _workers(parent: subprocess.Popen[str]) -> list[psutil.Process]:
    return [child for child in psutil.Process(parent.pid).children() if "pipelines.workers.main" in child.cmdline()]


def _wait_for(find: Callable[[], Iterable[psutil.Process]], seconds: float = 60) -> list[psutil.Process]:
    for _ in range(int(seconds * 10)):
        if found := list(find()):
            return found
        time.sleep(0.1)
    raise AssertionError(f"no worker process after {seconds} s")
