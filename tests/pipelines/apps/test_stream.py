"""agora stream: what cannot be is refused before Spark is loaded."""

from __future__ import annotations

import pytest

from pipelines.apps.main import main


@pytest.mark.parametrize("words", [("--follow", "--run", "20261121-101500-a1b2"), ("--once", "--run", "latest"), ()])
def test_a_stream_of_one_run_reads_once_and_is_told_which(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stream", *words]) == 2
    assert "--once" in capsys.readouterr().err
