"""Circles: agents who deal with each other far more than chance would have it, and the times at which they do.

Who is tied to whom follows from all deals so far; tied agents are the components of a graph. A campaign is a time in which such a circle
is busy with itself, and becomes a candidate as it goes on. Cooperatives and regular customers are circles too; what tells them apart
is how they deal and rate, and what becomes of those outside. Sources: Hoffman, Zage and Nita-Rotaru, "A survey of attack and defense
techniques for reputation systems", ACM Computing Surveys 42 (2009); closed communities as the mark of sybils, Viswanath, Post, Gummadi
and Mislove, "An analysis of social network-based sybil defenses", SIGCOMM (2010), who measure them by conductance.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import rustworkx as rx

from pipelines.events.vocabulary import DealStep
from spark_jobs.detection.columns import Array, Public
from spark_jobs.detection.dealings import Account, Deal, followed, last_prices
from spark_jobs.detection.surprise import surprise

TIED = 5.0  # nats by which two deal with each other more than chance
USUAL = 3.0  # times an even share of the deals of one, that chance may give to another
PAUSE = 80  # steps without a deal in the circle that end a campaign, as long as little is known of it
PAUSES = 7.0  # later, so many times the usual time between two
SHORT, LONG = 40, 150  # steps, within these
_KNOWN = 4  # times between two deals from which on they are known
TOLD = tuple(sorted({2, 3} | {base << more for base in (4, 6) for more in range(12)}))  # deals at which a campaign is a candidate

FEATURES = (
    "deals",  # among members since it began
    "members",  # who took part
    "duration",  # steps
    "rate",  # deals a member and step
    "closedness",  # share of its members' deals since that were among them
    "offered_within",  # of the offers that its members made
    "agreed_at_once",  # share of the deals among them that nobody haggled over
    "lots",  # mean, beside the mean of all deals
    "from_last",  # mean distance of the price from the last one in the book, beside that of all deals
    "both_rated",  # share of those delivered that both sides rated
    "praise",  # good ratings among them, per deal delivered
    "blame_outside",  # bad ratings that members gave others ever, per deal with others
    "blame_suffered",  # bad ratings that others gave them ever, per deal with others
    "broken_outside",  # contracts that they broke or misrepresented ever, per deal with others
    "kept_within",  # share of the deals among them that are delivered by now
    "density",  # pairs of members that dealt, of all
    "tie",  # mean nats of the pairs that dealt
    "component",  # agents that are tied together with them
    "rate_to_own",  # beside the deals a step among its members ever
    "earlier",  # campaigns of the circle a thousand steps
    "within_ever",  # share of all its members' deals ever that were among them
)
WIDTH = 4 + len(FEATURES)
"""A candidate: two of its members, first step, last step, then the features."""


@dataclass(slots=True, eq=False)
class Campaign:
    """A time in which a circle deals with itself. before: of each member, what its account said when it came in."""

    pair: tuple[int, int]
    first: int
    last: int
    earlier: int = 0  # campaigns of the circle
    between: int = 0  # steps from a deal to the next within one, in this and the earlier ones
    times: int = 0
    deals: int = 0
    at_once: int = 0
    lots: int = 0
    away: float = 0.0
    delivered: int = 0
    rated: int = 0
    praised: int = 0
    pairs: set[tuple[int, int]] = field(default_factory=set)
    before: dict[int, tuple[int, int]] = field(default_factory=dict)


@dataclass(slots=True)
class Circles:
    """All that is known of who deals with whom, brought up to date row by row."""

    accounts: dict[int, Account] = field(default_factory=lambda: defaultdict(Account))
    graph: rx.PyGraph[int, float] = field(default_factory=lambda: rx.PyGraph(multigraph=False))
    nodes: dict[int, int] = field(default_factory=dict)
    of_agent: dict[int, Campaign] = field(default_factory=dict)  # the last one that it took part in
    of_deal: dict[int, Campaign] = field(default_factory=dict)
    agreed: int = 0  # deals of everybody, their lots, and ticks from the last price over it
    lots: int = 0
    away: float = 0.0

    def on_agreed(self, deal: Deal, away: float) -> Campaign | None:
        """Two came to an agreement. Returns the campaign that it belongs to, if they are tied by now."""
        one, two = self.accounts[deal.first], self.accounts[deal.second]
        for account, other in ((one, deal.second), (two, deal.first)):
            account.agreed += 1
            account.partners[other] += 1
        self.agreed, self.lots, self.away = self.agreed + 1, self.lots + deal.lots, self.away + away
        tie = min(self.tie(one, deal.second), self.tie(two, deal.first))
        ends = self.node(deal.first), self.node(deal.second)
        if tie < TIED:
            if self.graph.has_edge(*ends):
                self.graph.remove_edge(*ends)
            return None
        self.graph.add_edge(*ends, tie)
        campaign = self.campaign_of(deal)
        self.take_in(campaign, deal, away)
        self.of_deal[deal.number] = campaign
        return campaign

    def node(self, agent: int) -> int:
        """The agent's place in the graph."""
        if agent not in self.nodes:
            self.nodes[agent] = self.graph.add_node(agent)
        return self.nodes[agent]

    def tie(self, account: Account, other: int) -> float:
        """Nats: by how much more often an agent deals with another than USUAL times an even share (Poisson's large deviations)."""
        count, even = account.partners[other], USUAL * account.agreed / max(len(self.accounts) - 1, 1)
        return surprise(count, even)

    def campaign_of(self, deal: Deal) -> Campaign:
        """The campaign that goes on in the circle, or a new one."""
        known = dict.fromkeys(campaign for agent in self.circle_of(deal.first) if (campaign := self.of_agent.get(agent)))
        going = [campaign for campaign in known if deal.step - campaign.last <= self.patience(campaign)]
        if going:
            return min(going, key=lambda campaign: campaign.first)
        last = max(known, key=lambda campaign: campaign.last, default=None)
        before = (last.earlier + 1, last.between, last.times) if last else ()
        return Campaign((deal.first, deal.second), deal.step, deal.step, *before)

    def patience(self, campaign: Campaign) -> float:
        """Steps after which it is over."""
        if campaign.times < _KNOWN:
            return PAUSE
        return min(max(PAUSES * campaign.between / campaign.times, SHORT), LONG)

    def take_in(self, campaign: Campaign, deal: Deal, away: float) -> None:
        """Count a deal of the campaign."""
        if campaign.deals:
            campaign.between, campaign.times = campaign.between + deal.agreed - campaign.last, campaign.times + 1
        campaign.deals, campaign.last = campaign.deals + 1, deal.agreed
        campaign.at_once += deal.rounds == 1
        campaign.lots += deal.lots
        campaign.away += away
        campaign.pairs.add((min(deal.first, deal.second), max(deal.first, deal.second)))
        for agent in (deal.first, deal.second):
            account = self.accounts[agent]
            campaign.before.setdefault(agent, (account.agreed - 1, account.offers - (agent == deal.first)))
            self.of_agent[agent] = campaign

    def on_rated(self, deal: Deal, party: int, stars: int) -> None:
        """One side said what it thinks of the other."""
        giver, other = self.accounts[party], self.accounts[deal.other(party)]
        if stars < 0:
            giver.blamed, other.got_blame = giver.blamed + 1, other.got_blame + 1
        if campaign := self.of_deal.get(deal.number):
            campaign.praised += stars > 0
            campaign.rated += len(deal.stars) == 2

    def described(self, campaign: Campaign, step: int) -> list[float]:
        """A candidate's row."""
        members = [(agent, self.accounts[agent]) for agent in campaign.before]
        since = sum(account.agreed - campaign.before[agent][0] for agent, account in members)
        offers = sum(account.offers - campaign.before[agent][1] for agent, account in members)
        within = sum(account.partners.get(other, 0) for _, account in members for other in campaign.before)
        ever = sum(account.agreed for _, account in members)
        outside, deals, count, steps = ever - within + 1, campaign.deals, len(members), step - campaign.first + 1
        ties, delivered = self.ties_of(campaign), max(campaign.delivered, 1)
        return [
            *campaign.pair, campaign.first, step,
            deals, count, steps, deals / count / steps, 2 * deals / max(since, 1), deals / max(offers, 1), campaign.at_once / deals,
            campaign.lots / deals / (self.lots / self.agreed), campaign.away / deals / max(self.away / self.agreed, 1e-9),
            campaign.rated / delivered, campaign.praised / delivered,
            *(sum(getattr(account, what) for _, account in members) / outside for what in ("blamed", "got_blame", "broken")),
            campaign.delivered / deals, 2 * len(campaign.pairs) / (count * (count - 1)), sum(ties) / max(len(ties), 1),
            len(self.circle_of(campaign.pair[0])), 2 * deals / steps / (within / (step + 1)), 1000 * campaign.earlier / (step + 1),
            within / ever,
        ]  # fmt: skip

    def circle_of(self, agent: int) -> list[int]:
        """Who is tied to an agent, directly or through others, the agent included."""
        return [self.graph[place] for place in sorted(rx.node_connected_component(self.graph, self.node(agent)))]

    def ties_of(self, campaign: Campaign) -> list[float]:
        """Nats of the pairs that dealt in a campaign, of those still tied."""
        ends = [(self.nodes[one], self.nodes[two]) for one, two in sorted(campaign.pairs)]
        return [self.graph.get_edge_data(*pair) for pair in ends if self.graph.has_edge(*pair)]


def candidates(public: Public) -> Array:
    """All candidates (n, WIDTH) of a symbol, in the order in which they came up."""
    circles, found = Circles(), []
    prices = last_prices(public.orders, public.deals.step[np.isin(public.deals.kind, (DealStep.AGREED, DealStep.SOLD))])
    for step, kind, party, deal, amount in followed(public.deals):
        campaign = circles.of_deal.get(deal.number)
        if kind == DealStep.OFFERED:
            circles.accounts[party].offers += 1
        elif kind == DealStep.AGREED:
            last = prices[step]
            campaign = circles.on_agreed(deal, abs(deal.price / last - 1.0) if last else 0.0)
            if campaign and campaign.deals in TOLD:
                found.append(circles.described(campaign, step))
        elif kind == DealStep.DELIVERED and campaign:
            campaign.delivered += 1
        elif kind == DealStep.RATED:
            circles.on_rated(deal, party, amount)
        elif kind in (DealStep.DEFAULTED, DealStep.MISREPRESENTED):
            circles.accounts[party].broken += 1
    return np.array(found, np.float64).reshape(-1, WIDTH)
