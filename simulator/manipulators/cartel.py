"""Cartels: competitors who agree on prices and on who wins.

Source: agreements to fix prices, Sherman Act section 1 (15 U.S.C. 1) and article 101(1)(a) of the Treaty on the Functioning of the
European Union; cover bids, suppressed bids and rotation, OECD, "Guidelines for fighting bid rigging in public procurement" (2009);
McAfee and McMillan, "Bidding rings", American Economic Review 82 (1992); price wars as the answer to undercutting, Green and Porter,
"Noncooperative collusion under imperfect price information", Econometrica 52 (1984). Turns that follow from the date alone, so that
nobody need speak, were the "phases of the moon" of the US makers of electrical equipment: Smith, "The incredible electrical
conspiracy", Fortune (1961).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from simulator.manipulators.manipulator import Manipulator, Range, behind, shared_episode, withdraw_all
from simulator.manipulators.plans import planned
from simulator.manipulators.rings import COVERED, FULL, fellow, place_in_slot, places_after, seated, work
from simulator.traders.buyer import affordable_by_cash
from simulator.traders.parameters import at_least, share, whole
from simulator.traders.quoting import keep_one
from simulator.traders.sizing import affordable, price_at_least, price_at_most
from simulator.types import Protocol
from simulator.world.acts import bid
from simulator.world.commands import ATTEMPTED, BEGUN, BUY, CONSUMMATED, SELL, Commands, declare, tell
from simulator.world.deal_rows import DealState
from simulator.world.draws import randint
from simulator.world.jit import both_ways, compile_trader
from simulator.world.looking import deal_of, letter_of, mechanisms, public_of
from simulator.world.mechanisms import RoleName
from simulator.world.party_rows import LETTERS, MILLION
from simulator.world.scenario import Scenario
from simulator.world.view import View, mean_mid, mid

_EVERY, _PHASE, _LENGTH, _AUCTIONS, _BUYING, _TALK, _PREMIUM, _PROTOCOLS = range(8)
_COVER, _LIFT, _SIZE, _LAG, _PATIENCE, _STRICT, _HIDE, _HIDDEN = range(8, 16)
_MODE, _SLOT, _SINCE, _DEAL, _LEADER, _PRICE, _BEGUN, _DONE, _GOOD, _UNDERCUT, _KEPT, _WAR, _SEEN, _READ, _ARRANGED = range(15)
_IDLE, _RIGGING, _PRICING = range(3)
_AUCTION, _ENGLISH, _DUTCH, _FIRST_PRICE = int(DealState.AUCTION), int(Protocol.ENGLISH), int(Protocol.DUTCH), int(Protocol.FIRST_PRICE)
_OPEN_BIDS, _SEALED_BIDS = range(2)  # of `protocols`
_AT_TIMES = 2  # of `cover`
CALL = 16  # kind of the letters by which members arrange an episode
_TOPIC = 1
_NO_DEAL = -1
_A_SLOT = 2  # auctions that they arrange in a slot at most
_LONGEST = 300  # steps of an auction that they arrange
_RECENT = 20  # steps whose mean mid the common price starts from
_MOST = 5  # times what each quotes, that those without a business may be long or short by it


def decide(view: View, commands: Commands) -> None:
    """Keep to what is agreed; arrange the next auction or price when it is time; in between sell or buy as others do."""
    listen(view, commands)
    fresh = view.newest_auction + 1 != view.memory[_SEEN]
    view.memory[_SEEN] = view.newest_auction + 1
    since = place_in_slot(view, int(view.parameters[_EVERY]), int(view.parameters[_LENGTH]), int(view.parameters[_PHASE]))
    if view.memory[_MODE] == _RIGGING:
        rig(view, commands)
    elif view.memory[_MODE] == _PRICING:
        hold_price(view, commands)
    elif view.halted:
        return
    elif view.parameters[_AUCTIONS] > 0.0 and mechanisms(view).deal_limit > 0:
        if not fresh or since < 0 or not may_arrange(view) or not choose_auction(view, commands):
            work(view, commands, view.parameters[_HIDE], int(view.parameters[_HIDDEN]))
    elif since == 0:
        choose_price(view, commands)
    else:
        work(view, commands, view.parameters[_HIDE], int(view.parameters[_HIDDEN]))


@both_ways
def slot_of(view: Any, step: int) -> int:
    """Return the number of the slot that a step lies in."""
    return (step + int(view.parameters[_PHASE])) // int(view.parameters[_EVERY])


@both_ways
def listen(view: Any, commands: Any) -> None:
    """Read the letters that came; a fellow's call begins an episode."""
    for number in range(max(int(view.memory[_READ]), view.letters - LETTERS), view.letters):
        letter = letter_of(view, number)
        if letter.kind == CALL and view.parameters[_TALK] > 0.0 and view.memory[_MODE] == _IDLE:
            begin(view, commands, letter.value_1, letter.value_2, letter.value_3, letter.value_4)
    view.memory[_READ] = view.letters


@both_ways
def begin(view: Any, commands: Any, deal: int, price: int, leader: int, since: int) -> None:
    """Keep in mind what is agreed, and where they speak openly pass it on to the next member."""
    view.memory[_MODE] = _RIGGING if deal != _NO_DEAL else _PRICING
    view.memory[_ARRANGED] = view.memory[_ARRANGED] + 1.0 if view.memory[_SLOT] == slot_of(view, since) else 1.0
    view.memory[_SLOT] = slot_of(view, since)
    view.memory[_SINCE], view.memory[_DEAL], view.memory[_LEADER], view.memory[_PRICE] = since, deal, leader, price
    view.memory[_BEGUN] = view.memory[_DONE] = view.memory[_UNDERCUT] = view.memory[_KEPT] = view.memory[_WAR] = 0.0
    if view.parameters[_TALK] > 0.0 and view.partner >= 0:
        take_part(view, commands)
        if places_after(view, leader) < view.members - 1:
            tell(commands, view.partner, _TOPIC, CALL, deal, price, leader, since)


@both_ways
def episode_of(view: Any) -> int:
    """Return the number of the episode: it goes by the auction or the slot."""
    return shared_episode(view, int(view.memory[_SLOT] if view.memory[_MODE] == _PRICING else view.memory[_DEAL]))


@both_ways
def take_part(view: Any, commands: Any) -> None:
    """Declare the episode once, with the agent's first deed in it."""
    if view.memory[_BEGUN] == 0.0:
        declare(commands, episode_of(view), BEGUN)
        view.memory[_BEGUN] = 1.0


@both_ways
def finish(view: Any, commands: Any, brought_about: bool) -> None:
    """End the episode."""
    if view.memory[_BEGUN] > 0.0:
        declare(commands, episode_of(view), CONSUMMATED if brought_about else ATTEMPTED)
    view.memory[_MODE] = _IDLE


@both_ways
def is_silent(view: Any, leader: int) -> bool:
    """Say whether the agent has to wait for a call: they speak openly and it is another one's turn."""
    return view.parameters[_TALK] > 0.0 and view.partner >= 0 and places_after(view, leader) != 0


@both_ways
def may_arrange(view: Any) -> bool:
    """Say whether another auction may be arranged in the present slot."""
    return view.memory[_SLOT] != slot_of(view, view.step) or view.memory[_ARRANGED] < _A_SLOT  # type: ignore[no-any-return]


@both_ways
def choose_auction(view: Any, commands: Any) -> bool:
    """Arrange the newest auction, if it is of the kind they look for; whose turn it is follows from the time."""
    deal, leader = deal_of(view, view.newest_auction), slot_of(view, view.step) % max(view.members, 1)
    if deal.id != view.newest_auction or deal.state != _AUCTION or deal.ends - view.step > _LONGEST or is_silent(view, leader):
        return False
    opened = deal.protocol == _ENGLISH or deal.protocol == _DUTCH
    if (view.parameters[_PROTOCOLS] == _OPEN_BIDS and not opened) or (view.parameters[_PROTOCOLS] == _SEALED_BIDS and opened):
        return False
    agreed = price_at_most(view, mid(view) * (1.0 + view.parameters[_PREMIUM]))
    if agreed <= deal.reserve:
        return False
    begin(view, commands, deal.id, agreed, leader, view.step)
    return True


@both_ways
def rig(view: Any, commands: Any) -> None:
    """Let whose turn it is win the auction; the others bid for show or not at all. In the book all trade as ever."""
    deal = deal_of(view, int(view.memory[_DEAL]))
    winner = fellow(view, -places_after(view, int(view.memory[_LEADER])) % max(view.members, 1))
    if deal.id != int(view.memory[_DEAL]) or deal.state != _AUCTION:
        finish(view, commands, winner >= 0 and is_won(view, deal, winner))
        return
    view.memory[_GOOD] = public_of(view, max(winner, 0)).good
    price = price_to_bid(view, deal)
    if price == 0:
        work(view, commands, view.parameters[_HIDE], int(view.parameters[_HIDDEN]))
        return
    view.memory[_DONE] = 1.0
    if affordable(view, BUY, deal.lots) >= deal.lots <= affordable_by_cash(view, deal.lots, price):
        bid(commands, deal.id, price)
        take_part(view, commands)


@both_ways
def price_to_bid(view: Any, deal: Any) -> int:
    """Return what the agent is to bid now, 0 for nothing. Who is to win bids last where bids are open, and never more than agreed."""
    place, held, agreed = places_after(view, int(view.memory[_LEADER])), view.step - int(view.memory[_SINCE]), int(view.memory[_PRICE])
    lag, price = int(view.parameters[_LAG]), 0
    if place == 0 and held >= lag * view.members:
        agreed = min(agreed, price_at_most(view, view.worth)) if view.uses > 0.0 else agreed
        price = winning_bid(view, deal, agreed)
    elif place > 0 and bids_for_show(view) and view.memory[_DONE] == 0.0 and held >= lag * place:
        price = cover_bid(view, deal, agreed)
    return price if deal.reserve <= price <= agreed else 0


@both_ways
def bids_for_show(view: Any) -> bool:
    """Say whether the agent gives a cover bid: always, never, or as a plan has it that looks like chance (see OECD on token bids)."""
    if view.parameters[_COVER] == _AT_TIMES:
        return planned(int(view.parameters[_PHASE]) + 2 + view.member, int(view.memory[_SLOT]), 0) % 2 == 0
    return view.parameters[_COVER] > 0.0  # type: ignore[no-any-return]


@both_ways
def winning_bid(view: Any, deal: Any, agreed: int) -> int:
    """Return what the one whose turn it is bids now: the least that leads, sealed what is agreed, 0 for nothing."""
    if deal.protocol == _DUTCH:
        return deal.price  # type: ignore[no-any-return]
    if deal.protocol == _ENGLISH:
        return 0 if deal.second == view.agent else next_price(view, deal)
    return agreed if view.memory[_DONE] == 0.0 else 0


@both_ways
def cover_bid(view: Any, deal: Any, agreed: int) -> int:
    """Return a price that looks like competition and leaves room for the winner, 0 for none."""
    if deal.protocol == _ENGLISH:
        price = next_price(view, deal)
        return price if price + rise_of(view, price) <= agreed and deal.second != view.agent else 0
    if deal.protocol == _FIRST_PRICE:
        return deal.reserve + randint(view, 0, max((agreed - deal.reserve) // (2 * view.tick_size), 1)) * view.tick_size  # type: ignore[no-any-return]
    return 0 if deal.protocol == _DUTCH else deal.reserve  # by the second-price rule more would make it dearer


@both_ways
def rise_of(view: Any, price: int) -> int:
    """Return by how much a bid must rise above a price in an English auction."""
    return max(price * mechanisms(view).increment // MILLION // view.tick_size, 1) * view.tick_size  # type: ignore[no-any-return]


@both_ways
def next_price(view: Any, deal: Any) -> int:
    """Return the lowest price that an English auction takes."""
    return deal.price if deal.second < 0 else deal.price + rise_of(view, deal.price)  # type: ignore[no-any-return]


@both_ways
def is_won(view: Any, deal: Any, winner: int) -> bool:
    """Say whether the arranged winner won an auction that is over: by who led, or where bids were sealed by its having kept its word."""
    if deal.id != int(view.memory[_DEAL]):
        return False
    if deal.protocol == _ENGLISH or deal.protocol == _DUTCH:
        return deal.second == winner  # type: ignore[no-any-return]
    return public_of(view, winner).good > view.memory[_GOOD]  # type: ignore[no-any-return]


@both_ways
def side_of(view: Any, step: int) -> int:
    """Return the side on which they fix the price: that of their business; for traders of either side it changes from slot to slot."""
    if view.uses > 0.0:
        return BUY
    if view.makes > 0.0:
        return SELL
    return BUY if (slot_of(view, step) + int(view.parameters[_BUYING])) % 2 == 1 else SELL


@both_ways
def choose_price(view: Any, commands: Any) -> None:
    """Agree on a price that is better for them than the market's of late."""
    side, leader = side_of(view, view.step), slot_of(view, view.step) % max(view.members, 1)
    if is_silent(view, leader):
        return
    usual, lift = mean_mid(view, _RECENT), view.parameters[_LIFT]
    price = price_at_least(view, usual * (1.0 + lift)) if side == SELL else price_at_most(view, usual * (1.0 - lift))
    begin(view, commands, _NO_DEAL, price, leader, view.step)


@both_ways
def hold_price(view: Any, commands: Any) -> None:
    """Quote the common price, one member after the other; where others undercut it for long, undercut them."""
    since, lag = int(view.memory[_SINCE]), int(view.parameters[_LAG])
    held, side, price, all_in = view.step - since, side_of(view, since), int(view.memory[_PRICE]), lag * (view.members - 1)
    if held >= int(view.parameters[_LENGTH]):
        withdraw_all(view, commands)
        held_well = view.memory[_KEPT] > 0.0 and 2.0 * view.memory[_KEPT] >= held - all_in - 1
        finish(view, commands, held_well and view.memory[_WAR] == 0.0)
        return
    if held > all_in:
        watch(view, side, price)
    if view.halted or held < lag * places_after(view, int(view.memory[_LEADER])):
        return
    price = asked_price(view, side, price)
    lots = min(int(view.parameters[_SIZE]) * view.lot_size, wanted(view, side, price))
    keep_one(view, commands, side, price, lots)
    if lots > 0 and (view.open_orders > 0 or affordable(view, side, lots) > 0):
        take_part(view, commands)


@both_ways
def watch(view: Any, side: int, price: int) -> None:
    """Count the steps in which the common price held, and begin a price war if it has been undercut for too long."""
    undercut = 0 < view.best_ask < price if side == SELL else view.best_bid > price
    view.memory[_UNDERCUT] = view.memory[_UNDERCUT] + 1.0 if undercut else 0.0
    view.memory[_KEPT] += 0.0 if undercut else 1.0
    punishes = planned(int(view.parameters[_PHASE]) + 1, int(view.memory[_SLOT]), 0) % 100 < 100.0 * view.parameters[_STRICT]
    if punishes and view.memory[_UNDERCUT] >= view.parameters[_PATIENCE]:
        view.memory[_WAR] = 1.0


@both_ways
def wanted(view: Any, side: int, price: int) -> int:
    """Return the lots that the agent has to sell or still a use for, within its money; without a business it keeps near nothing."""
    if view.makes > 0.0 or view.uses > 0.0:
        free = view.inventory if side == SELL else int(FULL * COVERED * view.uses + 1.0) - view.inventory
    else:
        free = _MOST * int(view.parameters[_SIZE]) * view.lot_size + (view.inventory if side == SELL else -view.inventory)
    return max(free if side == SELL else affordable_by_cash(view, free, price), 0)


@both_ways
def asked_price(view: Any, side: int, price: int) -> int:
    """Return the price to quote: the common one, or in a price war the best; never across the book, at a loss, or more than it is worth."""
    if view.memory[_WAR] > 0.0:
        touch, leads = view.best_ask if side == SELL else view.best_bid, False
        for row in range(view.open_orders):
            leads = leads or view.orders[row].price == touch
        price = touch if leads else behind(view, side, -1)
    if side == SELL:
        least = max(price, view.best_bid + view.tick_size)
        return price_at_least(view, max(least, view.cost)) if view.makes > 0.0 else least
    most = max(min(price, view.best_ask - view.tick_size) if view.best_ask > 0 else price, view.tick_size)
    return price_at_most(view, min(most, view.worth)) if view.uses > 0.0 else most


class Cartel(Manipulator):
    """Sellers or buyers who quote a common price for a while, or bidders who take turns to win auctions.

    Time is divided into slots of `every` steps, with one price or up to two auctions in each at a time that looks like chance. Whose
    turn it is goes round from slot to slot. Who does not speak openly knows all that from the time alone; who does gets a call, passed
    on from the one whose turn it is, who also names the price.

    Parameters
    ----------
    every : steps of a slot.
    phase : where the slots begin, in steps; it also mixes the chance of the times.
    length : steps for which a common price is held; fewer than `every`.
    auctions : 1 arranges auctions (where there are none: prices), 0 prices.
    buying : 1 fixes a low price to buy at, 0 a high one to sell at; those without a business change the side from slot to slot.
    talk : 1 tells each other by letters, 0 is silent.
    premium : how far above the mid price the winner may bid, as a share.
    protocols : 0 arranges auctions with open bids, 1 with sealed ones, 2 any.
    cover : 1 lets the others bid for show, 0 lets them stay away, 2 lets each do one or the other, as the date has it.
    lift : distance of the common price from the mean mid price of late, as a share.
    size : lots that each quotes at the common price.
    lag : steps by which each follows the one before, with its quote or its bid.
    patience : steps for which they let themselves be undercut.
    strict : share of slots in which they then quote better than anybody until its end.
    camouflage : chance of ordinary trading in a step without an episode, added to a fifth for those who have a business.
    hidden : most lots of such a trade.

    Examples
    --------
    >>> from simulator.world.view import example_view
    >>> trader = Cartel(every=100, length=99, lift=0.05, size=7, lag=2)
    >>> view = example_view(prices=[100], parameters=trader.parameters, makes=1.0, inventory=9, members=2)
    >>> trader.act(view, commands := Commands())    # it is time: the common price is 105
    >>> trader.act(view, commands)
    >>> [(order.side.name, order.price, order.size) for order in commands.placed()], commands.declared()
    ([('SELL', 105, 7)], [(4503599627370496, <Outcome.BEGUN: 0>)])
    """

    family = "cartel"
    address = compile_trader(decide)
    memory_words = 15
    MEMBERS = Range(2, 6)
    RANGES: ClassVar[dict[str, Range]] = {
        "every": Range(250, 900, log=True), "phase": Range(0, 100_000), "length": Range(40, 300, log=True), "auctions": Range(0, 1),
        "buying": Range(0, 1), "talk": Range(0, 1), "premium": Range(-0.05, 0.4), "protocols": Range(0, 2), "cover": Range(0, 1),
        "lift": Range(0.0005, 0.03, log=True), "size": Range(2, 20, log=True), "lag": Range(1, 8), "patience": Range(3, 40, log=True),
        "strict": Range(0.0, 1.0), "camouflage": Range(0.0, 0.2), "hidden": Range(2, 9),
    }  # fmt: skip
    WIDER: ClassVar[dict[str, Range]] = {
        "cover": Range(0, 2), "lag": Range(1, 10),
    }  # fmt: skip

    def __init__(
        self, every: int = 300, phase: int = 0, length: int = 100, auctions: int = 0, buying: int = 0, talk: int = 0, premium: float = 0.1,
        protocols: int = 2, cover: int = 1, lift: float = 0.005, size: int = 5, lag: int = 3, patience: int = 10, strict: float = 0.3,
        camouflage: float = 0.05, hidden: int = 5,
    ) -> None:  # fmt: skip
        """Configure the strategy. Raises ValueError for numbers out of range."""
        if length >= every:
            length = every - 1
        super().__init__((
            whole("every", every, 2), whole("phase", phase, 0), whole("length", length, 1), whole("auctions", auctions, 0, 1),
            whole("buying", buying, 0, 1), whole("talk", talk, 0, 1), at_least("premium", premium, -1), whole("protocols", protocols, 0, 2),
            whole("cover", cover, 0, 2), at_least("lift", lift, 0), whole("size", size, 1), whole("lag", lag, 0),
            whole("patience", patience, 1), share("strict", strict), share("camouflage", camouflage), whole("hidden", hidden, 1),
        ))  # fmt: skip

    @classmethod
    def seat(cls, scenario: Scenario, members: int, parameters: Mapping[str, float]) -> dict[str, Any]:
        """The business of the scenario's buyers or sellers."""
        buys = parameters.get("auctions", 0) or parameters.get("buying", 0)
        return seated(scenario, RoleName.BUYER if buys else RoleName.SELLER, members)

    def act(self, view: View, commands: Commands) -> None:
        """Decide one step; the compiled form runs the same function."""
        decide(view, commands)
