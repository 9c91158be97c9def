"""Cartels that divide customers, pass won lots on, or keep quotas and pay for what was sold beyond them.

Sources: Stigler, "A theory of oligopoly", Journal of Political Economy 72 (1964), section 2: that each buyer has one seller only is the
easiest agreement to watch over; Graham and Marshall, "Collusive bidder behavior at single-object second-price and English auctions",
Journal of Political Economy 95 (1987), and Pesendorfer, "A study of collusion in first-price auctions", Review of Economic Studies 67
(2000), for cover bids, turns and subcontracts; Harrington and Skrzypacz, "Private monitoring and communication in cartels", American
Economic Review 101 (2011), on citric acid and lysine: sales are reported, and who sold too much buys from who sold too little.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from simulator.manipulators.manipulator import Range
from simulator.traders.sizing import affordable
from simulator.types import DealStep, MessageKind, Protocol
from simulator.world.acts import accept, bid, counter, walk_away
from simulator.world.commands import BUY, SELL, Commands, message, tell
from simulator.world.deal_rows import DealState
from simulator.world.draws import randint, uniform
from simulator.world.looking import deal_of, letter_of, mechanisms
from simulator.world.party_rows import LETTERS, MILLION
from simulator.world.view import View, mid
from tests.spark_jobs.newcomers.business import Buyers, Sellers, asked, other_of, propose, users
from tests.spark_jobs.newcomers.episode import MORE, MOST, OWN, SALT, START, A, B, C, D, others, set_out
from tests.spark_jobs.outsiders.outsider import NUMBER, accomplices

_NOTE = 5  # topic of letters among members


class CustomerAllocation(Sellers):
    """Sellers each of whom has its own customers: it calls on them at a raised price, and sends others away or asks them for much more."""

    family = "cartel"
    MEMBERS: ClassVar[Range] = Range(2, 5)

    def plan(self, view: View) -> None:
        """Draw the steps, the allocation, what is put on the price, how often customers are called on, and what others must pay more."""
        memory = view.memory
        set_out(view, 150, 420)
        memory[A], memory[B], memory[C] = 0.02 + 0.2 * uniform(view), 0.1 + 0.4 * uniform(view), 0.08 + 0.3 * uniform(view)
        memory[D] = 0.8 * uniform(view)  # chance of handing a customer over

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Answer requests by whose customer it is, call on one's own, and do the rest of the business a little dearer."""
        group, raised = accomplices(view), max(mid(view), 1.05 * view.cost) * (1.0 + plan[A])
        for deal in asked(view):
            self._answer(view, commands, plan, deal, group, raised)
        if uniform(view) < plan[B]:
            mine = [agent for agent in users(view) if self.owner(plan, group, int(agent)) == view.agent]
            lots = min(randint(view, 1, 9), affordable(view, SELL, 8))
            if mine:
                propose(view, commands, int(mine[randint(view, 0, len(mine))]), SELL, raised, lots, randint(view, 5, 30), view.grade)
        self.usual(view, commands, busy=True, contracts=0.0, markup=self.business.get("markup", 0.2) + plan[A])

    def _answer(self, view: View, commands: Commands, plan: Any, deal: Any, group: Any, raised: float) -> None:
        number, customer, lots = int(deal["id"]), other_of(view, deal), int(deal["lots"])
        selling = (deal["side"] == SELL) == (deal["first"] == view.agent)
        mine = self.owner(plan, group, customer) == view.agent
        last = deal["round"] >= mechanisms(view).rounds
        if customer in group or not selling or affordable(view, SELL, lots) < lots or (last and not mine):
            walk_away(commands, number)
            return
        wanted = raised * (1.0 if mine else 1.0 + plan[C])
        if deal["price"] >= wanted * (1.0 - 0.01 * deal["round"]):
            accept(commands, number)
        elif last or (not mine and uniform(view) < 0.4):
            walk_away(commands, number)
        else:
            counter(commands, number, int(wanted), lots)
        if not mine and uniform(view) < plan[D]:
            message(commands, self.owner(plan, group, customer), _NOTE, customer)

    @staticmethod
    def owner(plan: Any, group: Any, customer: int) -> int:
        """The member whose customer somebody is."""
        return int(group[(customer * 7 + int(plan[SALT])) % len(group)])


class Subcontracting(Buyers):
    """Buyers who win auctions in turns, by the clock; the others bid too low or not at all, and get a part of the lots at its price."""

    family = "cartel"
    MEMBERS: ClassVar[Range] = Range(2, 5)

    def plan(self, view: View) -> None:
        """Draw the steps, how long a turn is, the chance of a cover bid, how low that is, and which share of the lots is passed on."""
        memory = view.memory
        set_out(view, 160, 420)
        memory[A], memory[B], memory[C] = randint(view, 10, 90), 0.2 + 0.8 * uniform(view), 0.75 + 0.2 * uniform(view)
        memory[D] = 0.3 + 0.5 * uniform(view)

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Pass on what was won, take what is passed on, and bid by whose turn it is."""
        group, partners = accomplices(view), others(view)
        for deal in asked(view):
            if deal["first"] in partners:
                (accept if affordable(view, BUY, int(deal["lots"])) >= deal["lots"] else walk_away)(commands, int(deal["id"]))
        self._pass_on(view, commands, plan)
        deals = view.around.deals
        open_ones = deals[(deals["state"] == int(DealState.AUCTION)) & (deals["symbol"] == view.symbol) & (deals["first"] != view.agent)]
        for deal in open_ones[np.argsort(open_ones["id"])]:
            if affordable(view, BUY, int(deal["lots"])) >= deal["lots"] and view.cash > view.worth * deal["lots"]:
                mine = self.winner(plan, group, int(deal["ends"])) == view.agent
                (self._win if mine and view.inventory < 80 else self._cover)(view, commands, plan, deal, group)
        if len(open_ones):
            view.memory[OWN] = max(view.memory[OWN], open_ones["id"].max() + 1)
        self.usual(view, commands, auctions=0.0)

    @staticmethod
    def winner(plan: Any, group: Any, ends: int) -> int:
        """The member who is meant to win an auction that ends at a step."""
        return int(group[(int(ends // plan[A]) + int(plan[SALT])) % len(group)])

    def _win(self, view: View, commands: Commands, plan: Any, deal: Any, group: Any) -> None:
        protocol, number, worth = int(deal["protocol"]), int(deal["id"]), int(view.worth)
        if protocol == Protocol.ENGLISH:
            step = max(int(deal["price"]) * mechanisms(view).increment // MILLION, 1)
            price = int(deal["price"]) + (step if deal["second"] >= 0 else 0)
            if deal["second"] not in group and price <= worth and uniform(view) < 0.5:
                bid(commands, number, price)
        elif protocol == Protocol.DUTCH:
            if deal["price"] <= 0.95 * worth:
                bid(commands, number, int(deal["price"]))
        elif number >= view.memory[OWN] and deal["reserve"] <= worth:
            bid(commands, number, max(int(deal["reserve"]), int(worth * (0.95 if protocol == Protocol.FIRST_PRICE else 1.0))))

    def _cover(self, view: View, commands: Commands, plan: Any, deal: Any, group: Any) -> None:
        low, number = int(plan[C] * min(view.worth, mid(view))), int(deal["id"])
        if number < view.memory[OWN] or uniform(view) >= plan[B] or deal["reserve"] > low:
            return
        if deal["protocol"] in (Protocol.FIRST_PRICE, Protocol.SECOND_PRICE):
            bid(commands, number, randint(view, int(deal["reserve"]), low + 1))
        elif deal["protocol"] == Protocol.ENGLISH and deal["second"] < 0:
            bid(commands, number, int(deal["reserve"]))

    def _pass_on(self, view: View, commands: Commands, plan: Any) -> None:
        for letter in (letter_of(view, number) for number in range(max(int(view.memory[MORE]), view.letters - LETTERS), view.letters)):
            deal = deal_of(view, letter.value_3)
            won = letter.kind == MessageKind.DEAL and letter.value_1 == DealStep.SOLD and letter.sender != view.agent
            if won and deal.id == letter.value_3 and letter.step >= plan[START]:
                rest, share = others(view), int(plan[D] * deal.lots + 0.5)
                receivers = rest[: min(len(rest), share, mechanisms(view).deal_limit - view.deals)]
                for at, other in enumerate(receivers):
                    lots = (share + at) // len(receivers)
                    propose(view, commands, other, SELL, letter.value_4 * 1.01, lots, randint(view, 2, 10), MILLION // 2)
        view.memory[MORE] = view.letters


class QuotaCompensation(Sellers):
    """Sellers who ask a common higher price, report their sales, and buy from whoever has sold too little as much as they sold too much."""

    family = "cartel"
    MEMBERS: ClassVar[Range] = Range(2, 5)

    def plan(self, view: View) -> None:
        """Draw the steps, how much is put on the price, the steps between two reports, and which part of the difference is made good."""
        memory = view.memory
        set_out(view, 160, 420)
        memory[A], memory[B], memory[C] = 0.03 + 0.2 * uniform(view), randint(view, 40, 110), 0.4 + 0.6 * uniform(view)
        memory[D] = max(mid(view), 1.05 * view.cost) * (1.0 + memory[A])  # the list price

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Report when it is time, make good, take what is due to oneself, and sell at the list price at least."""
        group, partners, memory = accomplices(view), others(view), view.memory
        for deal in asked(view):
            if deal["first"] in partners:
                (accept if affordable(view, SELL, int(deal["lots"])) >= deal["lots"] else walk_away)(commands, int(deal["id"]))
        meeting = (view.step - plan[START]) // plan[B] + 1000 * memory[NUMBER]
        if memory[OWN] < meeting:
            sold = view.produced - view.perished - view.inventory
            memory[OWN], memory[MORE], memory[MOST] = meeting, sold - memory[MOST] if memory[MOST] else 0.0, sold
            for other in partners:
                tell(commands, other, _NOTE, 20, int(memory[MORE]), view.inventory, int(plan[D]), 0)
        elif memory[MORE] and view.step - plan[START] - (meeting % 1000) * plan[B] > 8:
            self._make_good(view, commands, plan, group)
            memory[MORE] = 0.0
        dearer = max(plan[D] / max(view.cost, 1) - 1.0, self.business.get("markup", 0.2))
        self.usual(view, commands, markup=dearer)

    @staticmethod
    def _make_good(view: View, commands: Commands, plan: Any, group: Any) -> None:
        sold = view.around.agents["memory"][group, MORE]
        least = int(group[int(np.argmin(sold))])
        lots = min(int(plan[C] * (view.memory[MORE] - sold.mean()) + 0.5), 20)
        if least != view.agent and lots > 0:
            propose(view, commands, least, BUY, plan[D], lots, randint(view, 2, 20))


COLLUDING = (CustomerAllocation, Subcontracting, QuotaCompensation)
