"""`agora detect pairs`: who belongs together in a run by all that is public of it, and how well cartels are told by that."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from pipelines.apps.detect.options import FRESH, HELD_OUT, Crowd, Dask, Json, Workers, one_symbol, shown
from pipelines.apps.errors import UserError
from pipelines.settings import settings
from spark_jobs.detection.kinds import KINDS

if TYPE_CHECKING:
    from spark_jobs.detection.pairs.ranking import Suspects
    from spark_jobs.detection.public_rows import Market


def pairs(
    run: Annotated[str, typer.Option("--run", help="A recorded run: list its pairs.")] = "",
    most: Annotated[int, typer.Option("--most", min=1, help="Pairs of a recorded run's market that are listed.")] = 20,
    runs: Annotated[int, typer.Option("--runs", min=1, help="Fresh runs with cartels.")] = 4,
    steps: Annotated[int, typer.Option("--steps", min=1, help="Steps of each.")] = 20_000,
    least: Annotated[int, typer.Option("--least", min=1, help="Auctions or prices that two must have agreed on.")] = 100,
    learn: Annotated[int, typer.Option("--learn", min=0, max=HELD_OUT, help="Runs to learn from; a new model is written to --out.")] = 0,
    out: Annotated[Path | None, typer.Option("--out", help="Where that is written.")] = None,
    scenario: Crowd = "",
    model: Annotated[Path | None, typer.Option("--model", help="A model file; the one that comes with the product otherwise.")] = None,
    workers: Workers = 0,
    dask: Dask = "local",
    json: Json = False,
) -> None:
    """Rank all pairs of agents by how much they look like a cartel: of a recorded run, or of fresh ones to see how well that is told.

    Examples:  [bold]agora detect pairs --run 20261130-101500-a1b2[/bold]   [bold]agora detect pairs --runs 8 --least 50[/bold]
    [bold]agora detect pairs --learn 200 --out pairs.npz[/bold]
    """
    if run:
        of_run(run, model, most, json)
        return
    if bool(learn) != (out is not None):
        raise UserError("a model is learned from --learn runs and written to --out", "give both, or neither")
    crowd = scenario or KINDS["cartel"].scenario
    if out is not None:
        learned_model(crowd, learn, out, workers, dask)
        return
    from pipelines.workers.dask_entry import connected
    from pipelines.workers.detecting.pairs import pair_precision, ranked_runs
    from spark_jobs.detection.pairs.ranking import SHIPPED_MODEL, read_pairs_model

    longer = msgspec.structs.replace(one_symbol(crowd), steps=steps)
    read_pairs_model(model)  # before anything runs
    with connected(dask, workers or os.cpu_count() or 1) as client:
        seeds = range(FRESH, FRESH + runs)
        found = list(shown("fresh runs", ranked_runs(client, longer, model or SHIPPED_MODEL, seeds, least), runs, json=True))
    told = {"runs": runs, "pairs": sum(run.pairs for run in found), "of": sum(len(run.scores) for run in found)}
    print(msgspec.json.encode({**told, "average_precision": pair_precision(found)}).decode())


def learned_model(crowd: str, runs: int, out: Path, workers: int, dask: str) -> None:
    """Make a model of simulated runs, and say what it was made of."""
    from pipelines.workers.code_version import code_version
    from pipelines.workers.dask_entry import connected
    from pipelines.workers.detecting.pairs import FROM, learned, lessons

    with connected(dask, workers or os.cpu_count() or 1) as client:
        played = shown("learning from runs", lessons(client, one_symbol(crowd), range(FROM, FROM + runs)), runs, json=False)
        found = sorted(played, key=lambda each: each.seed)
    about = {
        "scenario": crowd,
        "seeds": [FROM, FROM + runs],
        "created": datetime.now(UTC).date().isoformat(),
        "code_version": code_version(),
    }
    forest = learned(found, about)
    out.parent.mkdir(parents=True, exist_ok=True)
    forest.save(out)
    print(msgspec.json.encode({"model": str(out), **forest.about}).decode())


def of_run(run: str, model: Path | None, most: int, json: bool) -> None:
    """List the pairs of each market of a recorded run."""
    from pipelines.workers.detecting.recorded import known_markets
    from spark_jobs.detection.pairs.ranking import most_suspicious, read_pairs_model
    from spark_jobs.detection.public_rows import public_of

    lake, forest = settings().lake_dir, read_pairs_model(model)
    for market in known_markets(lake, run):
        found = most_suspicious(public_of(lake, market), forest, most)
        if json:
            told = {"world_id": market.world_id, "symbol": market.name, "pairs": [each._asdict() for each in found]}
            print(msgspec.json.encode(told).decode())
        else:
            Console().print(table(market, found))


def table(market: Market, found: list[Suspects]) -> Table:
    """The pairs of a market, with the share of pairs of which each number is smaller."""
    made = Table("agents", "score", "stand out by", title=f"world {market.world_id}, {market.name}", box=None, pad_edge=False)
    for (one, two), score, reasons in found:
        told = (f"{name} {number:.4g} (above {below:.1%})" for name, number, below in reasons)
        made.add_row(f"{one}, {two}", f"{score:.1f}", ", ".join(told))
    return made
