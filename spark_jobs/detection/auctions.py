"""Auctions as detectors follow them: who bid when, who wrote to whom meanwhile, and for every two what became of those they shared."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import rustworkx as rx

from pipelines.events.vocabulary import DealStep, MessageKind, Protocol
from spark_jobs.detection.columns import Column, Deals, Messages
from spark_jobs.detection.surprise import surprise

_OWN_KINDS = 16  # kinds of message from here on are the sender's own
_ENDED = (int(DealStep.SOLD), int(DealStep.UNSOLD))
Pair = tuple[int, int]


@dataclass(slots=True)
class Auction:
    """One that has ended. bids: step, bidder and price (0 where sealed), as they came. winner: -1 without one."""

    opened: int
    bids: list[tuple[int, int, int]] = field(default_factory=list)
    ended: int = -1
    winner: int = -1
    price: int = 0

    def first_bids(self) -> dict[int, int]:
        """Step of each bidder's first bid."""
        steps: dict[int, int] = {}
        for step, bidder, _ in self.bids:
            steps.setdefault(bidder, step)
        return steps

    def spread(self) -> float:
        """Of the best bid over the second bidder's best, as a share of it; 0 where it is not known (Imhof, 2017)."""
        best: dict[int, int] = {}
        for _, bidder, price in self.bids:
            best[bidder] = max(price, best.get(bidder, 0))
        high = sorted(best.values(), reverse=True)[:2]
        return high[0] / high[1] - 1.0 if len(high) == 2 and high[1] > 0 else 0.0


def ended(deals: Deals) -> Iterator[Auction]:
    """The auctions in the order in which they ended."""
    known: dict[int, Auction] = {}
    rows = np.flatnonzero(deals.protocol != int(Protocol.BILATERAL))
    wanted = (deals.step, deals.deal_id, deals.kind, deals.party, deals.counterparty, deals.price)
    for step, number, kind, party, counterparty, price in zip(*(column[rows].tolist() for column in wanted), strict=True):
        if kind == DealStep.OPENED:
            known[number] = Auction(step)
        elif kind == DealStep.BID and number in known:
            known[number].bids.append((step, party, price))
        elif kind in _ENDED and number in known:
            auction = known.pop(number)
            auction.ended, auction.price = step, price
            auction.winner = counterparty if kind == DealStep.SOLD else -1
            yield auction


@dataclass(frozen=True, slots=True)
class Letters:
    """Messages from one agent to another, in the order of time; what the market itself passes on is left out."""

    steps: Column
    senders: Column
    receivers: Column

    @classmethod
    def of(cls, messages: Messages) -> Letters:
        """Those among all messages."""
        own = (messages.kind == int(MessageKind.PLAIN)) | (messages.kind >= _OWN_KINDS)
        rows = np.flatnonzero(own & (messages.receiver >= 0) & (messages.receiver != messages.sender))
        return cls(messages.step[rows], messages.sender[rows], messages.receiver[rows])

    def between(self, first: int, last: int) -> list[Pair]:
        """Who wrote to whom in these steps, the last included; the smaller number first."""
        low, high = np.searchsorted(self.steps, first, "left"), np.searchsorted(self.steps, last, "right")
        pairs = zip(self.senders[low:high].tolist(), self.receivers[low:high].tolist(), strict=True)
        return [both(*pair) for pair in pairs]


def connected(pairs: Iterable[Pair]) -> list[list[int]]:
    """Communities of agents that pairs connect; they and their members in the order in which they are named."""
    graph: rx.PyGraph[int, None] = rx.PyGraph(multigraph=False)
    nodes: dict[int, int] = {}
    for pair in pairs:
        for agent in pair:
            if agent not in nodes:
                nodes[agent] = graph.add_node(agent)
        graph.add_edge(nodes[pair[0]], nodes[pair[1]], None)
    parts = sorted(sorted(part) for part in rx.connected_components(graph))
    return [[graph[place] for place in part] for part in parts]


def both(one: int, two: int) -> Pair:
    """Two agents as a pair: the smaller number first."""
    return (one, two) if one < two else (two, one)


@dataclass(slots=True)
class Shared:
    """The auctions that two took part in. lag: steps between their first bids; switches: wins of one of them after one of another."""

    count: int = 0
    lags: int = 0
    lag: float = 0.0
    lag_squared: float = 0.0
    wins: int = 0
    switches: int = 0
    last_winner: int = -1
    with_letters: int = 0

    def lag_deviation(self) -> float:
        """Standard deviation of the lag beside its mean; who bids in a fixed order has a small one."""
        mean = self.lag / max(self.lags, 1)
        return math.sqrt(max(self.lag_squared / max(self.lags, 1) - mean * mean, 0.0)) / (mean + 1.0)


@dataclass(slots=True)
class Bidders:
    """What is known of all who took part in auctions, alone and two by two."""

    auctions: int = 0
    took_part: Counter[int] = field(default_factory=Counter)
    won: Counter[int] = field(default_factory=Counter)
    bids: Counter[int] = field(default_factory=Counter)
    shared: dict[Pair, Shared] = field(default_factory=dict)

    def take_in(self, auction: Auction, letters: list[Pair]) -> list[Pair]:
        """An auction ended; `letters` were written while it was open. Returns the pairs that took part in it together, as they came."""
        first = auction.first_bids()
        wrote = [group for group in connected(letters) if not first.keys().isdisjoint(group)]
        pairs = dict.fromkeys(both(*pair) for group in (list(first), *wrote) for pair in combinations(group, 2))
        self.auctions += 1
        self.took_part.update({*first, *(agent for group in wrote for agent in group)})
        self.bids.update(bidder for _, bidder, _ in auction.bids)
        self.won[auction.winner] += 1
        written = set(letters)
        for pair in pairs:
            self._share(self.shared.setdefault(pair, Shared()), pair, auction.winner, first, pair in written)
        return list(pairs)

    def _share(self, shared: Shared, pair: Pair, winner: int, first: dict[int, int], wrote: bool) -> None:
        shared.count += 1
        shared.with_letters += wrote
        if pair[0] in first and pair[1] in first:
            lag = abs(first[pair[0]] - first[pair[1]])
            shared.lags, shared.lag, shared.lag_squared = shared.lags + 1, shared.lag + lag, shared.lag_squared + lag * lag
        if winner in pair:
            shared.switches += winner != shared.last_winner and shared.wins > 0
            shared.wins, shared.last_winner = shared.wins + 1, winner

    def tie(self, pair: Pair) -> float:
        """Nats: by how much more often two take part together than chance would have it (Poisson's large deviations)."""
        count, even = self.shared[pair].count, self.took_part[pair[0]] * self.took_part[pair[1]] / self.auctions
        return surprise(count, even)

    def overlap(self, pair: Pair) -> float:
        """The auctions that both took part in, of those that either did."""
        count = self.shared[pair].count
        return count / (self.took_part[pair[0]] + self.took_part[pair[1]] - count)
