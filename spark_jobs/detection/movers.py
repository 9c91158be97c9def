"""Movers: agents who come to the same price at the same time and stay there, time and again; and who does so just now."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

from spark_jobs.detection.auctions import Pair, both, connected
from spark_jobs.detection.stances import GAP
from spark_jobs.detection.surprise import surprise

TIED, STRONG = 1.0, 5.0  # nats: that matter, and that name two communities one
USUAL = 3.0  # times an even share of its joint moves, that an agent makes with any other by chance
BUY = 0
PAUSE = 40  # steps after which two that come to a price together again begin anew


@dataclass(slots=True)
class Going:
    """Two that are at a price together. first: since when, short pauses included; until: when they leave it."""

    first: int
    until: int
    tie: float


@dataclass(slots=True)
class Record:
    """What two did together so far. there: agents at their prices, added up; stayed: steps; lags: between their coming, and squared."""

    moves: int = 0
    bids: int = 0  # of them to buy
    there: int = 0
    stayed: int = 0
    lag: int = 0
    lag_squared: int = 0
    last: int = -1  # when they came to a price together before this time

    def lag_deviation(self) -> float:
        """Standard deviation of the lag beside its mean."""
        mean = self.lag / self.moves
        return math.sqrt(max(self.lag_squared / self.moves - mean * mean, 0.0)) / (mean + 1.0)


@dataclass(slots=True)
class Movers:
    """All that is known of who comes to prices with whom."""

    moves: Counter[int] = field(default_factory=Counter)
    records: dict[Pair, Record] = field(default_factory=dict)
    going: dict[Pair, Going] = field(default_factory=dict)  # their last time
    now: dict[Pair, Going] = field(default_factory=dict)  # of those that are tied, until a PAUSE after they left

    def take_in(self, pair: Pair, side: int, begin: int, until: int, lag: int, there: int) -> None:
        """Two came to a price together and stayed for a while."""
        self.moves.update(pair)
        record = self.records.setdefault(pair, Record())
        record.moves, record.bids, record.there = record.moves + 1, record.bids + (side == BUY), record.there + there
        record.lag, record.lag_squared = record.lag + lag, record.lag_squared + lag * lag
        before, going = self.going.get(pair), Going(begin, until, self.tie(pair))
        if before and begin - before.until <= PAUSE:
            going.first, going.until = before.first, max(before.until, until)
        else:
            record.last = before.first if before else -1
        self.going[pair] = going
        self.now.pop(pair, None)
        if going.tie >= TIED:
            self.now[pair] = going

    def tie(self, pair: Pair) -> float:
        """Nats beyond USUAL times an even share, of the one for whom it is less (Poisson's large deviations)."""
        count, even = self.records[pair].moves, USUAL * max(self.moves[agent] for agent in pair) / max(len(self.moves) - 1, 1)
        return surprise(count, even)

    def community(self, pair: Pair, step: int, every_pair: bool = False) -> list[int]:
        """Who is connected with two by being at prices together just now.

        Nobody, if others among them are tied more strongly, unless `every_pair` is asked for.
        """
        for each in [each for each, going in self.now.items() if going.until + PAUSE <= step]:
            del self.now[each]
        here = {each: going.tie for each, going in self.now.items() if going.until + GAP > step}
        if pair not in here:
            return []
        members = next(members for members in connected(here) if pair[0] in members)
        ties = {each: tie for each, tie in here.items() if each[0] in members}
        return members if every_pair or max(ties, key=ties.__getitem__) == pair else []

    def head(self, pair: Pair) -> Pair:
        """The two by whose names the time goes: of those at prices now who are tied to a pair, the ones that came first."""
        first, strong = self.going[pair].first, self.going[pair].tie / 2.0
        for each, going in self.now.items():
            if going.first < first and (set(each) & set(pair) or self._tied(each, pair, strong)):
                pair, first = each, going.first
        return pair

    def _tied(self, one: Pair, other: Pair, strong: float) -> bool:
        ties = (both(agent, fellow) for agent in one for fellow in other)
        return any(pair in self.records and self.tie(pair) >= max(strong, STRONG) for pair in ties)
