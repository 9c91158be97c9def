"""agora tail: the last events, decoded, with names; new ones as they come."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pipelines.apps.errors import UserError
from pipelines.apps.tail import show, wanted_by
from pipelines.events.from_simulator import BlockRule
from pipelines.testing import MemoryLog
from pipelines.workers.publish import Publisher
from pipelines.workers.readable import known_topic, last_events, new_events
from simulator.types import RECORD, DealStep, InterventionKind, Protocol, RecordKind, Rule
from tests.pipelines.workers.toy_world import whole_log

RUN, OTHER = "20261121-101500-a1b2", "20261121-101500-ffff"


def names(symbol: str) -> list[dict[str, object]]:
    return [{"step": 0, "start_ns": 1, "step_ns": 1, "kind": "symbol", "id": 0, "name": symbol}]


def filled_log() -> MemoryLog:
    log = MemoryLog()
    for run, symbol in ((RUN, "ABC"), (OTHER, "XYZ")):
        sink = Publisher(log, run, 0, 1, BlockRule(events=5, steps=3))
        sink.announce(names(symbol), [])
        sink.write(0, whole_log(3, 40), 39)
        sink.close(40)
    return log


def test_a_topic_may_be_named_by_its_last_part_and_an_unknown_one_lists_the_known() -> None:
    assert known_topic("trades") == known_topic("market.trades") == "market.trades"
    with pytest.raises(ValueError, match="unknown topic 'tardes'; known: market.worlds, market.orders"):
        known_topic("tardes")


def test_the_last_events_of_a_run_come_in_order_with_names(capsys: pytest.CaptureFixture[str]) -> None:
    show(filled_log(), "market.orders", 4, False, True, wanted_by(RUN))
    (line,) = capsys.readouterr().out.splitlines()
    events = json.loads(line)["events"]
    assert [event["symbol"] for event in events] == ["ABC"] * 4
    assert [event["kind"] for event in events] == ["accepted"] * 4
    assert [event["side"] for event in events] == ["buy"] * 4
    sequence = [event["seq"] for event in events]
    assert sequence == sorted(sequence) and max(sequence) >= len(whole_log(3, 40)) - 10


@pytest.mark.parametrize("limit", [1, 7, 10_000])
def test_as_many_as_asked_for_or_all(limit: int) -> None:
    log = filled_log()
    found, ends = last_events(log, "market.trades", limit, wanted_by(RUN))
    everything = int((whole_log(3, 40)["kind"] == 16).sum())
    assert len(found) == min(limit, everything)
    assert ends == [log.end_offset("market.trades", 0), log.end_offset("market.trades", 1)]


def test_text_is_one_line_an_event(capsys: pytest.CaptureFixture[str]) -> None:
    show(filled_log(), "market.trades", 3, False, False, wanted_by(OTHER))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"{OTHER}/0") and "symbol=XYZ" in line and "aggressor=buy" in line for line in lines)


def test_new_events_come_once() -> None:
    log = filled_log()
    _, ends = last_events(log, "market.ticks", 0, wanted_by(""))
    assert list(new_events(log, "market.ticks", ends, wanted_by(""))) == []
    third = Publisher(log, "20261121-101500-cccc", 0, 1, BlockRule())
    third.write(0, whole_log(4, 10), 9)
    third.close(10)
    assert len(list(new_events(log, "market.ticks", ends, wanted_by("")))) == int((whole_log(4, 10)["kind"] == 17).sum())
    assert list(new_events(log, "market.ticks", ends, wanted_by(""))) == []


def test_what_happens_beside_trading_is_told_in_words_and_messages_in_text(capsys: pytest.CaptureFixture[str]) -> None:
    records = np.zeros(3, RECORD)
    records["kind"] = RecordKind.MESSAGE, RecordKind.NEGOTIATION, RecordKind.INTERVENTION
    records["owner"], records["other_owner"] = (3, 4, -1), (7, -1, 5)
    records["price"], records["reason"] = (1, 90, 80), (0, DealStep.OPENED, InterventionKind.FINED)
    records["time_in_force"], records["order_id"] = (0, Protocol.DUTCH, Rule.POSITION), (5100, 2, 1000)
    log, topics = MemoryLog(), ("sentiment", "price")
    sink = Publisher(log, RUN, 0, 1, BlockRule())
    said = [{**names("")[0], "kind": "topic", "id": number, "name": name} for number, name in enumerate(topics)]
    sink.announce(
        [*names("MILK"), *said, {**names("")[0], "kind": "template", "id": 1, "name": "{symbol} at {value_3}, says {sender}"}], []
    )
    sink.write(0, records, 0)
    sink.close(1)
    for topic in ("messages", "negotiations", "interventions"):
        show(log, f"market.{topic}", 5, False, False, wanted_by(""))
    message, deal, intervention = capsys.readouterr().out.splitlines()
    assert "topic=price kind=plain" in message and message.endswith("text=MILK at 5100, says 3")
    assert "protocol=dutch kind=opened symbol=MILK party=4 side=buy price=90" in deal
    assert "kind=fined rule=position" in intervention and "agent=5" in intervention


def test_an_empty_topic_says_what_to_do() -> None:
    with pytest.raises(UserError, match="holds no such events yet; publish some"):
        show(MemoryLog(), "market.ticks", 3, False, False, wanted_by(""))
