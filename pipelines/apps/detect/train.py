"""`agora detect train`: a detector's model from simulated runs whose truth is known."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
import typer
from rich.console import Console

from pipelines.apps.detect.options import HELD_OUT, Crowd, Dask, Json, Workers, checked, one_symbol, shown
from pipelines.workers.code_version import code_version
from spark_jobs.detection.forest import Forest
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.models import model_path


class Lesson(NamedTuple):
    """What a model is made of: runs to learn from, held-out and clean runs that choose the threshold, and what it must keep to there.

    first : the seed of the first run to learn from.
    """

    kind: str
    scenario: str
    runs: int
    held_out: int
    clean: int
    precision: float
    false_per_hour: float
    first: int = 0


def learned(client: Any, lesson: Lesson, json: bool) -> Forest:
    """A model of simulated runs, played by a Dask client. Raises ValueError where nothing can be learned that keeps to what is wanted."""
    from pipelines.workers.detecting.crowd import groups_of, seen_runs
    from pipelines.workers.detecting.training import Wanted, trained

    kind, market, (begin, end) = lesson.kind, one_symbol(lesson.scenario), (HELD_OUT, HELD_OUT + lesson.held_out)
    seeds = range(lesson.first, lesson.first + lesson.runs)
    seen = sorted(shown("learning from runs", seen_runs(client, market, kind, seeds), lesson.runs, json), key=lambda each: each.seed)
    others = seen_runs(client, market, kind, range(begin, end))
    honest = seen_runs(client, market, kind, range(end, end + lesson.clean), clean=True)
    chosen = [*shown("held-out runs", others, lesson.held_out, json), *shown("clean runs", honest, lesson.clean, json)]
    about = {
        "scenario": lesson.scenario, "manipulators": groups_of(market), "seeds": [lesson.first, lesson.first + lesson.runs],
        "held_out": [begin, end], "episodes": sum(len(found.truth) for found in seen),
        "candidates": sum(len(found.candidates) for found in seen), "clean": lesson.clean, "precision": lesson.precision,
        "false_per_hour": lesson.false_per_hour, "created": datetime.now(UTC).date().isoformat(), "code_version": code_version(),
    }  # fmt: skip
    return trained(kind, KINDS[kind].features, seen, chosen, Wanted(lesson.precision, lesson.false_per_hour, KINDS[kind].agents), about)


def train(
    kind: Annotated[str, typer.Option("--kind", help=f"What is looked for: {', '.join(KINDS)}.")] = "spoofing",
    runs: Annotated[int, typer.Option("--runs", min=1, max=HELD_OUT, help="Runs to learn from, each with other manipulators.")] = 60,
    held_out: Annotated[int, typer.Option("--held-out", min=1, max=HELD_OUT // 2, help="Further runs that choose the threshold.")] = 16,
    clean: Annotated[int, typer.Option("--clean", min=0, max=HELD_OUT // 2, help="And runs without manipulators, for the same.")] = 16,
    precision: Annotated[float, typer.Option("--precision", min=0.0, max=1.0, help="That it must reach there; 0: the kind's own.")] = 0.0,
    false_per_hour: Annotated[float, typer.Option("--false-per-hour", min=0.0, help="Most alerts an hour of clean runs.")] = 2.0,
    scenario: Crowd = "",
    out: Annotated[Path | None, typer.Option("--out", help="Where the model is written; its own place in the product otherwise.")] = None,
    workers: Workers = 0,
    dask: Dask = "local",
    json: Json = False,
) -> None:
    """Train a detector on simulated runs; a model file says what it was made of.

    Examples:  [bold]agora detect train --kind spoofing[/bold]   [bold]agora detect train --runs 100 --out spoofing.npz[/bold]
    """
    from pipelines.workers.dask_entry import connected

    checked(kind)
    path = out or model_path(kind)
    crowd, wanted = scenario or KINDS[kind].scenario, precision or KINDS[kind].precision
    lesson = Lesson(kind, crowd, runs, held_out, clean, wanted, false_per_hour)
    with connected(dask, workers or os.cpu_count() or 1) as client:
        forest = learned(client, lesson, json)
    path.parent.mkdir(parents=True, exist_ok=True)
    forest.save(path)
    told = {"model": str(path), "threshold": forest.threshold, **forest.about}
    if json:
        print(msgspec.json.encode(told).decode())
        return
    console = Console()
    for name, value in told.items():
        console.print(f"{name:<12} {value}", highlight=False, soft_wrap=True)
    console.print(f"next: agora detect score --kind {kind}", highlight=False)
