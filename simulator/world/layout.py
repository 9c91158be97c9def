"""The rows that a world is made of, as fixed-size records: a symbol as everybody sees it, an agent, an open order, a command.

Every field is 8 bytes wide (i8, u8 or f8), so that arithmetic on it means the same in Python and in compiled code.
Units: prices are ticks, sizes lots, money ticks x lots, time steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Row = Any  # one row of a structured array, by reference

HISTORY = 256  # steps of prices that a view remembers, a power of two
PARAMETERS = 24  # numbers a strategy may be configured with
MEMORY = 16  # numbers a trader may keep from step to step
COMPONENTS = 8  # most components of a symbol's volatility, and most regimes
SIGNALS = 8  # topics of which the last broadcast stays on the board

MARKET = np.dtype(
    [
        ("step", "i8"),  # the step about to be decided, counted from 0
        ("best_bid", "i8"),  # ticks, 0 if nobody bids
        ("best_ask", "i8"),  # ticks, 0 if nobody offers
        ("bid_size", "i8"),  # lots at the best bid
        ("ask_size", "i8"),  # lots at the best ask
        ("last", "i8"),  # price of the last trade, before the first one the symbol's initial price
        ("mid_twice", "i8"),  # best bid + best ask, or while they cross twice the indicative price; without a side the last one known
        ("volume", "i8"),  # lots traded in the step before
        ("trades", "i8"),  # fills in the step before
        ("halted", "i8"),  # 1 while trading is halted
        ("in_call", "i8"),  # 1 in a call auction: orders only rest, and the best prices may cross
        ("band_low", "i8"),  # offers below it and bids above band_high are refused; both 0 without a price band
        ("band_high", "i8"),
        ("tick_size", "i8"),  # legal prices are its multiples
        ("lot_size", "i8"),  # legal sizes are its multiples
        ("agents", "i8"),  # agents of the world; their numbers are 0..agents-1
        ("broadcasts", "i8"),  # messages to everybody so far
        ("broadcast_sender", "i8"),  # the last of them, -1 before the first
        ("broadcast_topic", "i8"),
        ("broadcast_value", "i8"),
        ("supply", "i8"),  # of a resource: lots produced in the last period
        ("demand", "i8"),  # lots wanted in it
        ("stock", "i8"),  # lots that agents held at its end
        ("scarcity", "i8"),  # share of what was wanted and lacking lately, in millionths
        ("newest_auction", "i8"),  # id of the deal, -1 before the first
        ("board", "i8", (SIGNALS,)),  # value of the last broadcast of each topic
        ("mids_twice", "i8", (HISTORY,)),  # mid_twice of a step, at step % HISTORY
        ("mid_sums", "i8", (HISTORY,)),  # running sum of mid_twice up to and with a step, at step % HISTORY
        ("lasts", "i8", (HISTORY,)),  # last of a step, at step % HISTORY
    ],
    align=True,
)
"""One symbol as all see it at the start of a step."""

OWN = np.dtype(
    [
        # read whenever the agent is asked: one cache line
        ("random", "u8"),  # state of the agent's own stream
        ("activity", "f8"),  # chance of being asked in a step
        ("agent", "i8"),
        ("symbol", "i8"),  # the symbol it trades
        ("signal", "f8"),  # the fundamental value in ticks for informed agents, otherwise 0
        ("informed", "i8"),  # 1 if it may see the fundamental value
        ("memory_words", "i8"),  # how many of its memory its strategy uses
        ("open_orders", "i8"),  # how many of the agent's orders rest
        # moved by trades and orders: the next one
        ("cash", "i8"),  # ticks x lots
        ("inventory", "i8"),  # lots, negative when short
        ("fees", "i8"),  # paid so far
        ("bid_lots", "i8"),  # lots of its resting bids
        ("ask_lots", "i8"),  # lots of its resting asks
        ("reserved", "i8"),  # what its resting bids would cost
        ("orders_address", "u8"),  # where its OPEN_ORDER rows lie in memory
        ("changed", "i8"),  # 1 if its account changed in this step
        ("position_limit", "i8"),  # most lots long, resting bids counted
        ("short_limit", "i8"),  # most lots short, resting offers counted
        ("credit_limit", "i8"),  # how far cash less what is reserved may fall below zero
        ("order_limit", "i8"),  # most resting orders
        ("message_limit", "i8"),  # most messages per step
        ("messages", "i8"),  # direct messages received so far
        ("message_sender", "i8"),  # the last of them, -1 before the first
        ("message_topic", "i8"),
        ("message_value", "i8"),
        ("trader_type", "i8"),  # row of the scenario's populations
        ("letters", "i8"),  # received so far
        ("reputation", "i8"),  # millionths; 0 in a scenario without
        ("alliance", "i8"),  # -1 without one
        ("partner", "i8"),  # agent that trades another symbol for the same owner, -1 without one
        ("party_address", "u8"),  # where its row of PARTY lies
        ("member", "i8"),  # which one of its population it is, from 0
        ("members", "i8"),  # how many that has
        ("parameters", "f8", (PARAMETERS,)),
        ("memory", "f8", (MEMORY,)),
    ],
    align=True,
)
"""One agent: what it owns, may do and remembers."""

OPEN_ORDER = np.dtype([("order_id", "i8"), ("price", "i8"), ("size", "i8"), ("side", "i8")], align=True)
"""One resting order of an agent, oldest first; size is what is still open."""

QUEUED = np.dtype(
    [
        ("kind", "i8"),  # CommandKind, or MESSAGE
        ("side", "i8"),  # Side; of a message its kind
        ("time_in_force", "i8"),
        ("price", "i8"),  # of a message its topic
        ("size", "i8"),  # of a message its value
        ("order_id", "i8"),  # of a cancellation or modification; of a message the receiver, -1 for everybody
        ("more", "i8"),  # what a command beyond the book says besides
        ("most", "i8"),
    ],
    align=True,
)
"""One command of an agent, waiting for its turn in the step."""

COMMANDS = np.dtype([("count", "i8"), ("capacity", "i8"), ("address", "u8"), ("overflow", "i8")], align=True)
"""Where compiled traders write: `count` of `capacity` QUEUED rows at `address` are taken; overflow is 1 after one did not fit."""

SYMBOL = np.dtype(
    [
        ("random", "u8"),  # state of the stream that moves the fundamental value
        ("value", "f8"),  # fundamental value in ticks
        ("anchor", "f8"),  # what it is pulled back to
        ("season_height", "f8"),  # share of the anchor by which the level to which it is pulled back moves; 0 without seasons
        ("season_turn", "f8"),  # turns a step
        ("season_phase", "f8"),  # turns at step 0
        ("reversion", "f8"),
        ("volatility", "f8"),
        ("jump_probability", "f8"),
        ("jump_size", "f8"),
        ("loading", "f8"),  # weight of the factor that all symbols share in its moves
        ("own_weight", "f8"),  # of its own noise
        ("scale", "f8"),  # by what the volatility is multiplied at present
        ("components", "i8"),  # of the scale; each is high or low
        ("spread", "f8"),  # a high one multiplies the variance by 1 + spread, a low one by 1 - spread
        ("high", "u8"),  # one bit per component
        ("draws", "f8", (COMPONENTS,)),  # chance of each to be drawn anew in a step
        ("regimes", "i8"),  # how many there are
        ("regime", "i8"),  # the present one
        ("regime_volatility", "f8", (COMPONENTS,)),  # by what each multiplies the volatility
        ("regime_jumps", "f8", (COMPONENTS,)),  # and the chance of a jump
        ("regime_drift", "f8", (COMPONENTS,)),  # ticks a step
        ("regime_end", "f8", (COMPONENTS,)),  # chance to end in a step
        ("wanted", "i8"),  # HALT or RESUME, to be carried out in the next step; 0 otherwise
        ("phase", "i8"),  # CALL or UNCROSS of the trading day, likewise
        ("breaker_move", "i8"),  # millionths by which the mid price may move before trading stops, 0 for any
        ("breaker_window", "i8"),  # steps over which the move is counted
        ("breaker_pause", "i8"),  # steps for which trading stops
        ("paused", "i8"),  # 1 while trading is stopped for a move
        ("asked_by", "i8"),  # the regulator who wanted what is wanted, -1 the market's own rules
        ("asked_rule", "i8"),  # what the regulator said of it: a Rule, what was observed and what is allowed
        ("asked_observed", "i8"),
        ("asked_allowed", "i8"),
        ("counted_from", "i8"),  # step before which moves do not count any more
        ("resume_at", "i8"),  # step in which trading goes on again, 0 unless it was stopped for a move
        ("volume", "i8"),  # lots traded until the last TICK was due
        ("trades", "i8"),
        ("bid", "i8"),  # the touch as of the last TICK
        ("ask", "i8"),
        ("bid_size", "i8"),
        ("ask_size", "i8"),
    ],
    align=True,
)
"""What nobody sees of a symbol."""

TURN = np.dtype([("agent", "i4"), ("first", "i4"), ("count", "i4"), ("unused", "i4")], align=True)
"""The commands of one agent in a step: `count` rows of QUEUED from `first` on; agent -1 is the world itself."""

STATE = np.dtype(
    [
        ("random", "u8"),  # state of the stream that shuffles turns
        ("step", "i8"),  # the step being played
        ("target", "i8"),  # the step before which to stop
        ("phase", "i8"),  # Phase
        ("position", "i8"),  # agent, turn, symbol or row at which the phase goes on
        ("command", "i8"),  # command within the turn
        ("sent", "i8"),  # messages sent within the turn
        ("turns", "i8"),  # turns in this step
        ("dirty", "i8"),  # accounts that changed in this step
        ("next_order_id", "i8"),
        ("first_seq", "i8"),  # sequence number of the first record in the ring
        ("maker_fee", "i8"),  # millionths
        ("taker_fee", "i8"),
        ("tick_interval", "i8"),
        ("account_interval", "i8"),
        ("factor", "u8"),  # state of the stream of the factor that all symbols share
        ("linked", "i8"),  # 1 if any symbol follows it
        ("band_width", "i8"),  # millionths of the reference price, 0 without a price band
        ("band_window", "i8"),  # steps whose mean mid price is the reference
        ("session_steps", "i8"),  # steps of a trading day, 0 without days
        ("opening", "i8"),  # steps of the call auction that it begins with
        ("closing", "i8"),  # and of the one that it ends with
        ("graded", "i8"),  # 1 where lots have a quality that goes with them
        ("stage", "i8"),  # of what happens beyond the book in a step
        ("declared", "i8"),  # rows of DECLARED so far
    ],
    align=True,
)
"""Where the loop stands. Everything else of a world lies in the arrays."""

MESSAGE = 16  # kind of a QUEUED message, beside the kinds of CommandKind; what is beyond the book lies above it

DECLARE = 63
"""Kind of a QUEUED declaration, above all acts: it is no event and nobody sees it."""

DECLARED = np.dtype(
    [
        ("agent", "i8"),
        ("symbol", "i8"),
        ("step", "i8"),
        ("episode", "i8"),  # the agents that take part in one give it the same number
        ("outcome", "i8"),  # simulator.types.Outcome
    ],
    align=True,
)
"""What a manipulator says of itself: the truth that detectors are scored against. Everybody who takes part says it for itself."""
