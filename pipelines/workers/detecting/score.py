"""Scoring: alerts on fresh runs against the truth, by kind, with intervals, delays and false alerts on clean runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np

from pipelines.workers.detecting.runs import WatchedRun
from spark_jobs.detection.columns import Array
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.raising import raiser_of
from spark_jobs.detection.scoring import Incident, Share, average_precision, matched, wilson


class RunScore(msgspec.Struct, frozen=True):
    """One run. hits: for each alert (score, steps from the episode's begin and from its end; None for a false one)."""

    seed: int
    hours: float
    episodes: int
    hits: list[tuple[float, int | None, int | None]]


class KindScore(msgspec.Struct, frozen=True, kw_only=True):
    """How well one kind is found. Shares are [value, low, high] by Wilson at 95 %; delays are seconds of simulated time."""

    kind: str
    runs: int
    episodes: int
    alerts: int
    precision: Share
    recall: Share
    average_precision: float
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
    return RunScore(run.seed, run.hours, len(truth), hits)


def kind_score(kind: str, runs: Sequence[RunScore], clean: Sequence[RunScore], step_seconds: float) -> KindScore:
    """All runs together; one threshold for all."""
    hits = [hit for run in runs for hit in run.hits]
    right = [hit for hit in hits if hit[1] is not None]
    episodes, hours = sum(run.episodes for run in runs), sum(run.hours for run in clean)
    return KindScore(
        kind=kind,
        runs=len(runs),
        episodes=episodes,
        alerts=len(hits),
        precision=wilson(len(right), len(hits)),
        recall=wilson(len(right), episodes),
        average_precision=average_precision([hit[0] for hit in hits], [hit[1] is not None for hit in hits], episodes),
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
    return list(raiser_of(kind, symbol).of_scored(chosen, np.ones(len(chosen)), 1.0))


def _spoofing(at: dict[str, Array]) -> Array:
    """Nine tenths withdrawn in one go within a second of a trade on the other side, three times as large as usual at the touch."""
    sudden = (at["withdrawn_share"] >= 0.9) & (at["burst_share"] >= 0.9) & (at["since_opposite"] <= 10)
    return np.asarray(sudden & (at["size_to_touch"] >= 3.0))


def _quote_stuffing(at: dict[str, Array]) -> Array:
    """More than ten messages a step for more than a second, and hardly a trade among them."""
    return np.asarray((at["rate"] >= 10.0) & (at["duration"] >= 10.0) & (at["traded_per_message"] <= 0.05))


def _wash_trading(at: dict[str, Array]) -> Array:
    """The third of two agents' matched orders that trade, whose positions have hardly changed by what they did together lately."""
    repeated = (at["run"] >= 3) & (at["together"] >= 0.8) & (at["similarity"] >= 0.8)
    return np.asarray(repeated & (at["net"] <= 0.34))


RULES: dict[str, Callable[[dict[str, Array]], Array]] = {
    "spoofing": _spoofing,
    "quote_stuffing": _quote_stuffing,
    "wash_trading": _wash_trading,
}
