"""Games whose equilibria theory gives."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.training.judging.equilibrium import metagame
from simulator.training.judging.metagame import evolved, regrets, survivors, symmetric_equilibria, table, undominated

DILEMMA = np.array([[3.0, 0.0], [5.0, 1.0]])  # cooperate, defect
SCISSORS = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
MEETING = np.array([[2.0, 0.0], [0.0, 1.0]])


def mixes(payoff: np.ndarray) -> list[list[float]]:
    return [found.mix.round(9).tolist() for found in symmetric_equilibria(payoff)]


def test_a_dominated_strategy_is_in_no_equilibrium() -> None:
    assert mixes(DILEMMA) == [[0.0, 1.0]]
    assert undominated(DILEMMA) == [1]
    assert evolved(DILEMMA) == pytest.approx([0.0, 1.0])


def test_only_the_even_mix_cannot_be_beaten_where_each_beats_one_other() -> None:
    assert np.allclose(mixes(SCISSORS), [[1 / 3, 1 / 3, 1 / 3]])
    ((mix, value),) = symmetric_equilibria(100 * SCISSORS + 7)
    assert mix == pytest.approx([1 / 3] * 3) and value == pytest.approx(7.0)


def test_where_two_must_meet_there_are_three_equilibria_and_evolution_finds_the_better() -> None:
    assert np.allclose(mixes(MEETING), [[1.0, 0.0], [0.0, 1.0], [1 / 3, 2 / 3]])
    assert evolved(MEETING) == pytest.approx([1.0, 0.0], abs=1e-6)
    assert evolved(np.stack([MEETING, DILEMMA]))[1] == pytest.approx([0.0, 1.0], abs=1e-6)


def test_nobody_gains_by_leaving_an_equilibrium() -> None:
    assert regrets(MEETING, np.array([1 / 3, 2 / 3])) == pytest.approx([0.0, 0.0])
    assert regrets(MEETING, np.array([0.75, 0.25])) == pytest.approx([0.3125, -0.9375])


def test_what_is_no_game_is_refused() -> None:
    with pytest.raises(ValueError, match="is no game"):
        list(symmetric_equilibria(np.zeros((2, 3))))
    with pytest.raises(ValueError, match="20 strategies are left"):
        list(symmetric_equilibria(np.eye(20)))


def test_it_is_told_with_how_sure_it_is() -> None:
    noise = np.random.default_rng(0).normal(scale=0.1, size=(2, 2, 2, 6))
    payoffs = DILEMMA[:, :, np.newaxis, np.newaxis] + noise
    assert np.abs(table(payoffs) - DILEMMA).max() < 0.2
    assert survivors(payoffs).tolist() == [0.0, 1.0]
    found = metagame(["give", "take"], payoffs)
    assert found.told.startswith("from equal shares, what earns more spreads until the mix is take 100%")
    assert [each["mix"] for each in found.equilibria] == [{"take": 1.0}]
    assert found.survival == {"give": 0.0, "take": 1.0} and found.regrets["give"] < 0.0
    crowd = metagame([str(number) for number in range(17)], np.eye(17)[:, :, np.newaxis, np.newaxis])
    assert crowd.equilibria == [] and "too many strategies" in crowd.told
