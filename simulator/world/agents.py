"""The agents of a world: which rows there are, what each of them is, and which code decides for it.

Which number an agent has says nothing about what it is: numbers are dealt anew in every world.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Protocol

import numpy as np
from numba.core.errors import NumbaError

from simulator import seeding
from simulator.matching.arrays import aligned_zeros
from simulator.world.commands import Commands
from simulator.world.layout import OPEN_ORDER, OWN, PARAMETERS, Array
from simulator.world.scenario import Limits, Population, Scenario
from simulator.world.view import View

MakeTrader = Callable[[str, Mapping[str, Any]], "TraderLike"]
"""(name in the scenario, its parameters) -> the strategy."""


class TraderLike(Protocol):
    """What a world needs of a strategy; simulator.traders.trader.Trader is one."""

    address: int
    memory_words: int
    parameters: tuple[float, ...]

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step, in Python; called only where address is 0."""
        ...


def registered(name: str, parameters: Mapping[str, Any]) -> TraderLike:
    """Return a strategy by its name in simulator.traders, or as module:Class.

    The registry is looked up when it is needed: a world runs any strategies and depends on none. Raises ValueError as it does.
    """
    trader: TraderLike = import_module("simulator.traders.registry").make_trader(name, parameters)
    return trader


class AgentTable:
    """All agents of a world as arrays.

    rows (agents,) OWN by agent number; open_orders (sum of order limits,) OPEN_ORDER, to which the rows point; traders, one per
    population; addresses (populations,) uint64 once `compile` was called, 0 for plain Python; agenda (agents,) int64: in which order
    they are asked, those of one population together; ends (populations,) int64, where each ends in the agenda; outside (n,) int64,
    numbers of the agents that decide outside.
    """

    def __init__(self, scenario: Scenario, world_id: int, seed: int, make_trader: MakeTrader = registered) -> None:
        """Deal the agents. Raises ValueError for unknown strategies and parameters."""
        self.populations = scenario.populations
        self.traders = [make_trader(population.trader, population.parameters) for population in self.populations]
        self.addresses = np.zeros(len(self.traders), np.uint64)
        types = np.repeat(np.arange(len(self.populations)), scenario.counts())
        self.rows = aligned_zeros(scenario.agents, OWN)
        numbers = seeding.permutation(scenario.agents, seed, "world", world_id, "agents")
        self.rows["trader_type"][numbers] = types
        self.rows["symbol"][numbers], self.rows["partner"][numbers] = _dealt(types, scenario), _partners(types, scenario, numbers)
        for number in range(scenario.agents):
            self._fill(number, scenario, seeding.stream(seed, "world", world_id, "agent", number))
        _forbid_short(self.rows, scenario)
        self.agenda = np.argsort(self.rows["trader_type"], kind="stable").astype(np.int64)
        self.ends = np.cumsum(scenario.counts()).astype(np.int64)
        is_outside = np.array([population.outside for population in self.populations])
        self.outside = np.flatnonzero(is_outside[self.rows["trader_type"]]).astype(np.int64)
        self.attach(np.zeros(max(1, int(self.rows["order_limit"].sum())), OPEN_ORDER))

    def _fill(self, number: int, scenario: Scenario, start: int) -> None:
        row = self.rows[number]
        population, trader = self.populations[row["trader_type"]], self.traders[row["trader_type"]]
        if len(trader.parameters) > PARAMETERS:
            raise ValueError(f"{population.trader} has {len(trader.parameters)} parameters, more than {PARAMETERS}; use fewer")
        row["random"], row["agent"], row["message_sender"], row["alliance"] = start, number, -1, -1
        row["cash"], row["inventory"], row["informed"] = population.cash, population.inventory, population.informed
        row["memory_words"], row["activity"] = trader.memory_words, population.activity
        row["parameters"][: len(trader.parameters)] = trader.parameters
        _limit(row, population, population.limits or scenario.limits)

    def compile(self) -> None:
        """Compile the strategies that are not yet. Raises ValueError for one that cannot be."""
        for number, (population, trader) in enumerate(zip(self.populations, self.traders, strict=True)):
            try:
                self.addresses[number] = trader.address
            except NumbaError as error:
                why = str(error).strip().splitlines()
                raise ValueError(
                    f"strategy {population.trader} cannot be compiled: {' '.join(why[:3])}; "
                    "write it with numbers and the functions of simulator.world alone, or leave out its address to play it in Python"
                ) from error

    def attach(self, open_orders: Array) -> None:
        """Let the rows point into these rows of open orders, each agent to its own stretch."""
        self.open_orders = open_orders
        self.offsets = np.concatenate([[0], np.cumsum(self.rows["order_limit"])[:-1]]).astype(np.int64)
        self.rows["orders_address"] = open_orders.ctypes.data + self.offsets * OPEN_ORDER.itemsize

    def orders_of(self, agent: int) -> Array:
        """Return (open orders,) OPEN_ORDER of an agent, oldest first; a view."""
        start = self.offsets[agent]
        return self.open_orders[start : start + self.rows["open_orders"][agent]]

    def types(self) -> list[str]:
        """Return for every agent the name of its population, or without one that of its strategy."""
        return [self.populations[number].name or self.populations[number].trader for number in self.rows["trader_type"]]


def _limit(row: Any, population: Population, limits: Limits) -> None:
    if abs(population.inventory) > limits.position:
        raise ValueError(
            f"inventory {population.inventory} of {population.trader} is beyond its position limit {limits.position}; raise the limit"
        )
    row["position_limit"], row["credit_limit"] = limits.position, limits.credit
    row["short_limit"] = limits.position if limits.short is None else limits.short
    row["order_limit"], row["message_limit"] = limits.open_orders, limits.messages


def _forbid_short(rows: Array, scenario: Scenario) -> None:
    """Let nobody sell what it does not have of a resource. Raises ValueError for a population that begins short of one."""
    resources = np.array([symbol.resource is not None for symbol in scenario.symbols])[rows["symbol"]]
    rows["short_limit"][resources] = 0
    begun_short = np.flatnonzero(resources & (rows["inventory"] < 0))
    if len(begun_short):
        population = scenario.populations[rows["trader_type"][begun_short[0]]]
        raise ValueError(f"inventory {population.inventory} of {population.trader} is less than nothing of a resource; give 0 or more")


def _dealt(types: Array, scenario: Scenario) -> Array:
    """Deal the agents of every type over its symbols in turn, each type without any of its own beginning where the one before ended."""
    dealt = np.arange(len(types)) % len(scenario.symbols)
    for number, population in enumerate(scenario.populations):
        if population.symbols:
            own = np.array([scenario.symbol(name) for name in population.symbols])
            mine = np.flatnonzero(types == number)
            dealt[mine] = own[np.arange(len(mine)) % len(own)]
    return dealt


def _partners(types: Array, scenario: Scenario, numbers: list[int]) -> Array:
    """Return for every agent of a linked type the number of the same owner's next agent, -1 for the others."""
    partners = np.full(len(types), -1)
    for number, population in enumerate(scenario.populations):
        if population.linked:
            owners = np.array(numbers)[types == number].reshape(-1, len(population.symbols))
            partners[types == number] = np.roll(owners, -1, axis=1).reshape(-1)
    return partners
