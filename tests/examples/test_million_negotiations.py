"""The example of a batch of negotiations prints what came of them."""

from __future__ import annotations

import pytest

from examples.million_negotiations import main


def test_it_tells_rounds_payoffs_and_figures(capsys: pytest.CaptureFixture[str]) -> None:
    main(2000)
    shown = capsys.readouterr().out
    assert "rounds; mean payoffs" in shown and "fairness" in shown
    assert "negotiations  2,000" in shown
