"""What a scenario may switch on beyond the book, as data: resources, deals, reputation, alliances, gossip, oversight."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from simulator.types import Role
from simulator.world.moves import Seasons, Share
from simulator.world.party_rows import MEMBERS, WHEEL

NonNegative = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1)]
Steps = Annotated[int, Meta(ge=1, lt=WHEEL)]


class RoleName(StrEnum):
    """Roles as scenarios name them."""

    TRADER = "trader"
    BUYER = "buyer"
    SELLER = "seller"
    SPECULATOR = "speculator"
    MEDIATOR = "mediator"
    REGULATOR = "regulator"

    @property
    def role(self) -> Role:
        """The number that the world knows it by."""
        return Role[self.name]


class ResourceKind(StrEnum):
    """What is traded."""

    ENERGY = "energy"  # perishes fast, and is dear to store
    GOODS = "goods"
    DATA = "data"  # does not perish and costs nothing to store; quality is what counts


class Shortage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Times in which little is produced."""

    chance: Share = 0.02
    """That one begins in a period."""

    depth: Share = 0.5
    """Share of the production that is lost in it."""

    duration: Annotated[float, Meta(ge=1)] = 30.0
    """Mean periods until it ends."""


class Resource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A symbol that is produced, stored and consumed. Nobody can sell what it does not have."""

    kind: ResourceKind = ResourceKind.GOODS

    period: Positive = 20
    """Steps from one production and consumption to the next."""

    decay: Share | None = None
    """Share of a stock that perishes in a period; by kind: energy 0.05, goods 0.0005, data 0."""

    storage: NonNegative | None = None
    """Ticks a lot and period; by kind: energy 4, goods 1, data 0."""

    shortage: Shortage | None = None
    """Without, production never fails."""

    seasons: Seasons | None = None
    """How production comes and goes: it is multiplied by 1 + height x wave; without, it is always the same."""

    @property
    def perishes(self) -> float:
        """Share of a stock that perishes in a period."""
        return (
            {ResourceKind.ENERGY: 0.05, ResourceKind.GOODS: 0.0005, ResourceKind.DATA: 0.0}[self.kind] if self.decay is None else self.decay
        )

    @property
    def storing(self) -> int:
        """Ticks a lot and period."""
        return {ResourceKind.ENERGY: 4, ResourceKind.GOODS: 1, ResourceKind.DATA: 0}[self.kind] if self.storage is None else self.storage


class Production(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an agent can make in a period."""

    lots: Annotated[float, Meta(gt=0, le=1_000_000)]
    """Mean lots."""

    cost: NonNegative
    """Ticks a lot, on average over the agents."""

    spread: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    """Each agent's cost lies within this share of it."""

    quality: Share = 1.0
    """Of what is made, on average over the agents."""

    quality_spread: Share = 0.0
    """Each agent's quality lies within this distance of it."""

    limit: NonNegative | None = None
    """Lots it may make in all, such as the records that an owner of data gives away before its privacy is used up; without, any."""


class Consumption(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an agent uses up in a period."""

    lots: Annotated[float, Meta(gt=0, le=1_000_000)]
    """Mean lots wanted."""

    value: NonNegative
    """Ticks that a lot of full quality earns it, on average over the agents."""

    spread: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    """Each agent's value lies within this share of it."""

    penalty: NonNegative = 0
    """Ticks it loses for each lot wanted and lacking."""


class Deals(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Contracts between two agents and auctions, beside the book."""

    limit: Annotated[int, Meta(ge=1, le=64)] = 4
    """Open ones that an agent may have begun."""

    rounds: Annotated[int, Meta(ge=1, le=1000)] = 6
    """Offers and counter-offers of a negotiation, the first included."""

    patience: Steps = 50
    """Steps after which an unanswered offer, or an unsettled dispute, is over."""

    penalty: Share = 0.2
    """What is claimed for a broken contract, as a share of its value."""

    verification: Share = 0.0
    """Chance that the quality of a delivery is verified."""

    tolerance: Share = 0.05
    """By how much it may lie below what was promised."""

    increment: Share = 0.01
    """Share of the price by which an English bid must rise, and a Dutch price falls."""

    mediator_share: Share = 0.1
    """Of what is paid in a settlement, for the mediator."""


class Reputation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How evidence of kept and broken contracts counts: (good + 1) / (good + bad + 2), both fading."""

    memory: Share = 0.95
    """Share of the evidence that is left after `period` steps."""

    period: Positive = 500


class Alliances(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Groups that see what one of them sees, and get back a share of their fees that rises with what they pay together."""

    members: Annotated[int, Meta(ge=2, le=MEMBERS)] = 4
    """Most of them in one."""

    period: Positive = 500
    """Steps after which what was gained is divided by Shapley value."""

    rebate: Share = 0.5
    """Highest share of the fees that comes back."""

    full: Positive = 100_000
    """Fees in a period (ticks x lots) from which on it comes back in full; below, the share rises with the fees."""


class Gossip(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rumours that go from neighbour to neighbour over a fixed graph, and become weaker and less true."""

    neighbours: Annotated[int, Meta(ge=1, le=64)] = 4
    """Of each agent, dealt by chance."""

    period: Positive = 5
    """Steps from one exchange to the next."""

    chance: Share = 0.5
    """That an agent with a rumour passes it on then."""

    keep: Share = 0.8
    """Share of a rumour's strength that is left after a hop or a period."""

    distortion: Share = 0.02
    """Deviation of what a hop changes in the value, as a share of it."""


class Oversight(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What regulators may do, and over what time they count."""

    window: Positive = 500
    """Steps after which the counts of orders and trades are halved."""

    highest_fine: NonNegative = 1_000_000
    """Ticks x lots."""

    longest_suspension: Steps = 500
    """Steps."""
