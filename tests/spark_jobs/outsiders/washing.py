"""Three ways to wash: a position passed round three accounts, orders met late and in part, and matched orders of one moment.

Source: MAR, delegated regulation 2016/522, annex II: wash trades, also by parties in collusion; Cao, Li, Coleman, Belatreche and
McGinnity, "Detecting wash trade in financial market using digraphs and dynamic programming", IEEE TNNLS 27 (2016) for rings.
"""

from __future__ import annotations

from typing import Any, ClassVar

from simulator.manipulators.manipulator import Range
from simulator.world.commands import BUY, IOC, SELL, Commands, place_limit, place_market
from simulator.world.draws import randint, uniform
from simulator.world.view import View
from tests.spark_jobs.outsiders.outsider import AT, FREE, Gang, clear, price, resting, trade_a_little

UNTIL, NEXT, HOLDER, LOTS, PRICE, ASKED = range(FREE, FREE + 6)


class Relay(Gang):
    """Three accounts pass one position round: the holder offers it inside the spread, the next one takes it some steps later."""

    family = "wash_trading"
    MEMBERS: ClassVar[Range] = Range(3, 3)

    def plan(self, view: View) -> None:
        """Draw how long it goes on and who begins."""
        view.memory[UNTIL], view.memory[NEXT] = randint(view, 100, 350), 2
        view.memory[HOLDER], view.memory[LOTS], view.memory[PRICE] = randint(view, 0, 3), randint(view, 4, 16), 0

    def over(self, view: View) -> bool:
        """End after the time drawn."""
        return bool(view.memory[AT] > view.memory[UNTIL])

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Offer, take, or keep out of it."""
        holder = int(plan[HOLDER])
        if view.member == holder:
            gone = not resting(view, SELL) and view.memory[ASKED] < view.step
            if plan[PRICE] > 0 and (gone or view.memory[ASKED] + 12 < view.step):
                clear(view, commands)
                plan[PRICE] = 0
            elif plan[PRICE] == 0 and plan[AT] >= plan[NEXT] and view.open_orders == 0:
                plan[PRICE], view.memory[ASKED] = price(view, SELL, -randint(view, 0, 3)), view.step
                plan[NEXT] = plan[AT] + randint(view, 1, 4)
                place_limit(commands, SELL, int(plan[PRICE]), int(plan[LOTS]))
        elif view.member == (holder + 1) % 3 and plan[PRICE] > 0 and plan[AT] >= plan[NEXT] and view.best_ask == plan[PRICE]:
            place_limit(commands, BUY, int(plan[PRICE]), int(plan[LOTS]) - randint(view, 0, 2), IOC)
            plan[HOLDER], plan[PRICE] = view.member, 0
            plan[NEXT] = plan[AT] + randint(view, 3, 15)


class Understudy(Gang):
    """Rests in the queue at the touch as others do; the accomplice meets it in pieces of other sizes, several steps later.

    The one that rests changes by chance, both trade with others in between, and neither price nor size gives the pair away.
    """

    family = "wash_trading"

    def plan(self, view: View) -> None:
        """Draw how long it goes on and who rests first."""
        view.memory[UNTIL], view.memory[NEXT], view.memory[HOLDER] = randint(view, 200, 600), 0, randint(view, 0, 2)

    def over(self, view: View) -> bool:
        """End after the time drawn."""
        return bool(view.memory[AT] > view.memory[UNTIL])

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Rest, or wait and meet what rests when it has come to the front."""
        if view.member == plan[HOLDER]:
            self._rest(view, commands, plan)
        elif plan[LOTS] > 0 and plan[AT] >= plan[NEXT]:
            side = int(plan[PRICE])
            size = view.bid_size if side == BUY else view.ask_size
            if size <= plan[LOTS] + 6 or plan[AT] > plan[NEXT] + 6:
                place_market(commands, 1 - side, randint(view, max(int(plan[LOTS]) // 2, 1), int(plan[LOTS]) + 3))
                plan[LOTS] = 0
                plan[NEXT] = plan[AT] + randint(view, 2, 9)
                if uniform(view) < 0.5:
                    plan[HOLDER] = view.member
        elif uniform(view) < 0.3:
            trade_a_little(view, commands)

    def _rest(self, view: View, commands: Commands, plan: Any) -> None:
        if plan[LOTS] > 0 and view.open_orders == 0 and view.memory[ASKED] < view.step:
            plan[LOTS], plan[NEXT] = 0, plan[AT] + randint(view, 2, 7)  # others were there first
        elif plan[LOTS] == 0 and plan[AT] >= plan[NEXT]:
            clear(view, commands)
            lots = randint(view, 6, 20)
            side = BUY if uniform(view) < 0.5 else SELL
            if abs(view.inventory) > 60:
                side = SELL if view.inventory > 0 else BUY
            inside = -1 if uniform(view) < 0.8 else 0
            first = randint(view, 1, lots)
            place_limit(commands, side, price(view, side, inside), first)
            place_limit(commands, side, price(view, side, inside), lots - first + 1)
            plan[LOTS], plan[PRICE], plan[NEXT] = lots, side, plan[AT] + randint(view, 1, 6)
            view.memory[ASKED] = view.step


class Matched(Gang):
    """In quiet moments both enter orders of one price and nearly one size in the same step, within the spread; sides change by chance."""

    family = "wash_trading"

    def plan(self, view: View) -> None:
        """Draw how long it goes on."""
        view.memory[UNTIL], view.memory[NEXT], view.memory[LOTS] = randint(view, 150, 450), 5, 0

    def over(self, view: View) -> bool:
        """Name the next meeting if it is quiet, and end after the time drawn."""
        memory = view.memory
        if memory[LOTS] > 0 and view.step > memory[ASKED]:
            memory[LOTS] = 0
        elif memory[LOTS] == 0 and memory[AT] >= memory[NEXT] and view.volume <= 8 and view.best_ask - view.best_bid >= 2 * view.tick_size:
            memory[LOTS], memory[HOLDER], memory[ASKED] = randint(view, 3, 18), randint(view, 0, 2), view.step + 1
            memory[NEXT] = memory[AT] + randint(view, 6, 30)
        return bool(memory[AT] > memory[UNTIL])

    def play(self, view: View, commands: Commands, plan: Any) -> None:
        """Enter one of the two orders in the step that was named, and withdraw it if nothing came of it."""
        if plan[LOTS] > 0 and view.step == plan[ASKED]:
            tick = view.tick_size
            meeting = (view.best_bid + view.best_ask) // (2 * tick) * tick
            place_limit(commands, SELL if view.member == plan[HOLDER] else BUY, int(meeting), int(plan[LOTS]) + randint(view, 0, 2))
        else:
            clear(view, commands)


WASHING = (Relay, Understudy, Matched)
