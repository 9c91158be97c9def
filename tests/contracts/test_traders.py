"""Every registered trader does what a trader must do, in Python and compiled."""

from __future__ import annotations

import pytest

from simulator.traders.registry import STRATEGIES, make_trader, parameter_names
from simulator.traders.sizing import room, take
from simulator.traders.trader import Trader
from simulator.types import Side
from simulator.world.commands import BUY, Commands, cancel, modify, place_limit, place_market
from simulator.world.jit import trader_address
from simulator.world.view import View
from tests.contracts.check_trader import check_trader


@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_every_strategy_keeps_the_contract(name: str) -> None:
    assert check_trader(make_trader(name)) > 10


@pytest.mark.parametrize("name", sorted(name for name in STRATEGIES if "activity" in parameter_names(name) and name != "market_maker"))
def test_no_activity_means_no_command(name: str) -> None:
    assert check_trader(make_trader(name, {"activity": 0})) == 0


def buy_one(view: View, commands: Commands) -> None:
    take(view, commands, BUY, view.lot_size)


class Offender(Trader):
    """A trader whose two forms differ, or whose command is of a forbidden kind."""

    def __init__(self, address: int, command: str) -> None:
        super().__init__()
        self.address = address
        self.command = command

    def act(self, view: View, commands: Commands) -> None:
        lot, tick = view.lot_size, view.tick_size
        if self.command == "negative":
            place_limit(commands, BUY, 100 * tick, -lot)
        elif self.command == "off tick":
            place_limit(commands, BUY, 100 * tick + 1, lot)
        elif self.command == "foreign order":
            cancel(commands, 5)
        elif self.command == "too much":
            place_market(commands, BUY, 5000 * lot)
        elif self.command == "market order" and room(view, BUY) >= lot and not view.halted:
            place_market(commands, BUY, lot)
        elif self.command == "halted":
            take(view, commands, int(Side.BUY), lot)
        elif self.command == "enlarge" and len(view.orders):
            modify(commands, int(view.orders[0].order_id), int(view.orders[0].price), 9000 * lot)


@pytest.mark.parametrize(
    ("command", "offence"),
    [
        ("negative", "size -1"),
        ("off tick", "off the grid"),
        ("foreign order", "not the trader's own"),
        ("too much", "could become too long"),
        ("enlarge", "could become too"),
        ("halted", "while trading is halted"),
        ("market order", "market orders in a call auction"),
    ],
)
def test_the_check_finds_an_offence(command: str, offence: str) -> None:
    with pytest.raises(AssertionError, match=offence):
        check_trader(Offender(0, command))


def test_the_check_finds_forms_that_differ() -> None:
    with pytest.raises(AssertionError, match="Python commands"):
        check_trader(Offender(trader_address(buy_one), "none"))
