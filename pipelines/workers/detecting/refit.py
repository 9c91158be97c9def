"""A refitted detector against the present one: promoted only if it is better beyond doubt on held-back runs that neither learned from.

Of each held-back run the figure is F1, the harmonic mean of precision and recall over its episodes. The refit is promoted if the whole 95 %
interval of what it reaches more lies above zero, and if it raises no more false alerts an hour of clean runs than the present one, or than
may be. Either way the decision is kept in the relational database, under the place detector/KIND.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from pipelines.settings import Settings
from pipelines.sinks.sql_promotions import Promotion, Promotions
from pipelines.workers.detecting.score import RunScore
from pipelines.workers.durable import write_atomic
from simulator.training.judging.statistics import Interval, interval, means
from spark_jobs.detection.models import SHIPPED, model_path

PREFIX = "detector/"


def place_of(kind: str) -> str:
    """Under which decisions on a kind are kept."""
    return PREFIX + kind


def models_dir(settings: Settings) -> Path:
    """Where promoted models lie, each under its kind's name: a stream takes them before those of the product."""
    return settings.data_dir / "models"


def present_model(settings: Settings, kind: str) -> Path:
    """The model that is used for a kind today."""
    promoted = model_path(kind, models_dir(settings))
    return promoted if promoted.is_file() else model_path(kind)


def f1(run: RunScore) -> float:
    """Harmonic mean of precision and recall over a run's episodes; 1 where there was nothing to find and nothing was raised."""
    right = sum(found for _, found in run.shares)
    return 2 * right / (len(run.hits) + len(run.shares)) if run.hits or run.shares else 1.0


def better(refit: Sequence[RunScore], present: Sequence[RunScore]) -> Interval:
    """By how much the refit's F1 is higher in the same runs, as a mean with its interval. Raises ValueError for other runs."""
    if [run.seed for run in refit] != [run.seed for run in present]:
        raise ValueError("the two were scored on different runs; score both on the same seeds")
    return interval(np.array([f1(ours) - f1(theirs) for ours, theirs in zip(refit, present, strict=True)]), means)


def false_per_hour(clean: Sequence[RunScore]) -> float:
    """Alerts an hour of runs in which nobody manipulates; 0 without such runs."""
    hours = sum(run.hours for run in clean)
    return sum(len(run.hits) for run in clean) / hours if hours else 0.0


def decided(
    kind: str, models: tuple[Path, Path], against: str, scores: tuple[Sequence[RunScore], Sequence[RunScore]],
    clean: tuple[Sequence[RunScore], Sequence[RunScore]], most_false: float, now: datetime,
) -> Promotion:  # fmt: skip
    """The decision on a refit; each pair is the refit's and the present one's. against: the hash of the promoted incumbent, or empty."""
    refit, present = models
    more, false = better(*scores), tuple(map(false_per_hour, clean))
    quiet = false[0] <= max(false[1], most_false)
    promoted = more.above_zero and quiet
    told = (
        f"F1 higher by {more.value:.3f} ({more.low:.3f} to {more.high:.3f}) in {len(scores[0])} held-back runs, "
        f"{false[0]:.2f} false alerts an hour against {false[1]:.2f}"
    )
    digest = sha256_of(refit)
    name = hashlib.sha256(f"{kind} {digest} {sha256_of(present)} {[run.seed for run in scores[0]]}".encode()).hexdigest()
    return Promotion(
        decision=name, place=place_of(kind), decided=now, candidate=f"refit {digest[:16]}", sha256=digest,
        opponent="the product's own" if present.parent == SHIPPED else f"refit {sha256_of(present)[:16]}", opponent_sha256=against,
        promoted=promoted, difference=more.value, low=more.low, high=more.high, markets=len(scores[0]), verdict=told,
    )  # fmt: skip


def promoted(known: Promotions, kind: str, refit: Path) -> Promotion | None:
    """The decision that made this very model the incumbent; None if it is not."""
    holder = known.incumbent(place_of(kind))
    return holder if holder and holder.sha256 == sha256_of(refit) else None


def settle(settings: Settings, known: Promotions, promotion: Promotion, refit: Path) -> Promotion:
    """Record a decision and, if it promotes, put the model where streams take it from. Safe to repeat after a kill at any place."""
    kept = models_dir(settings) / "kept" / f"{promotion.sha256}.npz"
    if promotion.promoted:
        write_atomic(kept, refit.read_bytes())
    stored = known.record(promotion)
    restore(settings, known, promotion.place.removeprefix(PREFIX))
    return stored


def restore(settings: Settings, known: Promotions, kind: str) -> str:
    """Put the incumbent's model in its place, if it is not there; its hash, or empty while none was promoted."""
    holder = known.incumbent(place_of(kind))
    if holder is None:
        return ""
    target, kept = model_path(kind, models_dir(settings)), models_dir(settings) / "kept" / f"{holder.sha256}.npz"
    if not (target.is_file() and sha256_of(target) == holder.sha256):
        write_atomic(target, kept.read_bytes())
    return holder.sha256


def sha256_of(file: Path) -> str:
    """The hash of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
