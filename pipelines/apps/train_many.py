"""The part of `agora train` that trains many at once: its options, and a study from request to table."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from pipelines.apps.errors import ExitCode
from pipelines.apps.simulate import stopped, with_broker
from pipelines.settings import Settings
from pipelines.workers.progress import short_count
from pipelines.workers.study.grid import named, parsed
from pipelines.workers.study.record import Study
from pipelines.workers.supervise import Ending
from pipelines.workers.train_config import TrainRunConfig
from simulator.training.config import TrainConfig

if TYPE_CHECKING:
    from pipelines.workers.study.train import PointResult

Seeds = Annotated[int, typer.Option("--seeds", min=1, help="Train so many times, with seeds from --seed on.")]
Grid = Annotated[list[str] | None, typer.Option("--grid", metavar="NAME=V,V", help="Train with each value; may be given again.")]
Workers = Annotated[int, typer.Option("--workers", help="Processes of one thread for many trainings; 0: one per core.")]
Dask = Annotated[str, typer.Option("--dask", metavar="ADDRESS", help="Train on Dask: local, or a scheduler's address.")]


def begin_study(base: Settings, training: TrainConfig, config: TrainRunConfig, *, seeds: int, grid: list[str], now: datetime) -> Study:
    """Check what was asked for and store the study."""
    return Study.begin(base, training, config, parsed(grid), seeds, now)


def train_many(study: Study, workers: int, address: str, json: bool) -> None:
    """Train what is left of a study, and show what each grid point came to."""
    from pipelines.workers.study.train import steps_of, summary_of, train_study  # dask takes a second to import
    from pipelines.workers.study.view import StudyView

    study = study.at(with_broker(study.settings, study.record.to))
    study_id, members, console = study.record.study_id, study.record.members, Console(stderr=True)
    console.print(f"study [bold]{study_id}[/bold], {len(members)} trainings", highlight=False, soft_wrap=True)
    total = sum(steps_of(study.learning(member).training) for member in members)
    with StudyView(total, len(members), len(members) - len(study.left()), console) as view:
        ending, failed = train_study(study, address or "local", workers or os.cpu_count() or 1, view)
    if ending is Ending.STOPPED and study.left():
        stopped(study_id, json, "train")
    summary = summary_of(study, view, failed)
    if json:
        print(msgspec.json.encode(summary).decode())
    else:
        out = Console()
        speed = f"{short_count(summary.steps_per_second)} steps/s over {summary.seconds:.1f} s"
        out.print(f"study      {study_id}\nlearned    {short_count(summary.steps)} steps, {speed}", highlight=False, soft_wrap=True)
        out.print(table(summary.points))
    if failed:
        console.print(f"{len(failed)} failed; try them again with: agora train --resume {study_id}", style="red", highlight=False)
        raise typer.Exit(ExitCode.FAILED)


def table(points: list[PointResult]) -> Table:
    """The grid points, best first."""
    title = f"{points[0].figure}: middle of the seeds, interval (95 %), best" if points else "nothing to compare"
    found = Table(
        "settings", "seeds", "middle", "low", "high", "best", "best run", box=None, pad_edge=False, title=title, title_justify="left"
    )
    for column in found.columns[1:6]:
        column.justify, column.no_wrap = "right", True
    for result in points:
        figures = [f"{number:,.2f}" for number in (result.middle, result.low, result.high, result.best)]
        found.add_row(named(result.point) or "all", str(result.runs), *figures, result.best_run)
    return found
