"""Three cartels: buyers who take turns in auctions, sellers who keep to a floor, and a ring in which one bids and shares afterwards.

Source: OECD, guidelines for fighting bid rigging in public procurement (2009), on rotation, suppression and cover bids; McAfee and
McMillan, "Bidding rings", American Economic Review 82 (1992); Marshall and Marx, "The economics of collusion" (2012), on price floors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.manipulators.manipulator import Range
from simulator.traders.dealing import bid_in_auction, read_letters
from simulator.traders.quoting import keep_one
from simulator.traders.sizing import affordable, price_at_least, price_at_most
from simulator.types import DealStep, MessageKind, Protocol
from simulator.world.acts import accept, bid, offer
from simulator.world.commands import BUY, SELL, Commands, tell
from simulator.world.deal_rows import DealState
from simulator.world.draws import randint, uniform
from simulator.world.looking import deal_of, letter_of, mechanisms
from simulator.world.party_rows import LETTERS
from simulator.world.scenario import Scenario
from simulator.world.view import View, mid
from tests.spark_jobs.outsiders.outsider import AT, FREE, Gang, accomplices

READ, SEALED, UNTIL, FLOOR, CHOSEN, COVERED = range(FREE, FREE + 6)
OWN_WORD = 23  # kind of their letters


def as_others(scenario: Scenario, trader: str) -> dict[str, Any]:
    """The business of the scenario's first population with a strategy."""
    like = next(population for population in scenario.populations if population.trader == trader)
    return {
        "role": like.role, "activity": like.activity, "inventory": like.inventory, "cash": like.cash,
        "production": like.production, "consumption": like.consumption,
    }  # fmt: skip


class Cartel(Gang):
    """Members with an honest business, which they conduct together for some time and alone for some."""

    family = "cartel"
    MEMBERS: ClassVar[Range] = Range(3, 4)
    RATE = 0.006
    needs_book = False

    def plan(self, view: View) -> None:
        """Draw for how many of its decisions it goes on."""
        view.memory[UNTIL] = randint(view, 90, 220)
        view.memory[CHOSEN] = randint(view, 0, view.members)
        view.memory[FLOOR] = mid(view) * (1.01 + 0.05 * uniform(view))

    def over(self, view: View) -> bool:
        """End after the time drawn."""
        return bool(view.memory[AT] > view.memory[UNTIL])


class Ring(Cartel):
    """Buyers of a resource: bids on the book for what is missing, answers offers, and bids in auctions alone or as the ring wants it."""

    @classmethod
    def seat(cls, scenario: Scenario, members: int, parameters: Mapping[str, float]) -> dict[str, Any]:
        """Be in the market as other buyers are."""
        return as_others(scenario, "buyer")

    def between(self, view: View, commands: Commands) -> None:
        """Bid in auctions for itself."""
        value, wanted = self.buy(view, commands)
        if wanted > 0 and uniform(view) < 0.3:
            bid_in_auction(view, commands, SEALED, value, 3 * wanted)

    @staticmethod
    def buy(view: View, commands: Commands) -> tuple[float, int]:
        """Trade outside of auctions; return what a lot is worth, and how many it wants."""
        target = max(view.uses * 5.0, 1.0)
        missing = min(max((target - view.inventory) / target, 0.0), 1.0)
        value, wanted = view.worth * (0.8 + 0.2 * missing), min(10, int(target - view.inventory + 0.5))
        read_letters(view, commands, READ, BUY, value, min(value, mid(view)))
        at = price_at_most(view, min(value, mid(view) * (0.98 + 0.04 * missing)))
        if view.best_ask > 0 and missing < 0.6:
            at = max(min(at, view.best_ask - view.tick_size), view.tick_size)
        if not view.halted:
            keep_one(view, commands, BUY, at, min(max(wanted, 0), max(int(view.cash - view.reserved), 0) // max(at, 1)))
        return value, wanted

    @staticmethod
    def cover(view: View, commands: Commands) -> None:
        """Bid in a sealed auction what cannot win, once."""
        deal = deal_of(view, view.newest_auction)
        if deal.id != view.newest_auction or deal.state != int(DealState.AUCTION) or view.memory[COVERED] == deal.id + 1:
            return
        sealed = deal.protocol in (int(Protocol.FIRST_PRICE), int(Protocol.SECOND_PRICE))
        if sealed and affordable(view, BUY, deal.lots) >= deal.lots and view.cash - view.reserved >= deal.reserve * deal.lots:
            bid(commands, deal.id, deal.reserve)
            view.memory[COVERED] = deal.id + 1


class Turns(Ring):
    """Whose turn it is bids, with less above the others than alone; the rest cover the bid in sealed auctions and keep out of open ones."""

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Bid, or cover the bid."""
        value, wanted = self.buy(view, commands)
        if view.newest_auction < 0 or uniform(view) > 0.6:
            return
        if view.newest_auction % view.members == view.member:
            bid_in_auction(view, commands, SEALED, 0.93 * value, 3 * max(wanted, 3))
        else:
            self.cover(view, commands)


class Knockout(Ring):
    """One bids for all, who stay away from every auction, and hands lots on to them by contracts above its price and below the market's."""

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Bid and hand on, or accept what is handed on."""
        self._take_over(view, commands)
        value, wanted = self.buy(view, commands)
        if view.member != plan[CHOSEN] % view.members:
            return
        if uniform(view) < 0.7:
            bid_in_auction(view, commands, SEALED, value, 3 * max(wanted, 5))
        if view.inventory > 4 and uniform(view) < 0.15 and mechanisms(view).deal_limit > view.deals:
            friend = int(accomplices(view)[(view.member + randint(view, 1, view.members)) % view.members])
            offer(commands, friend, SELL, price_at_most(view, mid(view) * 0.95), randint(view, 1, 4), randint(view, 1, 12))

    @staticmethod
    def _take_over(view: View, commands: Commands) -> None:
        friends = {int(number) for number in accomplices(view)}
        for number in range(max(int(view.memory[READ]), view.letters - LETTERS), view.letters):
            letter = letter_of(view, number)
            if letter.kind == int(MessageKind.DEAL) and letter.value_1 == int(DealStep.OFFERED) and letter.sender in friends:
                accept(commands, letter.value_3)


class Floor(Cartel):
    """Sellers who agree by letters on a price below which none sells on the book or by contract, and raise it step by step."""

    @classmethod
    def seat(cls, scenario: Scenario, members: int, parameters: Mapping[str, float]) -> dict[str, Any]:
        """Be in the market as other sellers are."""
        return as_others(scenario, "seller")

    def between(self, view: View, commands: Commands) -> None:
        """Offer near the mid, as sellers do, but not below cost."""
        self._offer(view, commands, max(1.2 * view.cost, mid(view) * (0.99 + 0.03 * uniform(view))))

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Write what is agreed, and offer at it."""
        if view.member == 0 and (plan[AT] == 2 or uniform(view) < 0.04):
            plan[FLOOR] *= 1.0 + 0.006 * uniform(view)
            for friend in accomplices(view)[1:]:
                tell(commands, int(friend), 6, OWN_WORD, 0, int(plan[AT]), int(plan[FLOOR]), 0)
        self._offer(view, commands, max(float(plan[FLOOR]), view.cost) * (1.0 + 0.002 * uniform(view)))

    @staticmethod
    def _offer(view: View, commands: Commands, least: float) -> None:
        read_letters(view, commands, READ, SELL, least, 1.03 * least)
        if not view.halted and uniform(view) < 0.7:
            keep_one(
                view, commands, SELL, max(price_at_least(view, least), view.best_bid + view.tick_size), min(max(int(view.inventory), 0), 8)
            )


COLLUDING = (Turns, Knockout, Floor)
