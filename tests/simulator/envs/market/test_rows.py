"""Many markets in one compiled call: the same as each by itself, however little memory they begin with and whoever plays in Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.envs.market.env import MarketEnv
from simulator.envs.market.rows import MarketRows
from simulator.envs.market.scenario import MarketScenario, among, in_role
from simulator.envs.market.types import ActionView
from simulator.traders.trader import Trader
from simulator.types import Side
from simulator.world.commands import Commands, place_market
from simulator.world.digest import Digest
from simulator.world.mechanisms import RoleName
from simulator.world.scenario import Population
from simulator.world.scenario_files import load
from simulator.world.view import View
from simulator.world.world import Capacity, Chunk, World

STEPS = 30


class Alternating(Trader):
    """Buys and sells in turn, in plain Python; begins to count anew with each world."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def act(self, view: View, commands: Commands) -> None:
        self.asked += 1
        place_market(commands, int(Side.BUY if self.asked % 2 else Side.SELL), 1 + self.asked % 2)


TRADING = among(load("trading"), 8, learners=2, informed=True, horizon=STEPS)
IN_PYTHON = MarketScenario(
    learners=2, horizon=STEPS, background=(*TRADING.background, Population(trader=f"{__name__}:Alternating", count=2))
)
SELLERS = in_role(load("balanced"), 12, RoleName.SELLER, learners=2, horizon=STEPS)
REGULATOR = in_role(load("balanced"), 12, RoleName.REGULATOR, learners=1, horizon=STEPS)
TINY = Capacity(ring_records=2, orders=1, pages=1, commands=1)


class Log:
    def __init__(self) -> None:
        self.digests: dict[int, Digest] = {}
        self.last: dict[int, int] = {}

    def began(self, world: World) -> None: ...

    def ended(self, world: World) -> None: ...

    def played(self, world: World, chunk: Chunk) -> None:
        digest = self.digests.setdefault(world.world_id, Digest())
        assert chunk.first_seq == sum(digest.counts().values())
        digest.update(chunk.records, chunk.first_seq)
        assert chunk.last_step >= self.last.get(world.world_id, -1)
        self.last[world.world_id] = chunk.last_step


def orders_of(scenario: MarketScenario, markets: int) -> Any:
    chosen = np.random.default_rng(3).integers(0, len(scenario.rules.orders), (STEPS, markets * scenario.learners))
    return scenario.rules.orders[chosen], chosen


@pytest.mark.parametrize("scenario", [TRADING, IN_PYTHON, SELLERS, REGULATOR], ids=["trading", "python", "seller", "regulator"])
@pytest.mark.parametrize("capacity", [None, TINY], ids=["roomy", "tiny"])
def test_rows_are_the_markets_one_by_one(scenario: MarketScenario, capacity: Capacity | None) -> None:
    orders, chosen = orders_of(scenario, 3)
    rows, log = MarketRows(scenario, 5, 3, capacity=capacity), Log()
    observed = MarketRows(scenario, 5, 3, log, capacity=capacity)
    seen = []
    for step in range(STEPS):
        rows.play(orders[step])
        observed.play(orders[step])
        seen.append((rows.observations.copy(), rows.rewards.copy()))
        assert (observed.observations == rows.observations).all()
    observed.flush()
    single = MarketEnv(scenario, view=ActionView.DISCRETE)
    for world in range(3):
        own = slice(world * scenario.learners, (world + 1) * scenario.learners)
        single.reset_batch(5 if world == 0 else None)
        for step in range(STEPS):
            found = single.step_batch(chosen[step][own])
            assert (found.observations == seen[step][0][own]).all()
            assert (found.rewards == seen[step][1][own]).all()
        assert log.digests[world].hash() == rows.worlds[world].hash() == single._market().world.hash()
        assert log.last[world] == STEPS - 1


@pytest.mark.parametrize("scenario", [TRADING, IN_PYTHON, SELLERS], ids=["trading", "python", "seller"])
def test_markets_that_begin_again_are_as_new(scenario: MarketScenario) -> None:
    orders, _ = orders_of(scenario, 2)
    used, new = MarketRows(scenario, 5, 2, capacity=TINY), MarketRows(scenario, 5, 2, start=2)
    for step in range(STEPS):
        used.play(orders[step])
    used.begin_again(2)
    assert (used.observations == new.observations).all()
    for step in range(STEPS):
        used.play(orders[step])
        new.play(orders[step])
        assert (used.observations == new.observations).all()
        assert (used.rewards == new.rewards).all()
    assert [world.snapshot() for world in used.worlds] == [world.snapshot() for world in new.worlds]
