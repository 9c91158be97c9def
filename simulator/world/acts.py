"""What a trader may ask for beyond the book: contracts, auctions, ratings, alliances, rumours; and what regulators and mediators may.

As with orders, any number of them, carried out in that order; each counts as a message of the step's `message_limit`. What cannot be
done is a record with its reason.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from simulator.types import Protocol
from simulator.world.commands import put_more
from simulator.world.jit import both_ways


class Act(IntEnum):
    """Kinds of a QUEUED row beyond those of CommandKind and MESSAGE."""

    OFFER = 17
    COUNTER = 18
    ACCEPT = 19
    WALK_AWAY = 20
    SETTLE = 21
    RATE = 22
    OPEN_AUCTION = 23
    BID = 24
    INVITE = 25
    JOIN = 26
    LEAVE = 27
    EXPEL = 28
    WHISPER = 29
    WARN = 30
    FINE = 31
    SUSPEND = 32
    HALT_TRADING = 33
    RESUME_TRADING = 34


ENGLISH, DUTCH = int(Protocol.ENGLISH), int(Protocol.DUTCH)
FIRST_PRICE, SECOND_PRICE = int(Protocol.FIRST_PRICE), int(Protocol.SECOND_PRICE)
_OFFER, _COUNTER, _ACCEPT, _WALK_AWAY, _SETTLE, _RATE = (
    int(act) for act in (Act.OFFER, Act.COUNTER, Act.ACCEPT, Act.WALK_AWAY, Act.SETTLE, Act.RATE)
)
_OPEN_AUCTION, _BID, _INVITE, _JOIN, _LEAVE, _EXPEL = (
    int(act) for act in (Act.OPEN_AUCTION, Act.BID, Act.INVITE, Act.JOIN, Act.LEAVE, Act.EXPEL)
)
_WHISPER, _WARN, _FINE, _SUSPEND = int(Act.WHISPER), int(Act.WARN), int(Act.FINE), int(Act.SUSPEND)
_HALT_TRADING, _RESUME_TRADING = int(Act.HALT_TRADING), int(Act.RESUME_TRADING)


@both_ways
def offer(commands: Any, receiver: int, side: int, price: int, lots: int, delay: int, quality: int = 1_000_000) -> None:
    """Offer an agent of the same symbol to trade so many lots at a price, delivered `delay` steps after agreement.

    side is what the offerer would do; quality (millionths) is what a seller promises.
    """
    put_more(commands, _OFFER, side, delay, price, lots, receiver, quality, 0)


@both_ways
def counter(commands: Any, deal: int, price: int, lots: int) -> None:
    """Answer an offer by another one."""
    put_more(commands, _COUNTER, 0, 0, price, lots, deal, 0, 0)


@both_ways
def accept(commands: Any, deal: int) -> None:
    """Agree to the offer on the table, or to the amount that a mediator proposes."""
    put_more(commands, _ACCEPT, 0, 0, 0, 0, deal, 0, 0)


@both_ways
def walk_away(commands: Any, deal: int) -> None:
    """End a negotiation or a mediation without a result."""
    put_more(commands, _WALK_AWAY, 0, 0, 0, 0, deal, 0, 0)


@both_ways
def settle(commands: Any, deal: int, amount: int) -> None:
    """As the mediator of a dispute, propose what the breaker shall pay (ticks x lots), at most the claim."""
    put_more(commands, _SETTLE, 0, 0, 0, amount, deal, 0, 0)


@both_ways
def rate(commands: Any, deal: int, stars: int) -> None:
    """Rate the other side of a delivered deal once, from -2 to 2; a star counts as half a kept (or broken) contract."""
    put_more(commands, _RATE, 0, 0, 0, stars, deal, 0, 0)


@both_ways
def open_auction(commands: Any, protocol: int, lots: int, reserve: int, start: int, steps: int, delay: int) -> None:
    """Put lots up for auction at no less than `reserve`; bidding ends after `steps`.

    A Dutch auction begins at `start` and falls every `delay` steps; the others begin at the reserve.
    """
    put_more(commands, _OPEN_AUCTION, protocol, delay, start, lots, steps, reserve, 0)


@both_ways
def bid(commands: Any, deal: int, price: int) -> None:
    """Bid a price (ticks a lot) in an auction; in a Dutch one, take the lots at the price that is called."""
    put_more(commands, _BID, 0, 0, price, 0, deal, 0, 0)


@both_ways
def invite(commands: Any, agent: int) -> None:
    """Invite an agent into one's alliance, which begins with the first who joins."""
    put_more(commands, _INVITE, 0, 0, 0, 0, agent, 0, 0)


@both_ways
def join(commands: Any) -> None:
    """Join the alliance into which one was invited last."""
    put_more(commands, _JOIN, 0, 0, 0, 0, 0, 0, 0)


@both_ways
def leave(commands: Any) -> None:
    """Leave one's alliance."""
    put_more(commands, _LEAVE, 0, 0, 0, 0, 0, 0, 0)


@both_ways
def expel(commands: Any, agent: int) -> None:
    """As its founder, put a member out of one's alliance."""
    put_more(commands, _EXPEL, 0, 0, 0, 0, agent, 0, 0)


@both_ways
def whisper(commands: Any, topic: int, value: int) -> None:
    """Begin a rumour: from now on one's neighbours may hear it, and theirs."""
    put_more(commands, _WHISPER, 0, 0, topic, value, 0, 0, 0)


@both_ways
def warn(commands: Any, agent: int, rule: int, observed: int, allowed: int) -> None:
    """As a regulator, warn an agent that breaks a Rule."""
    put_more(commands, _WARN, rule, 0, observed, allowed, agent, 0, 0)


@both_ways
def fine(commands: Any, agent: int, rule: int, observed: int, allowed: int, amount: int) -> None:
    """As a regulator, take money (ticks x lots) from an agent that breaks a Rule."""
    put_more(commands, _FINE, rule, 0, observed, allowed, agent, amount, 0)


@both_ways
def suspend(commands: Any, agent: int, rule: int, observed: int, allowed: int, steps: int) -> None:
    """As a regulator, withdraw an agent's orders and keep it out of the market for so many steps."""
    put_more(commands, _SUSPEND, rule, 0, observed, allowed, agent, 0, steps)


@both_ways
def halt_trading(commands: Any, symbol: int, rule: int, observed: int, allowed: int) -> None:
    """As a regulator, stop trading in a symbol from the next step on."""
    put_more(commands, _HALT_TRADING, rule, 0, observed, allowed, symbol, 0, 0)


@both_ways
def resume_trading(commands: Any, symbol: int) -> None:
    """As a regulator, let trading in a symbol go on from the next step on."""
    put_more(commands, _RESUME_TRADING, 0, 0, 0, 0, symbol, 0, 0)
