"""Every two agents over all that is known of a symbol, whatever the time: what the pairs of a cartel are told by.

An alert needs an episode; a pair needs none, and so it is told where each single deed may be honest. Rates, prices and contacts of two are
set against those of everybody else, and how two quote or bid over time against each other: who keeps an agreement changes its ways when
the other does.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spark_jobs.detection.auctions import Letters
from spark_jobs.detection.columns import Array, Column, Public
from spark_jobs.detection.pairs import bids, contacts, deeds, quotes
from spark_jobs.detection.stances import stances

FEATURES = (*contacts.FEATURES, *quotes.FEATURES, *bids.FEATURES, *deeds.FEATURES)
MOST = 1000
"""Agents that are looked at, all pairs of them; of more those that wrote, dealt, bid and quoted most."""


class Pairs(NamedTuple):
    """agents: (n, 2), the smaller number first; features: (n, len(FEATURES))."""

    agents: Column
    features: Array


def pairs_of(public: Public) -> Pairs:
    """All pairs of agents that wrote, dealt or quoted."""
    orders, messages, deals = public
    letters, known = Letters.of(messages), stances(orders)
    agents = most_active(np.concatenate([letters.senders, letters.receivers, deals.party, known.agent]))
    if len(agents) < 2:  # nobody to set beside anybody
        return Pairs(np.zeros((0, 2), np.int64), np.zeros((0, len(FEATURES))))
    ours = np.isin(letters.senders, agents) & np.isin(letters.receivers, agents)
    letters = Letters(letters.steps[ours], letters.senders[ours], letters.receivers[ours])
    known = type(known)(*(column[np.isin(known.agent, agents)] for column in known))
    last = max((int(step[-1]) for step in (orders.step, messages.step, deals.step) if len(step)), default=0)
    found = {
        **contacts.of_letters(letters, agents), **contacts.of_deals(deals, orders, agents, last),
        **quotes.of_moves(known, agents), **quotes.of_quotes(known, orders, agents, last), **bids.of_bids(deals, agents, last),
        **deeds.of_deeds(public, agents),
    }  # fmt: skip
    one, two = np.triu_indices(len(agents), 1)
    rows = np.empty((len(one), len(FEATURES)))
    for place, name in enumerate(FEATURES):
        rows[:, place] = found.pop(name)[one, two]
    return Pairs(np.stack([agents[one], agents[two]], axis=1), rows)


def most_active(named: Column) -> Column:
    """The agents, in order, that are named most often."""
    agents, times = np.unique(named[named >= 0], return_counts=True)
    return np.sort(agents[np.argsort(-times, kind="stable")[:MOST]])
