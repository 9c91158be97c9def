"""What processes said in their logs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def said(text: str) -> list[dict[str, Any]]:
    """The lines of JSON among what was printed."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def said_in(path: Path) -> list[dict[str, Any]]:
    """The lines of JSON in a log, of which there is at least one."""
    found = said(path.read_text())
    assert found, f"{path} says nothing:\n{path.read_text()[-2000:]}"
    return found
