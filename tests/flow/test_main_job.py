"""The main job on real servers: simulate, publish, stream, reconcile, query."""

from __future__ import annotations

import json
import signal
import time
from typing import Any

import pytest

from tests.flow.conftest import Lab, checked

pytestmark = [pytest.mark.flow, pytest.mark.timeout(1200)]
STEPS = "600"


@pytest.fixture(scope="module")
def run(lab: Lab) -> dict[str, Any]:
    """A finished run of two worlds, published and streamed into tables."""
    summary: dict[str, Any] = lab.json("simulate", "--worlds", "2", "--workers", "2", "--steps", STEPS, "--seed", "7")
    lab.json("stream", "--once")
    return summary


def test_every_event_of_the_run_is_in_every_store(lab: Lab, run: dict[str, Any]) -> None:
    verdict = lab.json("verify", "--run", run["run_id"], "--recompute")
    assert verdict["ok"] is True
    assert run["events"]["orders"] > 1000
    assert run["events"]["trades"] > 100


def test_the_hash_is_the_same_for_any_number_of_workers_and_any_target(lab: Lab, run: dict[str, Any]) -> None:
    alone = lab.json("simulate", "--worlds", "2", "--workers", "1", "--steps", STEPS, "--seed", "7", "--to", "none")
    assert alone["run_hash"] == run["run_hash"]
    other_seed = lab.json("simulate", "--worlds", "2", "--workers", "1", "--steps", STEPS, "--seed", "8", "--to", "none")
    assert other_seed["run_hash"] != run["run_hash"]


def test_sql_counts_what_the_simulator_counted(lab: Lab, run: dict[str, Any]) -> None:
    question = f"SELECT count(*) AS trades, sum(size) AS lots FROM silver.trades WHERE run_id = '{run['run_id']}'"
    by_spark = lab.json("sql", question)["rows"]
    by_duckdb = lab.json("sql", question, "--engine", "duckdb")["rows"]
    assert by_spark[0] == by_duckdb[0]
    assert (by_spark[0]["trades"] if isinstance(by_spark[0], dict) else by_spark[0][0]) == run["events"]["trades"]


def test_gold_agrees_with_silver(lab: Lab, run: dict[str, Any]) -> None:
    question = f"""
        SELECT (SELECT sum(volume) FROM gold.market_minutes WHERE run_id = '{run["run_id"]}') AS gold_lots,
               (SELECT sum(size) FROM silver.trades WHERE run_id = '{run["run_id"]}') AS silver_lots"""
    row = lab.json("sql", question, "--engine", "duckdb")["rows"][0]
    gold, silver = row.values() if isinstance(row, dict) else row
    assert gold == silver > 0


def test_ctrl_c_stops_a_following_stream_cleanly(lab: Lab, run: dict[str, Any]) -> None:
    stream = lab.start("stream", "--follow", "--json")
    while not (status := lab.stream_status()) or status["pid"] != stream.pid or status["checked_at"] == 0:
        assert stream.poll() is None
        time.sleep(0.2)
    stream.send_signal(signal.SIGINT)
    ended = json.loads(checked(stream, ("stream", "--follow")).stdout)
    assert (ended["state"], ended["error"]) == ("stopped", "")


def test_a_second_run_adds_to_the_tables(lab: Lab, run: dict[str, Any]) -> None:
    second = lab.json("simulate", "--steps", "200", "--seed", "9")
    lab.json("stream", "--once")
    for run_id in (run["run_id"], second["run_id"]):
        assert lab.json("verify", "--run", run_id)["ok"] is True
