"""Letters and deals of every two agents: how many, beside those with anybody, and at what price.

Who sells to whom below the market soon after having won it in an auction hands on what was won for both: Graham and Marshall, "Collusive
bidder behavior at single-object second-price and English auctions", Journal of Political Economy 95 (1987).
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from pipelines.events.vocabulary import DealStep, Protocol
from spark_jobs.detection.auctions import Letters
from spark_jobs.detection.columns import Array, Deals, Orders
from spark_jobs.detection.dealings import followed, last_prices
from spark_jobs.detection.pairs.statistics import beside_own, excess, highest, likeness, lowest, tie

FEATURES = (
    "letters",  # between the two
    "letters_tie",  # nats by which that is more than three times an even share
    "letters_share",  # of all letters of the one that has more
    "letters_back",  # of the one that writes less, for each of the other
    "offers_tie",  # the same of contracts offered
    "accepted",  # contracts for each offer
    "deals_tie",  # and of contracts
    "deals_excess",  # nats by which they are more than by how much either deals
    "deals_share_low",  # of the contracts of either
    "deals_share_high",
    "deals_price",  # mean distance from the last price in the book, as a share
    "after_win",  # share of contracts soon after the seller won an auction
    "sells_low",  # share of either's contracts with anybody in which it sold
    "sells_high",
    "deals_alike",  # correlation of their contracts over time
    "deals_alike_out",  # and how far that stands out among those of either, in deviations
)
TIME = 100  # steps in which contracts are counted together
SOON = 300  # steps from a win to what is handed on
_SELL = 1


def of_letters(letters: Letters, agents: Array) -> dict[str, Array]:
    """The features of letters."""
    sent = np.zeros((len(agents), len(agents)))
    np.add.at(sent, (np.searchsorted(agents, letters.senders), np.searchsorted(agents, letters.receivers)), 1.0)
    both = sent + sent.T
    return {
        "letters": both, "letters_tie": tie(both), "letters_share": both / np.maximum(highest(both.sum(axis=1)), 1.0),
        "letters_back": np.minimum(sent, sent.T) / np.maximum(np.maximum(sent, sent.T), 1.0),
    }  # fmt: skip


def of_deals(deals: Deals, orders: Orders, agents: Array, last: int) -> dict[str, Array]:
    """The features of contracts; `last` is the last step."""
    offers, sold, away, after = (np.zeros((len(agents), len(agents))) for _ in range(4))
    over_time, wins = np.zeros((len(agents), last // TIME + 1)), defaultdict[int, int](lambda: -SOON - 1)
    place = {int(agent): number for number, agent in enumerate(agents)}
    offered = np.flatnonzero(deals.kind == int(DealStep.OFFERED))
    sides = dict(zip(deals.deal_id[offered].tolist(), deals.side[offered].tolist(), strict=True))
    auctions = set(deals.deal_id[deals.protocol != int(Protocol.BILATERAL)].tolist())
    prices = last_prices(orders, deals.step[deals.kind == int(DealStep.AGREED)])
    for step, kind, _, deal, _ in followed(deals):
        if kind == DealStep.AGREED and deal.number in auctions:
            wins[deal.second] = step
        elif kind == DealStep.OFFERED and deal.number not in auctions and {deal.first, deal.second} <= place.keys():
            offers[place[deal.first], place[deal.second]] += 1.0
        elif kind == DealStep.AGREED and deal.number in sides and {deal.first, deal.second} <= place.keys():
            seller, buyer = (deal.first, deal.second) if sides[deal.number] == _SELL else (deal.second, deal.first)
            two = place[seller], place[buyer]
            sold[two] += 1.0
            away[two] += deal.price / prices[step] - 1.0 if prices[step] else 0.0
            after[two] += step - wins[seller] <= SOON
            over_time[two, step // TIME] += 1.0
    return _described(offers + offers.T, sold, away + away.T, after + after.T, over_time)


def _described(offers: Array, sold: Array, away: Array, after: Array, over_time: Array) -> dict[str, Array]:
    made = sold + sold.T
    each = made.sum(axis=1)
    many, sells = np.maximum(made, 1.0), sold.sum(axis=1) / np.maximum(each, 1.0)
    share, alike = made / np.maximum(each, 1.0)[:, None], likeness(over_time, np.ones(over_time.shape, np.bool_))
    return {
        "offers_tie": tie(offers), "accepted": made / np.maximum(offers, 1.0), "deals_tie": tie(made),
        "deals_excess": excess(made, each[:, None] * each[None, :] / max(each.sum(), 1.0)),
        "deals_share_low": np.minimum(share, share.T), "deals_share_high": np.maximum(share, share.T),
        "deals_price": away / many, "after_win": after / many, "sells_low": lowest(sells), "sells_high": highest(sells),
        "deals_alike": alike, "deals_alike_out": beside_own(alike),
    }  # fmt: skip
