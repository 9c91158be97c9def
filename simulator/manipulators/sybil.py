"""Reputation made up by one owner who appears as several: it deals with itself, talks others down, and lives on the trust that follows.

Source: many identities of one owner, Douceur, "The Sybil attack", 1st International Workshop on Peer-to-Peer Systems (2002); what it
does with them, Hoffman, Zage and Nita-Rotaru, "A survey of attack and defense techniques for reputation systems", ACM Computing
Surveys 42 (2009): self-promotion, slander, and whitewashing, here by promoting an identity anew after it has cheated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from simulator.manipulators.manipulator import Manipulator, Range, shared_episode, withdraw_all
from simulator.manipulators.rings import fellow, is_fellow, place_in_slot, places_after, seated, work
from simulator.traders.buyer import affordable_by_cash
from simulator.traders.dealing import praise_buyer, somebody
from simulator.traders.parameters import at_least, share, whole
from simulator.traders.sizing import affordable, price_at_least, price_at_most
from simulator.types import DealStep, MessageKind
from simulator.world.acts import accept, counter, offer, rate, walk_away
from simulator.world.commands import ATTEMPTED, BEGUN, BUY, CONSUMMATED, SELL, Commands, declare
from simulator.world.deal_rows import DealState
from simulator.world.draws import randint, uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.looking import deal_of, letter_of, mechanisms, reputation_of
from simulator.world.mechanisms import RoleName
from simulator.world.party_rows import LETTERS, MILLION
from simulator.world.scenario import Scenario
from simulator.world.view import View, mid

_EVERY, _PHASE, _LENGTH, _PACE, _SIZE, _BOOSTED, _SLANDER, _CHEAT = range(8)
_MARKUP, _EXPLOIT, _DELAY, _HAGGLE, _AWAY, _MUTUAL, _HIDE, _HIDDEN = range(8, 16)
_ACTIVE, _SLOT, _BEFORE, _BEGUN, _READ, _SOLD = range(6)
_FIRST, _IN_TURN, _ALL = range(3)  # of `boosted`
_HONEST, _OVERSELLS, _MISLEADS = range(3)  # of `cheat`
_DEAL, _OFFERED, _COUNTERED = int(MessageKind.DEAL), int(DealStep.OFFERED), int(DealStep.COUNTERED)
_AGREED, _DELIVERED = int(DealStep.AGREED), int(DealStep.DELIVERED)
_IS_OFFERED = int(DealState.OFFERED)
_BEST, _WORST = 2, -2  # stars
_PATIENCE = 1.125  # times the mid price, that it pays at most for a deal made to rate somebody down
_WARES = 4  # times the lots of a deal with itself, that it offers when it lives on its reputation


def decide(view: View, commands: Commands) -> None:
    """Promote and slander during a campaign, live on the trust for some time, and in between trade as others do."""
    every, length, exploit = int(view.parameters[_EVERY]), int(view.parameters[_LENGTH]), int(view.parameters[_EXPLOIT])
    since, slot = place_in_slot(view, every, length + exploit, int(view.parameters[_PHASE])), slot_of(view)
    if view.memory[_ACTIVE] > 0.0 and (since >= length or slot != int(view.memory[_SLOT])):
        finish(view, commands)
    elif view.memory[_ACTIVE] == 0.0 and 0 <= since < length and mechanisms(view).deal_limit > 0:
        begin(view, commands, slot)
    cheats = length <= since < length + exploit and is_boosted(view, slot) and view.parameters[_CHEAT] != _HONEST
    read_letters(view, commands, cheats)
    if view.parameters[_MUTUAL] > 0.0 or praises(view, deal_of(view, int(view.memory[_SOLD]) - 1)):
        praise_buyer(view, commands, _SOLD, _BEST)
    if view.memory[_ACTIVE] == 0.0 and not cheats:
        work(view, commands, view.parameters[_HIDE], int(view.parameters[_HIDDEN]))
    elif uniform(view) * view.parameters[_PACE] < 1.0 and view.deals < mechanisms(view).deal_limit:
        if cheats:
            cheat(view, commands)
        elif uniform(view) < view.parameters[_SLANDER]:
            lure(view, commands)
        else:
            promote(view, commands)


@both_ways
def slot_of(view: Any) -> int:
    """Return the number of the present slot; there is one campaign in each."""
    return (view.step + int(view.parameters[_PHASE])) // int(view.parameters[_EVERY])  # type: ignore[no-any-return]


@both_ways
def is_boosted(view: Any, slot: int) -> bool:
    """Say whether it is the agent whose reputation a campaign is for."""
    return view.parameters[_BOOSTED] == _ALL or places_after(view, chosen(view, slot)) == 0


@both_ways
def chosen(view: Any, slot: int) -> int:
    """Return the member that a campaign is for, where it is for one."""
    return slot % max(view.members, 1) if view.parameters[_BOOSTED] == _IN_TURN else 0


@both_ways
def standing(view: Any, slot: int) -> float:
    """Return the reputation of those that a campaign is for, added up."""
    total, members = 0.0, max(view.members, 1)
    if view.parameters[_BOOSTED] != _ALL:
        return reputation_of(view, max(fellow(view, -places_after(view, chosen(view, slot)) % members), 0))
    for ahead in range(members):
        total += reputation_of(view, max(fellow(view, ahead), 0))
    return total


@both_ways
def begin(view: Any, commands: Any, slot: int) -> None:
    """Begin a campaign: what rested in the book goes, so that the lots are free."""
    view.memory[_ACTIVE], view.memory[_SLOT], view.memory[_BEGUN], view.memory[_BEFORE] = 1.0, slot, 0.0, standing(view, slot)
    withdraw_all(view, commands)


@both_ways
def take_part(view: Any, commands: Any) -> None:
    """Declare the campaign once, with the agent's first deed in it."""
    if view.memory[_ACTIVE] > 0.0 and view.memory[_BEGUN] == 0.0:
        declare(commands, shared_episode(view, int(view.memory[_SLOT])), BEGUN)
        view.memory[_BEGUN] = 1.0


@both_ways
def finish(view: Any, commands: Any) -> None:
    """End a campaign; it came to something if the reputation that it was for rose."""
    slot = int(view.memory[_SLOT])
    if view.memory[_BEGUN] > 0.0:
        rose = standing(view, slot) > view.memory[_BEFORE]
        declare(commands, shared_episode(view, slot), CONSUMMATED if rose else ATTEMPTED)
    view.memory[_ACTIVE] = 0.0


@both_ways
def is_able(view: Any, side: int, lots: int, price: int) -> bool:
    """Say whether the agent has the lots, beside those it owes, or the money for a contract."""
    if side == SELL:
        return affordable(view, SELL, lots + view.due_lots) >= lots + view.due_lots  # type: ignore[no-any-return]
    return affordable(view, BUY, lots) >= lots <= affordable_by_cash(view, lots, price)


@both_ways
def quality_to_promise(view: Any) -> int:
    """Return the quality of what the agent has, in millionths."""
    return min(view.quality // view.inventory, MILLION) if view.inventory > 0 else view.grade  # type: ignore[no-any-return]


@both_ways
def promote(view: Any, commands: Any) -> None:
    """Offer a small deal to the identity that the campaign is for, or if it is for all to any, one way or the other."""
    ahead = -places_after(view, chosen(view, int(view.memory[_SLOT]))) % max(view.members, 1)
    if view.parameters[_BOOSTED] == _ALL and view.members > 1:
        ahead = randint(view, 1, view.members)
    away = 1.0 + view.parameters[_AWAY] * (2.0 * uniform(view) - 1.0)
    lots, price = randint(view, 1, int(view.parameters[_SIZE]) + 1) * view.lot_size, price_at_most(view, mid(view) * away)
    side = SELL if uniform(view) < 0.5 and is_able(view, SELL, lots, price) else BUY
    partner = fellow(view, ahead)
    if ahead > 0 and partner >= 0 and is_able(view, side, lots, price):
        offer(commands, partner, side, price, lots, int(view.parameters[_DELAY]), quality_to_promise(view) if side == SELL else 0)
        take_part(view, commands)


@both_ways
def lure(view: Any, commands: Any) -> None:
    """Offer to buy a little from a competitor, the seller of the newest auction or else anybody, so as to rate it down afterwards."""
    auction = deal_of(view, view.newest_auction)
    target = auction.first if view.newest_auction >= 0 and auction.id == view.newest_auction else somebody(view)
    lots, price = randint(view, 1, int(view.parameters[_SIZE]) + 1) * view.lot_size, price_at_most(view, mid(view))
    if target >= 0 and target != view.agent and not is_fellow(view, target) and is_able(view, BUY, lots, price):
        offer(commands, target, BUY, price, lots, int(view.parameters[_DELAY]), 0)
        take_part(view, commands)


@both_ways
def cheat(view: Any, commands: Any) -> None:
    """Offer lots for more than they are worth, and promise what there is not: more of them, or better ones."""
    target, wares = somebody(view), int(view.parameters[_SIZE]) * _WARES * view.lot_size
    price, misleads = price_at_least(view, mid(view) * (1.0 + view.parameters[_MARKUP])), view.parameters[_CHEAT] == _MISLEADS
    if target >= 0 and not is_fellow(view, target) and (not misleads or is_able(view, SELL, wares, price)):
        offer(commands, target, SELL, price, wares, int(view.parameters[_DELAY]), MILLION if misleads else quality_to_promise(view))


@both_ways
def read_letters(view: Any, commands: Any, cheats: bool) -> None:
    """Answer what came since the last time."""
    promised = 0
    for number in range(max(int(view.memory[_READ]), view.letters - LETTERS), view.letters):
        letter = letter_of(view, number)
        deal = deal_of(view, letter.value_3)
        if letter.kind != _DEAL or deal.id != letter.value_3:
            continue
        side, ours = deal.side if deal.first == view.agent else 1 - deal.side, is_fellow(view, letter.sender)
        if (letter.value_1 == _OFFERED or letter.value_1 == _COUNTERED) and deal.state == _IS_OFFERED and deal.turn == view.agent:
            promised += answer(view, commands, deal, side, ours, cheats, promised)
        elif letter.value_1 == _AGREED and side == SELL and ours:
            view.memory[_SOLD] = deal.id + 1
        elif letter.value_1 == _DELIVERED and (not ours or view.parameters[_MUTUAL] > 0.0 or praises(view, deal)):
            rate(commands, deal.id, _BEST if ours else _WORST)
    view.memory[_READ] = view.letters


@both_ways
def praises(view: Any, deal: Any) -> bool:
    """Say whether the other side of a deal among the identities is one that the campaign is for."""
    other, slot = deal.second if deal.first == view.agent else deal.first, int(view.memory[_SLOT])
    ahead = -places_after(view, chosen(view, slot)) % max(view.members, 1)
    return bool(view.parameters[_BOOSTED] == _ALL or fellow(view, ahead) == other)


@both_ways
def answer(view: Any, commands: Any, deal: Any, side: int, ours: bool, cheats: bool, promised: int) -> int:
    """Agree to what serves the purpose and walk away from the rest; return the lots that are owed by it."""
    able, price = is_able(view, side, deal.lots + (promised if side == SELL else 0), deal.price), deal.price
    active = view.memory[_ACTIVE] > 0.0
    if ours:
        agrees = active and able
    elif side == BUY:
        agrees = active and deal.first == view.agent and price <= mid(view) * _PATIENCE and able
    else:
        agrees = price >= mid(view) and (able or (cheats and view.parameters[_CHEAT] == _OVERSELLS))
    if not agrees:
        walk_away(commands, deal.id)
        return 0
    if ours or side == BUY:
        take_part(view, commands)
    if ours and deal.round < mechanisms(view).rounds and uniform(view) < view.parameters[_HAGGLE]:
        counter(commands, deal.id, price + view.tick_size if side == SELL else max(price - view.tick_size, view.tick_size), deal.lots)
        return 0
    accept(commands, deal.id)
    if ours and side == SELL:
        view.memory[_SOLD] = deal.id + 1
    return deal.lots if side == SELL else 0


class SybilReputation(Manipulator):
    """One owner with several identities that praise each other, so that others trust what is offered to them.

    Time is divided into slots of `every` steps. In each there is a campaign, at a time that looks like chance: the identities make small
    deals with each other at the mid price, deliver, and rate each other with two stars. The identity that it was for then lives on what
    it gained: it offers others more lots than it has, or promises the best quality, for more than the mid price.

    Parameters
    ----------
    every : steps of a slot.
    phase : where the slots begin, in steps; it also mixes the chance of the times.
    length : steps of a campaign.
    pace : steps between two offers of an identity, on average.
    size : most lots of a small deal.
    boosted : 0 always promotes the first identity, 1 one after the other, 2 all of them at once.
    slander : share of the offers that go to competitors, to rate them down with two stars when they have delivered.
    cheat : 0 lives honestly after a campaign, 1 promises more lots than there are, 2 promises better ones.
    markup : how far above the mid price it then offers, as a share.
    exploit : steps for which it does.
    delay : steps to delivery.
    haggle : chance of asking a tick more, or bidding a tick less, before an identity agrees to what another one offers.
    away : how far from the mid price they deal at most, as a share.
    mutual : 1 where both sides of a deal among them praise, 0 only who dealt with the one that the campaign is for.
    camouflage : chance of ordinary trading in a step of the remaining time, added to a fifth for those who have a business.
    hidden : most lots of such a trade.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = SybilReputation(every=200, length=150, exploit=49, pace=1, size=1, boosted=2)
    >>> view = example_view(prices=[100], parameters=trader.parameters, inventory=9, members=2, partner=4)
    >>> view.around.mechanisms["deal_limit"] = 4
    >>> trader.act(view, commands := Commands())    # it is time: a small deal with the other identity, 4
    >>> [(row[3], row[4], row[5]) for row in commands.rows[:1]], commands.declared()
    ([(100, 1, 4)], [(4503599627370496, <Outcome.BEGUN: 0>)])
    """

    family = "sybil_reputation"
    address = compile_trader(decide)
    memory_words = 6
    MEMBERS = Range(3, 8)
    RANGES: ClassVar[dict[str, Range]] = {
        "every": Range(450, 1500, log=True), "phase": Range(0, 100_000), "length": Range(50, 400, log=True), "pace": Range(3, 40, log=True),
        "size": Range(1, 6), "boosted": Range(0, 2), "slander": Range(0.0, 0.6), "cheat": Range(0, 2), "markup": Range(0.0, 0.15),
        "exploit": Range(30, 400, log=True), "delay": Range(1, 20), "camouflage": Range(0.0, 0.2), "hidden": Range(2, 9),
    }  # fmt: skip
    WIDER: ClassVar[dict[str, Range]] = {
        "pace": Range(3, 60, log=True), "haggle": Range(0.0, 0.6), "away": Range(0.0, 0.06), "mutual": Range(0, 1),
    }  # fmt: skip

    def __init__(
        self, every: int = 800, phase: int = 0, length: int = 200, pace: int = 10, size: int = 3, boosted: int = 1, slander: float = 0.0,
        cheat: int = 1, markup: float = 0.05, exploit: int = 200, delay: int = 5, haggle: float = 0.0, away: float = 0.0, mutual: int = 1,
        camouflage: float = 0.05, hidden: int = 5,
    ) -> None:  # fmt: skip
        """Configure the strategy. Raises ValueError for numbers out of range."""
        if length >= every:
            length = every - 1
        super().__init__((
            whole("every", every, 2), whole("phase", phase, 0), whole("length", length, 1), at_least("pace", pace, 1),
            whole("size", size, 1), whole("boosted", boosted, 0, 2), share("slander", slander), whole("cheat", cheat, 0, 2),
            at_least("markup", markup, 0), whole("exploit", exploit, 0), whole("delay", delay, 1, 1023), share("haggle", haggle),
            share("away", away), whole("mutual", mutual, 0, 1), share("camouflage", camouflage), whole("hidden", hidden, 1),
        ))  # fmt: skip

    @classmethod
    def seat(cls, scenario: Scenario, members: int, parameters: Mapping[str, float]) -> dict[str, Any]:
        """The business of one of the scenario's sellers, split over the identities."""
        fields = seated(scenario, RoleName.SELLER, members)
        if (production := fields.get("production")) is not None:
            fields["production"] = msgspec.structs.replace(production, lots=production.lots / members)
        return fields

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
