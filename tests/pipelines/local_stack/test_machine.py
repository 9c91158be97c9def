"""The probes answer for this machine, and take a lack for an answer."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from pipelines.local_stack import machine as module
from pipelines.local_stack.java import find_java, java_version
from pipelines.local_stack.machine import ThisMachine
from pipelines.settings import Settings


def java_that_says(text: str, folder: Path) -> Path:
    program = folder / "bin" / "java"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho '{text}' >&2\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    ("text", "major"),
    [('openjdk version "17.0.15" 2025-04-15', 17), ('java version "1.8.0_402"', 8), ('openjdk version "25" 2025-09-16', 25), ("what?", 0)],
)
def test_the_version_of_java(text: str, major: int, tmp_path: Path) -> None:
    program = java_that_says(text, tmp_path)
    assert find_java(Settings(java_home=tmp_path)) == program
    assert java_version(program) == major


def test_no_java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ThisMachine().java(Settings(java_home=tmp_path)) == 0
    assert java_version(tmp_path / "java") == 0
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert ThisMachine().java(Settings()) == 0
    assert not ThisMachine().maven()


def test_a_lacking_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    needs = ["numpy>=2", "numpy>=99", "no-such-package", 'never-here; extra == "bench"', 'nor-here; sys_platform == "never"']
    monkeypatch.setattr(module, "requires", lambda name: needs)
    assert ThisMachine().lacking_packages() == ["numpy>=99", "no-such-package"]


def test_the_rest_answers(tmp_path: Path) -> None:
    here = ThisMachine()
    assert here.python() == sys.version_info[:2]
    assert here.free_memory() > 0
    assert here.free_disk(tmp_path / "not" / "made" / "yet") > 0
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert here.reachable(f"127.0.0.1:{port}")
        assert not here.port_is_free(port)
        assert "process" in here.port_holder(port)
    assert not here.reachable(f"127.0.0.1:{port}")
