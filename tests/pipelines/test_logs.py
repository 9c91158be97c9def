"""Every line of a process says what the process is and for whom it works, whoever has written it."""

from __future__ import annotations

import contextlib
import io
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from pipelines import logs
from pipelines.settings import Settings
from pipelines.sinks.batch_writer import BatchWriter
from pipelines.sinks.log_lines import parsed
from pipelines.testing import MemoryLog, MemorySink
from pipelines.workers.job import Job, encode_line
from pipelines.workers.registry import Registry
from pipelines.workers.train_config import KIND
from tests.pipelines.said import said
from tests.pipelines.workers.study.conftest import NOW, TINY, study_of

IDS = {"process": "worker", "run_id": "r1", "worker": 3}
log = structlog.get_logger("pipelines.example")


@pytest.fixture(autouse=True)
def afterwards() -> Iterator[None]:
    """Leave logging as it was."""
    ids, there = dict(logs._ids), logs._handler in logging.getLogger().handlers
    yield
    logs._ids.clear()
    logs._ids.update(ids)
    if not there:
        logging.getLogger().removeHandler(logs._handler)
        structlog.reset_defaults()


def test_a_line_is_json_with_the_ids_of_process_and_world(capsys: pytest.CaptureFixture[str]) -> None:
    logs.begin("worker", run_id="r1", worker=3)
    log.info("one", step=7)
    with logs.concerning(world_id=5):
        log.warning("two")
    log.info("three")
    out, err = capsys.readouterr()
    assert out == ""
    lines = said(err)
    assert len(lines) == len(err.splitlines()) == 3
    assert all(line.items() >= IDS.items() and line["logger"] == "pipelines.example" for line in lines)
    assert [(line["event"], line["level"], line.get("world_id")) for line in lines] == [
        ("one", "info", None),
        ("two", "warning", 5),
        ("three", "info", None),
    ]


def test_threads_libraries_and_errors_say_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    logs.begin("worker", run_id="r1", worker=3)
    thread = threading.Thread(target=lambda: log.info("thread"))
    thread.start()
    thread.join()
    logging.getLogger("somebody.else").warning("a library, %d", 1)
    logging.getLogger("somebody.else").info("too much")
    try:
        raise ValueError("broken")
    except ValueError:
        log.exception("fault")
    lines = said(capsys.readouterr().err)
    assert [line["event"] for line in lines] == ["thread", "a library, 1", "fault"]
    assert all(line.items() >= IDS.items() for line in lines)
    assert "ValueError: broken" in lines[2]["exception"]


def test_what_is_logged_goes_where_standard_error_leads_now() -> None:
    logs.begin("worker", run_id="r1", worker=3)
    with contextlib.redirect_stderr(io.StringIO()) as elsewhere:
        log.info("here")
    assert [line["event"] for line in said(elsewhere.getvalue())] == ["here"]


def test_people_get_lines_for_people(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    logs.begin("worker", run_id="r1", worker=3)
    log.info("hello", step=7)
    text = capsys.readouterr().err
    assert said(text) == [] and "hello" in text and "r1" in text


def test_the_shipper_finds_the_ids_in_fields_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    logs.begin("sink", sink="redis")
    with logs.concerning(run_id="r1", world_id=5, worker=3):
        log.info("hello", step=7)
    found = parsed(capsys.readouterr().err.strip())
    wanted = {"process": "sink", "sink": "redis", "run_id": "r1", "world_id": "5", "worker": "3", "level": "info", "event": "hello"}
    assert found.items() >= wanted.items()
    assert found["fields"] == {"step": 7} and found["when"]


def test_a_sink_says_which_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    logs.begin("sink", sink="cassandra")
    BatchWriter(MemoryLog(), MemorySink("cassandra", ("ticks",)), threading.Event()).run(once=True)
    (line,) = said(capsys.readouterr().err)
    assert (line["process"], line["sink"], line["logger"]) == ("sink", "cassandra", "pipelines.sinks.batch_writer")


@pytest.mark.slow
def test_a_trainer_says_which_run_it_trains(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", results_dir=tmp_path / "results")
    study = study_of(settings, {}, 1)
    config = study.learning(study.record.members[0]).record.config
    run = Registry(settings.runs_dir).create(NOW, kind=KIND, config=config, seed=0, worlds=TINY.episodes, code_version="x")
    job = encode_line(Job(run_id=run.run_id, worker=2, worlds=[0], settings=settings.model_dump(mode="json")))
    command = [sys.executable, "-m", "pipelines.workers.main"]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert worker.stdin and worker.stdout and worker.stderr
    worker.stdin.write(job)
    worker.stdin.flush()
    text = worker.stderr.read().decode()
    assert worker.wait(240) == 0, text
    worker.communicate()
    lines = said(text)
    assert "a training begins" in [line["event"] for line in lines]
    assert all(line.items() >= {"process": "trainer", "run_id": run.run_id, "worker": 2}.items() for line in lines)
