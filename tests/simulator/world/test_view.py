"""The view in Python, and the draws: bit for bit what compiled traders see and draw."""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np
import pytest

from simulator.matching.compiled import compiled, u8
from simulator.world.commands import BUY, EVERYBODY, IOC, Commands, cancel, message, modify, place_limit, place_market
from simulator.world.draws import chance, normal, randint, random_word, uniform
from simulator.world.jit import trader_address
from simulator.world.layout import COMMANDS, HISTORY, MARKET, MEMORY, OWN, QUEUED, Array
from simulator.world.view import View, example_view, last_ago, mean_mid, mid, mid_ago
from simulator.world.view_type import call_trader, view_of


@compiled
def call(address: int, markets: Array, owns: Array, commands: Array) -> None:
    call_trader(address, view_of(markets[0], owns[0]), commands[0])


def draw_everything(view: Any, commands: Any) -> None:
    view.memory[0] = uniform(view)
    view.memory[1] = randint(view, -5, 1000)
    view.memory[2] = normal(view)
    view.memory[3] = 1.0 if chance(view, 0.25) else 0.0
    view.memory[4] = (random_word(view) >> 1) % 1000003


def see_everything(view: Any, commands: Any) -> None:
    view.memory[0] = mid(view) + mid_ago(view, 2) + mean_mid(view, 3) + last_ago(view, 1)
    view.memory[1] = view.best_bid + view.best_ask + view.bid_size + view.ask_size + view.last + view.step + view.volume
    view.memory[2] = view.cash + view.inventory + view.signal + view.position_limit + view.agent
    view.memory[3] = view.parameters[0] * view.parameters[1]
    for row in range(view.open_orders):
        order = view.orders[row]
        view.memory[4] += order.order_id * 8 + order.price * 4 + order.size * 2 + order.side


def ask_for_everything(view: Any, commands: Any) -> None:
    place_limit(commands, BUY, 2**40, -7)
    place_limit(commands, BUY, 101, 3, IOC)
    place_market(commands, 1, 5)
    cancel(commands, 17)
    modify(commands, 17, 99, 2)
    message(commands, EVERYBODY, 2, -12345678901, 3)


def both(decide: Any, view: View, times: int = 1) -> tuple[View, list[Any], Array, list[Any]]:
    """Let both forms decide on the same view; return each's view or row, and commands."""
    rows, markets, queued = np.array([view.own], OWN), np.array([view.market], MARKET), np.zeros(64, QUEUED)
    waiting = np.zeros(1, COMMANDS)
    waiting["capacity"], waiting["address"] = len(queued), queued.ctypes.data
    commands, address = Commands(), u8(trader_address(decide))
    for _ in range(times):
        decide(view, commands)
        call(address, markets, rows, waiting)
    return view, commands.rows, rows[0], queued[: waiting["count"][0]].tolist()


@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1, 88172645463325252])
def test_draws_are_the_same_bits_in_both_forms(seed: int) -> None:
    for times in (1, 2, 50):
        view, _, row, _ = both(draw_everything, example_view(seed=seed), times)
        assert view.memory.tolist() == row["memory"].tolist()
        assert view.random == int(row["random"])


def test_both_forms_see_the_same() -> None:
    view = example_view([100, 104, 103, 108], (0.1, 3.0), [(5, 100, 2, 0), (6, 104, 2, 1)], inventory=-7, signal=101.5, volume=9)
    view, _, row, _ = both(see_everything, view)
    assert view.memory.tolist() == row["memory"].tolist()
    assert view.memory[0] == 108 + 104 + 105 + 103


def test_both_forms_ask_for_the_same() -> None:
    _, rows, _, queued = both(ask_for_everything, example_view())
    assert rows == queued
    assert len(rows) == 6


def test_a_compiled_trader_without_room_says_so_and_writes_nothing_beyond() -> None:
    rows, markets, queued = np.zeros(1, OWN), np.zeros(1, MARKET), np.zeros(3, QUEUED)
    waiting = np.zeros(1, COMMANDS)
    waiting["capacity"], waiting["address"] = 2, queued.ctypes.data
    call(u8(trader_address(ask_for_everything)), markets, rows, waiting)
    assert waiting[0]["overflow"] == 1
    assert waiting[0]["count"] == 2
    assert queued[2].tolist() == (0,) * 8


def test_draws_have_the_shape_they_should() -> None:
    view = example_view(seed=5)
    normals = [normal(view) for _ in range(20000)]
    assert statistics.mean(normals) == pytest.approx(0, abs=0.03)
    assert statistics.pstdev(normals) == pytest.approx(1, abs=0.03)
    assert statistics.mean(uniform(view) for _ in range(20000)) == pytest.approx(0.5, abs=0.01)
    assert {randint(view, 3, 6) for _ in range(200)} == {3, 4, 5}


def test_prices_before_the_market_began_are_the_initial_price() -> None:
    view = example_view([100, 110])
    assert mid_ago(view, 1) == mid_ago(view, HISTORY - 1) == 100
    assert mean_mid(view, 4) == 102.5
    assert last_ago(view, 0) == 110


def test_history_survives_going_round() -> None:
    prices = [100 + step % 37 for step in range(HISTORY)]
    view = example_view(prices)
    assert mean_mid(view, 255) == pytest.approx(sum(prices[-255:]) / 255)
    assert [mid_ago(view, back) for back in range(5)] == prices[:-6:-1]


def test_a_view_names_the_fields_it_has() -> None:
    with pytest.raises(AttributeError, match=r"a view has no price; it has \['activity'"):
        _ = example_view().price
    with pytest.raises(ValueError, match=r"a view has no field prise"):
        example_view(prise=3)


def test_commands_can_be_read_in_words() -> None:
    commands = Commands()
    ask_for_everything(example_view(), commands)
    words = [type(command).__name__ for command in commands.placed()]
    assert words == ["PlaceOrder", "PlaceOrder", "PlaceOrder", "CancelOrder", "ModifyOrder", "SendMessage"]
    assert len(commands) == 6


def test_memory_and_parameters_have_their_size() -> None:
    assert example_view().memory.shape == (MEMORY,)
