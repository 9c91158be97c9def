"""Wash trades that pass money, that leave a set of names where it was without going round, and that go through a third name.

Sources: CME Group's advisories on Rule 534 and the CFTC's cases of money passes, where two trades at two prices carry money to another
account; Victor and Weintraud, "Detecting and quantifying wash trading on decentralized cryptocurrency exchanges", The Web Conference
(2021): what gives a set of accounts away is that no position changes, in whichever order they trade; Imisiker and Tas, "Wash trades as a
stock market manipulation tool", Journal of Behavioral and Experimental Finance 20 (2018), for many names behind which one trader stands.
"""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.manipulators.manipulator import Range
from simulator.world.commands import BUY, SELL, Commands, place_limit
from simulator.world.draws import randint, uniform
from simulator.world.view import View
from tests.spark_jobs.newcomers.episode import BUSINESS, LENGTH, MORE, OWN, SALT, A, B, C, D, begins, elapsed, set_out
from tests.spark_jobs.outsiders.outsider import Gang, accomplices, clear, unwind

_MOST, _CHANCE, _LATE = A, B, C  # lots of a trade at most, chance to agree on one in a step, chance that one order comes a step late
_PRICE, _PAIR, _LOTS, _WHEN = D, BUSINESS, BUSINESS + 1, MORE  # of the trade agreed: its price, who, the lots, and at which step
_BASE = 8  # PAIR is 1 + who sells + 8 x who buys + 64 x who may be late: 0 nobody, 1 the seller, 2 the buyer


class Washing(Gang):
    """A gang whose first member names the next trade: two members place orders at a price inside the spread, at once or nearly so."""

    family = "wash_trading"
    RATE: ClassVar[float] = 0.01
    SPREAD: ClassVar[int] = 2  # ticks between which there must be room

    def plan(self, view: View) -> None:
        """Draw the steps, the lots of a trade at most, how often they trade, and how often not at once."""
        set_out(view, 100, 400)
        memory = view.memory
        memory[_MOST], memory[_CHANCE], memory[_LATE] = randint(view, 5, 41), 0.06 + 0.4 * uniform(view), 0.25 * uniform(view)
        memory[_WHEN] = memory[_PAIR] = 0

    def over(self, view: View) -> bool:
        """When the time is up and all are about where they were."""
        late = elapsed(view, view.memory) - view.memory[LENGTH]
        return bool(late > 0 and (not excesses(view).any() or late > 200))

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Name a trade or place one's order of it; what is left of an order goes. At last get rid of what others left one with."""
        begins(view, plan)
        if elapsed(view, plan) > plan[LENGTH]:
            clear(view, commands)
            unwind(view, commands, int(view.memory[OWN]), 10)
            return
        due = int(view.step - plan[_WHEN])
        if plan[_PAIR] == 0 or due > 1:
            clear(view, commands)
            if view.member == 0:
                self._agree(view, plan)
            return
        pair = int(plan[_PAIR]) - 1
        for side, who in ((SELL, pair % _BASE), (BUY, pair // _BASE % _BASE)):
            late = pair // _BASE**2 == 1 + (side == BUY)
            waits = (view.best_bid if side == SELL else view.best_ask) == plan[_PRICE]
            if who == view.member and due == late and (waits if late else view.best_bid < plan[_PRICE] < view.best_ask):
                place_limit(commands, side, int(plan[_PRICE]), int(plan[_LOTS]))

    def _agree(self, view: View, plan: Any) -> None:
        plan[_PAIR] = 0
        if view.best_ask - view.best_bid >= self.SPREAD * view.tick_size and uniform(view) < plan[_CHANCE]:
            sells, buys, lots = self.choose(view, plan, excesses(view))
            late = randint(view, 1, 3) if uniform(view) < plan[_LATE] else 0
            plan[_PAIR], plan[_LOTS], plan[_WHEN] = 1 + sells + _BASE * buys + _BASE**2 * late, lots, view.step + 1
            plan[_PRICE] = self.inside(view, plan, buys)

    def inside(self, view: View, plan: Any, buys: int) -> int:
        """The price of a trade: anywhere inside the spread."""
        return int(view.best_bid + randint(view, 1, (view.best_ask - view.best_bid) // view.tick_size) * view.tick_size)

    def choose(self, view: View, plan: Any, excess: Any) -> tuple[int, int, int]:
        """Who sells, who buys, and the lots, from what each has more than at the beginning."""
        raise NotImplementedError


def excesses(view: View) -> Any:
    """What each member has more than at the beginning of the episode."""
    rows, group = view.around.agents, accomplices(view)
    return (rows["inventory"][group] - rows["memory"][group, OWN]).astype(int)


class MoneyPass(Washing):
    """One of two buys from the other just above the best bid and sells the lots back to it just below the best ask, again and again."""

    MEMBERS: ClassVar[Range] = Range(2, 2)
    SPREAD: ClassVar[int] = 3

    @staticmethod
    def gainer(plan: Any) -> int:
        """The member to whom the money goes."""
        return int(plan[SALT]) % 2

    def inside(self, view: View, plan: Any, buys: int) -> int:
        """Low when the one who gains buys, high when it sells."""
        return int(view.best_bid + view.tick_size if buys == self.gainer(plan) else view.best_ask - view.tick_size)

    def choose(self, view: View, plan: Any, excess: Any) -> tuple[int, int, int]:
        """Back what it has, or the next lots."""
        gainer = self.gainer(plan)
        if excess[gainer] > 0:
            return gainer, 1 - gainer, min(int(excess[gainer]), 40)
        return 1 - gainer, gainer, randint(view, int(plan[_MOST]) // 3 + 1, int(plan[_MOST]) + 1)


class NeutralSet(Washing):
    """Members trade in pairs drawn by chance, either way and in any size, so that in the end nobody's position has changed."""

    MEMBERS: ClassVar[Range] = Range(3, 5)

    def choose(self, view: View, plan: Any, excess: Any) -> tuple[int, int, int]:
        """Any two; towards the end, or when the difference is large, who has most sells to who has least."""
        most, least = int(excess.argmax()), int(excess.argmin())
        even = min(int(excess[most]), -int(excess[least]))
        if even > 0 and (elapsed(view, plan) > 0.7 * plan[LENGTH] or even > 2 * plan[_MOST]):
            return most, least, min(even, 40)
        first = randint(view, 0, len(excess))
        return first, (first + randint(view, 1, len(excess))) % len(excess), randint(view, 1, int(plan[_MOST]) + 1)


class ThroughTheMiddle(Washing):
    """Blocks go from one name to a middle one and from there to another, in pieces, and later back; the outer ones never meet."""

    MEMBERS: ClassVar[Range] = Range(3, 5)

    @staticmethod
    def middle(plan: Any, group: Any) -> int:
        """The member in the middle."""
        return int(group[int(plan[SALT]) % len(group)])

    def choose(self, view: View, plan: Any, excess: Any) -> tuple[int, int, int]:
        """The middle passes on what it has, a part at a time, or takes a block: from or to whom by chance, or to even out in the end."""
        middle, most = self.middle(plan, range(len(excess))), int(plan[_MOST])
        outer = [at for at in range(len(excess)) if at != middle]
        other = outer[randint(view, 0, len(outer))]
        if excess[middle] > 0:
            if elapsed(view, plan) > 0.6 * plan[LENGTH]:
                other = min(outer, key=lambda at: excess[at])
            return middle, other, min(int(excess[middle]), randint(view, most // 2 + 1, most + 1))
        if elapsed(view, plan) > 0.6 * plan[LENGTH]:
            other = max(outer, key=lambda at: excess[at])
        return other, middle, randint(view, most // 2 + 1, most + 1)


WASHING = (MoneyPass, NeutralSet, ThroughTheMiddle)
