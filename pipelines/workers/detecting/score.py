"""Scoring: alerts on fresh runs against the truth, by kind, with intervals, delays and false alerts on clean runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np

from pipelines.workers.detecting.agents import AgentCounts, agent_counts
from pipelines.workers.detecting.runs import WatchedRun
from spark_jobs.detection.columns import Array
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.raising import Raiser
from spark_jobs.detection.scoring import Incident, Share, average_precision, matched, wilson


class RunScore(msgspec.Struct, frozen=True):
    """One run. hits: for each alert (score, steps from the episode's begin and from its end; None for a false one); agents by number."""

    seed: int
    hours: float
    episodes: int
    hits: list[tuple[float, int | None, int | None]]
    agents: AgentCounts = AgentCounts()


class KindScore(msgspec.Struct, frozen=True, kw_only=True):
    """How well one kind is found. Shares are [value, low, high] by Wilson at 95 %; delays are seconds of simulated time.

    Those of agents count each agent of a run once, and after ten episodes those who have so many, and everybody innocent: AgentCounts.
    """

    kind: str
    runs: int
    episodes: int
    alerts: int
    precision: Share
    recall: Share
    average_precision: float
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
    for alert, place in zip(alerts, matched(alerts, truth), strict=True):
        episode = truth[place] if place >= 0 else None
        since = (None, None) if episode is None else (alert.raised_step - episode.first_step, alert.raised_step - episode.last_step)
        hits.append((alert.score, *since))
    return RunScore(run.seed, run.hours, len(truth), hits, agent_counts(alerts, truth))


def kind_score(kind: str, runs: Sequence[RunScore], clean: Sequence[RunScore], step_seconds: float) -> KindScore:
    """All runs together; one threshold for all."""
    hits = [hit for run in runs for hit in run.hits]
    right = [hit for hit in hits if hit[1] is not None]
    episodes, hours = sum(run.episodes for run in runs), sum(run.hours for run in clean)
    agents = sum((run.agents for run in runs), AgentCounts())
    return KindScore(
        kind=kind,
        runs=len(runs),
        episodes=episodes,
        alerts=len(hits),
        precision=wilson(len(right), len(hits)),
        recall=wilson(len(right), episodes),
        average_precision=average_precision([hit[0] for hit in hits], [hit[1] is not None for hit in hits], episodes),
        agent_precision=wilson(agents.right, agents.named),
        agent_recall=wilson(agents.right, agents.guilty),
        agent_precision_after_ten=wilson(agents.often_right, agents.often_named),
        agent_recall_after_ten=wilson(agents.often_right, agents.often_guilty),
        delay_from_begin=_delay([hit[1] for hit in right], step_seconds),
        delay_from_end=_delay([hit[2] for hit in right], step_seconds),
        clean_hours=hours,
        false_per_hour=sum(len(run.hits) for run in clean) / hours if hours else None,
    )


def _delay(steps: Sequence[Any], step_seconds: float) -> tuple[float, float] | None:
    if not steps:
        return None
    half, most = np.quantile(np.array(steps, np.float64) * step_seconds, [0.5, 0.95]).tolist()
    return half, most


def published_rule(candidates: Array, kind: str, symbol: int = 0) -> list[Incident]:
    """What a simple rule raises, beside the detector. Source: the indicators in annex II to Delegated Regulation (EU) 2016/522."""
    at = {name: candidates[:, 4 + place] for place, name in enumerate(KINDS[kind].features)}
    chosen = candidates[RULES[kind](at)]
    return list(Raiser(kind, symbol, KINDS[kind].pairs).of_scored(chosen, np.ones(len(chosen)), 1.0))


def _spoofing(at: dict[str, Array]) -> Array:
    """Nine tenths withdrawn in one go within a second of a trade on the other side, three times as large as usual at the touch."""
    sudden = (at["withdrawn_share"] >= 0.9) & (at["burst_share"] >= 0.9) & (at["since_opposite"] <= 10)
    return np.asarray(sudden & (at["size_to_touch"] >= 3.0))


def _quote_stuffing(at: dict[str, Array]) -> Array:
    """More than ten messages a step for more than a second, and hardly a trade among them."""
    return np.asarray((at["rate"] >= 10.0) & (at["duration"] >= 10.0) & (at["traded_per_message"] <= 0.05))


def _marking_the_close(at: dict[str, Array]) -> Array:
    """A tenth of all that is traded at the close, nearly all one way, with the price moving that way by more than a spread."""
    moved = at["move_before"] + at["move_in_call"] >= 1.0
    return np.asarray(moved & (at["market_share"] >= 0.1) & (at["one_sidedness"] >= 0.9))


def _front_running(at: dict[str, Array]) -> Array:
    """Traded ahead of more than half of ten orders or more of another one, and out of it with a gain (FINRA rule 5270)."""
    return np.asarray((at["orders"] >= 10) & (at["event_share"] > 0.5) & (at["gain"] > 0.0))


RULES: dict[str, Callable[[dict[str, Array]], Array]] = {
    "spoofing": _spoofing,
    "quote_stuffing": _quote_stuffing,
    "marking_the_close": _marking_the_close,
    "front_running": _front_running,
}
