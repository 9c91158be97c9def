"""Reading the one file that says what a study or search was asked to do, with an answer for what is missing or damaged."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

Record = TypeVar("Record", bound=msgspec.Struct)


def latest(runs_dir: Path, pattern: str, start: str) -> str:
    """The newest that there are, by the pattern of their files; how to start one where there is none."""
    known = sorted((found.parent.name for found in runs_dir.glob(pattern)), reverse=True)[:5]
    return f"the latest are {', '.join(known)}" if known else f"start one with `{start}`"


def read_record(path: Path, kind: type[Record], what: str) -> Record:
    """Read a record. Raises ValueError for a damaged one, naming `what` to start anew."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except msgspec.DecodeError as error:
        raise ValueError(f"{path} cannot be read ({error}); restore it from a copy or start a new {what}") from error
