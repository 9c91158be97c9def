"""Risk: literal histories in, figures worked out by hand out."""

import math

import pytest

from simulator.metrics import max_drawdown, realised_volatility, sharpe_ratio, value_at_risk


def test_sharpe_is_mean_over_deviation_of_the_changes() -> None:
    # changes 1, 3, 2: mean 2, deviation 1
    assert sharpe_ratio([0, 1, 4, 6]) == pytest.approx(2.0)
    assert sharpe_ratio([0, 1, 4, 6], periods=4) == pytest.approx(4.0)
    assert sharpe_ratio([0, 1, 4, 6], risk_free=1.0) == pytest.approx(1.0)


def test_sharpe_of_a_value_that_rises_evenly_is_zero_not_infinite() -> None:
    assert sharpe_ratio([[0.1 * i, 5.0] for i in range(50)]).tolist() == [0.0, 0.0]


def test_sharpe_of_two_rows_is_zero() -> None:
    assert sharpe_ratio([1, 2]) == 0.0


def test_drawdown_is_the_greatest_fall_from_an_earlier_high() -> None:
    assert max_drawdown([[100, 1], [120, 2], [90, 3], [130, 4], [115, 5]]).tolist() == [30, 0]


def test_value_at_risk_is_a_loss_that_occurred() -> None:
    values = [0.0]
    for change in [*range(1, 20), -7]:  # twenty changes, one of them a loss
        values.append(values[-1] + change)
    assert value_at_risk(values, level=0.97) == 7.0
    assert value_at_risk(values, level=0.90) == 0.0
    assert value_at_risk([3.0]) == 0.0


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_value_at_risk_refuses_a_level_outside_the_open_unit_interval(level: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        value_at_risk([1.0, 2.0], level=level)


def test_realised_volatility_skips_steps_without_a_price() -> None:
    up = math.log(110 / 100)
    assert realised_volatility([100, 110, 100]) == pytest.approx(math.sqrt(2) * up)
    assert realised_volatility([[100, 0], [0, 100], [110, 100]]) == pytest.approx([up, 0.0])
