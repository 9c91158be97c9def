"""Passwords of local servers: random, made at the first start, and kept in files that their owner alone can read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

BYTES = 24


def keep_secret(path: Path, text: str) -> None:
    """Write a file that is never readable by others, not even for an instant."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        os.fchmod(handle, 0o600)
        file.write(text)


def password(path: Path, given: str = "") -> str:
    """The password kept in the file; at first the one given, or a random one of letters, digits, - and _."""
    if not path.exists():
        keep_secret(path, given or secrets.token_urlsafe(BYTES))
    return path.read_text()
