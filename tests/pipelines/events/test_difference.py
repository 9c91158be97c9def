"""The first event that differs is named."""

from typing import Any

import numpy as np
import pytest

from pipelines.events.block import Block
from pipelines.events.declarations import EVENT_TYPES, METRICS, TRADES, EventType
from pipelines.events.difference import first_difference
from tests.pipelines.events import samples


def block(event: EventType, count: int = 9, epoch: int = 1, prev_seq: int = 7, **changes: Any) -> Block:
    values = samples.columns(event, count)
    for name, (place, value) in changes.items():
        values[name][place] = value
    return Block(event, samples.head(values, prev_seq, epoch), values)


@pytest.mark.parametrize("event", EVENT_TYPES.values(), ids=list(EVENT_TYPES))
def test_equal_blocks_of_two_epochs_do_not_differ(event: EventType) -> None:
    assert first_difference(block(event, epoch=1), block(event, epoch=2)) is None


def test_first_event_is_named_whatever_the_column() -> None:
    ours = block(TRADES)
    price, seq = ours.columns["price"][4], ours.columns["seq"][4]
    theirs = block(TRADES, price=(4, 1), symbol=(6, 1))
    assert first_difference(ours, theirs) == f"event {seq} of trades has price {price} here and 1 on the log"


def test_floats_are_compared_by_their_bits() -> None:
    assert first_difference(block(METRICS, value=(2, np.nan)), block(METRICS, value=(2, np.nan))) is None
    assert "value 0.0 here and -0.0 on the log" in str(first_difference(block(METRICS, value=(2, 0.0)), block(METRICS, value=(2, -0.0))))


def test_missing_events_are_named() -> None:
    values = samples.columns(TRADES, 9)
    short = {name: column[:4] for name, column in values.items()}
    found = first_difference(Block(TRADES, samples.head(values), values), Block(TRADES, samples.head(short), short))
    assert found == "the block after seq 7 holds 9 events here and 4 on the log"


def test_heads_are_compared_first() -> None:
    assert first_difference(block(TRADES), block(TRADES, prev_seq=6)) == "prev_seq is 7 here and 6 on the log"
    assert "type trades here and metrics" in str(first_difference(block(TRADES), block(METRICS)))
