"""Manipulators that no detector was trained on, of the kinds that go by customers, closes, auctions and ratings; see strangers.

None shares code or numbers with simulator.manipulators beyond what every trader uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.manipulators.manipulator import Manipulator, Range, own_episode, shared_episode
from simulator.types import DealStep, MessageKind, Protocol
from simulator.world.acts import accept, bid, counter, offer, rate, walk_away
from simulator.world.commands import (
    ATTEMPTED,
    BEGUN,
    BUY,
    CONSUMMATED,
    IOC,
    SELL,
    Commands,
    declare,
    place_limit,
    place_market,
)  # fmt: skip
from simulator.world.deal_rows import DealState
from simulator.world.draws import randint, uniform
from simulator.world.looking import deal_of, letter_of
from simulator.world.party_rows import LETTERS
from simulator.world.scenario import Scenario
from simulator.world.view import View, mid
from tests.spark_jobs.strangers import both_there, clear

AT, COUNT, HELD, OPEN, READ, LAST = range(6)  # words of their memories


class Broker(Manipulator):
    """A broker, member 0, and its customer, member 1, who has an order at a time of each round that both know."""

    family = "front_running"
    memory_words = 6
    MEMBERS: ClassVar[Range] = Range(2, 2)
    ROUND: ClassVar[int] = 380

    def __init__(self) -> None:
        super().__init__(())

    def round_of(self, view: View) -> tuple[int, int, int, bool]:
        """Number of the round, steps since the customer began, the side, and whether the broker runs ahead."""
        at = view.step + 173 * view.trader_type
        number = at // self.ROUND
        word = (number * 7919 + view.trader_type * 104_729) * 2_654_435_761 % 2**32
        return number, at % self.ROUND - 70 - word // 8 % 90, BUY if word // 1024 % 2 else SELL, word // 65_536 % 4 > 0

    def ordinary(self, view: View, commands: Commands) -> None:
        """Trade a little, as anybody does."""
        if uniform(view) < 0.03:
            clear(view, commands)
            side = SELL if view.inventory > 4 else BUY if view.inventory < -4 else int(uniform(view) < 0.5)
            place_limit(commands, side, view.best_ask if side == BUY else view.best_bid, randint(view, 1, 4), IOC)


class Pennies(Broker):
    """Joins the best price with two lots a few times ahead of the customer, and leaves by orders at the other best price afterwards."""

    def act(self, view: View, commands: Commands) -> None:
        if not both_there(view):
            return
        number, now, side, runs = self.round_of(view)
        if view.member == 1:
            if 0 <= now < 60 and now % 4 == 0:
                place_limit(commands, side, view.best_ask if side == BUY else view.best_bid, randint(view, 5, 9), IOC)
            elif not -60 < now < 60:
                self.ordinary(view, commands)
        elif int(view.memory[AT]) == 0:
            if runs and now == -28:
                clear(view, commands)
                view.memory[AT], view.memory[OPEN], view.memory[HELD] = 1, number, view.inventory
                declare(commands, own_episode(view, number), BEGUN)
            elif not -60 < now < 160:
                self.ordinary(view, commands)
        else:
            self.run(view, commands, now, side)

    def run(self, view: View, commands: Commands, now: int, side: int) -> None:
        held = int(view.inventory - view.memory[HELD]) * (1 if side == BUY else -1)
        best = view.best_bid if side == BUY else view.best_ask
        if now < -3 and now % 6 == 0:
            clear(view, commands)
            place_limit(commands, side, best if now < -12 else (view.best_ask if side == BUY else view.best_bid), 2)
        elif now in (-2, 60):
            clear(view, commands)
        elif 62 <= now < 130 and now % 8 == 0 and held > 0:
            clear(view, commands)
            place_limit(commands, 1 - side, view.best_ask if side == BUY else view.best_bid, held)
        elif now >= 130:
            clear(view, commands)
            if held != 0:
                place_market(commands, 1 - side if held > 0 else side, abs(held))
            declare(commands, own_episode(view, int(view.memory[OPEN])), ATTEMPTED)
            view.memory[AT] = 0


class Herald(Broker):
    """Takes once, long ahead of a customer who comes with few large orders, and leaves in two pieces while those go on."""

    def act(self, view: View, commands: Commands) -> None:
        if not both_there(view):
            return
        number, now, side, runs = self.round_of(view)
        if view.member == 1:
            if 0 <= now < 16 and now % 5 == 0:
                place_market(commands, side, randint(view, 12, 25))
            elif not -60 < now < 60:
                self.ordinary(view, commands)
            return
        held = int(view.inventory - view.memory[HELD]) * (1 if side == BUY else -1)
        if int(view.memory[AT]) == 0:
            if runs and now == -34:
                clear(view, commands)
                view.memory[AT], view.memory[OPEN], view.memory[HELD] = 1, number, view.inventory
                place_market(commands, side, randint(view, 5, 11))
                declare(commands, own_episode(view, number), BEGUN)
            elif not -60 < now < 60:
                self.ordinary(view, commands)
        elif now in (9, 18) and held > 0:
            place_market(commands, 1 - side, held if now == 18 else (held + 1) // 2)
        elif now == 20:
            declare(commands, own_episode(view, int(view.memory[OPEN])), CONSUMMATED if held == 0 else ATTEMPTED)
            view.memory[AT] = 0


class AtTheClose(Manipulator):
    """Marks two closes of three or so, and knows the day of the scenario by its seat."""

    family = "marking_the_close"
    memory_words = 6
    EARLY: ClassVar[int] = 0  # steps of continuous trading in which it marks

    def __init__(self, session: int = 1000, closing: int = 30) -> None:
        super().__init__((session, closing))

    @classmethod
    def seat(cls, scenario: Scenario, members: int, parameters: Mapping[str, float]) -> dict[str, Any]:
        day = scenario.session
        return {"parameters": {"session": day.steps, "closing": day.closing}} if day else {}

    def clock(self, view: View) -> tuple[int, int, int]:
        """Number of the day, step of it, and the step in which its closing call begins."""
        session, closing = int(view.parameters[0]), int(view.parameters[1])
        return view.step // session, view.step % session, session - 1 - closing

    def begun(self, view: View, commands: Commands) -> bool:
        """Whether it marks today; decided once, when it is time."""
        day, now, call = self.clock(view)
        if now == call - self.EARLY and int(view.memory[LAST]) != day + 1:
            view.memory[LAST] = day + 1
            if uniform(view) < 0.65:
                clear(view, commands)
                view.memory[AT], view.memory[HELD] = 1, view.inventory
                view.memory[OPEN] = BUY if view.inventory < -5 or (view.inventory <= 5 and uniform(view) < 0.5) else SELL
                declare(commands, own_episode(view, int(view.memory[COUNT])), BEGUN)
        return bool(view.memory[AT] > 0)

    def done(self, view: View, commands: Commands) -> None:
        declare(commands, own_episode(view, int(view.memory[COUNT])), CONSUMMATED)
        view.memory[AT] = 0
        view.memory[COUNT] += 1


class Staircase(AtTheClose):
    """Lifts the best price by orders of its own that grow every few steps, up to the call; gets out bit by bit in the days after."""

    EARLY: ClassVar[int] = 24

    def act(self, view: View, commands: Commands) -> None:
        _, now, call = self.clock(view)
        if view.halted or (view.in_call and now < call):
            return
        if self.begun(view, commands):
            side = int(view.memory[OPEN])
            if now >= call:
                clear(view, commands)
                self.done(view, commands)
            elif now % 3 == 0 and both_there(view):
                step = view.tick_size if side == BUY else -view.tick_size
                place_limit(commands, side, (view.best_ask if side == BUY else view.best_bid) + step, 3 + (24 - call + now) // 4, IOC)
        elif not view.in_call and now > 60 and both_there(view) and abs(view.inventory) > 0 and uniform(view) < 0.05:
            place_market(commands, SELL if view.inventory > 0 else BUY, min(abs(view.inventory), 3))


class Imbalance(AtTheClose):
    """Fills the call with one large order as it begins, adds to it at a worse price, and is out again in the next opening call."""

    def act(self, view: View, commands: Commands) -> None:
        _, now, call = self.clock(view)
        if view.halted:
            return
        if self.begun(view, commands):
            side = int(view.memory[OPEN])
            price = int(mid(view)) + (1 if side == BUY else -1) * (4 if now < call + 20 else 9) * view.tick_size
            if now in (call + 2, call + 22) and view.in_call:
                place_limit(commands, side, price, randint(view, 14, 30))
            elif now < call - 2:
                clear(view, commands)
                self.done(view, commands)
        elif now == 5 and view.in_call and abs(view.inventory) > 3:
            out = SELL if view.inventory > 0 else BUY
            place_limit(commands, out, max(int(mid(view)) + (10 if out == BUY else -10) * view.tick_size, 1), abs(view.inventory))


class Club(Manipulator):
    """Members who know a time and each other."""

    memory_words = 6

    def __init__(self) -> None:
        super().__init__(())

    @classmethod
    def seat(cls, scenario: Scenario, members: int, parameters: Mapping[str, float]) -> dict[str, Any]:
        return {"inventory": 120, "cash": 40_000_000, "linked": True, "symbols": (scenario.symbols[0].name,) * members}

    def fellow(self, view: View, ahead: int) -> int:
        """The member so many places ahead."""
        agent = int(view.agent)
        for _ in range(ahead % view.members):
            agent = int(view.around.agents[agent]["partner"])
        return agent


class Convoy(Club):
    """Three who raise their offers together, a tick after each other, twice in a while, and keep them there."""

    family = "cartel"
    MEMBERS: ClassVar[Range] = Range(3, 3)

    def act(self, view: View, commands: Commands) -> None:
        if not both_there(view):
            return
        at = view.step + 211 * view.trader_type
        number, now = at // 330, at % 330 - 40 - 67 * (at // 330) % 110
        if now == 0:
            clear(view, commands)
            view.memory[OPEN] = int(mid(view) * 1.006) // view.tick_size * view.tick_size
            declare(commands, shared_episode(view, number), BEGUN)
            view.memory[AT] = 1
        elif view.memory[AT] > 0 and now == 100:
            clear(view, commands)
            declare(commands, shared_episode(view, number), CONSUMMATED)
            view.memory[AT] = 0
        elif view.memory[AT] > 0 and now % 2 == view.member % 2:
            wanted = int(view.memory[OPEN] * (1.004 if now >= 50 else 1.0)) // view.tick_size * view.tick_size
            price = max(wanted, view.best_bid + view.tick_size)
            if view.open_orders != 1 or view.orders[0].price != price:
                clear(view, commands)
                place_limit(commands, SELL, price, 4 + view.member)
        elif view.memory[AT] == 0 and uniform(view) < 0.05:
            clear(view, commands)
            place_limit(commands, SELL if view.inventory > 120 else BUY, view.best_ask if view.inventory <= 120 else view.best_bid, 3, IOC)


class Phoenix(Club):
    """Four bidders of whom the number of an auction says who may win it; one of the others bids lower, sooner."""

    family = "cartel"
    MEMBERS: ClassVar[Range] = Range(4, 4)

    def act(self, view: View, commands: Commands) -> None:
        deal = deal_of(view, view.newest_auction)
        new = view.newest_auction >= 0 and deal.id == view.newest_auction and deal.state == int(DealState.AUCTION)
        if view.memory[AT] > 0:
            kept = deal_of(view, int(view.memory[AT]) - 1)
            if kept.id != int(view.memory[AT]) - 1 or kept.state != int(DealState.AUCTION):
                declare(commands, shared_episode(view, int(view.memory[AT]) - 1), CONSUMMATED)
                view.memory[AT] = 0
            return
        if not new or deal.id % 3 == 0 or deal.protocol == int(Protocol.DUTCH) or view.memory[LAST] == deal.id + 1:
            if both_there(view) and view.inventory > 60 and uniform(view) < 0.1:
                place_market(commands, SELL, min(view.inventory - 60, 5))
            return
        turn = (view.member - deal.id) % view.members
        wait = deal.ends - view.step > (6 if turn == 0 else 16)
        if turn > 1 or wait:
            return
        price = int(max(deal.reserve, deal.price) * (1.03 if turn == 0 else 1.01)) // view.tick_size * view.tick_size
        bid(commands, deal.id, price)
        view.memory[AT] = view.memory[LAST] = deal.id + 1
        declare(commands, shared_episode(view, deal.id), BEGUN)


class Masks(Club):
    """Identities of one owner; `partner_of` says whom each sells to."""

    family = "sybil_reputation"
    SPELL: ClassVar[tuple[int, int, float]] = (520, 120, 0.08)  # steps of a round and of a campaign in it; chance of an offer
    STARS: ClassVar[int] = 2

    def partner_of(self, view: View) -> int:
        return self.fellow(view, 1)

    def act(self, view: View, commands: Commands) -> None:
        spell, length, chance = self.SPELL
        at = view.step + 97 * view.trader_type
        number, now = at // spell, at % spell - 50 - 41 * (at // spell) % 200
        active = 0 <= now < length
        self.answer(view, commands)
        if active and view.memory[AT] == 0 and both_there(view) and uniform(view) < chance:
            view.memory[AT] = number + 1
            declare(commands, shared_episode(view, number), BEGUN)
        elif view.memory[AT] > 0 and (not active or view.memory[AT] != number + 1):
            declare(commands, shared_episode(view, int(view.memory[AT]) - 1), CONSUMMATED)
            view.memory[AT] = 0
        if view.memory[AT] > 0 and both_there(view) and uniform(view) < chance:
            price = max(int(mid(view) * (0.97 + 0.06 * uniform(view))), 1)
            offer(commands, self.partner_of(view), SELL, price, randint(view, 1, 4), randint(view, 2, 12), 500_000)
        elif view.memory[AT] == 0 and both_there(view) and uniform(view) < 0.03:
            place_limit(commands, SELL if view.inventory > 120 else BUY, view.best_ask if view.inventory <= 120 else view.best_bid, 2, IOC)

    def answer(self, view: View, commands: Commands) -> None:
        for number in range(max(int(view.memory[READ]), view.letters - LETTERS), view.letters):
            letter = letter_of(view, number)
            deal, ours = deal_of(view, letter.value_3), letter.sender in [self.fellow(view, ahead) for ahead in range(1, view.members)]
            if letter.kind != int(MessageKind.DEAL) or deal.id != letter.value_3:
                continue
            if letter.value_1 == int(DealStep.DELIVERED):
                rate(commands, deal.id, self.STARS if ours else 1)
            elif letter.value_1 in (int(DealStep.OFFERED), int(DealStep.COUNTERED)) and deal.turn == view.agent:
                if ours and deal.round < 2 and uniform(view) < 0.4:
                    counter(commands, deal.id, deal.price, deal.lots)
                elif ours:
                    accept(commands, deal.id)
                else:
                    walk_away(commands, deal.id)
        view.memory[READ] = view.letters


class Echo(Masks):
    """Four who sell to each other in a ring at prices about the market's, haggle now and then, and praise whom they bought from."""

    MEMBERS: ClassVar[Range] = Range(4, 4)


class Puppets(Masks):
    """Five of whom all buy from one, rarely and for long, with a single star each."""

    MEMBERS: ClassVar[Range] = Range(5, 5)
    SPELL: ClassVar[tuple[int, int, float]] = (700, 260, 0.02)
    STARS: ClassVar[int] = 1

    def partner_of(self, view: View) -> int:
        return self.fellow(view, -view.member if view.member else randint(view, 1, view.members))


STRANGE_GROUPS = {
    "front_running": (Pennies, Herald),
    "marking_the_close": (Staircase, Imbalance),
    "cartel": (Convoy, Phoenix),
    "sybil_reputation": (Echo, Puppets),
}
