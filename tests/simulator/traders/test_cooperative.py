"""Members of a cooperative."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.traders.cooperative import Cooperative
from simulator.types import RecordKind
from simulator.world.commands import Commands
from simulator.world.scenario_files import load
from simulator.world.view import example_view
from simulator.world.world import World


def asked(trader: Cooperative, **fields: Any) -> list[tuple[str, int | None, int]]:
    view, commands = example_view(prices=[100], parameters=trader.parameters, **fields), Commands()
    trader.act(view, commands)
    return [(order.side.name, order.price, order.size) for order in commands.placed()]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"makes": 2.0, "cost": 90, "inventory": 10}, [("SELL", 108, 10)]),
        ({"makes": 2.0, "cost": 50, "inventory": 30}, [("SELL", 100, 10)]),
        ({"makes": 2.0, "cost": 90, "inventory": 0}, []),
        ({"uses": 2.0, "worth": 120, "inventory": 5}, [("BUY", 100, 5)]),
        ({"uses": 2.0, "worth": 120, "inventory": 10}, []),
        ({"makes": 2.0, "cost": 90, "inventory": 10, "halted": 1}, []),
    ],
)
def test_it_quotes_by_its_own_stock(fields: dict[str, Any], expected: list[tuple[str, int | None, int]]) -> None:
    assert asked(Cooperative(markup=0.2, cover=5, size=10), short_limit=0, **fields) == expected


def test_members_deal_write_and_rate_within_a_market() -> None:
    world = World(load("surveillance_deals"), 0, 3)
    log = np.concatenate([chunk.records.copy() for chunk in world.chunks(600)])
    types = [population.name for population in world.table.populations]
    cooperatives = {number for number, name in enumerate(types) if name and ("cooperative" in name or "pairs" in name or "circle" in name)}
    member = np.isin(world.agents["trader_type"], list(cooperatives))
    letters = log[(log["kind"] == RecordKind.MESSAGE) & (log["reason"] == 0)]
    assert len(letters) > 20 and member[letters["owner"]].all() and member[letters["other_owner"]].all()
    rated = log[(log["kind"] == RecordKind.NEGOTIATION) & (log["reason"] == 13)]
    assert (member[rated["owner"]] & member[rated["other_owner"]]).sum() > 10
