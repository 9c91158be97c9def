"""Pumping: on a day that the members know and all others learn by a call, by many names over a long time, and downwards.

Sources: Xu and Livshits, "The anatomy of a cryptocurrency pump-and-dump scheme", USENIX Security (2019), for pumps announced in a channel:
its owners hold before, the inner circle is told some seconds earlier, and sells first; SEC v. Lebed (2000) and Kyle and Viswanathan, "How
to define illegal price manipulation", American Economic Review 98 (2008), for one trader's many names on message boards who sell to those
who believe them; Mitts, "Short and distort", Journal of Legal Studies 49 (2020), for attacks under pseudonyms after a short sale.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.manipulators.manipulator import Range, other
from simulator.traders.momentum import SENTIMENT
from simulator.world.commands import BUY, EVERYBODY, SELL, Commands, message, place_market
from simulator.world.draws import randint, uniform
from simulator.world.scenario import Scenario
from simulator.world.view import View
from tests.spark_jobs.newcomers.episode import (
    LENGTH,
    MORE,
    OWN,
    A,
    B,
    C,
    D,
    begins,
    elapsed,
    gained,
    offer_at,
    others,
    set_out,
    take_some,
)
from tests.spark_jobs.outsiders.outsider import Gang, accomplices, clear, unwind

_READY = 7  # topic of letters to the inner circle


class Pumping(Gang):
    """A gang that gathers for LENGTH steps, talks for A more, and gets out: on which side is for each class to say."""

    family = "pump_and_dump"
    RATE: ClassVar[float] = 0.02
    SIDE: ClassVar[int] = BUY
    ACTIVITY: ClassVar[float] = 0.5

    @classmethod
    def seat(cls, scenario: Scenario, members: int, parameters: Mapping[str, float]) -> dict[str, Any]:
        """How often the members look at the market."""
        return {"activity": cls.ACTIVITY}

    def over(self, view: View) -> bool:
        """When all are back where they were after the talk, or long after."""
        rows, now = view.around.agents, elapsed(view, view.memory) - view.memory[LENGTH] - view.memory[A]
        flat = all(abs(rows["inventory"][agent] - rows["memory"][agent, OWN]) < 2 for agent in accomplices(view))
        return bool(now > 0 and (flat or now > 400))

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Gather, talk, or get out."""
        begins(view, plan)
        now = elapsed(view, plan)
        if now < plan[LENGTH]:
            self.gather(view, commands, plan, int(plan[B] / view.members) - gained(view, self.SIDE))
        elif now < plan[LENGTH] + plan[A]:
            self.talk(view, commands, plan)
        else:
            self.leave(view, commands)

    def gather(self, view: View, commands: Commands, plan: Any, left: int) -> None:
        """Take what is left of one's part, quietly: at the best price of one's own side, and a little at the market."""
        offer_at(view, commands, self.SIDE, 0, min(left, 8))
        take_some(view, commands, self.SIDE, left, plan[C], 5)

    def talk(self, view: View, commands: Commands, plan: Any) -> None:
        """Play a step of the second phase."""
        raise NotImplementedError

    def leave(self, view: View, commands: Commands) -> None:
        """Get out at the market."""
        clear(view, commands)
        unwind(view, commands, int(view.memory[OWN]), randint(view, 3, 9))


class CalledPump(Pumping):
    """Owners and an inner circle hold before; letters, then a call to all and a burst of purchases; they sell at once, in pieces."""

    MEMBERS: ClassVar[Range] = Range(2, 5)
    ACTIVITY: ClassVar[float] = 0.8

    def plan(self, view: View) -> None:
        """Draw the steps before the call and after it, the lots that all gather, how fast, and the lots of each in the burst."""
        set_out(view, 60, 200)
        view.memory[A], view.memory[B] = randint(view, 25, 90), randint(view, 60, 260)
        view.memory[C], view.memory[D] = 0.05 + 0.2 * uniform(view), randint(view, 10, 50)

    def talk(self, view: View, commands: Commands, plan: Any) -> None:
        """Call and push in the first steps, then sell into what follows, little by little."""
        now, owner = elapsed(view, plan) - plan[LENGTH], view.member == 0
        stage = view.memory[MORE]
        if now < 8 and stage < (len(others(view)) + 3 if owner else 1):
            clear(view, commands)
            view.memory[MORE] += 1
            if owner and stage < len(others(view)):
                message(commands, others(view)[int(stage)], _READY, int(plan[B]))
                return
            if owner:
                message(commands, EVERYBODY, SENTIMENT, randint(view, 20, 90))
            place_market(commands, BUY, int(plan[D]) if not owner else randint(view, 3, 10))
        elif now >= 5:
            left = gained(view, BUY)
            offer_at(view, commands, SELL, 0, min(left, 10))
            take_some(view, commands, SELL, left, 0.2, 8)


class ManyNames(Pumping):
    """Names that hold little each praise what they hold in turn, for long and with much repetition, and sell by resting offers only."""

    MEMBERS: ClassVar[Range] = Range(3, 5)

    def plan(self, view: View) -> None:
        """Draw the steps of gathering and of praise, the lots that all gather, how fast, and how often somebody writes."""
        set_out(view, 60, 160)
        view.memory[A], view.memory[B] = randint(view, 80, 260), randint(view, 60, 240)
        view.memory[C], view.memory[D] = 0.05 + 0.15 * uniform(view), 0.1 + 0.5 * uniform(view)

    def talk(self, view: View, commands: Commands, plan: Any) -> None:
        """Write when it is one's turn; from the middle on offer a little above the best price, from one's turn to the next."""
        now = elapsed(view, plan) - plan[LENGTH]
        if int(now // 10) % view.members == view.member and uniform(view) < plan[D]:
            message(commands, EVERYBODY, SENTIMENT, randint(view, 5, 70))
        if now < 0.4 * plan[A]:
            offer_at(view, commands, BUY, 0, 0)
        else:
            offer_at(view, commands, SELL, randint(view, 0, 2), min(gained(view, BUY), 10))

    def leave(self, view: View, commands: Commands) -> None:
        """Go on offering, now at the best price; what is left at last goes to the market."""
        offer_at(view, commands, other(self.SIDE), 0, min(gained(view, self.SIDE), 10))
        if uniform(view) < 0.1:
            unwind(view, commands, int(view.memory[OWN]), 5)


class ShortAndDistort(Pumping):
    """Members sell first, then one name speaks ill of it, hard and seldom, while another presses at the market; they buy back lower."""

    SIDE: ClassVar[int] = SELL
    MEMBERS: ClassVar[Range] = Range(2, 4)

    def plan(self, view: View) -> None:
        """Draw the steps of selling and of the attack, the lots that all sell, how fast, and the lots of each push."""
        set_out(view, 50, 180)
        view.memory[A], view.memory[B] = randint(view, 30, 140), randint(view, 60, 260)
        view.memory[C], view.memory[D] = 0.05 + 0.25 * uniform(view), randint(view, 3, 15)

    def talk(self, view: View, commands: Commands, plan: Any) -> None:
        """The last member writes, the first pushes for a while, and all buy back in the second half of the attack."""
        now = (elapsed(view, plan) - plan[LENGTH]) / plan[A]
        if view.member == view.members - 1 and (view.memory[MORE] == 0 or uniform(view) < 0.08):
            view.memory[MORE] += 1
            message(commands, EVERYBODY, SENTIMENT, -randint(view, 30, 150))
        if now < 0.4:
            offer_at(view, commands, SELL, 0, 0)
            if view.member == 0:
                take_some(view, commands, SELL, int(plan[D]) * 3 + int(plan[B] / view.members) - gained(view, SELL), 0.3, int(plan[D]))
        else:
            left = gained(view, SELL)
            offer_at(view, commands, BUY, randint(view, 0, 2), min(left, 12))
            take_some(view, commands, BUY, left, 0.1, 6)


PUMPING = (CalledPump, ManyNames, ShortAndDistort)
