"""A server process is found again, and nobody else's is taken for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from pipelines.local_stack.process import ServerProcess
from tests.processes import alive

SLEEP = "import sys, time; time.sleep(60)"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    made = ServerProcess(tmp_path / "pid", mark=str(tmp_path / "configuration"))
    yield made
    made.stop(5)


def started(server: ServerProcess, program: str = SLEEP) -> psutil.Process:
    server.start([sys.executable, "-c", program, server.mark], server.pid_file.with_name("out"))
    found = server.find()
    assert found is not None
    return found


def test_a_started_process_is_found_and_lives_in_a_session_of_its_own(server: ServerProcess) -> None:
    assert os.getsid(started(server).pid) != os.getsid(0)


def test_stop_ends_it_and_forgets_it(server: ServerProcess) -> None:
    process = started(server)
    assert server.stop(5)
    assert not alive([process])
    assert not server.pid_file.exists()
    assert not server.stop(5)


def test_stop_insists(server: ServerProcess) -> None:
    process = started(
        server, "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"
    )
    while "on" not in server.pid_file.with_name("out").read_text():
        pass
    assert server.stop(0.2)
    assert not alive([process])


def test_a_killed_process_is_not_found(server: ServerProcess) -> None:
    started(server).send_signal(signal.SIGKILL)
    os.waitpid(-1, 0)
    assert server.find() is None


def test_a_stranger_with_the_same_id_is_neither_found_nor_stopped(server: ServerProcess) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", SLEEP])
    try:
        server.pid_file.write_text(str(stranger.pid))  # as if it had been given the id of a dead server
        assert server.find() is None
        assert not server.stop(1)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("content", ["", "no number", "-1", "999999999"])
def test_a_damaged_file_means_not_running(server: ServerProcess, content: str) -> None:
    server.pid_file.write_text(content)
    assert server.find() is None


def test_a_process_that_is_becoming_another_program_is_found(server: ServerProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    process = started(server)
    lines: list[list[str]] = [[], process.cmdline()]
    with monkeypatch.context() as patch:
        patch.setattr(psutil.Process, "cmdline", lambda self: lines.pop(0))
        assert server.find() == process
