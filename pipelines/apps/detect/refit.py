"""`agora detect refit`: a detector trained anew, taken only if it is better beyond doubt on held-back runs."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from pipelines.apps.detect.options import FRESH, HELD_OUT, Crowd, Dask, Json, Workers, checked, one_symbol, shown
from pipelines.apps.detect.train import Lesson, learned
from pipelines.local_stack.stack import database_url
from pipelines.settings import settings
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.models import read_model

if TYPE_CHECKING:
    from pipelines.workers.detecting.score import RunScore


def refit(
    kind: Annotated[str, typer.Option("--kind", help=f"Which detector: {', '.join(KINDS)}.")] = "spoofing",
    runs: Annotated[int, typer.Option("--runs", min=1, max=HELD_OUT // 2, help="Runs to learn from.")] = 60,
    first_seed: Annotated[int, typer.Option("--first-seed", min=0, max=HELD_OUT // 2, help="The first of their seeds.")] = 0,
    held_out: Annotated[int, typer.Option("--held-out", min=1, help="Further runs that choose the threshold.")] = 16,
    clean: Annotated[int, typer.Option("--clean", min=0, help="And runs without manipulators, for the same.")] = 16,
    judged: Annotated[
        int, typer.Option("--judged", min=2, help="Held-back runs, with manipulators and as many without, that decide.")
    ] = 20,
    precision: Annotated[float, typer.Option("--precision", min=0.0, max=1.0, help="That it must reach; 0: the kind's own.")] = 0.0,
    false_per_hour: Annotated[float, typer.Option("--false-per-hour", min=0.0, help="Most false alerts an hour of clean runs.")] = 2.0,
    scenario: Crowd = "",
    workers: Workers = 0,
    dask: Dask = "local",
    json: Json = False,
) -> None:
    """Train a detector anew and compare it with the present one on held-back runs; take it only if it finds more beyond doubt.

    The whole 95 % interval of the difference in F1 must lie above zero, and false alerts must not be more. Both decisions are kept in the
    relational database; a promoted model lies in models/ of the data folder, where `agora stream` takes it from.

    Examples:  [bold]agora detect refit --kind spoofing[/bold]   [bold]agora detect refit --runs 100 --first-seed 1000 --json[/bold]
    """
    checked(kind)
    from pipelines.sinks.sql_promotions import open_promotions
    from pipelines.workers.dask_entry import connected
    from pipelines.workers.detecting.refit import decided, present_model, promoted, restore, settle

    config, crowd = settings(), scenario or KINDS[kind].scenario
    lesson = Lesson(kind, crowd, runs, held_out, clean, precision or KINDS[kind].precision, false_per_hour, first_seed)
    with (
        open_promotions(database_url(config)) as known,
        connected(dask, workers or os.cpu_count() or 1) as client,
        tempfile.TemporaryDirectory() as folder,
    ):
        against, present, new = restore(config, known, kind), present_model(config, kind), Path(folder) / f"{kind}.npz"
        read_model(present, kind)
        learned(client, lesson, json).save(new)
        found = promoted(known, kind, new)
        if found is None:  # one that is the incumbent already was promoted by a try before
            (ours, our_clean), (theirs, their_clean) = (scores(client, crowd, path, judged, json) for path in (new, present))
            now = datetime.now(UTC)
            decision = decided(kind, (new, present), against, (ours, theirs), (our_clean, their_clean), false_per_hour, now)
            found = settle(config, known, decision, new)
    if json:
        print(msgspec.json.encode({"kind": kind, **msgspec.to_builtins(found)}).decode())
        return
    print(f"{kind}: the refit is {'promoted' if found.promoted else 'not promoted'}; {found.verdict}")


def scores(client: Any, scenario: str, model: Path, count: int, json: bool) -> tuple[list[RunScore], list[RunScore]]:
    """How a model does in runs that nobody learned from, with manipulators and without, by seed."""
    from pipelines.workers.detecting.crowd import scored_runs

    market, middle = one_symbol(scenario), FRESH + HELD_OUT
    found = shown("held-back runs", scored_runs(client, market, model, range(middle, middle + count), clean=False), count, json)
    honest = range(middle + count, middle + 2 * count)
    empty = shown("clean runs", scored_runs(client, market, model, honest, clean=True), count, json)
    with_rule = [list(found), list(empty)]
    return tuple(sorted((each for each, _ in side), key=lambda each: each.seed) for side in with_rule)  # type: ignore[return-value]
