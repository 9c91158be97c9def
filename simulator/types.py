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
ACCOUNT: owner's cash is order_id (ticks x lots), its fees paid other_id, its inventory size (lots, signed), remaining its open orders.
"""
