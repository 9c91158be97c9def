"""Regimes of the fundamental value: what each does to it, how long it lasts, which follow."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from simulator.world.moves import REGIMES, Fundamental, Regime
from simulator.world.scenario import Symbol
from simulator.world.world import World
from tests.simulator.world.markets import trading

STEPS = 20_000


def played(*regimes: Regime | str, steps: int = STEPS, **moves: float) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Moves of the value in every step but the first, and the regime each was made in."""
    fundamental = Fundamental(**({"reversion": 0.0, "volatility": 2.0} | moves), regimes=regimes)
    world = World(trading(2, symbols=(Symbol(name="A", initial_price=10**7, fundamental=fundamental),)), seed=7)
    symbol, seen = world.symbols[0], []
    for _ in range(steps):
        world.advance()
        seen.append((float(symbol["value"]), int(symbol["regime"])))
    values, kinds = (np.array(column) for column in zip(*seen, strict=True))
    return np.diff(values), kinds[1:]


def test_each_regime_moves_the_value_in_its_own_way() -> None:
    regimes = (Regime(name="still", volatility=0.0, duration=200), Regime(name="wild", volatility=3.0, drift=1.5, duration=200))
    moves, kinds = played(*regimes)
    assert not moves[kinds == 0].any()
    assert moves[kinds == 1].std() == pytest.approx(6.0, rel=0.05)
    assert moves[kinds == 1].mean() == pytest.approx(1.5, abs=0.3)


def test_regimes_last_as_long_as_they_say_and_give_way_to_all_others() -> None:
    regimes = tuple(Regime(name=str(number), duration=duration) for number, duration in enumerate((20, 40, 80)))
    _, kinds = played(*regimes)
    ends = np.flatnonzero(np.diff(kinds))
    spells: dict[int, list[int]] = {kind: [] for kind in range(3)}
    for first, last in pairwise(ends):
        spells[int(kinds[last])].append(last - first)
    assert [np.mean(spells[kind]) for kind in range(3)] == pytest.approx([20, 40, 80], rel=0.25)
    followers = {(int(kinds[end]), int(kinds[end + 1])) for end in ends}
    assert followers == {(one, other) for one in range(3) for other in range(3) if one != other}


def test_a_single_regime_stays() -> None:
    moves, kinds = played("volatile", steps=5_000)
    assert set(kinds.tolist()) == {0}
    assert moves.std() == pytest.approx(2.0 * REGIMES["volatile"].volatility, rel=0.05)


def test_a_crisis_falls_and_storms_where_without_it_the_value_keeps_its_level() -> None:
    calm, _ = played(steps=5_000)
    crisis, _ = played("crisis", steps=5_000)
    assert crisis.std() > 3 * calm.std()
    assert crisis.mean() < -0.05 < calm.mean()


def test_jumps_come_as_much_more_often_as_the_regime_says() -> None:
    quiet = {"volatility": 0.0, "jump_probability": 0.01, "jump_size": 5.0}
    rare, _ = played(**quiet)
    often, _ = played(Regime(name="often", jumps=10.0), **quiet)
    assert np.count_nonzero(rare) == pytest.approx(200, rel=0.3)
    assert np.count_nonzero(often) == pytest.approx(2_000, rel=0.1)


def test_a_regime_that_changes_nothing_is_as_none() -> None:
    assert np.array_equal(played(Regime(name="plain"), steps=500)[0], played(steps=500)[0])


@pytest.mark.parametrize(
    ("regimes", "message"),
    [
        (("calm", "panic"), "regime panic is unknown; choose one of calm, volatile, crisis, or describe one of your own"),
        (("calm", "calm"), "appears twice"),
        (tuple(Regime(name=str(number)) for number in range(9)), "more than 8"),
    ],
)
def test_a_list_that_cannot_be_is_refused(regimes: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Fundamental(regimes=regimes)
