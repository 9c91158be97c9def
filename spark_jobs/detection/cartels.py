"""Cartels: competitors who are together where others are by chance, in the same auctions or at the same price at the same time.

Two lanes give candidates. An auction that has ended is one for every community of bidders who take part together far more than chance
would have it (see auctions, with the screens that are computed). A price is one while agents tied by earlier ones move to it together
and stay (see stances). Either names the pair with the strongest tie. Honest acquaintances bid and write to each other, too, and makers
of the same ways quote the same prices; what tells them apart is learned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from spark_jobs.detection.auctions import Auction, Bidders, Letters, Pair, both, connected, ended
from spark_jobs.detection.columns import Array, Public
from spark_jobs.detection.dealings import last_prices
from spark_jobs.detection.movers import Movers
from spark_jobs.detection.stances import GAP, LASTING, Joint, Stances, joint, stances

TIED = 5.0  # nats
LEAST_OVERLAP, CLOSE = 0.2, 0.5  # of the auctions of two, that they took part in together: of the strongest pair, and of every pair
SELL = 1
STAGES = (LASTING + GAP + 1, 35, 70)  # steps after a joint move at which it is looked at
BEFORE = 20  # steps before it in which letters count

FEATURES = (
    "auction",  # 1 in an auction, 0 at a price
    "members",  # of the community, who took part
    "others",  # bidders besides, or agents at the price
    "duration",  # steps
    "letters",  # among members meanwhile, per member
    "pair_letters",  # those between the two ever, of all letters of either
    "letters_spare",  # those between the two ever, per occasion they shared
    "occasions",  # auctions or joint moves that the two shared ever
    "tie",  # nats, by how much that is more than chance
    "overlap",  # those shared, of all that either took part in or made
    "overlap_least",  # of those of the one that has fewer
    "rate",  # auctions or joint moves of the two a thousand steps
    "bids_each",  # bids of a member in the auction
    "bids_ever",  # bids an auction of the two, ever
    "won",  # 1 if a member won
    "wins_ever",  # share of the shared auctions that one of the two won
    "win_rate",  # share of all auctions of the two that they won
    "switches",  # share of the wins in shared auctions after which the other one won next
    "with_letters",  # share of the shared auctions in which they wrote to each other
    "lag",  # steps between the first bids of the two, or between their coming to the price
    "lag_deviation",  # of the lags ever, beside their mean
    "spread",  # of the best bid over the second, as a share
    "price",  # beside the last one in the book, as a share; better for them above 0
    "one_sidedness",  # of the prices that the two came to, 0 for as many to buy as to sell
    "usual_crowd",  # agents at the prices of the two, ever, on average
    "steady",  # mean steps that the two stayed at a price together, ever
    "since",  # steps since they came to a price together before, -1 for never
)
WIDTH = 4 + len(FEATURES)
"""A candidate: the two, first step, last step, then the features."""


def candidates(public: Public, every_pair: bool = False) -> Array:
    """All candidates (n, WIDTH) of a symbol, in the order in which they came up; of `every_pair` of a community, or the strongest."""
    letters = Letters.of(public.messages)
    rows = in_auctions(public, letters, every_pair) + at_prices(public, letters, every_pair)
    found = np.array(rows, np.float64).reshape(-1, WIDTH)
    return found[np.argsort(found[:, 3], kind="stable")]


@dataclass(slots=True)
class Written:
    """Letters so far, counted as time goes on: between two, and of each."""

    letters: Letters
    until: int = -1
    pairs: Counter[Pair] = field(default_factory=Counter)
    agents: Counter[int] = field(default_factory=Counter)

    def go_on(self, step: int) -> None:
        """Count those up to a step."""
        for pair in self.letters.between(self.until + 1, step):
            self.pairs[pair] += 1
            self.agents.update(pair)
        self.until = step

    def of(self, pair: Pair, members: list[int], first: int, occasions: int) -> list[float]:
        """The three features of letters; those among members since a step are counted anew."""
        among = sum(one in members and two in members for one, two in self.letters.between(first, self.until))
        either = self.agents[pair[0]] + self.agents[pair[1]] - self.pairs[pair]
        return [among / len(members), self.pairs[pair] / max(either, 1), self.pairs[pair] / occasions]


def in_auctions(public: Public, letters: Letters, every_pair: bool) -> list[list[float]]:
    """A candidate for every auction and community of agents who take part together."""
    bidders, written, rows = Bidders(), Written(letters), []
    auctions = list(ended(public.deals))
    prices = last_prices(public.orders, np.array([auction.ended for auction in auctions], np.int64))
    for auction in auctions:
        written.go_on(auction.ended)
        meanwhile = letters.between(auction.opened, auction.ended)
        pairs = bidders.take_in(auction, meanwhile)
        ties = {pair: bidders.tie(pair) for pair in pairs if bidders.overlap(pair) >= (CLOSE if every_pair else LEAST_OVERLAP)}
        ties = {pair: tie for pair, tie in ties.items() if tie >= TIED}
        for members in connected(ties):
            theirs = [pair for pair in ties if pair[0] in members]
            for pair in theirs if every_pair else [max(theirs, key=ties.__getitem__)]:
                first = first_step(auction, letters, pair)
                rows.append(of_auction(bidders, written, auction, members, pair, ties[pair], first, prices[auction.ended]))
    return rows


def first_step(auction: Auction, letters: Letters, pair: Pair) -> int:
    """When the first of two took part in an auction."""
    low, high = np.searchsorted(letters.steps, auction.opened, "left"), np.searchsorted(letters.steps, auction.ended, "right")
    ours = np.isin(letters.senders[low:high], pair) & np.isin(letters.receivers[low:high], pair)
    wrote = letters.steps[low:high][ours].tolist()[:1]
    return min([*wrote, *(step for step, bidder, _ in auction.bids if bidder in pair)], default=auction.opened)


def of_auction(
    bidders: Bidders, written: Written, auction: Auction, members: list[int], pair: Pair, tie: float, first: int, last: int
) -> list[float]:
    """A candidate's row."""
    shared, bids, came = bidders.shared[pair], auction.bids, auction.first_bids()
    took, won = [bidders.took_part[agent] for agent in pair], sum(bidders.won[agent] for agent in pair)
    own = [bidder for _, bidder, _ in bids if bidder in members]
    return [
        *pair, first, auction.ended,
        1.0, len(members), len(came) - len(set(own)), auction.ended - first,
        *written.of(pair, members, auction.opened, shared.count),
        shared.count, tie, bidders.overlap(pair), shared.count / min(took), 500.0 * sum(took) / (auction.ended + 1),
        len(own) / len(members), sum(bidders.bids[agent] for agent in pair) / sum(took), auction.winner in members,
        shared.wins / shared.count, won / sum(took), shared.switches / max(shared.wins - 1, 1), shared.with_letters / shared.count,
        abs(came[pair[0]] - came[pair[1]]) if pair[0] in came and pair[1] in came else -1, shared.lag_deviation(), auction.spread(),
        1.0 - auction.price / last if last and auction.winner >= 0 else 0.0, 0, 0, 0, 0,
    ]  # fmt: skip


def at_prices(public: Public, letters: Letters, every_pair: bool) -> list[list[float]]:
    """A candidate each time that agents tied by earlier times come to a price together, and while they stay there."""
    known = stances(public.orders)
    together, movers, written, rows = joint(known), Movers(), Written(letters), []
    prices = last_prices(public.orders, np.concatenate([together.begin + stage for stage in STAGES]))
    for step, stage, row in looks(known, together, int(public.orders.step.max(initial=-1))):
        one, two = row.one, row.two
        pair = both(int(known.agent[one]), int(known.agent[two]))
        if stage == 0:
            movers.take_in(pair, int(known.side[one]), row.begin, row.end, int(known.begin[two] - known.begin[one]), row.there)
        else:
            movers.records[pair].stayed += STAGES[stage] - STAGES[stage - 1]
        if members := movers.community(pair, step, every_pair):
            written.go_on(step)
            side, price, last = int(known.side[one]), int(known.price[one]), prices[step]
            better = (price / last - 1.0) * (1 if side == SELL else -1) if last else 0.0
            found = of_price(movers, written, pair, members, row.there, step, better)
            if not every_pair:
                head = movers.head(pair)
                found[:3] = [*head, movers.going[head].first]
            rows.append(found)
    return rows


class Look(NamedTuple):
    """A joint stance, in plain numbers."""

    one: int
    two: int
    begin: int
    end: int
    there: int


def looks(known: Stances, together: Joint, last_step: int) -> Iterator[tuple[int, int, Look]]:
    """When each joint stance is looked at, which time it is, and the stance: those that still go on, in the order of time."""
    many = len(together.one)
    which, stage = np.tile(np.arange(many), len(STAGES)), np.repeat(np.arange(len(STAGES)), many)
    steps = together.begin[which] + np.array(STAGES)[stage]
    ripe = np.flatnonzero((steps <= last_step) & ((stage == 0) | (together.end[which] + GAP + 1 > steps)))
    order = ripe[np.lexsort((known.begin[together.one[which[ripe]]], steps[ripe]))]
    plain = np.stack(together, axis=1).tolist()
    for look, place, step in zip(stage[order].tolist(), which[order].tolist(), steps[order].tolist(), strict=True):
        yield step, look, Look(*plain[place])


def of_price(movers: Movers, written: Written, pair: Pair, members: list[int], there: int, step: int, better: float) -> list[float]:
    """A candidate's row."""
    record, own, going = movers.records[pair], [movers.moves[agent] for agent in pair], movers.going[pair]
    return [
        *pair, going.first, step,
        0.0, len(members), there - len(members), step - going.first,
        *written.of(pair, members, going.first - BEFORE, record.moves),
        record.moves, going.tie, record.moves / (sum(own) - record.moves), record.moves / min(own), 500.0 * sum(own) / (step + 1),
        0, 0, 0, 0, 0, 0, 0,
        record.lag / record.moves, record.lag_deviation(), 0, better,
        abs(2.0 * record.bids / record.moves - 1.0), record.there / record.moves, LASTING + record.stayed / record.moves,
        step - record.last if record.last >= 0 else -1,
    ]  # fmt: skip
