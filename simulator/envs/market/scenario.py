"""How an episode of the market begins: who is there, with what, and for how long."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from simulator.envs.market.action import ActionRules
from simulator.envs.market.observation import FEATURES
from simulator.envs.market.roles import ROLE_FEATURES
from simulator.world.mechanisms import RoleName
from simulator.world.moves import Fundamental
from simulator.world.scenario import Fees, Limits, Population, Scenario, Symbol

LEARNER = "simulator.envs.market.learner:Learner"
OFFICER = "simulator.envs.market.roles:Officer"
"""Who sits in a seat that is decided from outside: somebody who trades, or a regulator or mediator."""

OFFICES = (RoleName.REGULATOR, RoleName.MEDIATOR)
TICK_VALUE = 0.01  # currency per tick
START_CASH = 100_000.0


@dataclass(frozen=True, kw_only=True)
class MarketScenario:
    """One symbol, learning agents, and scripted agents around them."""

    learners: int = 1
    """Agents whose actions come from outside."""
    background: tuple[Population, ...] = ()
    """Scripted agents; empty for a market of learners alone."""
    initial_price: float = 100.0
    """In currency; a tick is 0.01."""
    horizon: int = 1000
    """Steps of an episode, after which every agent is truncated."""
    informed: bool = False
    """Whether learners see the fundamental value."""
    position_limit: int = 100
    """Most lots a learner may hold long or short, resting orders counted."""
    reward_scale: float = 1.0
    """Change of mark-to-market value, in currency, that gives a reward of one."""
    damped: bool = False
    """Whether the reward leaves out what the inventory gained because the fundamental value moved (reward.py)."""
    fundamental: Fundamental = field(default_factory=Fundamental)
    """How the fundamental value moves."""
    fees: Fees = field(default_factory=Fees)
    """What trading costs."""
    rules: ActionRules = field(default_factory=ActionRules)
    """The buckets of an action."""
    role: RoleName = RoleName.TRADER
    """What the learners are in the market for."""
    seats: Population | None = None
    """What the learners of a role are like: their money, business and limits."""
    market: Scenario | None = None
    """The market in which such learners take seats; its populations are in `background`. Without, it is as the other fields say."""

    def __post_init__(self) -> None:
        for name in ("learners", "horizon", "position_limit"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} {getattr(self, name)} is not positive; give at least 1")
        if self.reward_scale <= 0:
            raise ValueError(f"reward_scale {self.reward_scale} is not positive; give the change in currency that is worth one")
        if round(self.initial_price / TICK_VALUE) < 1:
            raise ValueError(f"initial_price {self.initial_price} is below one tick of {TICK_VALUE}; give a higher price")

    def with_learners(self, learners: int) -> MarketScenario:
        """The same market with another number of learners beside its scripted agents."""
        seats = None if self.seats is None else msgspec.structs.replace(self.seats, count=learners)
        return replace(self, learners=learners, seats=seats)

    @property
    def features(self) -> tuple[str, ...]:
        """What a learner sees, by name."""
        return FEATURES if self.seats is None else ROLE_FEATURES

    @property
    def agents(self) -> int:
        """All agents of the market."""
        return self.learners + sum(population.count or 0 for population in self.background)

    def world(self) -> Scenario:
        """The scenario as the world runs it; its first population are the learners."""
        if self.market is not None and self.seats is not None:
            populations = (self.seats, *self.background)
            return msgspec.structs.replace(self.market, agents=self.agents, steps=self.horizon, populations=populations)
        cash, limits = round(START_CASH / TICK_VALUE), Limits(position=self.position_limit, open_orders=8)
        learners = Population(trader=LEARNER, count=self.learners, outside=True, informed=self.informed, cash=cash, limits=limits)
        price = round(self.initial_price / TICK_VALUE)
        return Scenario(
            name="market",
            description="Learning agents, and scripted agents around them.",
            agents=self.agents,
            steps=self.horizon,
            symbols=(Symbol(name="AGR", initial_price=price, tick_value=TICK_VALUE, fundamental=self.fundamental),),
            populations=(learners, *self.background),
            fees=self.fees,
        )


def among(scripted: Scenario, agents: int, **settings: Any) -> MarketScenario:
    """Learners among `agents` scripted agents of a scenario, at its price, fees and fundamental value.

    settings : further fields of MarketScenario. Raises ValueError for a scenario of several symbols.
    """
    if len(scripted.symbols) != 1:
        raise ValueError(f"scenario {scripted.name} has {len(scripted.symbols)} symbols; learners trade one, choose another scenario")
    symbol, background = scripted.symbols[0], crowd_of(scripted, agents)
    own: dict[str, Any] = {"initial_price": symbol.initial_price * TICK_VALUE, "fundamental": symbol.fundamental, "fees": scripted.fees}
    return MarketScenario(background=background, **(own | settings))


def crowd_of(scripted: Scenario, agents: int) -> tuple[Population, ...]:
    """The populations of so many agents of a scenario, by count."""
    crowd = scripted.with_agents(agents)
    counted = zip(crowd.populations, crowd.counts(), strict=True)
    return tuple(msgspec.structs.replace(population, share=None, count=count) for population, count in counted if count)


def in_role(scripted: Scenario, agents: int, role: RoleName, learners: int = 1, **settings: Any) -> MarketScenario:
    """Learners of a role among `agents` scripted agents of a scenario, with all its mechanisms.

    They have the money, the business and the limits of the scenario's first population of that role, but may send eight messages a step.
    settings : further fields of MarketScenario. Raises ValueError for a role that the scenario does not have.
    """
    alike = [population for population in scripted.populations if population.role is role]
    if not alike:
        roles = ", ".join(sorted({str(population.role) for population in scripted.populations}))
        raise ValueError(f"scenario {scripted.name} has no {role}; choose one of {roles}, or another scenario")
    limits = msgspec.structs.replace(alike[0].limits or scripted.limits, messages=8)
    seats = msgspec.structs.replace(
        alike[0], trader=OFFICER if role in OFFICES else LEARNER, share=None, count=learners, outside=True, activity=1.0, parameters={},
        limits=limits, linked=False,
    )  # fmt: skip
    return MarketScenario(learners=learners, background=crowd_of(scripted, agents), role=role, seats=seats, market=scripted, **settings)
