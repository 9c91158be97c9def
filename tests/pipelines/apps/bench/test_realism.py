"""The realism benchmark: facts of series that are known, and what the product's own markets must show."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from pipelines.apps.bench.facts import INTERVAL, WARM_UP, Facts, facts_of, measure
from pipelines.apps.bench.facts_page import draw
from pipelines.apps.bench.realism import BANDS, report
from simulator.seeding import generator
from simulator.world.scenario_files import load

STEPS = 20_000


@pytest.fixture(scope="module")
def lively() -> Facts:
    """One realistic market."""
    return measure(load("financial_market"), seed=1, steps=STEPS)


@pytest.fixture(scope="module")
def aimless() -> Facts:
    """One market of noise."""
    return measure(load("zero_intelligence"), seed=1, steps=STEPS)


def test_what_agents_know_and_remember_shows(lively: Facts, aimless: Facts) -> None:
    assert lively.sign_correlations[:20].min() > 0.05 > np.abs(aimless.sign_correlations).max()
    assert lively.size_correlations[9:40].mean() > 0.03 > np.abs(aimless.size_correlations[9:40].mean())
    assert abs(lively.autocorrelation_1) < 0.3
    assert lively.volume_volatility > 0.1
    assert 1.5 < lively.tail_index < 6


def test_moves_are_set_against_the_volume_of_their_own_interval() -> None:
    random, intervals = generator(1, "facts"), 20_000
    volume = random.integers(-1000, 1001, intervals).astype(float)
    steps = WARM_UP + INTERVAL * np.arange(intervals) + INTERVAL // 2
    bought, sold, moves = (np.zeros(WARM_UP + INTERVAL * intervals + 1) for _ in range(3))
    bought[steps], sold[steps] = np.maximum(volume, 0), np.maximum(-volume, 0)
    moves[steps] = np.sign(volume) * np.sqrt(np.abs(volume))
    facts = facts_of(1e6 + np.cumsum(moves), bought, sold, np.sign(random.standard_normal(5000)))
    assert len(facts.returns) == intervals
    assert facts.impact == pytest.approx(0.5, abs=0.03) and facts.volume_volatility > 0.9
    assert abs(facts.autocorrelation_1) < 0.03 and math.isnan(facts.sign_decay)


def test_the_report_tells_medians_and_shares_and_says_null_where_nothing_shows(lively: Facts) -> None:
    silent = lively._replace(tail_index=math.nan, impact=math.nan)
    found = report({"x": [lively._replace(tail_index=3.0, impact=math.nan), lively._replace(tail_index=9.0, impact=math.nan), silent]})
    assert found["figures"]["x_tail_index"] == 6.0 and found["ratios"]["x_tail_index_in_band"] == pytest.approx(1 / 3, abs=1e-3)
    assert found["figures"]["x_impact"] is None and found["ratios"]["x_impact_in_band"] == 0.0
    assert found["figures"]["seeds"] == 3 and set(found["peers"]) == set(BANDS)


def test_the_page_is_drawn(lively: Facts, tmp_path: Path) -> None:
    path = draw("financial_market", [lively, lively], tmp_path / "realism")
    assert path.read_bytes().startswith(b"\x89PNG") and path.stat().st_size > 20_000
