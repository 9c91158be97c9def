"""False reputation: ballots stuffed for one front, a rival talked down by its own small customers, and names that are used up in turn.

Sources: Dellarocas, "Immunizing online reputation reporting systems against unfair ratings and discriminatory behavior", ACM Conference
on Electronic Commerce (2000), for ballot stuffing and bad-mouthing; Mayzlin, Dover and Chevalier, "Promotional reviews: an empirical
investigation of online review manipulation", American Economic Review 104 (2014), for bad reviews among neighbours; Friedman and Resnick,
"The social cost of cheap pseudonyms", Journal of Economics and Management Strategy 10 (2001), for cheating and beginning anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from simulator.manipulators.manipulator import Range
from simulator.traders.sizing import affordable
from simulator.world.acts import accept, rate, walk_away
from simulator.world.commands import BUY, SELL, Commands
from simulator.world.draws import randint, uniform
from simulator.world.looking import mechanisms, reputation_of
from simulator.world.party_rows import MILLION
from simulator.world.scenario import Scenario
from simulator.world.view import View, mid
from tests.spark_jobs.newcomers.business import Sellers, asked, delivered, makers, other_of, propose, users
from tests.spark_jobs.newcomers.episode import SALT, A, B, C, D, others, set_out
from tests.spark_jobs.outsiders.outsider import COUNT, accomplices

_FULL = 150  # lots from which on a store is full


def oblige(view: View, commands: Commands, partners: list[int]) -> None:
    """Accept what accomplices ask, if it can be done."""
    for deal in asked(view):
        if deal["first"] in partners:
            side = SELL if deal["side"] == BUY else BUY
            (accept if affordable(view, side, 99) >= deal["lots"] + view.due_lots else walk_away)(commands, int(deal["id"]))


def judge(view: View, commands: Commands, about: list[int], stars: int, chance: float) -> None:
    """Rate the deals with some others, each with a chance when it is looked at."""
    for deal in delivered(view):
        if other_of(view, deal) in about and uniform(view) < chance:
            rate(commands, int(deal["id"]), stars)


def small_deal(view: View, commands: Commands, partner: int, price: float, most: int) -> None:
    """Ask an accomplice for a few lots, or offer it some when one's own store is full."""
    side = SELL if view.inventory > _FULL else BUY
    propose(view, commands, partner, side, price, randint(view, 1, most + 1), randint(view, 1, 8), view.grade)


def sell_out(view: View, commands: Commands) -> None:
    """With a full store, call on somebody who uses the good, at a low price."""
    if view.inventory > _FULL and uniform(view) < 0.5:
        buyers = users(view)
        propose(view, commands, int(buyers[randint(view, 0, len(buyers))]), SELL, 0.85 * mid(view), randint(view, 4, 13), 5, view.grade)


class BallotStuffing(Sellers):
    """One front sells a lot or two at a time to the other names, who praise it and are not praised; it promises more than it makes."""

    family = "sybil_reputation"
    MEMBERS: ClassVar[Range] = Range(2, 5)

    def plan(self, view: View) -> None:
        """Draw the steps, who the front is, how often the others buy, at what price, and how often they forget to praise."""
        set_out(view, 120, 400)
        view.memory[A], view.memory[B] = 0.08 + 0.4 * uniform(view), 0.85 + 0.3 * uniform(view)
        view.memory[C], view.memory[D] = 0.3 + 0.7 * uniform(view), randint(view, 1, 4)

    @staticmethod
    def front(plan: Any, group: Any) -> int:
        """The member who is praised."""
        return int(group[int(plan[SALT]) % len(group)])

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Buy and praise; or as the front sell, and offer everybody the best quality."""
        front = self.front(plan, accomplices(view))
        if view.agent == front:
            oblige(view, commands, others(view))
            self.usual(view, commands, contracts=0.3, honesty=0.0, size=5)
            return
        if uniform(view) < plan[A]:
            small_deal(view, commands, front, plan[B] * mid(view), int(plan[D]))
        judge(view, commands, [front], 2, plan[C])
        self.usual(view, commands)


class BadMouthing(Sellers):
    """Members buy little from a rival of good name, at a price that it likes, and rate it as badly as they can; they call on its buyers."""

    family = "sybil_reputation"
    MEMBERS: ClassVar[Range] = Range(2, 5)

    def plan(self, view: View) -> None:
        """Draw the steps, a rival among those of the best name, how often it is asked, how dear that may be, and how many lots."""
        set_out(view, 150, 420)
        names = sorted((int(agent) for agent in makers(view)), key=lambda agent: -reputation_of(view, agent))
        view.memory[SALT] = names[randint(view, 0, min(len(names), 8))]
        view.memory[A], view.memory[B] = 0.08 + 0.3 * uniform(view), 1.02 + 0.2 * uniform(view)
        view.memory[C], view.memory[D] = randint(view, 1, 4), 0.05 + 0.2 * uniform(view)

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Ask the rival, agree to what it asks if that is not much more, and rate it; do one's own business a little more eagerly."""
        rival = int(plan[SALT])
        if uniform(view) < plan[A]:
            propose(view, commands, rival, BUY, plan[B] * mid(view), randint(view, 1, int(plan[C]) + 1), randint(view, 2, 15))
        for deal in asked(view):
            if other_of(view, deal) == rival and deal["first"] == view.agent:
                dear = deal["price"] > 1.2 * plan[B] * mid(view) and deal["round"] < mechanisms(view).rounds
                (walk_away if dear else accept)(commands, int(deal["id"]))
        judge(view, commands, [rival], -2, 0.8)
        sell_out(view, commands)
        self.usual(view, commands, deaf_to=(rival,), contracts=float(plan[D]))


class Whitewashing(Sellers):
    """In each episode another name sells bad lots as the best to whoever buys; the rest praise each other in a ring for the next turn."""

    family = "sybil_reputation"
    MEMBERS: ClassVar[Range] = Range(3, 5)

    @classmethod
    def seat(cls, scenario: Scenario, members: int, parameters: Mapping[str, float]) -> dict[str, Any]:
        """The place of the scenario's seller who makes the worst."""
        sellers = [found for found in scenario.populations if found.trader == "seller" and found.production]
        worst = min(sellers, key=lambda found: found.production.quality if found.production else 1.0)
        return super().seat(scenario, members, parameters) | {"production": worst.production}

    def plan(self, view: View) -> None:
        """Draw the steps, how often the rest deal, how many lots, how often the cheat calls on buyers, and how cheap it is."""
        set_out(view, 150, 420)
        view.memory[A], view.memory[B] = 0.06 + 0.3 * uniform(view), randint(view, 1, 4)
        view.memory[C], view.memory[D] = 0.15 + 0.5 * uniform(view), 0.85 + 0.15 * uniform(view)

    @staticmethod
    def face(plan: Any, group: Any) -> int:
        """The member whose name is used up in this episode."""
        return int(group[int(plan[COUNT]) % len(group)])

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Cheat, or deal with the next name and praise it."""
        group = accomplices(view)
        face = self.face(plan, group)
        if view.agent == face:
            buyers = users(view)
            if uniform(view) < plan[C]:
                lots = min(randint(view, 2, 9), affordable(view, SELL, 8))
                propose(view, commands, int(buyers[randint(view, 0, len(buyers))]), SELL, plan[D] * mid(view), lots, 5, MILLION)
            self.usual(view, commands, honesty=0.0, contracts=0.0, auctions=0.0, size=4)
            return
        rest = [int(agent) for agent in group if agent != face]
        oblige(view, commands, rest)
        judge(view, commands, rest, 2, 0.7)
        if uniform(view) < plan[A]:
            following = rest[(int(np.flatnonzero(np.array(rest) == view.agent)[0]) + 1) % len(rest)]
            small_deal(view, commands, following, mid(view), int(plan[B]))
        self.usual(view, commands, contracts=0.0, size=5)


VOUCHING = (BallotStuffing, BadMouthing, Whitewashing)
