"""The business of members who are buyers or sellers themselves: they trade as the scenario's own do, with other numbers in episodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np

from simulator.traders import buyer, seller
from simulator.traders.buyer import Buyer
from simulator.traders.seller import Seller
from simulator.types import DealStep, MessageKind, Side
from simulator.world.acts import Act, offer
from simulator.world.commands import Commands
from simulator.world.deal_rows import DealState
from simulator.world.looking import mechanisms, public_of
from simulator.world.party_rows import LETTERS, MILLION
from simulator.world.scenario import Population, Scenario
from simulator.world.view import View
from tests.spark_jobs.newcomers.episode import BUSINESS, LENGTH, START
from tests.spark_jobs.outsiders.outsider import Gang, accomplices

ASKED = int(DealStep.OFFERED), int(DealStep.COUNTERED)


def first_of(scenario: Scenario, trader: str) -> Population:
    """The first population of a strategy. Raises ValueError where a scenario has none."""
    for found in scenario.populations:
        if found.trader == trader:
            return found
    raise ValueError(f"scenario {scenario.name} has no {trader}; take one that has, such as surveillance_deals")


class Guise:
    """A view as an honest strategy sees it: memory and parameters of its own, no letters about deals that the member answers itself."""

    def __init__(self, view: View, parameters: Any, others: Any, busy: bool) -> None:
        """Hide what accomplices offer, and with `busy` what anybody asks."""
        self.view, self.parameters, self.memory, self.around = view, parameters, view.memory[BUSINESS:], view.around
        mine = slice(view.agent * LETTERS, (view.agent + 1) * LETTERS)
        rows = view.around.letters[mine]
        hidden = (rows["kind"] == int(MessageKind.DEAL)) & (np.isin(rows["sender"], others) | (busy & np.isin(rows["value_1"], ASKED)))
        if hidden.any():
            letters = view.around.letters.copy()
            letters["kind"][mine][hidden] = int(MessageKind.PLAIN)
            self.around = view.around._replace(letters=letters)

    def __getattr__(self, name: str) -> Any:
        """Return anything else of the view."""
        return getattr(self.view, name)

    @property
    def random(self) -> int:
        """The member's own stream."""
        return self.view.random

    @random.setter
    def random(self, state: int) -> None:
        self.view.random = state


class Business(Gang):
    """A gang of which every member is a seller or a buyer like the scenario's first ones."""

    TRADER: ClassVar[Any] = Seller
    NAME: ClassVar[str] = "seller"
    RATE: ClassVar[float] = 0.05
    needs_book: ClassVar[bool] = False

    def __init__(self, contracts: float = 0.04, auctions: float = 0.0, sociable: float = 0.005) -> None:
        """Take the parameters of the seller or buyer that it is besides."""
        super().__init__()
        self.business = business = {"contracts": contracts, "auctions": auctions, "sociable": sociable}
        self.parameters = self.TRADER(**business).parameters

    @classmethod
    def seat(cls, scenario: Scenario, members: int, parameters: Mapping[str, float]) -> dict[str, Any]:
        """The place of the scenario's first seller or buyer, with its parameters."""
        found = first_of(scenario, cls.NAME)
        names = ("role", "activity", "inventory", "cash", "production", "consumption")
        known = {name: value for name, value in found.parameters.items() if name in ("contracts", "auctions", "sociable")}
        return {name: getattr(found, name) for name in names} | {"parameters": known}

    def between(self, view: View, commands: Commands) -> None:
        """Do honest business."""
        self.usual(view, commands)

    def usual(self, view: View, commands: Commands, busy: bool = False, deaf_to: tuple[int, ...] = (), **changed: float) -> None:
        """Do the business with some parameters changed; with `busy`, or for those it is deaf to, the member answers offers itself."""
        changed |= {"contracts": 0.0} if not free_to_deal(view, commands) else {}
        parameters = self.TRADER(**(self.business | changed)).parameters
        guise: Any = Guise(view, parameters, [*accomplices(view), *deaf_to], busy)
        (seller if self.NAME == "seller" else buyer).decide(guise, commands)

    def over(self, view: View) -> bool:
        """Whether the time is up."""
        return bool(view.step >= view.memory[START] + view.memory[LENGTH])


class Sellers(Business):
    """A gang of sellers."""


class Buyers(Business):
    """A gang of buyers."""

    TRADER: ClassVar[Any] = Buyer
    NAME: ClassVar[str] = "buyer"


def asked(view: View) -> Iterator[Any]:
    """The deals that wait for the agent's answer."""
    deals = view.around.deals
    yield from deals[(deals["state"] == int(DealState.OFFERED)) & (deals["turn"] == view.agent)]


def delivered(view: View) -> Iterator[Any]:
    """The deals that the agent may still rate."""
    deals = view.around.deals
    for deal in deals[(deals["state"] == int(DealState.DELIVERED)) & ((deals["first"] == view.agent) | (deals["second"] == view.agent))]:
        if not deal["ratings"] & (1 if deal["first"] == view.agent else 2):
            yield deal


def other_of(view: View, deal: Any) -> int:
    """The other side of a deal."""
    return int(deal["second"] if deal["first"] == view.agent else deal["first"])


def free_to_deal(view: View, commands: Commands) -> bool:
    """Whether the agent may begin another deal, those of this step counted."""
    return bool(mechanisms(view).deal_limit > view.deals + sum(row[0] == Act.OFFER for row in commands.rows))


def propose(view: View, commands: Commands, to: int, side: int, price: float, lots: int, delay: int, quality: int = 0) -> bool:
    """Offer a contract if that is possible: the limit of deals, lots or money, and another price than none."""
    owns = view.inventory - view.ask_lots >= lots if side == Side.SELL else view.cash - view.reserved > price * lots
    if lots < 1 or price < 1 or not owns or not free_to_deal(view, commands) or public_of(view, to).symbol != view.symbol:
        return False
    offer(commands, to, side, int(price), lots, delay, min(max(quality, 0), MILLION))
    return True


def users(view: View) -> Any:
    """The numbers of all who use the good up, which is known in the trade."""
    return np.flatnonzero((view.around.parties["uses"] > 0) & (view.around.agents["symbol"] == view.symbol))


def makers(view: View) -> Any:
    """The numbers of all who make the good and are no members."""
    made = np.flatnonzero((view.around.parties["makes"] > 0) & (view.around.agents["symbol"] == view.symbol))
    return made[~np.isin(made, accomplices(view))]
