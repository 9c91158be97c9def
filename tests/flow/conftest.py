"""A laboratory of its own for each module of flow tests: the real command line, a real broker, real Spark, one data folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

AGORA = (sys.executable, "-m", "pipelines.apps.main")
LONG = ("test_storm", "test_tutorials", "test_airflow", "test_kills")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take minutes begin first, so that at the end none runs alone."""
    items.sort(key=lambda item: item.path.stem not in LONG)


@dataclass(frozen=True)
class Lab:
    """Runs `agora` with one data folder, and with extra variables; stdout and stderr of each call come back."""

    folder: Path
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What the commands see."""
        return (
            os.environ | {"AGORA_DATA_DIR": str(self.folder / "data"), "AGORA_RESULTS_DIR": str(self.folder / "results")} | dict(self.extra)
        )

    def stream_status(self) -> dict[str, Any]:
        """What the stream says of itself; empty before its first word."""
        path = self.folder / "data" / "stream" / "status.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a command that goes on beside the test."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen([*AGORA, *words], env=self.environment, text=True, **pipes)

    def call(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; its exit code must be the one expected."""
        return checked(self.start(*words), words, code)

    def json(self, *words: str, code: int = 0) -> Any:
        """Run a command with --json; its one line, decoded."""
        lines = self.call(*words, "--json", code=code).stdout.splitlines()
        assert len(lines) == 1, lines
        return json.loads(lines[0])

    def json_of_each(self, *commands: tuple[str, ...]) -> list[Any]:
        """The same for several side by side: most of the time of each is that of its start."""
        with ThreadPoolExecutor(len(commands)) as pool:
            return list(pool.map(lambda words: self.json(*words), commands))


def checked(
    process: subprocess.Popen[str], words: tuple[str, ...], code: int = 0, seconds: float = 420
) -> subprocess.CompletedProcess[str]:
    """Wait for a command and check its exit code; on a difference show what it said."""
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"agora {' '.join(words)} did not end in {seconds} s\n{out[-2000:]}\n{err[-4000:]}") from None
    assert process.returncode == code, f"agora {' '.join(words)} ended with {process.returncode}\n{out[-2000:]}\n{err[-4000:]}"
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def wait_for(happened: Callable[[], bool], what: str, seconds: float = 120) -> None:
    """Wait until something has happened; AssertionError that says what did not if it never does."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"{what} within {seconds:.0f} s"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A laboratory with a running broker; nothing of it is left behind."""
    made = Lab(tmp_path_factory.mktemp("lab"))
    made.call("stack", "up")
    yield made
    made.call("stack", "down")
