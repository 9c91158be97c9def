"""Scenarios: everything that decides a market, as data, checked before anything is simulated."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from simulator.types import Role
from simulator.world.mechanisms import (
    Alliances,
    Consumption,
    Deals,
    Gossip,
    NonNegative,
    Oversight,
    Positive,
    Production,
    Reputation,
    Resource,
    RoleName,
)
from simulator.world.moves import Fundamental, Share

_HIGHEST = 2**31 - 1
TEMPLATE_FIELDS = ("value_1", "value_2", "value_3", "value_4", "sender", "receiver", "symbol", "topic")
_ROUNDING = 1e-6


class Symbol(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is traded."""

    name: str
    initial_price: Annotated[int, Meta(ge=1, le=_HIGHEST)] = 10_000
    """In ticks."""

    tick_size: Annotated[int, Meta(ge=1, le=_HIGHEST)] = 1
    """Legal prices are its multiples, in ticks."""

    lot_size: Annotated[int, Meta(ge=1, le=_HIGHEST)] = 1
    """Legal sizes are its multiples, in lots."""

    tick_value: Annotated[float, Meta(gt=0)] = 0.01
    """Currency per tick, for people."""

    fundamental: Fundamental = Fundamental()

    resource: Resource | None = None
    """What is made, stored and used up; without, a security, of which there is always as much."""


class Fees(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fees in millionths of a trade's value, rounded down; negative ones are rebates."""

    maker: Annotated[int, Meta(ge=-100_000, le=100_000)] = 0
    taker: Annotated[int, Meta(ge=-100_000, le=100_000)] = 0


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an agent may do at most. A command beyond is refused, and its record says which limit."""

    position: Annotated[int, Meta(ge=0, le=_HIGHEST)] = 1000
    """Lots long or short, if all its resting orders were filled."""

    short: Annotated[int, Meta(ge=0, le=_HIGHEST)] | None = None
    """Lots short; without, as many as long, and none of a resource."""

    credit: NonNegative = 0
    """How far cash, less what resting bids would cost, may fall below zero, in ticks x lots. Fees are not reserved, and a market order is
    judged at the best ask."""

    open_orders: Annotated[int, Meta(ge=0, le=65536)] = 64
    """Resting orders."""

    messages: NonNegative = 1
    """Messages per step."""


class CircuitBreaker(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When trading in a symbol stops by itself, as exchanges do it: for a pause, after too large a move of its mid price."""

    move: Annotated[float, Meta(gt=0, le=1)] = 0.05
    """Share of the price; a larger move within the window stops trading."""

    window: Annotated[int, Meta(ge=1, le=255)] = 200
    """Steps over which a move is counted."""

    pause: Positive = 300
    """Steps for which trading stops; moves are counted anew from its end."""


class PriceBand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far from the market's own recent price anybody may trade: no bid above the band, no offer below it."""

    width: Annotated[float, Meta(gt=0, le=1)] = 0.02
    """Half of the band, as a share of the reference."""

    window: Annotated[int, Meta(ge=1, le=255)] = 100
    """Steps whose mean mid price is the reference."""


class Session(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Trading days that begin and end with a call auction: orders are collected, then all that cross trade at one price."""

    steps: Annotated[int, Meta(ge=2)] = 10_000
    """Length of a day; the next one follows at once."""

    opening: NonNegative = 100
    """Steps in which the day's first orders are collected; 0 for continuous trading from the start."""

    closing: NonNegative = 100
    """Steps before the day's last one in which its last orders are collected; 0 for none."""

    def __post_init__(self) -> None:
        """Check that something is left of the day. Raises ValueError."""
        if self.opening + self.closing >= self.steps - 1:
            raise ValueError(
                f"opening {self.opening} and closing {self.closing} leave nothing of a session of {self.steps} steps; shorten one of them"
            )


class Population(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Agents of one kind."""

    trader: str
    """A strategy of simulator.traders by its file's name, or module:Class of your own."""

    name: str = ""
    """What its agents are called in results and labels; without, as their strategy."""

    share: Share | None = None
    """Share of the agents left after populations with a count."""

    count: NonNegative | None = None
    """A fixed number of agents, instead of a share."""

    parameters: dict[str, Any] = {}
    """Keyword arguments of the strategy."""

    activity: Share = 1.0
    """Chance that an agent is asked in a step: it then looks at the market and decides. In the other steps it costs next to nothing."""

    informed: bool = False
    """Whether it sees the fundamental value."""

    outside: bool = False
    """Whether its decisions come from outside (World.step_batch)."""

    cash: int = 10_000_000
    """Ticks x lots at the start."""

    inventory: Annotated[int, Meta(ge=-_HIGHEST, le=_HIGHEST)] = 0
    """Lots at the start."""

    limits: Limits | None = None
    """Limits of its own instead of the scenario's."""

    role: RoleName = RoleName.TRADER
    """What it is in the market for; regulators and mediators may do what others may not."""

    symbols: tuple[str, ...] = ()
    """What its agents trade, dealt in turn; without, any symbol."""

    linked: bool = False
    """Whether each owner has one agent in each of `symbols`, each of which sees the next one's market and account."""

    production: Production | None = None
    """What each makes."""

    consumption: Consumption | None = None
    """What each uses up."""


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A market."""

    name: str
    description: str = ""
    agents: Annotated[int, Meta(ge=1, le=1_000_000)] = 100
    steps: Positive = 10_000
    """Length of a run unless it is told otherwise."""

    step_nanoseconds: Positive = 100_000_000
    """Simulated time of a step."""

    symbols: tuple[Symbol, ...] = (Symbol(name="AGR"),)
    populations: tuple[Population, ...]
    fees: Fees = Fees()
    limits: Limits = Limits()
    circuit_breaker: CircuitBreaker | None = None
    """When trading stops by itself; without, never."""

    price_band: PriceBand | None = None
    """How far from the recent price anybody may trade; without, at any price."""

    session: Session | None = None
    """Trading days with call auctions; without, trading is continuous from the first step on."""

    deals: Deals | None = None
    """Contracts and auctions beside the book; without, there are none."""

    reputation: Reputation | None = None
    """What becomes known of those who keep and break contracts; without, nothing."""

    alliances: Alliances | None = None
    """Groups that share what they know and gain; without, everybody is alone."""

    gossip: Gossip | None = None
    """Rumours; without, what one says goes to those to whom it is said."""

    oversight: Oversight | None = None
    """What regulators may do; without, there are no regulators."""

    tick_interval: Positive = 100
    """Every so many steps a symbol that did not change gives a TICK record, too."""

    account_interval: Positive = 1000
    """Every so many steps an agent that did not change gives an ACCOUNT record, too."""

    message_topics: tuple[str, ...] = ("sentiment", "order_flow")
    """Names of the topics of messages, by number."""

    message_templates: dict[str, str] = {}
    """Text for messages of a topic, such as "I expect {value_3}"; it may name value_1 to value_4, sender, receiver, symbol and topic."""

    def __post_init__(self) -> None:
        """Check what fields alone cannot. Raises ValueError."""
        if not self.symbols:
            raise ValueError(f"scenario {self.name} has no symbols; list at least one")
        if not self.populations:
            raise ValueError(f"scenario {self.name} has no populations; list at least one")
        names = [symbol.name for symbol in self.symbols]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"symbol {name} of scenario {self.name} appears twice; give every symbol its own name")
        for symbol in self.symbols:
            if symbol.initial_price % symbol.tick_size:
                raise ValueError(
                    f"initial price {symbol.initial_price} of {symbol.name} is not a multiple of tick size {symbol.tick_size}; round it"
                )
        self.counts()
        for topic, template in self.message_templates.items():
            self._check_template(topic, template)
        for population in self.populations:
            self._check_population(population)

    def _check_template(self, topic: str, template: str) -> None:
        """Check the text for a topic. Raises ValueError."""
        if topic not in self.message_topics:
            raise ValueError(f"template of topic {topic}, which is none of {', '.join(self.message_topics)}; name one of `message_topics`")
        try:
            template.format_map(dict.fromkeys(TEMPLATE_FIELDS, 0))
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError(
                f"template {template!r} of topic {topic} cannot be filled in ({error}); use {', '.join(TEMPLATE_FIELDS)}"
            ) from None

    def _check_population(self, population: Population) -> None:
        """Check what a population is told about the market. Raises ValueError."""
        named = f"population {population.trader} of scenario {self.name}"
        resources = {symbol.name for symbol in self.symbols if symbol.resource is not None}
        for name in population.symbols:
            self.symbol(name)
        if population.production or population.consumption:
            idle = [name for name in population.symbols or [symbol.name for symbol in self.symbols] if name not in resources]
            if idle:
                raise ValueError(f"{named} produces or consumes {idle[0]}, which is no resource; give that symbol a `resource`, "
                                 "or name others in `symbols`")  # fmt: skip
        if population.linked and len(population.symbols) < 2:
            raise ValueError(f"{named} is linked over {len(population.symbols)} symbols; name at least two in `symbols`")
        needed = {Role.REGULATOR: ("oversight", self.oversight), Role.MEDIATOR: ("deals", self.deals)}.get(population.role.role)
        if needed is not None and needed[1] is None:
            raise ValueError(f"{named} is a {population.role.value} in a scenario without `{needed[0]}`; add `{needed[0]}: {{}}`")

    def counts(self) -> tuple[int, ...]:
        """Return the number of agents of each population; the shares are rounded to the largest remainders.

        Raises ValueError where shares and counts do not make up the agents.
        """
        for population in self.populations:
            if (population.share is None) == (population.count is None):
                raise ValueError(f"population {population.trader} of {self.name} needs either a share or a count; give one of them")
        rest = self.agents - sum(population.count or 0 for population in self.populations)
        shares = [population.share for population in self.populations if population.share is not None]
        if shares and abs(sum(shares) - 1) > _ROUNDING:
            raise ValueError(f"shares {shares} of scenario {self.name} sum to {sum(shares):g}; change them so that they sum to one")
        if rest < 0 or (rest > 0 and not shares):
            raise ValueError(f"populations of scenario {self.name} do not make up its {self.agents} agents; {rest} are left over")
        counts = _rounded(rest, self.populations)
        for population, count in zip(self.populations, counts, strict=True):
            if population.linked and population.symbols and count % len(population.symbols):
                raise ValueError(
                    f"{count} agents of the linked population {population.trader} are no whole number of owners with "
                    f"{len(population.symbols)} each; give it a count that is a multiple"
                )
        return counts

    def with_agents(self, agents: int | None) -> Scenario:
        """Return the scenario with another number of agents; None leaves it. Raises ValueError for fewer than one or too few."""
        if agents is None or agents == self.agents:
            return self
        if agents < 1:
            raise ValueError(f"{agents} agents is fewer than one; ask for at least one")
        return msgspec.convert({**msgspec.to_builtins(self), "agents": agents}, Scenario)

    def symbol(self, name: str) -> int:
        """Return the number of a symbol. Raises ValueError for an unknown name, with the names that there are."""
        names = [symbol.name for symbol in self.symbols]
        if name not in names:
            raise ValueError(f"symbol {name!r} is unknown; choose one of {', '.join(names)}")
        return names.index(name)


def _rounded(agents: int, populations: tuple[Population, ...]) -> tuple[int, ...]:
    exact = [(population.share or 0.0) * agents for population in populations]
    counts = [int(number + _ROUNDING) for number in exact]
    by_remainder = sorted(range(len(exact)), key=lambda row: counts[row] - exact[row])
    for row in by_remainder[: agents - sum(counts)]:
        counts[row] += 1
    return tuple(count if population.count is None else population.count for count, population in zip(counts, populations, strict=True))


class WrongScenario(ValueError):
    """What is wrong with a scenario: the rule that is broken, and the path of the value such as $.populations[0].share."""

    def __init__(self, name: str, message: str) -> None:
        self.rule, _, path = message.partition(" - at `")
        self.path = path.rstrip("`")
        super().__init__(f"scenario {name}: {message}; see config/scenarios.yaml for the keys")


def from_builtins(data: dict[str, Any]) -> Scenario:
    """Make a scenario from plain data, as a stored run keeps it. Raises WrongScenario with the key that is wrong."""
    name = str(data.get("name", ""))
    try:
        return msgspec.convert({**data, "name": name}, Scenario)
    except msgspec.ValidationError as error:
        raise WrongScenario(name, str(error)) from None


def to_builtins(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario as plain data, to be stored."""
    built: dict[str, Any] = msgspec.to_builtins(scenario)
    return built
