"""Lots and money that change hands outside the book, and the quality that goes with lots inside and outside of it."""

from __future__ import annotations

from simulator.matching.compiled import called, i8, inlined
from simulator.world.layout import Row
from simulator.world.party_rows import MILLION
from simulator.world.view_type import party_at


@inlined
def quality_of(own: Row) -> int:
    """Return the mean quality of an agent's lots in millionths, 0 without any."""
    return i8(party_at(own.party_address, 0).quality // own.inventory) if own.inventory > 0 else i8(0)


@inlined
def part_of(quality: int, lots: int, held: int) -> int:
    """Return the quality of so many of the lots held, rounded down; quality x lots may be more than 64 bits hold."""
    return i8(quality // held * lots + quality % held * lots // held)


@inlined
def take_quality(own: Row, lots: int) -> int:
    """Take the quality of so many average lots off an agent's stock, before the lots go; return the sum over them."""
    if own.inventory <= 0:
        return i8(0)
    party = party_at(own.party_address, 0)
    gone = part_of(party.quality, lots, own.inventory) if lots < own.inventory else i8(party.quality)
    party.quality = party.quality - gone
    return gone


@called
def hand_quality(seller: Row, buyer: Row, lots: int) -> None:
    """Let the quality of so many average lots go from one agent to another, before the lots do."""
    party = party_at(buyer.party_address, 0)
    party.quality = party.quality + take_quality(seller, lots)


@inlined
def give_money(giver: Row, taker: Row, amount: int) -> None:
    """Let an agent pay another outside the book."""
    giver.cash = giver.cash - amount
    taker.cash = taker.cash + amount
    payer, paid = party_at(giver.party_address, 0), party_at(taker.party_address, 0)
    payer.paid = payer.paid + amount
    paid.paid = paid.paid - amount


@inlined
def share_of(amount: int, millionths: int) -> int:
    """Return a share of an amount, rounded down."""
    return i8(amount // MILLION * millionths + amount % MILLION * millionths // MILLION)
