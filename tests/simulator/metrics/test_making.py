"""What makers earn, lose to the informed, and risk: by hand, and in markets where only one thing differs."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.metrics import inventory_risk, making
from simulator.types import RECORD, RecordKind
from simulator.world.scenario import Population
from simulator.world.scenario_files import load
from simulator.world.world import World


def trades(*rows: tuple[int, int, int, int]) -> NDArray[np.void]:
    """Records of (step, side that came in, price, lots)."""
    found = np.zeros(len(rows), RECORD)
    found["kind"] = RecordKind.TRADE
    for name, column in zip(("step", "side", "price", "size"), zip(*rows, strict=True), strict=True):
        found[name] = column
    return found


def test_a_half_spread_is_what_is_left_and_what_is_lost() -> None:
    mids = [100.0, 100.0, 103.0, 103.0, 103.0]
    found = making(trades((1, 0, 102, 5)), mids, 2)  # bought at 102 against a mid of 100, which then rises by 3
    assert (found.effective, found.adverse, found.realised, found.share_lost) == (2, 3, -1, 1.5)
    sold = making(trades((1, 1, 99, 1), (1, 0, 102, 3)), mids, 1)
    assert (sold.effective, sold.adverse) == ((1 + 6) / 4, (-3 + 9) / 4)


def test_trades_without_a_before_or_an_after_are_left_out() -> None:
    assert making(trades((0, 0, 105, 1), (4, 0, 105, 1)), [100.0] * 5, 1).effective == 0


@pytest.mark.parametrize(("records", "horizon", "message"), [(trades((1, 0, 1, 1)), 0, "horizon 0"), (np.zeros(1), 1, "dtype float64")])
def test_nonsense_is_refused(records: Any, horizon: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        making(records, [1.0, 1.0, 1.0], horizon)


def played(skew: float, seed: int) -> tuple[World, NDArray[np.void], NDArray[np.float64], NDArray[np.float64]]:
    """Noise, makers and arbitrageurs who see the value: the world, its records, mids, the makers' mean inventory."""
    scenario = msgspec.structs.replace(
        load("trading"),
        agents=30,
        populations=(
            Population(trader="noise", count=20, activity=0.2),
            Population(trader="market_maker", count=4, parameters={"skew": skew}),
            Population(trader="arbitrage", count=6, informed=True),
        ),
    )
    world, steps = World(scenario, 0, seed), 3000
    makers = world.agents["trader_type"] == 1
    records, mids, held = [], np.zeros(steps), np.zeros(steps)
    for step in range(steps):
        records.append(world.advance(1).records.copy())
        mids[step], held[step] = world.markets["mid_twice"][0] / 2, world.agents["inventory"][makers].mean()
    return world, np.concatenate(records), mids, held


def test_makers_lose_more_to_those_who_know_the_value_than_to_noise() -> None:
    for seed in range(3):
        world, records, mids, _ = played(0.15, seed)
        tape = records[records["kind"] == RecordKind.TRADE]
        came_in = world.agents["trader_type"][np.where(tape["side"] == 0, tape["owner"], tape["other_owner"])]
        noise, informed = (making(tape[came_in == kind], mids, horizon=50) for kind in (0, 2))
        assert informed.adverse > noise.adverse + 1
        assert informed.realised < 0 < noise.realised


def test_makers_who_lean_against_their_inventory_risk_less() -> None:
    leaning, careless = (np.mean([inventory_risk(*played(skew, seed)[:1:-1]) for seed in range(3)]) for skew in (0.3, 0.0))
    assert leaning < 0.5 * careless
