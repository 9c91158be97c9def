"""`agora detect drift`: whether detectors still see what they learned from."""

from __future__ import annotations

import os
from typing import Annotated

import msgspec
import numpy as np
import typer

from pipelines.apps.detect.options import Dask, Json, Workers, checked, one_symbol, recorded_runs, shown
from pipelines.settings import settings
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.models import read_model


def drift(
    kind: Annotated[str, typer.Option("--kind", help=f"Which detector: {', '.join(KINDS)}.")] = "spoofing",
    run: Annotated[list[str] | None, typer.Option("--run", help="A recorded run; the latest ones of the lake otherwise.")] = None,
    latest: Annotated[int, typer.Option("--latest", min=1, help="How many of the latest runs.")] = 10,
    reference: Annotated[int, typer.Option("--reference", min=1, help="Runs of those that were learned from, to compare with.")] = 6,
    workers: Workers = 0,
    dask: Dask = "local",
    json: Json = False,
) -> None:
    """Compare features and scores of recorded runs with those that a detector learned from. The exit code is 0 with and without drift.

    Examples:  [bold]agora detect drift --kind spoofing[/bold]   [bold]agora detect drift --run 20261121-101500-a1b2 --json[/bold]
    """
    checked(kind)
    from pipelines.workers.dask_entry import connected
    from pipelines.workers.detecting.crowd import seen_runs
    from pipelines.workers.detecting.drift import drift as compared
    from pipelines.workers.detecting.drift import recorded_candidates
    from pipelines.workers.detecting.refit import present_model

    config = settings()
    runs = run or recorded_runs(config.lake_dir)[-latest:]
    forest = read_model(present_model(config, kind), kind)
    with connected(dask, workers or os.cpu_count() or 1) as client:
        market = one_symbol(str(forest.about.get("scenario", KINDS[kind].scenario)))
        learned = list(shown("runs learned from", seen_runs(client, market, kind, range(reference)), reference, json))
    before = np.concatenate([each.candidates for each in sorted(learned, key=lambda each: each.seed)])
    found = compared(forest, before, recorded_candidates(config.lake_dir, runs, kind))
    if json:
        print(msgspec.json.encode({**msgspec.to_builtins(found), "runs": runs}).decode())
        return
    print(f"{kind}: {found.told} ({found.reference:,} candidates learned from, {found.recent:,} of {len(runs)} runs)")
    for name, (then, now) in found.changed.items():
        print(f"{name:24} {then:12.4g} {now:12.4g}")
