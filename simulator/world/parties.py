"""All that a world holds beyond its books and accounts, as arrays: businesses, letters, deals, alliances, and what is public."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator import seeding
from simulator.matching.arrays import aligned_zeros
from simulator.types import Role
from simulator.world.agents import AgentTable
from simulator.world.layout import Array
from simulator.world.party_rows import (
    ALLIANCE,
    DEAL,
    LETTER,
    LETTERS,
    MECHANISMS,
    MILLION,
    PARTNERS,
    PARTY,
    PLACES,
    PUBLIC,
    RESOURCE_STATE,
    SEALED,
    TRUST,
    WHEEL,
)
from simulator.world.scenario import Population, Scenario

EVEN = MILLION // 2  # reputation of somebody of whom nothing is known


class Parties:
    """The arrays, in the order in which a snapshot stores them.

    parties (agents,) PARTY; publics (agents,) PUBLIC; letters (agents x 8,) LETTER; trust (agents x 8,) TRUST; deals (n,) DEAL;
    sealed (n,) SEALED; wheel (1024,) int64, first row of DEAL that is due at a step; alliances (n,) ALLIANCE; resources (symbols,)
    RESOURCE_STATE; suspended (agents,) int64; mechanisms (1,) MECHANISMS. Beside them, fixed: neighbours (agents x k,) int64,
    mediators (m,) int64.
    """

    STORED = ("parties", "publics", "letters", "trust", "deals", "sealed", "wheel", "alliances", "resources", "suspended", "mechanisms")

    def __init__(self, scenario: Scenario, table: AgentTable, world_id: int, seed: int) -> None:
        """Begin the businesses of a scenario."""
        agents = scenario.agents
        self.parties, self.publics = aligned_zeros(agents, PARTY), aligned_zeros(agents, PUBLIC)
        self.letters, self.trust = np.zeros(agents * LETTERS, LETTER), np.zeros(agents * PARTNERS, TRUST)
        self.deals = np.zeros(agents * (scenario.deals.limit if scenario.deals else 0) or 1, DEAL)
        self.sealed, self.wheel = np.zeros(len(self.deals), SEALED), np.zeros(WHEEL, np.int64)
        self.alliances = np.zeros(agents // 2 + 1 if scenario.alliances else 1, ALLIANCE)
        self.resources, self.suspended = np.zeros(len(scenario.symbols), RESOURCE_STATE), np.zeros(agents, np.int64)
        roles = np.array([int(population.role.role) for population in scenario.populations])
        self._roles = roles[table.rows["trader_type"][table.numbers]]  # in the order of the populations
        self.mediators = np.zeros(int((self._roles == Role.MEDIATOR).sum()), np.int64)
        self.neighbours = np.zeros(_neighbours_of(scenario), np.int64)
        self.mechanisms, self.places = np.zeros(1, MECHANISMS), np.zeros(1, PLACES)
        self.begin(scenario, table, world_id, seed)

    def begin(self, scenario: Scenario, table: AgentTable, world_id: int, seed: int) -> None:
        """Begin those of a world in the same arrays; `attach` must follow."""
        for name in self.STORED:
            getattr(self, name).view(np.uint8)[:] = 0
        self.deals["slot"], self.deals["id"], self.trust["partner"], self.wheel[:] = -1, -1, -1, -1
        _resources(self.resources, scenario, world_id, seed)
        self.mediators[:] = np.sort(table.numbers[self._roles == Role.MEDIATOR])
        self.neighbours[:] = _neighbours(scenario, world_id, seed)
        self.mechanisms[:] = _mechanisms(scenario, len(self.mediators))
        self._begin_businesses(scenario, table, world_id, seed)
        self.publics["symbol"], self.publics["allied"], self.publics["position"] = table.rows["symbol"], -1, table.rows["inventory"]
        if scenario.reputation is not None:
            table.rows["reputation"] = EVEN

    def _begin_businesses(self, scenario: Scenario, table: AgentTable, world_id: int, seed: int) -> None:
        parties, owns = self.parties, table.rows
        starts = seeding.streams(scenario.agents, seed, "world", world_id, "party")
        parties["random"], parties["invited"], parties["left"] = starts, -1, np.iinfo(np.int64).max
        parties["role"][table.numbers] = self._roles
        parties["asked"], parties["knows"] = owns["activity"], owns["informed"]
        graded = np.array([symbol.resource is not None for symbol in scenario.symbols])[owns["symbol"]]
        parties["quality"] = np.where(graded, owns["inventory"] * MILLION, 0)
        in_business = np.array([bool(one.production or one.consumption) for one in scenario.populations])[owns["trader_type"]]
        for number in np.flatnonzero(in_business):
            away = seeding.generator(starts[number] >> 1, "business").uniform(-1, 1, 3)
            _begin_business(parties[number], scenario.populations[owns["trader_type"][number]], away)

    def attach(self, agents: Array, markets: Array) -> None:
        """Let the rows point at each other, and at these accounts and markets."""
        for name in PLACES.names or ():
            if name != "deal_rows":
                array = {"agents": agents, "markets": markets}.get(name)
                self.places[name] = (getattr(self, name) if array is None else array).ctypes.data
        self.places["deal_rows"], self.parties["places"] = len(self.deals), self.places.ctypes.data
        agents["party_address"] = self.parties.ctypes.data + np.arange(len(agents)) * PARTY.itemsize

    def stored(self) -> dict[str, Array]:
        """Return the arrays by name as a snapshot stores them, without places in memory."""
        arrays = {name: getattr(self, name) for name in self.STORED}
        arrays["parties"] = self.parties.copy()
        arrays["parties"]["places"] = 0
        return arrays

    def adopt(self, stored: Mapping[str, bytes]) -> None:
        """Become what a snapshot stored; `attach` must follow."""
        for name in self.STORED:
            getattr(self, name)[:] = np.frombuffer(stored[name], getattr(self, name).dtype)

    @property
    def in_use(self) -> bool:
        """Whether the scenario switches on anything that happens by itself beyond the book."""
        row = self.mechanisms[0]
        return any(bool(row[name]) for name in ("resources", "deal_limit", "forget", "alliances", "gossip", "watch"))


def _begin_business(party: Any, population: Population, away: Array) -> None:
    production, consumption = population.production, population.consumption
    if production is not None:
        party["makes"], party["cost"] = production.lots, round(production.cost * (1 + production.spread * away[0]))
        party["grade"] = round(MILLION * min(max(production.quality + production.quality_spread * away[1], 0.0), 1.0))
        if production.limit is not None:
            party["left"] = production.limit
    if consumption is not None:
        party["uses"], party["worth"] = consumption.lots, round(consumption.value * (1 + consumption.spread * away[2]))
        party["penalty"] = consumption.penalty


def _resources(rows: Array, scenario: Scenario, world_id: int, seed: int) -> None:
    for row, symbol in zip(rows, scenario.symbols, strict=True):
        if (resource := symbol.resource) is None:
            continue
        row["random"] = seeding.stream(seed, "world", world_id, "resource", symbol.name)
        row["period"], row["decay"], row["storage"] = resource.period, resource.perishes, resource.storing
        if resource.shortage is not None:
            row["shock_chance"], row["shock_left"] = resource.shortage.chance, 1 - resource.shortage.depth
            row["shock_end"] = 1 / resource.shortage.duration
        if resource.seasons is not None:
            row["season_height"], row["season_phase"] = resource.seasons.height, resource.seasons.phase
            row["season_turn"] = 1 / resource.seasons.period


def _neighbours_of(scenario: Scenario) -> int:
    return 1 if scenario.gossip is None or scenario.agents < 2 else scenario.agents * scenario.gossip.neighbours


def _neighbours(scenario: Scenario, world_id: int, seed: int) -> Array:
    """Deal every agent so many others, as a random graph whose edges go one way."""
    if scenario.gossip is None or scenario.agents < 2:
        return np.zeros(1, np.int64)
    chance = seeding.generator(seed, "world", world_id, "neighbours")
    others = chance.integers(1, scenario.agents, (scenario.agents, scenario.gossip.neighbours))
    return np.ascontiguousarray((others + np.arange(scenario.agents)[:, None]) % scenario.agents).reshape(-1)


def _mechanisms(scenario: Scenario, mediators: int) -> Array:
    rows = np.zeros(1, MECHANISMS)
    row: Any = rows[0]
    row["resources"] = any(symbol.resource is not None for symbol in scenario.symbols)
    row["mediators"] = mediators
    if (deals := scenario.deals) is not None:
        row["deal_limit"], row["rounds"], row["patience"] = deals.limit, deals.rounds, deals.patience
        for name, share in (("penalty", deals.penalty), ("verify", deals.verification), ("tolerance", deals.tolerance),
                            ("increment", deals.increment), ("mediator_share", deals.mediator_share)):  # fmt: skip
            row[name] = round(MILLION * share)
    if (reputation := scenario.reputation) is not None:
        row["memory"], row["forget"] = round(MILLION * reputation.memory), reputation.period
    if (alliances := scenario.alliances) is not None:
        row["alliances"], row["share_every"], row["full"] = alliances.members, alliances.period, alliances.full
        row["rebate"] = round(MILLION * alliances.rebate)
    if (gossip := scenario.gossip) is not None and scenario.agents > 1:
        row["gossip"], row["gossip_every"], row["gossip_noise"] = gossip.neighbours, gossip.period, gossip.distortion
        row["gossip_chance"], row["gossip_keep"] = round(MILLION * gossip.chance), round(MILLION * gossip.keep)
    if (oversight := scenario.oversight) is not None:
        row["watch"], row["highest_fine"] = oversight.window, oversight.highest_fine
        row["longest_suspension"] = oversight.longest_suspension
    return rows
