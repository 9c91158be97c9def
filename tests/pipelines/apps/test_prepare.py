"""agora prepare: what is made ready, and how long a server is waited for."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.apps import prepare
from pipelines.apps.main import main
from pipelines.ports import StoreUnavailable


def test_a_server_that_is_not_there_yet_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "PAUSE_S", 0.0)
    tries = iter([StoreUnavailable("away"), ConnectionError("away"), None])

    def action() -> str:
        if error := next(tries):
            raise error
        return "ready"

    assert prepare.patiently(60, action) == "ready"


def test_patience_ends_with_what_was_last_said() -> None:
    def away() -> str:
        raise StoreUnavailable("nobody answers")

    with pytest.raises(StoreUnavailable, match="nobody answers"):
        prepare.patiently(0, away)


def test_what_cannot_be_prepared_is_told_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AGORA_DATA_DIR", str(tmp_path))
    assert main(["prepare", "topics", "nothing"]) == 2
    assert "'nothing' cannot be prepared; choose among topics, kibana, redis" in " ".join(capsys.readouterr().err.split())
    assert main(["prepare", "kibana"]) == 2
    assert "AGORA_KIBANA_URL" in capsys.readouterr().err
