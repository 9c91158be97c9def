"""Three ways to a false reputation: contracts in a circle, admirers of one, and auctions that only an accomplice can win.

Source: Douceur, "The Sybil attack", IPTPS (2002); Dellarocas, "Immunizing online reputation reporting systems against unfair ratings and
discriminatory behavior", ACM EC (2000), on ballot stuffing; Dini and Spagnolo, "Buying reputation on eBay" (2009).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.manipulators.manipulator import Range
from simulator.traders.dealing import answer, somebody
from simulator.traders.sizing import price_at_least, price_at_most
from simulator.types import DealStep, MessageKind
from simulator.world.acts import ENGLISH, SECOND_PRICE, accept, bid, offer, open_auction, rate
from simulator.world.commands import BUY, SELL, Commands, place_market
from simulator.world.deal_rows import DealState
from simulator.world.draws import randint, uniform
from simulator.world.looking import deal_of, letter_of, mechanisms
from simulator.world.party_rows import LETTERS
from simulator.world.scenario import Scenario
from simulator.world.view import View, mid
from tests.spark_jobs.outsiders.outsider import AT, FREE, Gang, accomplices, trade_a_little, tradeable

READ, UNTIL, RATE_OF, LAST = range(FREE, FREE + 4)
_OFFERS = int(DealStep.OFFERED), int(DealStep.COUNTERED)


class Vouching(Gang):
    """What the three share: lots to deal with, answers to friends and to others, and overpriced offers once the name is good."""

    family = "sybil_reputation"
    MEMBERS: ClassVar[Range] = Range(3, 5)
    needs_book = False

    @classmethod
    def seat(cls, scenario: Scenario, members: int, parameters: Mapping[str, float]) -> dict[str, Any]:
        """Begin with some lots and money."""
        return {"inventory": 40, "activity": 0.5}

    def plan(self, view: View) -> None:
        """Draw how long it goes on and how busy they are."""
        view.memory[UNTIL], view.memory[RATE_OF] = randint(view, 80, 260), 0.03 + 0.12 * uniform(view)

    def over(self, view: View) -> bool:
        """End after the time drawn."""
        return bool(view.memory[AT] > view.memory[UNTIL])

    def between(self, view: View, commands: Commands) -> None:
        """Deal and trade with strangers; the first member asks too much of them."""
        self.read(view, commands)
        if uniform(view) < (0.03 if view.member == 0 else 0.01) and view.inventory > 5 and mechanisms(view).deal_limit > view.deals:
            stranger = somebody(view)
            if stranger >= 0:
                dear = 1.05 if view.member == 0 else 1.0
                offer(commands, stranger, SELL, price_at_least(view, dear * mid(view)), randint(view, 1, 5), 20)
        elif tradeable(view):
            trade_a_little(view, commands)

    @staticmethod
    def read(view: View, commands: Commands) -> None:
        """Accept what friends offer and praise what they deliver; judge others as anybody does."""
        friends = {int(number) for number in accomplices(view)}
        for number in range(max(int(view.memory[READ]), view.letters - LETTERS), view.letters):
            letter = letter_of(view, number)
            deal = deal_of(view, letter.value_3)
            if letter.kind != int(MessageKind.DEAL) or deal.id != letter.value_3:
                continue
            partner = deal.second if deal.first == view.agent else deal.first
            if partner not in friends:
                answer(view, commands, letter, SELL if view.inventory > 40 else BUY, mid(view), mid(view))
            elif letter.value_1 in _OFFERS and deal.turn == view.agent:
                accept(commands, deal.id)
            elif letter.value_1 == int(DealStep.DELIVERED):
                rate(commands, deal.id, 2 if uniform(view) < 0.8 else 1)
        view.memory[READ] = view.letters


class Circle(Vouching):
    """Each sells a lot or two to the next one, who accepts at once; the lots come round."""

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Read, and sell to the next member."""
        self.read(view, commands)
        if uniform(view) < plan[RATE_OF] and view.inventory > 2 and mechanisms(view).deal_limit > view.deals:
            friend = int(accomplices(view)[(view.member + 1) % view.members])
            at = price_at_most(view, mid(view) * (0.97 + 0.06 * uniform(view)))
            offer(commands, friend, SELL, at, randint(view, 1, 3), randint(view, 1, 9))


class Admirers(Vouching):
    """All buy from the first member, at times of their own, and sell what they got on the book; they deal with strangers, too."""

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Ask the first member for a lot, or go on as before."""
        self.read(view, commands)
        free = mechanisms(view).deal_limit > view.deals
        stocked = view.around.agents["inventory"][accomplices(view)[0]] > 12
        if view.member > 0 and free and stocked and uniform(view) < plan[RATE_OF]:
            at = price_at_most(view, mid(view) * (1.0 + 0.05 * uniform(view)))
            offer(commands, int(accomplices(view)[0]), BUY, at, randint(view, 1, 4), randint(view, 2, 25))
        elif view.member == 0 and view.inventory - view.due_lots < 20 and tradeable(view) and uniform(view) < 0.3:
            place_market(commands, BUY, randint(view, 2, 8))
        elif view.member > 0:
            self.between(view, commands)


class HouseAuctions(Vouching):
    """One puts lots up at a reserve that nobody else would pay, and another one wins them: who pays for what it won keeps its word."""

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Open an auction, or win one."""
        self.read(view, commands)
        deal = deal_of(view, view.newest_auction)
        running = deal.id == view.newest_auction and deal.state == int(DealState.AUCTION)
        friends = {int(number) for number in accomplices(view)}
        if running and deal.first in friends and deal.first != view.agent and view.memory[LAST] != deal.id + 1:
            if deal.id % view.members == view.member or uniform(view) < 0.3:
                bid(commands, deal.id, deal.reserve + view.tick_size * randint(view, 0, 30))
                view.memory[LAST] = deal.id + 1
        elif view.inventory > 2 and uniform(view) < plan[RATE_OF] and mechanisms(view).deal_limit > view.deals:
            reserve = price_at_least(view, mid(view) * (1.35 + 0.15 * uniform(view)))
            protocol = ENGLISH if uniform(view) < 0.5 else SECOND_PRICE
            open_auction(commands, protocol, randint(view, 1, 3), reserve, reserve, randint(view, 8, 40), 1)


VOUCHING = (Circle, Admirers, HouseAuctions)
