"""agora alerts: one line an alert, each once, and what is refused."""

from __future__ import annotations

import json

import pytest

from pipelines.apps.alerts import deeds, line, show
from pipelines.apps.errors import UserError
from pipelines.testing import MemoryLog
from tests.spark_jobs.records import block


def filled_log() -> MemoryLog:
    log, order = MemoryLog(), {"agent": 7, "what": "accepted", "side": "buy", "size": 20}
    spoof = {"seq": 0, "kind": "spoofing", "suspects": "[7]", "alert_id": "b", "evidence": json.dumps({"orders": [order]})}
    outlier = {"seq": 0, "kind": "price_outlier", "alert_id": "a", "evidence": '{"mid": 101.5}'}
    for run, row in (("r1", outlier), ("r1", spoof), ("r1", spoof), ("r2", spoof | {"alert_id": "c"})):
        log.send(block("alerts", [row], run=run))
    return log


def test_each_alert_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    show(filled_log(), "r1", "", 20, False, True)
    found = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    assert sorted(alert["alert_id"] for alert in found) == ["a", "b"]
    assert {"suspects": [7], "kind": "spoofing"}.items() <= next(alert for alert in found if alert["alert_id"] == "b").items()


def test_of_one_kind_the_last_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    show(filled_log(), "", "spoofing", 1, False, False)
    (shown,) = capsys.readouterr().out.splitlines()
    assert "spoofing" in shown and "agents 7" in shown and shown.endswith("1 accepted buy (20 lots)")


def test_none_is_an_error_with_the_next_step() -> None:
    with pytest.raises(UserError, match="no such alert was raised yet"):
        show(filled_log(), "", "jaywalking", 5, False, False)


def test_an_alert_without_orders_tells_its_figures() -> None:
    assert deeds({"mid": 101.5}) == "mid 101.5"
    alert = {"world_id": 0, "step": 1, "kind": "price_outlier", "symbol": "A", "suspects": "[]", "score": 9.0, "evidence": "{}"}
    assert line(alert | {"first_step": 1, "last_step": 1}).endswith("score 9.00  steps 1-1")
