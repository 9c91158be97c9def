"""Deals between two, from offer to rating, as detectors follow them: every row of market.negotiations in turn.

An auction is an offer to everybody, on which its seller and who wins it agree; no row tells of its delivery or rates it. A row tells who
did what; what it was about (who offered, at which price, how it went on) is kept by the deal's number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from pipelines.events.vocabulary import DealStep, RecordKind
from spark_jobs.detection.columns import Column, Deals, Orders

_OF_TWO = np.arange(max(DealStep) + 1)
_OF_TWO[[DealStep.OPENED, DealStep.SOLD, DealStep.UNSOLD]] = DealStep.OFFERED, DealStep.AGREED, DealStep.EXPIRED
_OF_TWO[[DealStep.BID, DealStep.CALLED]] = 0
"""What a row of an auction would be of a deal between two; 0 for what happens before there are two."""


@dataclass(slots=True)
class Deal:
    """What became of an offer so far. second: -1 until an auction is won. stars: by who rated."""

    number: int
    first: int
    second: int
    step: int  # of the first offer
    lots: int
    price: int
    rounds: int = 1
    agreed: int = -1  # step
    delivered: bool = False
    stars: dict[int, int] = field(default_factory=dict)

    def other(self, agent: int) -> int:
        """The other side."""
        return self.second if agent == self.first else self.first


@dataclass(slots=True)
class Account:
    """What an agent did and suffered in deals, so far, with anybody."""

    offers: int = 0  # that it made
    agreed: int = 0
    broken: int = 0  # contracts that it broke, and promised quality that it did not deliver
    blamed: int = 0  # bad ratings that it gave
    got_blame: int = 0
    partners: dict[int, int] = field(default_factory=lambda: defaultdict(int))  # agreed deals with each


def followed(deals: Deals) -> Iterator[tuple[int, int, int, Deal, int]]:
    """Of every row about a deal between two: its step, kind, party and amount, with the deal as it is after it; of auctions all but bids,
    as if they were such deals.
    """
    known: dict[int, Deal] = {}
    kinds, between = _OF_TWO[deals.kind], np.flatnonzero(_OF_TWO[deals.kind] > 0)
    wanted = (deals.step, deals.deal_id, kinds, deals.party, deals.counterparty, deals.price, deals.lots, deals.amount)
    for step, number, kind, party, counterparty, price, lots, amount in zip(*(column[between].tolist() for column in wanted), strict=True):
        if kind == DealStep.OFFERED:
            known[number] = Deal(number, party, counterparty, step, lots, price)
        deal = known.get(number)
        if deal is None:
            continue
        if kind == DealStep.COUNTERED:
            deal.rounds, deal.price, deal.lots = deal.rounds + 1, price, lots
        elif kind == DealStep.AGREED:
            deal.agreed = step
            if deal.second < 0:
                deal.second, deal.price = counterparty, price
        elif kind == DealStep.DELIVERED:
            deal.delivered = True
        elif kind == DealStep.RATED:
            deal.stars[party] = amount
        elif kind in (DealStep.WALKED_AWAY, DealStep.EXPIRED):
            known.pop(number)
        yield step, kind, party, deal, amount


def last_prices(orders: Orders, steps: Column) -> dict[int, int]:
    """Price of the last fill in the book before each of the steps, 0 without one."""
    fills = np.flatnonzero((orders.kind == int(RecordKind.FILLED)) & (orders.price > 0))
    prices = np.concatenate([np.zeros(1, np.int64), orders.price[fills]])
    wanted = np.unique(steps)
    return dict(zip(wanted.tolist(), prices[np.searchsorted(orders.step[fills], wanted)].tolist(), strict=True))
