"""Scoring: alerts on fresh runs against the truth, by kind, with intervals, delays and false alerts on clean runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np

from pipelines.workers.detecting.agents import AgentCounts, agent_counts
from pipelines.workers.detecting.deal_rules import DEAL_RULES
from pipelines.workers.detecting.runs import WatchedRun
from simulator.types import RecordKind
from spark_jobs.detection.columns import Array, Orders
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.raising import Raiser
from spark_jobs.detection.scoring import Incident, Share, average_precision, matched, wilson

BUDGET = 20  # alerts an hour that somebody looks at, those of the highest scores


class RunScore(msgspec.Struct, frozen=True):
    """One run. hits: for each alert (score, steps from the episode's begin and from its end; None for a false one).

    shares: for each episode its agents' share of the lots that were entered in its window, and whether an alert tells of it.
    agents: those who did something and those who are named, each once.
    """

    seed: int
    hours: float
    hits: list[tuple[float, int | None, int | None]]
    shares: list[tuple[float, bool]]
    agents: AgentCounts = AgentCounts()


class KindScore(msgspec.Struct, frozen=True, kw_only=True):
    """How well one kind is found. Shares are [value, low, high] by Wilson at 95 %; delays are seconds of simulated time.

    precision_in_budget: of the BUDGET alerts an hour with the highest scores. recall_by_share: of quarters of the episodes, the first of
    those whose agents entered the least of the market's lots meanwhile.
    Those of agents count each agent of a run once, and after ten episodes those who have so many, and everybody innocent: AgentCounts.
    """

    kind: str
    runs: int
    episodes: int
    alerts: int
    precision: Share
    recall: Share
    average_precision: float
    precision_in_budget: Share
    recall_by_share: list[Share]
    agent_precision: Share
    agent_recall: Share
    agent_precision_after_ten: Share
    agent_recall_after_ten: Share
    delay_from_begin: tuple[float, float] | None  # half and 95 % of the alerts that are right
    delay_from_end: tuple[float, float] | None
    clean_hours: float
    false_per_hour: float | None  # on clean runs


def scored(run: WatchedRun, alerts: Sequence[Incident], kind: str) -> RunScore:
    """Alerts of a run against its truth of a kind."""
    truth = [episode for episode in run.truth if episode.kind == kind]
    hits: list[tuple[float, int | None, int | None]] = []
    places = matched(alerts, truth)
    for alert, place in zip(alerts, places, strict=True):
        episode = truth[place] if place >= 0 else None
        since = (None, None) if episode is None else (alert.raised_step - episode.first_step, alert.raised_step - episode.last_step)
        hits.append((alert.score, *since))
    shares = [(lots_share(run.public.orders, episode), place in places) for place, episode in enumerate(truth)]
    return RunScore(run.seed, run.hours, hits, shares, agent_counts(alerts, truth))


def lots_share(orders: Orders, episode: Incident) -> float:
    """The share of an episode's agents in the lots of all orders entered in its window."""
    begin, end = np.searchsorted(orders.step, [episode.first_step, episode.last_step + 1]).tolist()
    lots = np.where(orders.kind[begin:end] == RecordKind.ACCEPTED, orders.size[begin:end], 0)
    own = lots[np.isin(orders.owner[begin:end], list(episode.agents))]
    return float(own.sum() / max(lots.sum(), 1))


def kind_score(kind: str, runs: Sequence[RunScore], clean: Sequence[RunScore], step_seconds: float) -> KindScore:
    """All runs together; one threshold for all."""
    hits = [hit for run in runs for hit in run.hits]
    right = [hit for hit in hits if hit[1] is not None]
    shares = sorted(share for run in runs for share in run.shares)
    episodes, hours = len(shares), sum(run.hours for run in clean)
    agents = sum((run.agents for run in runs), AgentCounts())
    return KindScore(
        kind=kind,
        runs=len(runs),
        episodes=episodes,
        alerts=len(hits),
        precision=wilson(len(right), len(hits)),
        recall=wilson(len(right), episodes),
        average_precision=average_precision([hit[0] for hit in hits], [hit[1] is not None for hit in hits], episodes),
        precision_in_budget=_in_budget(hits, BUDGET * sum(run.hours for run in runs)),
        recall_by_share=[wilson(sum(found for _, found in part), len(part)) for part in _quarters(shares)],
        agent_precision=wilson(agents.right, agents.named),
        agent_recall=wilson(agents.right, agents.guilty),
        agent_precision_after_ten=wilson(agents.often_right, agents.often_named),
        agent_recall_after_ten=wilson(agents.often_right, agents.often_guilty),
        delay_from_begin=_delay([hit[1] for hit in right], step_seconds),
        delay_from_end=_delay([hit[2] for hit in right], step_seconds),
        clean_hours=hours,
        false_per_hour=sum(len(run.hits) for run in clean) / hours if hours else None,
    )


def _in_budget(hits: Sequence[tuple[float, int | None, int | None]], budget: float) -> Share:
    first = sorted(hits, key=lambda hit: -hit[0])[: max(1, round(budget))]
    return wilson(sum(hit[1] is not None for hit in first), len(first))


def _quarters(shares: Sequence[tuple[float, bool]]) -> list[Sequence[tuple[float, bool]]]:
    bounds = [round(len(shares) * quarter / 4) for quarter in range(5)]
    return [shares[begin:end] for begin, end in pairwise(bounds)]


def _delay(steps: Sequence[Any], step_seconds: float) -> tuple[float, float] | None:
    if not steps:
        return None
    half, most = np.quantile(np.array(steps, np.float64) * step_seconds, [0.5, 0.95]).tolist()
    return half, most


def published_rule(candidates: Array, kind: str, symbol: int = 0) -> list[Incident]:
    """What a simple rule raises, beside the detector. Source: the indicators in annex II to Delegated Regulation (EU) 2016/522."""
    at = {name: candidates[:, 4 + place] for place, name in enumerate(KINDS[kind].features)}
    chosen = candidates[RULES[kind](at)]
    return list(Raiser(kind, symbol).of_scored(chosen, np.ones(len(chosen)), 1.0))


def _spoofing(at: dict[str, Array]) -> Array:
    """Nine tenths withdrawn in one go within a second of a trade on the other side, three times as large as usual at the touch."""
    sudden = (at["withdrawn_share"] >= 0.9) & (at["burst_share"] >= 0.9) & (at["since_opposite"] <= 10)
    return np.asarray(sudden & (at["size_to_touch"] >= 3.0))


def _quote_stuffing(at: dict[str, Array]) -> Array:
    """More than ten messages a step for more than a second, and hardly a trade among them."""
    return np.asarray((at["rate"] >= 10.0) & (at["duration"] >= 10.0) & (at["traded_per_message"] <= 0.05))


def _momentum_ignition(at: dict[str, Array]) -> Array:
    """Half of what was traded while it took, the price moved by a spread, and half of it given back within five seconds."""
    return np.asarray((at["market_share"] >= 0.5) & (at["impact"] >= 1.0) & (at["waited"] + at["back_steps"] <= 50))


def _pump_and_dump(at: dict[str, Array]) -> Array:
    """Four broadcasts by somebody who has built a hundredth of what trades in a hundred steps, and sells a tenth of it against its word."""
    return np.asarray((at["messages"] >= 4.0) & (at["gain_to_volume"] >= 0.01) & (at["sold_since"] >= 0.1))


def _marking_the_close(at: dict[str, Array]) -> Array:
    """A tenth of all that is traded at the close, nearly all one way, with the price moving that way by more than a spread."""
    moved = at["move_before"] + at["move_in_call"] >= 1.0
    return np.asarray(moved & (at["market_share"] >= 0.1) & (at["one_sidedness"] >= 0.9))


def _front_running(at: dict[str, Array]) -> Array:
    """Traded ahead of more than half of ten orders or more of another one, and out of it with a gain (FINRA rule 5270)."""
    return np.asarray((at["orders"] >= 10) & (at["event_share"] > 0.5) & (at["gain"] > 0.0))


def _wash_trading(at: dict[str, Array]) -> Array:
    """The third of two agents' matched orders that trade, whose positions have hardly changed by what they did together lately."""
    repeated = (at["run"] >= 3) & (at["together"] >= 0.8) & (at["similarity"] >= 0.8)
    return np.asarray(repeated & (at["net"] <= 0.34))


RULES: dict[str, Callable[[dict[str, Array]], Array]] = {
    "spoofing": _spoofing,
    "quote_stuffing": _quote_stuffing,
    "momentum_ignition": _momentum_ignition,
    "pump_and_dump": _pump_and_dump,
    "marking_the_close": _marking_the_close,
    "front_running": _front_running,
    "wash_trading": _wash_trading,
    **DEAL_RULES,
}
