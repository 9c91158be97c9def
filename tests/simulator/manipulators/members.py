"""What a member of a group sees and does, for tests of those who know each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.traders.trader import Trader
from simulator.world.commands import Commands
from simulator.world.view import View, example_view


def of_three(trader: Trader, mechanisms: Mapping[str, int], **fields: Any) -> View:
    """What one of three members, agents 0, 4 and 6, sees when a slot begins, at a mid of 100."""
    view = example_view(prices=[100], parameters=trader.parameters, **({"members": 3, "partner": 4} | fields))
    view.around.agents["partner"][[0, 4, 6]] = 4, 6, 0
    for name, number in mechanisms.items():
        view.around.mechanisms[name] = number
    return view


def acted(trader: Trader, view: View) -> Commands:
    """What it does in a step."""
    trader.act(view, commands := Commands())
    return commands
