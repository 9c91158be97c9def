"""kill -9 of each part in the middle of a run: nothing is lost, nothing is doubled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest

from pipelines.broker.admin import create_topics
from pipelines.broker.consumer import Consumer
from pipelines.local_stack.process import kill
from tests.flow.conftest import Lab, checked, wait_for

pytestmark = [pytest.mark.flow, pytest.mark.timeout(1200)]
SIMULATE = ("simulate", "--worlds", "2", "--workers", "2", "--steps", "3000", "--pace", "20x", "--json")


def test_a_killed_worker_is_restarted_and_repeats_nothing(lab: Lab) -> None:
    with _playing(lab, seed=1) as running:
        os.kill(_workers(running)[0].pid, signal.SIGKILL)
    assert "restarting it" in _reconcile(lab, running)


def test_a_killed_broker_comes_back_and_gets_what_it_missed(lab: Lab) -> None:
    with _playing(lab, seed=2) as running:
        [server] = lab.json("stack", "status")["servers"]
        os.kill(server["process_id"], signal.SIGKILL)
        time.sleep(2)  # the run meets a broker that is gone
        lab.call("stack", "up")
    _reconcile(lab, running)


def test_a_killed_stream_goes_on_where_it_was(lab: Lab) -> None:
    stream = lab.start("stream", "--follow")
    wait_for(lambda: _batch_of(lab, stream) is not None, "the stream did not look at the broker")
    before = _batch_of(lab, stream)
    with _playing(lab, seed=3) as running:
        wait_for(lambda: _batch_of(lab, stream) != before, "the stream took no batch")
        leader = psutil.Process(stream.pid)
        kill([*leader.children(recursive=True), leader])
        stream.communicate()
    _reconcile(lab, running)


@contextmanager
def _playing(lab: Lab, seed: int) -> Iterator[subprocess.Popen[str]]:
    """A run that has published and goes on publishing until the block, in which something is killed, has ended."""
    before = _published(lab)
    running = lab.start(*SIMULATE, "--seed", str(seed))
    wait_for(lambda: _published(lab) > before, "the run published nothing")
    yield running
    assert running.poll() is None, "the run ended before the kill could hurt it; give it more steps"


def _reconcile(lab: Lab, running: subprocess.Popen[str]) -> str:
    ended = checked(running, SIMULATE)
    summary: dict[str, Any] = json.loads(ended.stdout)
    lab.json("stream", "--once")
    assert lab.json("verify", "--run", summary["run_id"], "--recompute")["ok"] is True
    return ended.stderr


def _workers(parent: subprocess.Popen[str]) -> list[psutil.Process]:
    return [child for child in psutil.Process(parent.pid).children() if "pipelines.workers.main" in child.cmdline()]


def _published(lab: Lab) -> int:
    """Blocks of orders that the broker holds."""
    [server] = lab.json("stack", "status")["servers"]
    create_topics(server["address"], 2)
    consumer = Consumer(server["address"])
    try:
        return sum(consumer.end_offset("market.orders", place) for place in range(consumer.partitions("market.orders")))
    finally:
        consumer.close()


def _batch_of(lab: Lab, stream: subprocess.Popen[str]) -> int | None:
    """The last batch of this stream, not of one before it; None until it has looked at the broker."""
    status = lab.stream_status()
    return status["batch"] if status.get("pid") == stream.pid and status["checked_at"] > 0 else None
