"""`agora detect pairs`: how well cartels are told by pairs of agents, once they have agreed often."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from pipelines.apps.detect.options import FRESH, Crowd, Dask, Workers, one_symbol, shown
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.models import model_path, read_model


def pairs(
    runs: Annotated[int, typer.Option("--runs", min=1, help="Fresh runs with cartels.")] = 4,
    steps: Annotated[int, typer.Option("--steps", min=1, help="Steps of each.")] = 20_000,
    least: Annotated[int, typer.Option("--least", min=1, help="Auctions or prices that two must have agreed on.")] = 100,
    scenario: Crowd = "",
    model: Annotated[Path | None, typer.Option("--model", help="A model file; the one that comes with the product otherwise.")] = None,
    workers: Workers = 0,
    dask: Dask = "local",
) -> None:
    """Rank all pairs of agents by how much they look like a cartel, and print the average precision as a line of JSON.

    Examples:  [bold]agora detect pairs[/bold]   [bold]agora detect pairs --runs 8 --least 50[/bold]
    """
    from pipelines.workers.dask_entry import connected
    from pipelines.workers.detecting.pairs import pair_precision, ranked_runs

    market, path = one_symbol(scenario or KINDS["cartel"].scenario), model or model_path("cartel")
    read_model(path, "cartel")  # before anything runs
    longer = msgspec.structs.replace(market, steps=steps)
    with connected(dask, workers or os.cpu_count() or 1) as client:
        found = list(shown("fresh runs", ranked_runs(client, longer, path, range(FRESH, FRESH + runs), least), runs, json=True))
    told = {"runs": runs, "pairs": sum(run.pairs for run in found), "of": sum(len(run.scores) for run in found)}
    print(msgspec.json.encode({**told, "average_precision": pair_precision(found)}).decode())
