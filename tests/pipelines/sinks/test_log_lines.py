"""Lines of logs: what they say, where they lie, and that each offset gives the same line again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from pipelines.sinks.log_lines import LONGEST, UNDATED, lines_of, log_files, parsed

JSON = '{"timestamp": "2026-11-30T23:59:59.25+01:00", "level": "error", "event": "broke", "worker": 3, "step": 7, "none": null}'


def written(folder: Path, *lines: str) -> Path:
    path = folder / "runs" / "r1" / "worker-2.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def test_json_becomes_fields() -> None:
    found = parsed(JSON)
    assert found.pop("when").isoformat() == "2026-11-30T22:59:59.250000+00:00"
    assert found == {"level": "error", "event": "broke", "worker": "3", "fields": {"step": 7}}


def test_a_line_for_people_has_its_time_and_level() -> None:
    found = parsed("2026-11-30 07:11:45 [warning  ] hello   a=1")
    assert (found["level"], found["event"]) == ("warning", "hello   a=1")
    assert found["when"] == datetime(2026, 11, 30, 7, 11, 45).astimezone()


@pytest.mark.parametrize("text", ["Traceback (most recent call last):", "{broken", "[1, 2]", "2026-99-30 07:11:45 [info     ] no day"])
def test_anything_else_is_text(text: str) -> None:
    assert parsed(text) == {"event": text}


def test_a_line_without_a_time_has_that_of_the_one_before(tmp_path: Path) -> None:
    lines = list(lines_of("runs/r1/worker-2.log", written(tmp_path, "first", JSON, "", "then"), 0))
    assert [line.day for line in lines] == [UNDATED, "2026.11.30", "2026.11.30"]
    assert "@timestamp" not in lines[0].document and lines[2].document["@timestamp"] == lines[1].document["@timestamp"]
    assert (lines[0].document["run_id"], lines[0].document["worker"], lines[1].document["worker"]) == ("r1", "2", "3")


def test_every_offset_gives_the_rest_and_a_shorter_file_is_read_anew(tmp_path: Path) -> None:
    path = written(tmp_path, "a", "b", "c")
    lines = list(lines_of("x", path, 0))
    assert [line.document["event"] for line in lines] == ["a", "b", "c"]
    assert [line.name for line in lines_of("x", path, lines[0].document["end"])] == [line.name for line in lines[1:]]
    assert list(lines_of("x", path, lines[2].document["end"])) == []
    assert len(list(lines_of("x", path, 1000))) == 3


def test_an_unfinished_line_waits_and_a_long_one_is_cut(tmp_path: Path) -> None:
    path = written(tmp_path, "x" * (2 * LONGEST))
    with path.open("a") as file:
        file.write("half")
    (line,) = lines_of("x", path, 0)
    assert len(line.document["event"]) == LONGEST


def test_files_are_those_of_workers_and_of_the_folder_of_logs(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "sink.log").touch()
    (tmp_path / "other.log").touch()
    assert list(log_files(tmp_path)) == ["logs/sink.log", "runs/r1/worker-2.log"]
