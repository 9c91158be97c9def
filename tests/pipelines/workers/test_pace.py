"""Pace: a multiple of real time, told by a clock that only moves when it is slept on."""

from __future__ import annotations

import pytest

from pipelines.testing import FixedClock
from pipelines.workers.job import share_worlds
from pipelines.workers.pace import Pace, parse_pace


@pytest.mark.parametrize(("text", "factor"), [("max", None), ("1x", 1.0), ("10x", 10.0), ("0.5x", 0.5)])
def test_a_pace_is_max_or_a_multiple(text: str, factor: float | None) -> None:
    assert parse_pace(text) == factor


@pytest.mark.parametrize("text", ["", "x", "fast", "10", "-1x", "0x", "infx", "nanx"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither max nor a positive multiple"):
        parse_pace(text)


def test_a_hundred_steps_at_ten_times_real_time_take_one_second() -> None:
    clock = FixedClock()
    start = clock.now_ns()
    pace = Pace(10.0, clock)
    for _ in range(10):
        pace.wait(10)
    assert (clock.now_ns() - start) / 1e9 == pytest.approx(1.0, abs=1e-4)


def test_time_spent_playing_counts_and_a_long_stall_is_not_made_up() -> None:
    clock = FixedClock()
    start = clock.now_ns()
    pace = Pace(1.0, clock)
    pace.wait(1)
    clock.sleep(0.05)
    pace.wait(1)
    assert (clock.now_ns() - start) / 1e9 == pytest.approx(0.2, abs=1e-4)
    clock.sleep(60.0)
    before = clock.now_ns()
    for _ in range(20):
        pace.wait(1)
    assert (clock.now_ns() - before) / 1e9 == pytest.approx(1.0, abs=1e-4)


def test_worlds_are_dealt_like_cards() -> None:
    assert share_worlds([0, 1, 2, 3, 4], 2) == [[0, 2, 4], [1, 3]]
    assert share_worlds([7], 4) == [[7]]
    with pytest.raises(ValueError, match="0 workers is fewer than one"):
        share_worlds([0], 0)
