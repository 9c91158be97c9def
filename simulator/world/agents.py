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
        self.populations, self._make_trader = scenario.populations, make_trader
        self.traders = [make_trader(population.trader, population.parameters) for population in self.populations]
        self.addresses = np.zeros(len(self.traders), np.uint64)
        self._types = np.repeat(np.arange(len(self.populations)), scenario.counts())
        self._undealt = self._rows_by_type(scenario)
        self.rows, self.agenda = aligned_zeros(scenario.agents, OWN), np.zeros(scenario.agents, np.int64)
        self.ends = np.cumsum(scenario.counts()).astype(np.int64)
        is_outside = np.array([population.outside for population in self.populations])[self._types]
        self._is_outside, self.outside = is_outside, np.zeros(int(is_outside.sum()), np.int64)
        self.open_orders = np.zeros(max(1, int(self._undealt["order_limit"].sum())), OPEN_ORDER)
        self.deal(scenario, world_id, seed)

    def deal(self, scenario: Scenario, world_id: int, seed: int) -> None:
        """Deal the agents of a world into the same arrays."""
        numbers = np.array(seeding.permutation(scenario.agents, seed, "world", world_id, "agents"))
        bytes_of(self.rows)[numbers] = bytes_of(self._undealt)
        self.numbers = numbers
        """(agents,) int64: the agent's number of every place in the order of the populations."""
        self.rows["agent"], self.rows["partner"][numbers] = np.arange(scenario.agents), _partners(self._types, scenario, numbers)
        self.rows["random"] = seeding.streams(scenario.agents, seed, "world", world_id, "agent")
        self.agenda[:] = np.argsort(self.rows["trader_type"], kind="stable")
        self.outside[:] = np.sort(numbers[self._is_outside])
        self.open_orders.view(np.uint8)[:] = 0
        self.attach(self.open_orders)

    def forget(self) -> None:
        """Make the strategies in plain Python anew: they may remember the world that was."""
        for number in np.flatnonzero(self.addresses == 0):
            self.traders[number] = self._make_trader(self.populations[number].trader, self.populations[number].parameters)

    def _rows_by_type(self, scenario: Scenario) -> Array:
        """Return (agents,) OWN in the order of the populations: all that does not depend on the world."""
        kinds = aligned_zeros(len(self.populations), OWN)
        for number, (row, population, trader) in enumerate(zip(kinds, self.populations, self.traders, strict=True)):
            if len(trader.parameters) > PARAMETERS:
                raise ValueError(f"{population.trader} has {len(trader.parameters)} parameters, more than {PARAMETERS}; use fewer")
            row["trader_type"], row["message_sender"], row["alliance"] = number, -1, -1
            row["cash"], row["inventory"], row["informed"] = population.cash, population.inventory, population.informed
            row["memory_words"], row["activity"] = trader.memory_words, population.activity
            row["parameters"][: len(trader.parameters)] = trader.parameters
            _limit(row, population, population.limits or scenario.limits)
        rows = aligned_zeros(scenario.agents, OWN)
        bytes_of(rows)[:] = bytes_of(kinds)[self._types]
        rows["symbol"] = _dealt(self._types, scenario)
        counts = np.array(scenario.counts())
        rows["members"] = counts[self._types]
        rows["member"] = np.arange(scenario.agents) - (np.cumsum(counts) - counts)[self._types]
        _forbid_short(rows, scenario)
        return rows

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


def bytes_of(rows: Array) -> Array:
    """Return rows as (rows, bytes) uint8: copying them field by field takes 25 times as long."""
    return rows.view(np.uint8).reshape(len(rows), -1)


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


def _partners(types: Array, scenario: Scenario, numbers: Array) -> Array:
    """Return for every agent of a linked type the number of the same owner's next agent, -1 for the others."""
    partners = np.full(len(types), -1)
    for number, population in enumerate(scenario.populations):
        if population.linked:
            owners = numbers[types == number].reshape(-1, len(population.symbols))
            partners[types == number] = np.roll(owners, -1, axis=1).reshape(-1)
    return partners
