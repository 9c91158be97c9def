"""What is measured of an episode, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.traders.registry import make_trader
from simulator.training.config import TrainConfig
from simulator.training.judging.contestants import Contestant, Kind
from simulator.training.judging.figures import FIGURES, judge, measured
from simulator.training.judging.seating import Episode
from simulator.types import RECORD, DealStep, Protocol, RecordKind


def episode(*records: dict[str, int]) -> Episode:
    log = np.zeros(len(records), RECORD)
    for row, fields in zip(log, records, strict=True):
        for name, value in fields.items():
            row[name] = value
    worth = np.array([[100.0, 50.0], [104.0, 50.0], [101.0, 50.0]])
    held = np.array([[0.0, 0.0], [2.0, 0.0], [-2.0, 0.0]])
    return Episode(np.array([1, 4]), worth[-1] - worth[0], worth, held, np.array([10.0, 11.0, 12.0]), log)


def test_figures_are_means_over_seats() -> None:
    found = measured(episode())
    assert set(found) == set(FIGURES)
    assert (found["score"], found["market_value"]) == (0.5, 75.5)
    assert (found["drawdown"], found["value_at_risk"]) == (1.5, 1.5)
    assert found["sharpe"] == pytest.approx(0.5 * 0.5 / (7 / 2**0.5))  # changes 4 and -3
    assert (found["turnover"], found["greatest_inventory"], found["final_inventory"]) == (3.0, 1.0, -1.0)
    assert found["flat_share"] == pytest.approx((1 / 3 + 1) / 2)
    assert np.isnan(found["success"]) and np.isnan(found["cooperation"])


def test_success_and_cooperation_are_those_of_the_seats() -> None:
    bought = {"kind": RecordKind.TRADE, "owner": 1, "other_owner": 9, "size": 2, "price": 10}
    sold = {"kind": RecordKind.TRADE, "owner": 9, "other_owner": 1, "size": 2, "price": 12}
    deal = {"kind": RecordKind.NEGOTIATION, "time_in_force": Protocol.BILATERAL, "owner": 4, "other_owner": 9}
    steps = [DealStep.OFFERED, DealStep.OFFERED, DealStep.AGREED, DealStep.DELIVERED]
    strangers = deal | {"owner": 7, "reason": DealStep.OFFERED}
    found = measured(episode(bought, sold, strangers, *(deal | {"reason": step} for step in steps)))
    assert found["success"] == 1.0
    assert found["cooperation"] == pytest.approx(0.5**0.5)  # one of two offers agreed, and kept


def test_every_player_meets_every_market_and_two_alike_come_to_the_same() -> None:
    market, played = TrainConfig(scripted=6, episode_steps=12).market(), []
    twins = Contestant("noise", Kind.SCRIPTED, (make_trader("noise"), make_trader("noise")))
    found = judge(market, twins, [3, 4], 2, lambda: played.append(1))
    assert found.scores.shape == (2, 2, 2) and len(played) == 8
    assert (found.scores[0] == found.scores[1]).all() and len(np.unique(found.scores)) == 4
    assert found.curves.shape == (2, 2, 2, 13) and (found.curves[..., -1] == found.scores).all()
    assert found.fundamental.shape == (2, 2, 13)
    with pytest.raises(ValueError, match="0 seeds"):
        judge(market, twins, [], 2)
