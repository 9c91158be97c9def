"""The deep lane: detectors that need messages and deals beside the orders, or a longer look back, over silver in micro-batches.

It looks at all that is known of a market, so that it can be run again at any time: the same alerts come out, with the same ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from pipelines.events.vocabulary import DealStep, MessageKind
from pipelines.places import Place
from spark_jobs.detection.columns import Orders, Public, rows_between
from spark_jobs.detection.forest import Forest
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.lane import alert_row, described
from spark_jobs.detection.public_rows import Market, markets, public_of
from spark_jobs.detection.raising import Raiser
from spark_jobs.detection.recent import KEPT, Recent, evidence
from spark_jobs.detection.scoring import Incident

BACK = 20_000  # steps that it looks back at most
LAG = 400  # steps by which the rows of one topic may come later than those of another; a block closes after so many
Row = dict[str, Any]
_MESSAGE_KINDS = {int(kind): kind.name.lower() for kind in MessageKind}


def deep_alerts(lake: Place, run_id: str, models: Mapping[str, Forest], finished: bool) -> Iterator[Row]:
    """The alerts of a run as rows of market.alerts. Unless it is finished, the last LAG steps are left for later."""
    deep = {kind: forest for kind, forest in models.items() if KINDS[kind].deep}
    for market in markets(lake, run_id) if deep else ():
        end = market.steps if finished else market.steps - LAG
        if end > 0:
            yield from of_market(market, public_of(lake, market, max(end - BACK, 0), end), deep)


def of_market(market: Market, public: Public, models: Mapping[str, Forest]) -> Iterator[Row]:
    """What the models find in a market."""
    for kind, forest in models.items():
        candidates = KINDS[kind].candidates(public)
        if not len(candidates):
            continue
        raiser = Raiser(kind, market.symbol, sure=forest.sure)
        scores = raiser.scores(forest, candidates, raiser.least(forest.threshold))
        for place, incident in raiser.places(candidates, scores, forest.threshold):
            proof = {**described(forest, candidates[place]), **proofs(public, incident)}
            yield alert_row(market.run_id, market.world_id, incident, proof)


def proofs(public: Public, incident: Incident) -> Row:
    """The last orders, messages and deals of the suspects in the window; what there is none of is left out."""
    found = {"orders": _orders(public.orders, incident), "messages": _messages(public, incident), "deals": _deals(public, incident)}
    return {name: rows for name, rows in found.items() if rows}


def _orders(orders: Orders, incident: Incident) -> list[Row]:
    begin, end = np.searchsorted(orders.step, [incident.first_step, incident.raised_step + 1]).tolist()
    rows = rows_between(orders, begin, end)
    if not len(rows.kind):
        return []
    return [deed for agent in sorted(incident.agents) for deed in evidence(Recent(), rows, end - begin - 1, agent, incident.first_step)]


def _messages(public: Public, incident: Incident) -> list[Row]:
    said = public.messages
    chosen = _last((said.step >= incident.first_step) & (said.step <= incident.raised_step) & np.isin(said.sender, list(incident.agents)))
    names = ("step", "sender", "receiver", "topic", "value_1", "value_2")
    return [{"what": _MESSAGE_KINDS.get(int(said.kind[row]), "message")} | _picked(said, names, row) for row in chosen]


def _deals(public: Public, incident: Incident) -> list[Row]:
    deals, suspects = public.deals, list(incident.agents)
    involved = np.isin(deals.party, suspects) | np.isin(deals.counterparty, suspects)
    chosen = _last((deals.step >= incident.first_step) & (deals.step <= incident.raised_step) & involved)
    names = ("step", "deal_id", "party", "counterparty", "price", "lots")
    return [{"what": DealStep(int(deals.kind[row])).name.lower()} | _picked(deals, names, row) for row in chosen]


def _last(mask: Any) -> list[int]:
    rows: list[int] = np.flatnonzero(mask)[-KEPT:].tolist()
    return rows


def _picked(rows: Any, names: tuple[str, ...], row: int) -> Row:
    return {name: int(getattr(rows, name)[row]) for name in names}
