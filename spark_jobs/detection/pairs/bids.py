"""Auctions of every two agents: in which either bids, beside those in which others do, and whether that follows a rule.

Who bids is modelled as the agent's own rate times how many bid in the auction; what is left over is compared. Turns that go by a number or
by the seller show as rates that differ between the numbers' remainders or the sellers: the "phases of the moon" of Smith, "The incredible
electrical conspiracy", Fortune (1961), and the customers that are allotted of OECD, "Guidelines for fighting bid rigging in public
procurement" (2009).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pipelines.events.vocabulary import DealStep, Protocol
from spark_jobs.detection.columns import Array, Column, Deals
from spark_jobs.detection.pairs.statistics import beside_own, cosine, excess, likeness, lowest

_OF_EITHER = (
    "tie",  # nats by which they bid in the same auctions more often, or less, than either's rate would have it
    "rate",  # of the auctions, in which the one that bids less does
    "apart",  # nats by which they do so less often than their rates of the time would have it, added up over times
    "alike_out",  # correlation of their rates over time: how far it stands out among those of either, in deviations
    "rest_out",  # the same of what is left over, auction by auction
    "stretches_out",  # and of where, for a stretch of auctions, that is alike
    "rest_alone",  # correlation of what is left over without the ten strongest common factors; far below 0 among those who make one
    "turns",  # deviations by which either's rate differs between remainders of the auction's number, the lower
    "sellers",  # and between sellers
    "sellers_out",  # likeness of either's sellers, as it stands out
)
FEATURES = tuple(f"{kind}_{name}" for kind in ("open", "sealed") for name in _OF_EITHER)
TIME, LONGER = 200, 400  # steps in which rates are taken
STRETCH = 30  # auctions
FACTORS = 10
LEAST_RATE = 0.01  # of the auctions: who bids less often has nothing left over
ROUNDS = range(2, 7)  # members of a ring that takes turns
_FEW = 3  # auctions of a seller or a remainder, below which it says nothing


class Bids(NamedTuple):
    """Who bids in which auctions: (n, auctions) 0 or 1, with each auction's number, seller and first step."""

    there: Array
    number: Column
    seller: Column
    opened: Column


def bids_of(deals: Deals, agents: Array) -> tuple[Bids, Bids]:
    """Of the open auctions, and of the sealed ones."""
    opened = np.flatnonzero((deals.kind == int(DealStep.OPENED)) & (deals.protocol != int(Protocol.BILATERAL)))
    number, column = np.unique(deals.deal_id[opened], return_index=True)
    opened = opened[column]
    there, rows = np.zeros((len(agents), len(number))), np.flatnonzero(deals.kind == int(DealStep.BID))
    rows = rows[np.isin(deals.deal_id[rows], number) & np.isin(deals.party[rows], agents)]
    there[np.searchsorted(agents, deals.party[rows]), np.searchsorted(number, deals.deal_id[rows])] = 1.0
    by_hand = np.isin(deals.protocol[opened], (int(Protocol.ENGLISH), int(Protocol.DUTCH)))
    open_ones, sealed = (Bids(there[:, of], number[of], deals.party[opened[of]], deals.step[opened[of]]) for of in (by_hand, ~by_hand))
    return open_ones, sealed


def of_bids(deals: Deals, agents: Array, last: int) -> dict[str, Array]:
    """All features; `last` is the last step."""
    kinds = zip(("open", "sealed"), bids_of(deals, agents), strict=True)
    return {f"{kind}_{name}": found for kind, bids in kinds for name, found in _of_kind(bids, last).items()}


def _of_kind(bids: Bids, last: int) -> dict[str, Array]:
    there, count = bids.there, max(len(bids.number), 1)
    each, rest = there.sum(axis=1), left_over(there)
    longer, many = by_time(bids, LONGER, last)
    alike = likeness(longer / np.maximum(many, 1.0), np.broadcast_to(many > 0, longer.shape))
    seller = np.unique(bids.seller, return_inverse=True)[1]
    of_sellers, of_turns = deviations(there, seller), (bids.number % of for of in ROUNDS)
    return {
        "tie": excess(there @ there.T, each[:, None] * each[None, :] / count), "rate": lowest(each / count), "apart": apart(bids, last),
        "alike_out": beside_own(alike), "rest_out": beside_own(cosine(rest)), "stretches_out": beside_own(stretches(rest)),
        "rest_alone": without_factors(rest),
        "turns": np.max([lowest(unevenness(deviations(there, turn), turn)) for turn in of_turns], axis=0),
        "sellers": lowest(unevenness(of_sellers, seller)), "sellers_out": beside_own(cosine(of_sellers)),
    }  # fmt: skip


def left_over(there: Array) -> Array:
    """What the rate of the agent times the crowd of the auction does not explain, (n, auctions) in deviations, at most three."""
    rate, crowd = there.mean(axis=1) if there.size else np.zeros(len(there)), there.mean(axis=0)
    even = np.clip(rate[:, None] * crowd[None, :] / max(float(crowd.mean()) if there.size else 0.0, 1e-9), 0.01, 0.95)
    rest = np.clip((there - even) / np.sqrt(even * (1.0 - even)), -3.0, 3.0)
    return np.asarray(rest * (rate > LEAST_RATE)[:, None])


def by_time(bids: Bids, steps: int, last: int) -> tuple[Array, Array]:
    """Auctions with a bid of the agent (n, times), and all auctions (times,), that were opened in each time of so many steps."""
    time, times = bids.opened // steps, last // steps + 1
    rates = np.zeros((len(bids.there), times))
    np.add.at(rates.T, time, bids.there.T)
    return rates, np.bincount(time, minlength=times).astype(np.float64)


def apart(bids: Bids, last: int) -> Array:
    """Nats by which two bid in the same auctions less often than their rates of the time have it, below 0."""
    rates, many = by_time(bids, TIME, last)
    found, time = np.zeros((len(rates), len(rates))), bids.opened // TIME
    for at in np.flatnonzero(many).tolist():
        here = bids.there[:, time == at]
        found += np.minimum(excess(here @ here.T, np.outer(rates[:, at], rates[:, at]) / many[at]), 0.0)
    return found


def stretches(rest: Array) -> Array:
    """Mean square of how alike two are in a stretch of auctions, where they are."""
    found: Array = np.zeros((len(rest), len(rest)))
    count = rest.shape[1]
    for first in range(0, count, STRETCH):
        part = rest[:, first : first + STRETCH]
        found += np.maximum(part @ part.T / np.sqrt(STRETCH), 0.0) ** 2
    return np.asarray(found / max(count / STRETCH, 1.0))


def without_factors(rest: Array) -> Array:
    """Correlation of what the strongest common factors leave. Who acts together is a factor, and beside it each acts for itself."""
    busy = np.asarray(rest.any(axis=1))
    if rest.shape[1] == 0:
        return np.zeros((len(rest), len(rest)))
    around = rest - rest.mean(axis=1)[:, None]
    left, strength, right = np.linalg.svd(around, full_matrices=False)
    alone = cosine(around - (left[:, :FACTORS] * strength[:FACTORS]) @ right[:FACTORS])
    return np.asarray(np.where(busy[:, None] & busy[None, :], alone, 0.0))


def deviations(there: Array, group: Column) -> Array:
    """By how many deviations an agent bids more often in auctions of each group (n, groups) than in all; 0 in groups of few."""
    many = np.bincount(group).astype(np.float64)
    bid, rate = np.zeros((len(there), len(many))), there.mean(axis=1)[:, None] if there.size else np.zeros((len(there), 1))
    np.add.at(bid.T, group, there.T)
    return np.where(many >= _FEW, (bid - many * rate) / np.sqrt(np.maximum(many * rate * (1.0 - rate), 0.5)), 0.0)


def unevenness(apart: Array, group: Column) -> Array:
    """Of each agent (n,), how far the chi-squared of its deviations in groups of auctions is from what chance makes it, in deviations."""
    free = max(int((np.bincount(group) >= _FEW).sum()) - 1, 1)
    return np.asarray(((apart**2).sum(axis=1) - free) / np.sqrt(2.0 * free))
