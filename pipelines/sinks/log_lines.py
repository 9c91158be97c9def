"""Lines of the product's own logs as documents: JSON as structlog writes it, or its lines for people, or whatever else was printed."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

PATTERNS = ("runs/*/*.log", "logs/*.log")
"""Where logs lie in the data folder; those of workers in the folder of their run."""
FOR_PEOPLE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) \[(\w+) *\] (.*)")
WORKER = re.compile(r"worker-(\d+)\.log")
OWN = ("level", "event", "logger", "process", "run_id", "world_id", "worker", "sink")
"""What of a line becomes a field of its own; everything else lies under `fields`."""
LONGEST = 32_768  # characters of a line; what is longer is cut
UNDATED = "undated"


class LogLine(NamedTuple):
    """One line of a log file: the day of its index, its id, and the document."""

    day: str
    name: str
    document: dict[str, Any]


def log_files(folder: Path) -> dict[str, Path]:
    """The log files of a data folder by their path within it."""
    found = (path for pattern in PATTERNS for path in folder.glob(pattern))
    return {path.relative_to(folder).as_posix(): path for path in sorted(found)}


def lines_of(name: str, path: Path, start: int) -> Iterator[LogLine]:
    """The whole lines of a file from an offset on; from the beginning if the file has become shorter.

    A line without a time has that of the line before it, if there is one, and otherwise none.
    """
    with path.open("rb") as file:
        file.seek(start if start <= path.stat().st_size else 0)
        when: datetime | None = None
        offset = file.tell()
        for raw in file:
            if not raw.endswith(b"\n"):
                return  # it is being written
            at, offset = offset, offset + len(raw)
            text = raw.decode(errors="replace").rstrip()[:LONGEST]
            if text:
                told = parsed(text)
                when = told.pop("when", None) or when
                place = {"file": name, "offset": at, "end": offset, **origin(name)}
                stamp = {"@timestamp": when.isoformat()} if when else {}
                day = when.strftime("%Y.%m.%d") if when else UNDATED
                yield LogLine(day, f"{name}:{at}:{zlib.crc32(raw):08x}", {**stamp, **place, **told})


def origin(name: str) -> dict[str, str]:
    """What the place of a file tells: whose run and which worker wrote it."""
    parts, worker = name.split("/"), WORKER.fullmatch(name.rpartition("/")[2])
    return ({"run_id": parts[1]} if parts[0] == "runs" else {}) | ({"worker": worker[1]} if worker else {})


def parsed(text: str) -> dict[str, Any]:
    """What a line says: `when`, level, event and the like, and `fields`."""
    try:
        found = msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError:
        return _for_people(text)
    when = _instant(found.pop("timestamp", None))
    own = {name: str(found.pop(name)) for name in OWN if found.get(name) is not None}
    rest = {"fields": {key: value for key, value in found.items() if value is not None}} if found else {}
    return {**({"when": when} if when else {}), "event": "", **own, **rest}


def _for_people(text: str) -> dict[str, Any]:
    match = FOR_PEOPLE.fullmatch(text)
    when = _instant(match[1]) if match else None
    return {"when": when, "level": match[2], "event": match[3].rstrip()} if match and when else {"event": text}


def _instant(text: Any) -> datetime | None:
    """A time in UTC; one without a zone is the machine's own."""
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
