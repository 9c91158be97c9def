"""Standing cartels: agreements that hold for a time, over whatever auctions and prices come in it; see cartel for those over a single one.

Source: bidders of whom one bids for all and hands on what it won, Graham and Marshall, "Collusive bidder behavior at single-object
second-price and English auctions", Journal of Political Economy 95 (1987), and McAfee and McMillan, "Bidding rings", American Economic
Review 82 (1992), on strong cartels; customers that are allotted, and turns, OECD, "Guidelines for fighting bid rigging in public
procurement" (2009); floors under prices that differ, Marshall and Marx, "The economics of collusion" (2012).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.manipulators.manipulator import Manipulator, Range, shared_episode, withdraw_all
from simulator.manipulators.plans import planned
from simulator.manipulators.rings import COVERED, FULL, fellow, is_fellow, place_in_slot, places_after, seated, work
from simulator.traders.buyer import affordable_by_cash
from simulator.traders.dealing import answer, bid_in_auction
from simulator.traders.parameters import at_least, share, whole
from simulator.traders.quoting import keep_one
from simulator.traders.sizing import affordable, price_at_least, price_at_most
from simulator.types import DealStep, MessageKind, Protocol
from simulator.world.acts import accept, bid, offer
from simulator.world.commands import ATTEMPTED, BEGUN, BUY, CONSUMMATED, SELL, Commands, declare, message
from simulator.world.deal_rows import DealState
from simulator.world.draws import randint, uniform
from simulator.world.jit import both_ways, compile_trader
from simulator.world.looking import deal_of, letter_of, mechanisms
from simulator.world.mechanisms import RoleName
from simulator.world.party_rows import LETTERS
from simulator.world.scenario import Scenario
from simulator.world.view import View, mean_mid, mid

_EVERY, _PHASE, _LENGTH, _AUCTIONS, _TURNS, _COVER, _OPENLY, _EAGER = range(8)
_ALONE, _SHADE, _HAND_ON, _BELOW, _LETTERS, _LIFT, _SCATTER, _RAISE, _SIZE = range(8, 17)
_SLOT, _FLOOR, _SEALED, _READ, _DID = range(5)
_BY_AUCTION, _BY_SPELL, _BY_SELLER, _BY_TIME = range(4)  # of `turns`
_TURN = 40  # steps of a turn that goes by time
_RECENT = 20  # steps whose mean mid a floor starts from
_TOPIC = 1
_MOST = 3  # times what it has a use for, that it bids for
_DELAY = 10  # steps to delivery of what is handed on
_AUCTION, _ENGLISH, _DUTCH = int(DealState.AUCTION), int(Protocol.ENGLISH), int(Protocol.DUTCH)
_DEAL, _OFFERED = int(MessageKind.DEAL), int(DealStep.OFFERED)


def decide(view: View, commands: Commands) -> None:
    """Do honest business, and while an agreement holds keep to it."""
    since = place_in_slot(view, int(view.parameters[_EVERY]), int(view.parameters[_LENGTH]), int(view.parameters[_PHASE]))
    holds = 0 <= since < int(view.parameters[_LENGTH])
    if view.memory[_SLOT] > 0.0 and not holds:
        end(view, commands)
    elif view.memory[_SLOT] == 0.0 and holds and not view.halted:
        begin(view, commands)
    buys = view.parameters[_AUCTIONS] > 0.0
    if view.memory[_SLOT] > 0.0:
        talk(view, commands)
    read(view, commands, buys)
    if view.memory[_SLOT] > 0.0 and not buys:
        hold_floor(view, commands)
        return
    work(view, commands, 0.0, int(view.parameters[_SIZE]))
    if buys and view.memory[_SLOT] > 0.0:
        rig(view, commands)
    elif buys and uniform(view) < view.parameters[_ALONE]:
        bid_in_auction(view, commands, _SEALED, view.worth, _MOST * wanted(view))


@both_ways
def begin(view: Any, commands: Any) -> None:
    """Enter into the agreement."""
    view.memory[_SLOT] = (view.step + int(view.parameters[_PHASE])) // int(view.parameters[_EVERY]) + 1
    view.memory[_FLOOR] = mean_mid(view, _RECENT) * (1.0 + view.parameters[_LIFT])
    view.memory[_DID] = 0.0
    declare(commands, shared_episode(view, int(view.memory[_SLOT])), BEGUN)


@both_ways
def end(view: Any, commands: Any) -> None:
    """Go back to business alone."""
    withdraw_all(view, commands)
    declare(commands, shared_episode(view, int(view.memory[_SLOT])), CONSUMMATED if view.memory[_DID] > 0.0 else ATTEMPTED)
    view.memory[_SLOT] = 0.0


@both_ways
def talk(view: Any, commands: Any) -> None:
    """Write to a fellow, of whom none is told from the others."""
    if view.members > 1 and uniform(view) < view.parameters[_LETTERS]:
        message(commands, fellow(view, randint(view, 1, view.members)), _TOPIC, int(view.memory[_FLOOR]))


@both_ways
def read(view: Any, commands: Any, buys: bool) -> None:
    """Answer offers as others of its trade do, and while an agreement holds take what fellows hand on."""
    holds = view.memory[_SLOT] > 0.0
    side, limit, aim = BUY, view.worth, min(view.worth, mid(view))
    if not buys:
        least = max(view.cost, view.memory[_FLOOR]) if holds else view.cost
        side, limit, aim = SELL, least, 1.1 * max(least, mid(view))
    for number in range(max(int(view.memory[_READ]), view.letters - LETTERS), view.letters):
        letter = letter_of(view, number)
        if letter.kind == _DEAL and letter.value_1 == _OFFERED and holds and is_fellow(view, letter.sender):
            accept(commands, letter.value_3)
            view.memory[_DID] = 1.0
        elif letter.kind == _DEAL:
            answer(view, commands, letter, side, limit, aim)
    view.memory[_READ] = view.letters


@both_ways
def wanted(view: Any) -> int:
    """Return the lots that are missing of a full stock."""
    return max(int(COVERED * view.uses + 1.0) - view.inventory, 0)  # type: ignore[no-any-return]


@both_ways
def turn_of(view: Any, deal: Any) -> int:
    """Return the place of the member to whom an auction is left."""
    turns, slot = view.parameters[_TURNS], int(view.memory[_SLOT])
    number = slot
    if turns == _BY_AUCTION:
        number = deal.id
    elif turns == _BY_SELLER:
        number = deal.first
    elif turns == _BY_TIME:
        number = view.step // _TURN
    return number % max(view.members, 1)  # type: ignore[no-any-return]


@both_ways
def rig(view: Any, commands: Any) -> None:
    """Bid where it is one's turn, elsewhere for show or not at all; hand on what was won."""
    deal = deal_of(view, view.newest_auction)
    if view.newest_auction >= 0 and deal.id == view.newest_auction and deal.state == _AUCTION and uniform(view) < view.parameters[_EAGER]:
        if places_after(view, turn_of(view, deal)) == 0:
            bid_in_auction(view, commands, _SEALED, view.parameters[_SHADE] * view.worth, _MOST * (wanted(view) + 1) * view.members)
            view.memory[_DID] = 1.0
        elif planned(int(view.parameters[_PHASE]) + view.member, deal.id, 1) % 1000 < 1000.0 * view.parameters[_COVER]:
            cover(view, commands, deal)
    if view.parameters[_TURNS] == _BY_SPELL and places_after(view, int(view.memory[_SLOT]) % max(view.members, 1)) != 0:
        return
    if view.members > 1 and uniform(view) < view.parameters[_HAND_ON] and mechanisms(view).deal_limit > view.deals:
        lots = affordable(view, SELL, randint(view, 1, int(view.parameters[_SIZE]) + 1) * view.lot_size)
        if lots > 0 and view.inventory > lots:
            price = price_at_most(view, mid(view) * (1.0 - view.parameters[_BELOW]))
            offer(commands, fellow(view, randint(view, 1, view.members)), SELL, price, lots, _DELAY, 0)


@both_ways
def cover(view: Any, commands: Any, deal: Any) -> None:
    """Bid once, what cannot win."""
    sealed = deal.protocol != _ENGLISH and deal.protocol != _DUTCH
    if view.memory[_SEALED] == deal.id + 1 or deal.protocol == _DUTCH or (not sealed and view.parameters[_OPENLY] == 0.0):
        return
    price = deal.reserve if sealed or deal.second < 0 else 0
    if (
        price > 0
        and deal.first != view.agent
        and affordable(view, BUY, deal.lots) >= deal.lots <= affordable_by_cash(view, deal.lots, price)
    ):
        bid(commands, deal.id, price)
        view.memory[_SEALED] = deal.id + 1


@both_ways
def hold_floor(view: Any, commands: Any) -> None:
    """Offer near the floor and never below it; it rises at times that all know."""
    if view.halted or uniform(view) >= view.parameters[_EAGER]:
        return
    raised = planned(int(view.parameters[_PHASE]), view.step // _TURN, 2) % 1000 < 1000.0 * view.parameters[_RAISE]
    if raised and view.step % _TURN == 0:
        view.memory[_FLOOR] *= 1.0 + view.parameters[_LIFT] / 4.0
    price = max(view.memory[_FLOOR] * (1.0 + view.parameters[_SCATTER] * uniform(view)), view.cost)
    free = view.inventory if view.makes > 0.0 else int(FULL * view.parameters[_SIZE] + 1.0) + view.inventory
    lots = min(int(view.parameters[_SIZE]) * view.lot_size, max(free, 0))
    keep_one(view, commands, SELL, max(price_at_least(view, price), view.best_bid + view.tick_size), lots)
    view.memory[_DID] = 1.0


class StandingCartel(Manipulator):
    """Bidders who leave each auction to one of them, or sellers who offer at no less than a floor, for `length` steps of every slot.

    Between the agreements each buys or sells for itself, bids in auctions and answers offers as others do.

    Parameters
    ----------
    every : steps of a slot. phase : where the slots begin; it also mixes the chance of the times.
    length : steps for which an agreement holds; fewer than `every`.
    auctions : 1 shares out auctions, 0 holds a floor.
    turns : who may win, 0 by the number of the auction, 1 one for the whole time, 2 by the seller, 3 by the time.
    cover : share of the others' auctions in which a member bids for show. openly : 1 also where bids are open.
    eager : chance that a member looks at the newest auction, or at its offer, in a step.
    alone : chance that it bids in the newest auction in a step in between.
    shade : what whose turn it is bids at most, beside the worth of a lot to it.
    hand_on : chance in a step of offering lots to a fellow, where one bids for all only who does. below : the mid price by this share.
    letters : chance in a step of writing to a fellow while it holds.
    lift : distance of the floor from the mean mid price of late, as a share. scatter : by which offers lie above it at most.
    raises : share of times at which it rises by a quarter of `lift`.
    size : lots of an offer.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = StandingCartel(every=100, length=99, lift=0.05, scatter=0.0, eager=1.0, size=7)
    >>> view = example_view(prices=[100], parameters=trader.parameters, makes=1.0, inventory=9, members=2)
    >>> trader.act(view, commands := Commands())    # the floor is 105
    >>> [(order.side.name, order.price, order.size) for order in commands.placed()], commands.declared()
    ([('SELL', 105, 7)], [(4503599627370497, <Outcome.BEGUN: 0>)])
    """

    family = "cartel"
    address = compile_trader(decide)
    memory_words = 5
    MEMBERS = Range(2, 6)
    RANGES: ClassVar[dict[str, Range]] = {
        "every": Range(600, 1600, log=True), "phase": Range(0, 100_000), "length": Range(150, 590, log=True), "auctions": Range(0, 1),
        "turns": Range(0, 3), "cover": Range(-0.6, 1.0), "openly": Range(0, 1), "eager": Range(0.05, 0.8, log=True),
        "alone": Range(0.005, 0.2, log=True), "shade": Range(0.6, 1.0), "hand_on": Range(-0.06, 0.08), "below": Range(-0.03, 0.12),
        "letters": Range(-0.03, 0.03), "lift": Range(0.002, 0.06, log=True), "scatter": Range(0.0005, 0.01, log=True),
        "raises": Range(0.0, 0.8), "size": Range(2, 15, log=True),
    }  # fmt: skip

    def __init__(
        self, every: int = 900, phase: int = 0, length: int = 400, auctions: int = 0, turns: int = 0, cover: float = 0.5, openly: int = 0,
        eager: float = 0.3, alone: float = 0.05, shade: float = 0.9, hand_on: float = 0.0, below: float = 0.03, letters: float = 0.0,
        lift: float = 0.02, scatter: float = 0.002, raises: float = 0.3, size: int = 5,
    ) -> None:  # fmt: skip
        """Configure the strategy; chances below 0 are none. Raises ValueError for numbers out of range."""
        chances = {"cover": cover, "eager": eager, "alone": alone, "hand_on": hand_on, "letters": letters, "raises": raises}
        kept = {name: share(name, max(chance, 0.0)) for name, chance in chances.items()}
        super().__init__((
            whole("every", every, 2), whole("phase", phase, 0), whole("length", min(length, every - 1), 1),
            whole("auctions", auctions, 0, 1), whole("turns", turns, 0, 3), kept["cover"], whole("openly", openly, 0, 1), kept["eager"],
            kept["alone"], at_least("shade", shade, 0), kept["hand_on"], at_least("below", below, -1), kept["letters"],
            at_least("lift", lift, 0), at_least("scatter", scatter, 0), kept["raises"], whole("size", size, 1),
        ))  # fmt: skip

    @classmethod
    def seat(cls, scenario: Scenario, members: int, parameters: Mapping[str, float]) -> dict[str, Any]:
        """The business of the scenario's buyers or sellers."""
        return seated(scenario, RoleName.BUYER if parameters.get("auctions", 0) else RoleName.SELLER, members)

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
