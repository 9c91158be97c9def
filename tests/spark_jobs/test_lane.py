"""The fast lane: the same alerts however the stream is cut, restarted or repeated, with bounded state and the orders as evidence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.events.codec import decode
from pipelines.events.from_simulator import BlockRule
from simulator.types import RecordKind
from spark_jobs.detection import kept
from spark_jobs.detection.columns import orders_of
from spark_jobs.detection.kept import SymbolWatch, packed, unpacked
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.lane import MOST_AGENTS, Lane
from spark_jobs.detection.models import read_models
from spark_jobs.detection.raising import raised
from spark_jobs.detection.recent import KEPT, Recent, evidence
from spark_jobs.detection.watch import Watch
from spark_jobs.ingest import watch_files
from spark_jobs.ingest.watch_files import WatchAt, WatchFiles, kept_places, sweep
from tests.spark_jobs.lakes import Bench
from tests.spark_jobs.lanes import alerts, blocks, in_order, log, models
from tests.spark_jobs.records import kafka
from tests.spark_jobs.watching import BUY, SELL, cancelled, filled, placed, rows, taken


def test_it_raises_what_the_detectors_raise_with_its_evidence() -> None:
    found = alerts(blocks(5))
    books = log(5)[log(5)["kind"] <= RecordKind.PHASE]
    orders = orders_of({name: books[name] for name in books.dtype.names or ()}, 0)
    for kind in models():
        expected = list(raised(models()[kind], 0, getattr(Watch().feed(orders), KINDS[kind].found)))
        assert [(alert["first_step"], alert["step"], alert["score"]) for alert in found if alert["kind"] == kind] == [
            (each.first_step, each.raised_step, each.score) for each in expected
        ]
        assert len(expected) > 3
    assert len({alert["alert_id"] for alert in found}) == len(found)
    for alert in found:
        proof, (suspect,) = json.loads(alert["evidence"]), json.loads(alert["suspects"])
        assert proof["features"].keys() == set(KINDS[alert["kind"]].features) and 0 < len(proof["orders"]) <= KEPT
        assert {deed["agent"] for deed in proof["orders"]} == {suspect}
        assert all(alert["first_step"] <= deed["step"] <= alert["step"] for deed in proof["orders"])


def test_cuts_and_restarts_change_nothing() -> None:
    whole = alerts(blocks(5))
    small = BlockRule(events=64, steps=4)
    assert alerts(blocks(5, rule=small)) == whole
    assert alerts(blocks(5, rule=small), restarts=True) == whole
    assert any(json.loads(alert["evidence"])["orders"][0]["step"] < alert["step"] - 4 for alert in whole), "evidence spans blocks"


def test_worlds_of_different_speed_get_the_alerts_that_each_gets_alone() -> None:
    slow, fast = blocks(5, 0), blocks(6, 1)
    mixed = [*fast[: len(fast) // 2], slow[0], *fast[len(fast) // 2 :], *slow[1:]]
    assert alerts(mixed) == in_order(alerts(slow) + alerts(fast))


def test_late_doubled_and_reordered_blocks_and_repeated_batches_change_nothing(tmp_path: Path) -> None:
    whole = alerts(blocks(5, rule=BlockRule(events=256, steps=40)))
    records = [record for record in blocks(5, rule=BlockRule(events=256, steps=40)) if record.topic == "market.orders"]
    records = [records[1], records[0], *records[2:5], *records[3:]]  # one too early, two twice
    bench, half = Bench(tmp_path, models=models()), len(records) // 2
    first = bench.batch(0, [kafka(*zip(records[:half], range(half), strict=True))])
    rest = kafka(*zip(records[half:], range(half, len(records)), strict=True))
    list(bench.tasks([rest])(first))  # a try whose driver dies before it writes the journal
    second = Bench(tmp_path, models=models()).batch(1, [rest])
    found = [alert for entry in (first, second) for alert in entry.raised if alert["kind"] in models()]
    assert in_order(found) == whole and first.raised and second.raised
    assert len(list(bench.committer.journal.watches.glob("*.watch"))) == 3


def test_what_another_version_kept_is_left_and_what_grows_too_large_too(monkeypatch: pytest.MonkeyPatch) -> None:
    state = SymbolWatch()
    state.watch.feed(rows(placed(1, 1, BUY, 99, 5)))
    data = packed(state)
    assert unpacked(data, 0) is not None
    monkeypatch.setattr(kept, "LAYOUT", "another")
    assert unpacked(data, 0) is None
    monkeypatch.setattr(kept, "MOST_BYTES", 100)
    assert packed(state) == b""


def test_rows_without_a_price_are_kept_over_a_restart() -> None:
    state = SymbolWatch()
    state.watch.feed(rows(taken(1, 5, BUY, 3), cancelled(1, 5, BUY, 3)))
    again = unpacked(packed(state), 0)
    assert again is not None and again.watch.waiting is not None and len(again.watch.waiting.kind) == 2


def test_series_have_a_bound_and_a_time_to_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_files, "MOST_SERIES", 2)
    monkeypatch.setattr(watch_files, "TTL", 10)
    old = {"a": WatchAt("1", 0, 1, batch=1), "b": WatchAt("1", 1, 1, batch=2)}
    assert kept_places(old, [{"c": WatchAt("2", 0, 1)}], 3).keys() == {"c", "b"}
    assert kept_places(old, [], 11).keys() == {"b"} and kept_places(old, [], 12) == {}
    files = WatchFiles(tmp_path / "watches", {})
    places = files.save({"a": SymbolWatch(), "b": SymbolWatch()})
    (name,) = {place.file for place in places.values()}
    (tmp_path / "watches" / "other.watch").touch()
    sweep(tmp_path / "watches", [name])
    assert [path.name for path in (tmp_path / "watches").iterdir()] == [name]
    assert WatchFiles(tmp_path / "watches", places).load("b", 0) is not None and files.load("never", 0) is None


def test_a_strange_number_of_an_agent_costs_no_memory() -> None:
    lane = Lane(models(), lambda series, symbol: None)
    record = blocks(5)[0]
    block = decode(record.value, record.headers)
    block.columns["owner"][:] = 2**31 - 1
    lane.take(block)
    (state,) = lane.open.values()
    assert len(state.recent.counts) == MOST_AGENTS + 1


def test_evidence_is_what_the_agent_did_last_on_its_own_side() -> None:
    before, now = (
        Recent(),
        rows(taken(3, 8, SELL, 4, 6), filled(1, 7, 3, 8, SELL, 4, 6), cancelled(2, 7, BUY, 9, 7), placed(9, 7, BUY, 9, 9, 7)),
    )
    before.add(rows(placed(1, 7, BUY, 99, 5, 2), placed(2, 7, BUY, 98, 9, 5)))
    told = evidence(before, now, 2, agent=7, first_step=5)
    assert [(deed["what"], deed["side"], deed["order_id"], deed["size"]) for deed in told] == [
        ("accepted", "buy", 2, 9), ("filled", "buy", 1, 4), ("cancelled", "buy", 2, 9),
    ]  # fmt: skip
    assert [deed["side"] for deed in evidence(before, now, 2, agent=8, first_step=0)] == ["sell", "sell"]


def test_models_that_are_none_are_refused(tmp_path: Path) -> None:
    assert read_models().keys() == KINDS.keys()
    with pytest.raises(ValueError, match="there is no model in it"):
        read_models(tmp_path)
    models()["spoofing"].save(tmp_path / "quote_stuffing.npz")
    with pytest.raises(ValueError, match="is a model of spoofing, not quote_stuffing"):
        read_models(tmp_path)
    (tmp_path / "quote_stuffing.npz").rename(tmp_path / "jaywalking.npz")
    with pytest.raises(ValueError, match="jaywalking.npz names no kind of manipulation"):
        read_models(tmp_path)
