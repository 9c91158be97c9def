"""The audit of dependencies: an entry without a hash, a licence, a known vulnerability, and nobody to ask."""

from __future__ import annotations

import importlib.util
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
NOBODY = "http://127.0.0.1:9/"
HASH = f"--hash=sha256:{'0' * 64}"


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", PROJECT / "requirements" / "audit.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def service() -> Iterator[tuple[str, list[Any]]]:
    """An OSV database that knows one vulnerability of typer, and the questions it got."""
    asked: list[Any] = []

    class Osv(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            queries = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            asked.extend(queries)
            results = [{"vulns": [{"id": "GHSA-1"}]} if query["package"]["name"] == "typer" else {} for query in queries]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"results": results}).encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Osv)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", asked
    server.shutdown()
    server.server_close()


def locked(folder: Path, text: str, name: str = "runtime.txt") -> Path:
    (folder / name).write_text(text)
    return folder


def test_the_locks_of_the_project_are_sound(audit: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.main(["--service", NOBODY]) == 0
    assert "were not looked up" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("typer==0.15.1\n", "runtime.txt: typer has no hash"),
        (f"typer>=0.15 \\\n    {HASH}\n", "is not one version with hashes"),
        (f"typer @ file.whl \\\n    {HASH}\n", "is not one version with hashes"),
        (f"nobody-has-this==1.0 \\\n    {HASH}\n    # via agora\n", "nobody-has-this says nothing of its licence"),
        (f"yamllint==1.35 ; sys_platform == 'linux' \\\n    {HASH} \\\n    {HASH}\n", "yamllint has the licence GPL-3.0-or-later"),
    ],
)
def test_an_entry_that_is_not_sound_is_named(
    audit: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    assert audit.main(["--service", NOBODY, "--locks", str(locked(tmp_path, text))]) == 1
    assert message in capsys.readouterr().err


def test_a_tool_of_ours_may_have_any_licence_and_torch_no_hash(audit: ModuleType, tmp_path: Path) -> None:
    locked(tmp_path, f"yamllint==1.35 \\\n    {HASH}\n", "dev.txt")
    locked(tmp_path, "torch==2.15\n", "torch.txt")
    assert audit.main(["--service", NOBODY, "--locks", str(tmp_path)]) == 0


def test_a_known_vulnerability_is_shown_by_lint_and_fails_the_audit(
    audit: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], service: tuple[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, asked = service
    options = ["--service", address, "--locks", str(locked(tmp_path, f"typer==0.15.1 \\\n    {HASH}\nrich==13.0 \\\n    {HASH}\n"))]
    assert audit.main(options) == 0
    assert "warning: typer 0.15.1 has known vulnerabilities: GHSA-1" in capsys.readouterr().err
    assert asked == [
        {"package": {"name": "rich", "ecosystem": "PyPI"}, "version": "13.0"},
        {"package": {"name": "typer", "ecosystem": "PyPI"}, "version": "0.15.1"},
    ]
    assert audit.main([*options, "--strict"]) == 1
    monkeypatch.setitem(audit.ACCEPTED, "GHSA-1", "only on Windows")
    assert audit.main([*options, "--strict"]) == 0


def test_the_strict_audit_fails_if_nobody_answers(audit: ModuleType, tmp_path: Path) -> None:
    locked(tmp_path, f"typer==0.15.1 \\\n    {HASH}\n")
    assert audit.main(["--service", NOBODY, "--locks", str(tmp_path), "--strict"]) == 1
