"""The bridge: blocks depend on the log alone, nothing is lost on the way out and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipelines.events import codec
from pipelines.events.block import WireRecord
from pipelines.events.from_simulator import BlockRule, Bridge, event_of_kind, to_columns, to_records
from pipelines.events.layout import LAYOUTS, RECORD_TYPES
from simulator.types import RECORD, RecordKind
from tests.pipelines.events import samples

SMALL = BlockRule(events=20, steps=5, limit=50)


def blocks(records: NDArray[np.void], cuts: list[int], rule: BlockRule = SMALL) -> list[WireRecord]:
    bridge, sent = Bridge("run", 4, epoch=1, rule=rule), []
    for start, end in zip([0, *cuts], [*cuts, len(records)], strict=True):
        sent += list(bridge.feed(records[start:end], start))
    return sent + list(bridge.finish())


def restored(sent: list[WireRecord], count: int) -> NDArray[np.void]:
    back = np.zeros(count, RECORD)
    for record in sent:
        block = codec.decode(record.value, record.headers)
        back[block.columns["seq"]] = to_records(block.event.name, block.columns)
    return back


@pytest.mark.parametrize("rule", [SMALL, BlockRule(), BlockRule(events=1, steps=1, limit=1)])
def test_log_comes_back_bit_for_bit(rule: BlockRule) -> None:
    records = samples.log(3000)
    assert restored(blocks(records, [], rule), 3000).tobytes() == records.tobytes()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 600), max_size=30), st.integers(0, 3))
def test_any_cut_gives_the_same_bytes(cuts: list[int], seed: int) -> None:
    records = samples.log(600, seed)
    assert blocks(records, sorted(cuts)) == blocks(records, [])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 600), st.integers(0, 3))
def test_restored_bridge_continues_equal(cut: int, seed: int) -> None:
    records = samples.log(600, seed)
    first = Bridge("run", 4, epoch=1, rule=SMALL)
    sent = list(first.feed(records[:cut], 0))
    second = Bridge("run", 4, epoch=1, rule=SMALL)
    second.restore(first.snapshot())
    sent += list(second.feed(records[cut:], cut)) + list(second.finish())
    assert sent == blocks(records, [])
    assert second.counts == {
        name: int(np.isin(records["kind"], layout.kinds).sum()) for name, layout in zip(RECORD_TYPES, LAYOUTS, strict=True)
    }


def test_prev_seq_chains_the_blocks_of_a_type() -> None:
    prev = dict.fromkeys(RECORD_TYPES, -1)
    for record in blocks(samples.log(2000), []):
        event, head = codec.read_head(record.value, record.headers)
        assert head.prev_seq == prev[event.name] < head.first_seq
        prev[event.name] = head.last_seq


def ticks(steps: list[int]) -> NDArray[np.void]:
    records = np.zeros(len(steps), RECORD)
    records["kind"], records["step"] = RecordKind.TICK, steps
    return records


def counts(records: NDArray[np.void], rule: BlockRule) -> list[int]:
    return [codec.read_head(record.value, record.headers)[1].count for record in blocks(records, [], rule)]


def test_block_closes_at_the_end_of_the_step_that_fills_it() -> None:
    assert counts(ticks([0, 0, 1, 1, 1, 2]), BlockRule(events=3, steps=100, limit=50)) == [5, 1]
    assert counts(ticks([0, 0, 0, 1]), BlockRule(events=3, steps=100, limit=50)) == [3, 1]


def test_block_closes_when_it_spans_enough_steps() -> None:
    assert counts(ticks([7, 8, 9, 10, 30]), BlockRule(events=100, steps=3, limit=100)) == [3, 1, 1]


def test_block_closes_within_a_step_at_its_limit() -> None:
    assert counts(ticks([0] * 11), BlockRule(events=2, steps=1, limit=5)) == [5, 5, 1]


def test_blocks_of_all_types_close_by_their_own_first_step() -> None:
    records = ticks([0, 4, 5, 9])
    records["kind"][1] = RecordKind.HALTED
    heads = [codec.read_head(record.value, record.headers) for record in blocks(records, [], BlockRule(events=100, steps=5, limit=100))]
    assert [(event.name, head.first_seq, head.last_seq) for event, head in heads] == [("ticks", 0, 0), ("orders", 1, 1), ("ticks", 2, 3)]


def test_gap_in_seq_is_refused() -> None:
    with pytest.raises(ValueError, match="begin at seq 1, the log continues at 0"):
        list(Bridge("run", 0).feed(ticks([0]), 1))


def test_step_that_goes_back_is_refused() -> None:
    with pytest.raises(ValueError, match="record 2 is of step 3 after step 4"):
        list(Bridge("run", 0).feed(ticks([0, 4, 3]), 0))


def test_unknown_kind_is_refused() -> None:
    records = ticks([0, 0])
    records["kind"][1] = 99
    with pytest.raises(ValueError, match="record 1 has kind 99"):
        list(Bridge("run", 0).feed(records, 0))


def test_value_that_would_be_lost_is_refused() -> None:
    records = ticks([0, 0])
    records["reason"][1] = 1
    bridge = Bridge("run", 0)
    list(bridge.feed(records, 0))
    with pytest.raises(ValueError, match="record 1 has reason 1: ticks does not carry reason"):
        list(bridge.finish())


def test_other_layout_is_refused() -> None:
    with pytest.raises(ValueError, match=r"not simulator\.types\.RECORD"):
        list(Bridge("run", 0).feed(np.zeros(1, np.dtype([("kind", "u1")])), 0))


@pytest.mark.parametrize("rule", [{"events": 0}, {"steps": 0}, {"events": 10, "limit": 9}, {"limit": 2**21}])
def test_senseless_rule_is_refused(rule: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="a block rule wants"):
        BlockRule(**rule)


def test_snapshot_over_the_limit_is_refused() -> None:
    bridge = Bridge("run", 0)
    list(bridge.feed(ticks([0] * 60), 0))
    with pytest.raises(ValueError, match="another version or block rule"):
        Bridge("run", 0, rule=SMALL).restore(bridge.snapshot())


def test_fences_carry_the_epoch_and_the_last_seq() -> None:
    bridge = Bridge("run", 2, epoch=7, rule=SMALL)
    list(bridge.feed(samples.log(600), 0))
    heads = [codec.read_head(record.value, record.headers) for record in bridge.fences()]
    assert {event.name: head.prev_seq for event, head in heads} == bridge.prev_seqs
    assert all(head.is_fence and head.epoch == 7 and head.world_id == 2 for _, head in heads)


def test_columns_are_those_that_decoding_gives() -> None:
    records = samples.log(500)
    for record in blocks(records, []):
        block = codec.decode(record.value, record.headers)
        seqs = np.asarray(block.columns["seq"])
        mine = to_columns(block.event.name, records[seqs], seqs)
        for name, column in block.columns.items():
            assert mine[name].dtype == np.asarray(column).dtype
            assert np.array_equal(mine[name], column)


def test_every_record_kind_has_an_event_type() -> None:
    assert {event_of_kind(kind) for kind in RecordKind} == set(RECORD_TYPES)
    for kind in (0, 15, 256, -1):
        with pytest.raises(ValueError, match="no event type carries"):
            event_of_kind(kind)


def test_types_that_are_no_records_are_refused() -> None:
    with pytest.raises(ValueError, match="are no simulator records"):
        to_records("labels", {"step": []})
