"""The market's own vocabulary: sides, kinds of command and record, and the two fixed-size layouts that everything shares.

Units: a price is a whole number of ticks, a size a whole number of lots, money is ticks x lots, time is a step counter
(one step is 100 ms of simulated time unless the scenario says otherwise). Floats appear at the border only.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Side(IntEnum):
    """The side of an order; BUY orders rest on the bid side."""

    BUY = 0
    SELL = 1


class TimeInForce(IntEnum):
    """How long a limit order may rest."""

    GTC = 0  # rests until filled or cancelled
    IOC = 1  # fills what it can at once, the rest is cancelled
    FOK = 2  # fills completely at once or is rejected
    POST_ONLY = 3  # rests, and is rejected if it would trade on arrival


class CommandKind(IntEnum):
    """What a command asks of a book."""

    LIMIT = 0
    MARKET = 1
    CANCEL = 2
    MODIFY = 3
    HALT = 4  # from now on cancels are accepted, new orders and modifications refused
    RESUME = 5
    CALL = 6  # from now on orders rest without trading, also where the sides cross
    UNCROSS = 7  # what crosses trades at one price, and orders trade as they come in again; price is the reference


class Role(IntEnum):
    """What an agent is in the market for."""

    TRADER = 0  # nothing beside its strategy
    BUYER = 1  # consumes a resource, and wants it cheaply and surely
    SELLER = 2  # makes a resource, and wants the highest profit from it
    SPECULATOR = 3  # lives on prices that are wrong
    MEDIATOR = 4  # settles disputes over broken contracts, and is paid by success
    REGULATOR = 5  # keeps the market fair and steady, by fines, suspensions and halts


class Protocol(IntEnum):
    """How a deal outside the book comes about."""

    BILATERAL = 0  # offers and counter-offers between two
    ENGLISH = 1  # open bids, each above the one before
    DUTCH = 2  # an open price that falls until somebody takes it
    FIRST_PRICE = 3  # sealed bids; the highest wins and pays what it bid
    SECOND_PRICE = 4  # sealed bids; the highest wins and pays the second highest


class DealStep(IntEnum):
    """What happened to a deal outside the book."""

    OFFERED = 1
    COUNTERED = 2
    AGREED = 3
    WALKED_AWAY = 4
    EXPIRED = 5  # nobody answered in time
    DELIVERED = 6
    DEFAULTED = 7  # owner lacked the lots or the money
    DISPUTED = 8  # other_owner is the mediator who is to settle it
    PROPOSED = 9  # the mediator named an amount
    SETTLED = 10
    UNSETTLED = 11
    MISREPRESENTED = 12  # owner delivered less quality than it had promised, and pays back the difference
    RATED = 13
    OPENED = 14  # an auction, with its lots and the lowest price
    BID = 15  # of a sealed auction without its price
    CALLED = 16  # the price of a Dutch auction fell
    SOLD = 17
    UNSOLD = 18


class InterventionKind(IntEnum):
    """What was done to keep the market in order."""

    HALTED = 1
    RESUMED = 2
    WARNED = 3
    FINED = 4
    SUSPENDED = 5  # its orders are withdrawn and it may not act until then
    RESTORED = 6  # the end of a suspension


class Rule(IntEnum):
    """The rule for which somebody intervened."""

    NONE = 0
    CIRCUIT_BREAKER = 1  # the price moved too far too fast
    POSITION = 2
    ORDER_TO_TRADE = 3  # too many orders for so few trades
    CONCENTRATION = 4  # too large a share of all that is held


class Outcome(IntEnum):
    """How far an episode of manipulation has come."""

    BEGUN = 0
    ATTEMPTED = 1  # over, without what it was meant to bring about
    CONSUMMATED = 2  # over, and it was brought about


class MessageKind(IntEnum):
    """Kinds of message that the world itself writes; an agent's own are PLAIN or 16 and more."""

    PLAIN = 0
    GOSSIP = 1  # a rumour went from one neighbour to another
    INVITED = 2  # into the alliance that is the topic
    JOINED = 3
    LEFT = 4
    EXPELLED = 5
    SHARED = 6  # what an alliance gained together was divided
    DEAL = 7  # to whom a deal's next step is up; such letters are no records of their own


class RecordKind(IntEnum):
    """What a record of the event log says. Kinds below 16 come from a book, the others from the world around it."""

    ACCEPTED = 1  # a limit or market order came in with its whole size
    REJECTED = 2  # a command was refused; reason says why
    FILLED = 3  # order_id rested, other_id came in; remaining is what is left of order_id
    CANCELLED = 4  # size lots left the book (or never reached it); reason says why
    MODIFIED = 5  # reason KEPT_PLACE or REQUEUED; size is the new open size
    HALTED = 6
    RESUMED = 7
    PHASE = 8  # a call auction began or ended; reason says which
    TRADE = 16  # the tape: one per fill, with both owners
    TICK = 17  # best bid, best ask, last and volume of a symbol after a step
    MESSAGE = 18
    ACCOUNT = 19  # cash, inventory of one agent
    NEGOTIATION = 20  # a step of a deal outside the book, by contract or auction; reason is a DealStep
    INTERVENTION = 21  # what a regulator or the market's own rules did; reason is an InterventionKind
    RESOURCE = 22  # what an agent produced, consumed and lost in a period


class Reason(IntEnum):
    """Why a record was written, beyond its kind."""

    NONE = 0
    # rejections
    HALTED = 1
    INVALID_PRICE = 2  # not positive
    OFF_TICK = 3  # not a multiple of the tick size
    INVALID_SIZE = 4  # not positive
    OFF_LOT = 5  # not a multiple of the lot size
    INVALID_KIND = 6
    INVALID_SIDE = 7
    INVALID_TIME_IN_FORCE = 8
    DUPLICATE_ID = 9  # an order of that id is resting
    UNKNOWN_ORDER = 10  # no order of that id is resting
    WOULD_TRADE = 11  # post-only
    NOT_FILLABLE = 12  # fill-or-kill
    NOT_OWNER = 13
    NOT_HALTED = 14
    ALREADY_HALTED = 15
    POSITION_LIMIT = 16
    CREDIT_LIMIT = 17
    OPEN_ORDER_LIMIT = 18
    UNKNOWN_SYMBOL = 19
    INVALID_ID = 20  # negative
    MESSAGE_LIMIT = 21  # more messages in a step than allowed
    UNKNOWN_RECEIVER = 22  # a message to an agent that does not exist
    IN_CALL = 23  # a market, IOC or FOK order during a call auction
    ALREADY_IN_CALL = 24
    NOT_IN_CALL = 25
    PRICE_BAND = 26  # a bid above the market's price band, or an offer below it
    # cancellations
    BY_OWNER = 32
    UNFILLED = 33  # the rest of an IOC or market order
    SELF_TRADE = 34  # the resting order met an order of its own owner
    # modifications
    KEPT_PLACE = 40
    REQUEUED = 41
    # phases and what they trade
    CALL_BEGAN = 48
    UNCROSSED = 49  # the end of a call auction, and every fill at its price
    # rejections of what goes beyond the book
    SWITCHED_OFF = 64  # the scenario has no such thing
    NOT_PERMITTED = 65  # for another role
    UNKNOWN_DEAL = 66  # no such deal is open
    NOT_YOUR_TURN = 67  # the deal waits for another answer, or has no rounds left
    DEAL_LIMIT = 68  # too many deals are open
    NOT_ENOUGH = 69  # lots or money
    BID_TOO_LOW = 70
    NOT_INVITED = 71
    NOT_ALLIED = 72
    ALREADY_ALLIED = 73
    ALLIANCE_FULL = 74
    INVALID_AMOUNT = 75


COMMAND = np.dtype(
    [
        ("kind", "u1"),  # CommandKind
        ("side", "u1"),  # Side
        ("time_in_force", "u1"),  # TimeInForce
        ("price", "i4"),  # ticks
        ("size", "i4"),  # lots; of a modification, the new open size
        ("order_id", "i8"),  # of the new order, or of the one to cancel or modify
        ("owner", "i4"),
    ]
)
"""One command to a book, as replay() takes it. Fields may lie in any order and padding."""

RECORD = np.dtype(
    [
        ("kind", "u1"),  # RecordKind
        ("side", "u1"),  # Side: of order_id; of a fill and a trade, the side that came in
        ("reason", "u1"),  # Reason
        ("time_in_force", "u1"),  # TimeInForce of an accepted order; for market orders IOC
        ("symbol", "i4"),
        ("step", "i4"),  # simulated step
        ("price", "i4"),  # ticks; of a market order 0; of a fill, the resting order's price
        ("size", "i4"),  # lots
        ("remaining", "i4"),  # lots of order_id still open after this record
        ("owner", "i4"),  # of order_id
        ("other_owner", "i4"),  # of other_id, -1 without one
        ("order_id", "i8"),
        ("other_id", "i8"),  # -1 without one
    ],
    align=True,
)
"""One state change, 48 bytes. Its sequence number is its place in the world's log and is not stored.

FILLED: order_id rested, other_id came in, side is the incoming side, remaining is of the resting order.
REJECTED: the command's own fields, remaining 0. Market orders are ACCEPTED with price 0 and time_in_force IOC.
PHASE: a call auction began (CALL_BEGAN), or ended (UNCROSSED) at price (0 if nothing crossed) with size lots traded; remaining is
how many more lots side had at that price than the other one. In its fills, which have the same side, order_id sold and other_id
bought, and other_id's order loses size lots as well.
TRADE: owner bought, other_owner sold; order_id is the buyer's order, other_id the seller's; side is the aggressor's.
TICK: order_id is best bid (0 if none), other_id best ask (0 if none), price the last trade (0 if none), size the
volume of the step, owner the lots at the best bid, other_owner the lots at the best ask, remaining the trades of the step.
MESSAGE: owner sent it, other_owner receives it (-1: everybody), price is the topic, reason the kind of message,
size, remaining, order_id and other_id carry its four values.
ACCOUNT: owner's cash is order_id (ticks x lots), its fees paid other_id, its inventory size (lots, signed), remaining its open orders,
price its reputation (millionths), other_owner its alliance (-1 without one, and where a scenario has none).
NEGOTIATION: owner did it, other_owner is the other side (-1: anybody), order_id is the deal, time_in_force its Protocol, side that of
owner, price and size what is on the table, remaining the round, other_id an amount: of an offer the quality promised and of a delivery
the quality delivered (millionths), of an agreement the step of delivery, otherwise money (ticks x lots).
INTERVENTION: owner did it (-1: the market's own rules), other_owner is whom it concerns (-1: all), time_in_force is the Rule, price what
was observed, size what is allowed, order_id the fine, other_id the step until which it holds.
RESOURCE: owner produced price lots, consumed size, lacked remaining and lost other_owner since its record before; it paid order_id for
production, storage and shortage, and got other_id for what it consumed; reason is the quality of its stock in per cent.
"""
