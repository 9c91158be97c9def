"""The example that streams negotiations publishes every turn of those that a batch plays, in blocks that follow each other."""

from __future__ import annotations

import numpy as np
import pytest

from examples.million_negotiations_streamed import OF_A_BLOCK, RULES, compare, publish, tallied
from pipelines.testing import MemoryLog
from pipelines.workers.demo_rows import negotiations_of
from simulator.bargaining.draws import begin
from simulator.bargaining.negotiators.registry import make_negotiator
from simulator.bargaining.playing import Match
from simulator.types import DealStep

COUNT = OF_A_BLOCK + 100


def test_every_turn_is_published_once() -> None:
    rows, twins, log = begin(RULES, seed=3, count=COUNT), begin(RULES, seed=3, count=COUNT), MemoryLog()
    match = Match(RULES, make_negotiator("boulware"), make_negotiator("linear"))
    match.play(twins)
    assert publish(log, "20260101-000000-abcd", 0, rows) == match.turns
    assert np.array_equal(rows[["outcome", "price", "offers"]], twins[["outcome", "price", "offers"]])
    blocks = list(negotiations_of(log))
    assert [block.head.first_seq for block in blocks] == [block.head.prev_seq + 1 for block in blocks]
    kinds = np.concatenate([block.columns["kind"] for block in blocks])
    assert len(kinds) == match.turns and (kinds == DealStep.OFFERED).sum() == COUNT
    ends = {end: number for end, (number, _, _) in tallied(rows).items()}
    assert {end: int((kinds == end).sum()) for end in ends} == ends and sum(ends.values()) == COUNT


def test_tables_that_hold_something_else_are_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    rows = begin(RULES, seed=3, count=50)
    Match(RULES, make_negotiator("boulware"), make_negotiator("linear")).play(rows)
    answer = [[end, *figures, 0.8] for end, figures in tallied(rows).items()]
    compare(answer, rows)
    assert "agreed" in capsys.readouterr().out
    answer[0][2] += 1
    with pytest.raises(SystemExit, match="something else than what was played"):
        compare(answer, rows)
