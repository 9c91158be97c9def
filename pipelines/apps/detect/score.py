"""`agora detect score`: how well manipulation is found, on fresh simulated runs or on a recorded one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from pipelines.apps.detect.options import FRESH, Crowd, Dask, Json, Workers, checked, one_symbol, shown
from pipelines.apps.errors import UserError
from pipelines.settings import settings
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.models import model_path, read_model
from spark_jobs.detection.scoring import Share

if TYPE_CHECKING:
    from pipelines.workers.detecting.score import KindScore, RunScore

Scores = dict[str, "KindScore"]


def score(
    kind: Annotated[list[str] | None, typer.Option("--kind", help=f"Only this, several if repeated: {', '.join(KINDS)}.")] = None,
    run: Annotated[str, typer.Option("--run", help="A recorded run: what the stream raised in it, against its labels.")] = "",
    runs: Annotated[int, typer.Option("--runs", min=1, help="Fresh runs with manipulators, for each kind.")] = 12,
    clean: Annotated[int, typer.Option("--clean", min=0, help="Fresh runs without any.")] = 8,
    scenario: Crowd = "",
    model: Annotated[Path | None, typer.Option("--model", help="A model file of the one kind; otherwise those of the product.")] = None,
    workers: Workers = 0,
    dask: Dask = "local",
    json: Json = False,
) -> None:
    """Score detectors on runs with fresh seeds, a simple published rule beside each; or what was raised in a recorded run.

    Examples:  [bold]agora detect score[/bold]   [bold]agora detect score --kind spoofing --runs 40 --json[/bold]
    [bold]agora detect score --run 20261130-101500-a1b2[/bold]
    """
    kinds = kind or list(KINDS)
    for name in kinds:
        checked(name)
    if model and len(kinds) != 1:
        raise UserError("a model is of one kind", "add --kind")
    if run:
        of_run(run, kind, json)
        return
    for name in kinds:
        read_model(model or model_path(name), name)  # before anything runs
    found = {name: fresh(name, model or model_path(name), scenario, (runs, clean), (workers, dask), json) for name in kinds}
    if json:
        print(msgspec.json.encode({"kinds": found}).decode())


def fresh(kind: str, path: Path, scenario: str, counts: tuple[int, int], where: tuple[int, str], json: bool) -> dict[str, Any]:
    """The scores of one kind; for people they are printed as they are there."""
    from pipelines.workers.dask_entry import connected
    from pipelines.workers.detecting.crowd import scored_runs
    from pipelines.workers.detecting.score import kind_score

    crowd, (runs, clean), (workers, dask) = scenario or KINDS[kind].scenario, counts, where
    market = one_symbol(crowd)
    with connected(dask, workers or os.cpu_count() or 1) as client:
        found = ordered(shown("fresh runs", scored_runs(client, market, path, range(FRESH, FRESH + runs), clean=False), runs, json))
        honest = range(FRESH + runs, FRESH + runs + clean)
        empty = ordered(shown("clean runs", scored_runs(client, market, path, honest, clean=True), clean, json))
    seconds = market.step_nanoseconds / 1e9
    scores = {
        name: kind_score(kind, [each[place] for each in found], [each[place] for each in empty], seconds)
        for place, name in enumerate(("detector", "published_rule"))
    }
    if not json:
        Console().print(table(kind, scores))
    return {"scenario": crowd, **scores}


def of_run(run: str, kinds: list[str] | None, json: bool) -> None:
    """Score what the stream raised in a recorded run."""
    from pipelines.workers.detecting.recorded import recorded_scores

    found = {name: one for name, one in recorded_scores(settings().lake_dir, run).items() if not kinds or name in kinds}
    if json:
        print(msgspec.json.encode({"run": run, "kinds": {name: {"stream": one} for name, one in found.items()}}).decode())
        return
    for name, one in found.items():
        Console().print(table(name, {"stream": one}))


def ordered(found: Iterable[tuple[RunScore, RunScore]]) -> list[tuple[RunScore, RunScore]]:
    """By seed: they come as they are done."""
    return sorted(found, key=lambda each: each[0].seed)


def table(kind: str, scores: Scores) -> Table:
    """Detector and rule side by side."""
    made = Table(kind, *scores, box=None, pad_edge=False)
    rows: dict[str, Callable[[KindScore], str]] = {
        "episodes": lambda one: f"{one.episodes:,} in {one.runs} runs",
        "alerts": lambda one: f"{one.alerts:,}",
        "precision": lambda one: share_of(one.precision),
        "recall": lambda one: share_of(one.recall),
        "average precision": lambda one: f"{one.average_precision:.3f}",
        "precision of the 20 alerts an hour that score highest": lambda one: share_of(one.precision_in_budget),
        "recall by quarter of the share in the market's lots": lambda one: ", ".join(f"{part.value:.2f}" for part in one.recall_by_share),
        "agents: precision": lambda one: share_of(one.agent_precision),
        "agents: recall": lambda one: share_of(one.agent_recall),
        "after ten episodes: precision": lambda one: share_of(one.agent_precision_after_ten),
        "after ten episodes: recall": lambda one: share_of(one.agent_recall_after_ten),
        "delay from the begin (half, 95 %)": lambda one: seconds_of(one.delay_from_begin),
        "delay from the end (half, 95 %)": lambda one: seconds_of(one.delay_from_end),
        "false an hour, clean": lambda one: "" if one.false_per_hour is None else f"{one.false_per_hour:.2f} in {one.clean_hours:.1f} h",
    }
    for name, cell in rows.items():
        made.add_row(name, *(cell(one) for one in scores.values()))
    return made


def share_of(found: Share) -> str:
    """A share with its interval.

    >>> share_of(Share(0.9, 0.8, 0.95))
    '0.900 (0.800 to 0.950)'
    """
    return "" if found.value != found.value else f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"


def seconds_of(delay: tuple[float, float] | None) -> str:
    """Half and 95 % of the delays, in seconds of simulated time.

    >>> seconds_of((1.5, 4.0))
    '1.5 s, 4.0 s'
    """
    return "" if delay is None else f"{delay[0]:.1f} s, {delay[1]:.1f} s"
