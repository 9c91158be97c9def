"""Random command streams for the property tests: few prices, ids and owners, so that everything meets everything."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from simulator.types import COMMAND, CommandKind, TimeInForce

Array = np.ndarray[Any, Any]

HIGHEST = 2**31 - 1
LADDERS = {
    "dense": list(range(95, 106)),
    "page borders": [63, 64, 65, 127, 128, 4095, 4096, 4097],
    "extremes": [1, 2, 64, 2**24, 2**30 - 1, 2**30, HIGHEST - 1, HIGHEST],
    "coarse": [85, 90, 95, 100, 102, 105, 110],
}
IDS = {
    "few": list(range(8)),
    "sparse": [0, 1, 2**31, 2**32, 2**32 + 1, 2**40, 2**62, 2**63 - 1],
    "same low bits": [number << 48 for number in range(8)],
}
SIZES = [1, 2, 3, 4, 5, 8, HIGHEST]


def command_rows(prices: list[int], ids: list[int], owners: int) -> st.SearchStrategy[tuple[int, ...]]:
    """One command as the tuple of COMMAND's fields; a few break a rule of their own fields."""
    kind = st.sampled_from([CommandKind.LIMIT] * 12 + [CommandKind.MARKET] * 2 + [CommandKind.CANCEL] * 3 + [CommandKind.MODIFY] * 5)
    time_in_force = st.sampled_from([TimeInForce.GTC] * 6 + [TimeInForce.IOC, TimeInForce.FOK, TimeInForce.POST_ONLY] * 2)
    legal = st.tuples(
        kind, st.integers(0, 1), time_in_force, st.sampled_from(prices), st.sampled_from(SIZES), st.sampled_from(ids),
        st.integers(0, owners - 1),
    )  # fmt: skip
    odd = st.tuples(
        st.integers(0, 9), st.integers(0, 2), st.integers(0, 4), st.sampled_from([*prices, 0, -1, HIGHEST]),
        st.sampled_from([*SIZES, 0, -1]), st.sampled_from([*ids, -1]), st.integers(-1, owners),
    )  # fmt: skip
    phase = st.sampled_from([CommandKind.CALL, CommandKind.UNCROSS]).flatmap(
        lambda kind: st.tuples(
            st.just(kind), st.just(0), st.just(0), st.sampled_from([0, *prices]), st.just(0), st.just(0), st.integers(0, owners - 1)
        )
    )
    return st.one_of(legal, legal, legal, legal, legal, odd, phase)


@st.composite
def tapes(draw: st.DrawFn, longest: int = 80) -> Array:
    """A tape of COMMAND."""
    prices = draw(st.sampled_from(list(LADDERS.values())))
    ids = draw(st.sampled_from(list(IDS.values())))
    rows = draw(st.lists(command_rows(prices, ids, owners=3), min_size=1, max_size=longest))
    return np.array(rows, COMMAND)


grids = st.sampled_from([(1, 1), (1, 1), (5, 1), (5, 2), (1, 4)])
"""Tick size and lot size."""


def assert_same(got: Array, wanted: Array) -> None:
    """Fail with the first record that differs."""
    for row, (one, other) in enumerate(zip(got.tolist(), wanted.tolist(), strict=False)):
        assert one == other, f"record {row} differs"
    assert len(got) == len(wanted)
