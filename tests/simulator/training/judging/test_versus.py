"""A against B."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.training.judging.versus import versus

MARKETS = np.arange(12.0).reshape(1, 2, 6) ** 2


def test_a_constant_lead_is_found_however_different_the_markets_are() -> None:
    found = versus("A", MARKETS + 3, "B", MARKETS)
    assert found.difference == (3.0, 3.0, 3.0) and found.wins.value == 1.0
    assert found.verdict == "A earns more than B, by 3.00 a seat and episode (3.00 to 3.00), in 100% of the same markets"
    other = versus("A", MARKETS, "B", MARKETS + 3).verdict
    assert other.startswith("B earns more than A, by 3.00") and other.endswith("in 100% of the same markets")


def test_what_may_be_chance_is_no_verdict() -> None:
    found = versus("A", MARKETS + np.array([1, -1, 1, -1, 1, -1]), "B", MARKETS)
    assert found.verdict.startswith("no difference is shown between A and B")
    with pytest.raises(ValueError, match="do not pair"):
        versus("A", MARKETS, "B", MARKETS[:, :, :5])
