"""Which code made a run: the package's version and a hash of the simulator's sources, so that two states of one version differ."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path


@cache
def code_version() -> str:
    """For example 0.1.0+3f2a9c01d4e5; only simulator sources count, since only they decide what happens in a world."""
    spec = find_spec("simulator")
    folders = list(spec.submodule_search_locations or []) if spec else []
    digest = hashlib.sha256()
    for path in sorted(Path(folders[0]).rglob("*.py")) if folders else []:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"{version('agora')}+{digest.hexdigest()[:12]}"
