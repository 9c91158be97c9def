"""The deep lane: what it needs of a recorded market, what it leaves for later, and the evidence that goes with its alerts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from pipelines.events.declarations import MESSAGES, NEGOTIATIONS, ORDERS
from spark_jobs.catalog import MARKET_TOPICS
from spark_jobs.detection import deep
from spark_jobs.detection.columns import Array, Deals, Messages, Orders, Public
from spark_jobs.detection.deep import LAG, deep_alerts
from spark_jobs.detection.forest import Forest, forest_of
from spark_jobs.detection.kinds import KINDS, Kind
from spark_jobs.gold import alerts
from tests.spark_jobs.lakes import Bench
from tests.spark_jobs.records import block, kafka

NAMES = [{"seq": 0, "start_ns": 0, "step_ns": 100_000_000, "kind": "symbol", "id": 0, "name": "AGR"}]


def loud(public: Public) -> Array:
    """Whoever says something is a candidate, as soon as it is said: a feature, the value."""
    said = public.messages
    return np.stack([said.sender, np.full(len(said.step), -1), said.step - 1, said.step, said.value_1], axis=1).astype(np.float64)


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> dict[str, Forest]:
    monkeypatch.setitem(KINDS, "loudness", Kind(("value",), deep=loud))
    values = np.arange(200.0)[:, None]
    fitted = HistGradientBoostingClassifier(max_iter=20, random_state=0).fit(values, values[:, 0] >= 100)
    return {"loudness": forest_of(fitted, 0.5, {"kind": "loudness", "features": ["value"]})}


def lake(folder: Path, last: int) -> Path:
    """Orders of agent 7 until a step, a quiet message and two loud ones."""
    orders = [{"seq": step, "step": step, "owner": 7, "order_id": step, "price": 100, "size": 2} for step in range(0, last + 1, 10)]
    said = [(20, 8, 5), (30, 7, 150), (900, 7, 170)]
    messages: list[dict[str, Any]] = [
        {
            "seq": 5000 + at, "step": at, "symbol": 0, "sender": agent, "receiver": -1, "topic": 0, "kind": 16, "value_1": value,
            "value_2": 0, "value_3": 0, "value_4": 0,
        }
        for at, agent, value in said
    ]  # fmt: skip
    records = [block("worlds", NAMES), block("orders", orders), block("messages", messages)]
    bench = Bench(folder)
    bench.batch(0, [kafka(*zip(records, range(3), strict=True))])
    return bench.lake


def told(found: Any) -> list[tuple[str, str, int, int]]:
    return [(alert["kind"], alert["suspects"], alert["first_step"], alert["step"]) for alert in found]


def test_it_raises_what_its_models_find_with_what_was_done_and_said(tmp_path: Path, models: dict[str, Forest]) -> None:
    found = list(deep_alerts(lake(tmp_path, 1000), "r1", models, finished=True))
    assert told(found) == [("loudness", "[7]", 29, 30), ("loudness", "[7]", 899, 900)]
    proof = json.loads(found[0]["evidence"])
    assert proof["features"] == {"value": 150.0} and [order["step"] for order in proof["orders"]] == [30]
    assert [(message["sender"], message["value_1"]) for message in proof["messages"]] == [(7, 150)] and "deals" not in proof


def test_what_may_still_be_on_its_way_is_left_for_later(tmp_path: Path, models: dict[str, Forest]) -> None:
    place = lake(tmp_path, 1000)
    assert told(deep_alerts(place, "r1", models, finished=False)) == [("loudness", "[7]", 29, 30)]
    assert list(deep_alerts(lake(tmp_path / "short", LAG - 1), "r1", models, finished=False)) == []


def test_it_looks_back_so_far_and_no_further(tmp_path: Path, models: dict[str, Forest], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deep, "BACK", 200)
    assert told(deep_alerts(lake(tmp_path, 1000), "r1", models, finished=True)) == [("loudness", "[7]", 899, 900)]


def test_models_of_the_fast_lane_are_not_asked(tmp_path: Path) -> None:
    assert list(deep_alerts(tmp_path / "nowhere", "r1", {"spoofing": None}, finished=True)) == []  # type: ignore[dict-item]


def test_an_alert_that_the_table_has_is_not_told_again(tmp_path: Path, models: dict[str, Forest]) -> None:
    bench, found = Bench(tmp_path / "other"), list(deep_alerts(lake(tmp_path, 1000), "r1", models, finished=True))
    assert alerts.unknown(bench.lake, found) == found
    columns = ("alert_id", "kind", "symbol", "first_step", "last_step", "score", "suspects", "evidence", "step")
    row = {name: found[0][name] for name in columns}
    bench.batch(0, [kafka((block("alerts", [{"seq": 0} | row]), 0))])
    assert alerts.unknown(bench.lake, found) == found[1:]


def test_what_detectors_take_are_columns_of_public_topics_without_seq_and_clocks() -> None:
    for taken, event in ((Orders, ORDERS), (Messages, MESSAGES), (Deals, NEGOTIATIONS)):
        assert set(taken._fields) <= {"step"} | {column.name for column in event.columns}
    assert "evaluation.labels" not in MARKET_TOPICS
