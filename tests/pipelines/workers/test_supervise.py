"""The parent process, with stand-ins for workers: small Python programs that obey or break the rules."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pipelines.workers.job import Finished, Job, Message
from pipelines.workers.supervise import Ending, Supervisor, WorkerFailed

PREAMBLE = """
import json, os, signal, sys, pathlib
job = json.loads(sys.stdin.readline())
def say(kind, **fields): print(json.dumps({"type": kind, **fields}), flush=True)
"""


def supervise(tmp_path: Path, program: str, restarts: int = 5) -> tuple[Supervisor, list[Message], list[str]]:
    heard: list[Message] = []
    notices: list[str] = []
    command = (sys.executable, "-c", PREAMBLE + program)
    supervisor = Supervisor(tmp_path, heard.append, notices.append, command, restarts=restarts, backoff=0.01)
    return supervisor, heard, notices


def jobs(worlds: list[list[int]], settings: dict[str, str] | None = None) -> list[Job]:
    return [Job(run_id="r", worker=number, worlds=share, settings=dict(settings or {})) for number, share in enumerate(worlds)]


def test_all_worlds_finish(tmp_path: Path) -> None:
    program = "for w in job['worlds']: say('finished', world_id=w)"
    supervisor, heard, _ = supervise(tmp_path, program)
    assert supervisor.run(jobs([[0, 2], [1]])) is Ending.FINISHED
    assert sorted(m.world_id for m in heard if isinstance(m, Finished)) == [0, 1, 2]


def test_a_killed_worker_is_restarted_with_the_worlds_it_had_left(tmp_path: Path) -> None:
    program = """
first = pathlib.Path(job['settings']['flag'])
say('finished', world_id=job['worlds'][0])
if not first.exists():
    first.touch()
    os.kill(os.getpid(), signal.SIGKILL)
for w in job['worlds'][1:]: say('finished', world_id=w)
"""
    supervisor, heard, notices = supervise(tmp_path, program)
    assert supervisor.run(jobs([[0, 1, 2]], {"flag": str(tmp_path / "flag")})) is Ending.FINISHED
    assert [m.world_id for m in heard if isinstance(m, Finished)] == [0, 1, 2]
    assert len(notices) == 1 and "exit status -9" in notices[0]


def test_a_worker_that_keeps_dying_is_given_up(tmp_path: Path) -> None:
    supervisor, _, notices = supervise(tmp_path, "sys.exit(3)", restarts=2)
    with pytest.raises(WorkerFailed, match="died 3 times .last exit status 3.*worker-0.log"):
        supervisor.run(jobs([[0]]))
    assert len(notices) == 2


def test_a_reported_error_is_not_retried_and_stops_the_others(tmp_path: Path) -> None:
    program = """
ready, stopped = (pathlib.Path(job['settings'][name]) for name in ('ready', 'stopped'))
if job['worker'] == 0:
    while not ready.exists(): pass
    say('failed', message='scenario without symbols')
    sys.exit(1)
def stop(*_): stopped.touch(); say('stopped', worker=1); sys.exit(130)
signal.signal(signal.SIGTERM, stop)
ready.touch()
while True: signal.pause()
"""
    supervisor, _, notices = supervise(tmp_path, program)
    paths = {"ready": str(tmp_path / "ready"), "stopped": str(tmp_path / "stopped")}
    with pytest.raises(WorkerFailed, match="scenario without symbols"):
        supervisor.run(jobs([[0], [1]], paths))
    assert notices == [] and (tmp_path / "stopped").exists()


def test_stop_lets_every_worker_end_by_itself(tmp_path: Path) -> None:
    program = """
def stop(*_): say('stopped', worker=job['worker']); sys.exit(130)
signal.signal(signal.SIGTERM, stop)
say('progress', world_id=job['worlds'][0], step=1, records=1)
while True: signal.pause()
"""
    supervisor, heard, _ = supervise(tmp_path, program)

    def listen(message: Message) -> None:
        heard.append(message)
        if len(heard) == 2:
            supervisor.stop()

    supervisor.listen = listen
    assert supervisor.run(jobs([[0], [1]])) is Ending.STOPPED
    assert sum(type(m).__name__ == "Stopped" for m in heard) == 2


def test_noise_on_stdout_is_reported_and_harmless(tmp_path: Path) -> None:
    supervisor, _, notices = supervise(tmp_path, "print('hello', flush=True); say('finished', world_id=0)")
    assert supervisor.run(jobs([[0]])) is Ending.FINISHED
    assert "no message" in notices[0]
