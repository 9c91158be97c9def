"""What holds for every test: it sees none of the settings of the machine that it runs on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No AGORA_ variable of the developer's shell reaches a test."""
    for name in [name for name in os.environ if name.startswith("AGORA_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is also the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
