"""`agora tune`: search the settings of a learner, or the numbers of a scripted trader, with equal budgets of steps."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from pipelines.apps.simulate import stopped
from pipelines.apps.train import chosen
from pipelines.apps.train_many import Dask, Workers
from pipelines.apps.train_options import configured
from pipelines.settings import Settings, settings
from pipelines.workers.progress import short_count
from pipelines.workers.study.grid import named
from pipelines.workers.supervise import Ending
from pipelines.workers.training_file import training_of
from pipelines.workers.tuning.record import PrunerName, SamplerName, Tuning
from simulator.training.config import TrainConfig
from simulator.world.mechanisms import RoleName

if TYPE_CHECKING:
    from pipelines.workers.tuning.search import Budget, TuningSummary

app = typer.Typer(add_completion=False)


@app.command()
def tune(
    context: typer.Context,
    algorithm: Annotated[str, typer.Option("--algorithm", "-a", help="ppo, sac or dqn.")] = "ppo",
    trader: Annotated[str, typer.Option("--trader", help="Tune this scripted strategy in the learners' seats instead.")] = "",
    scenario: Annotated[str, typer.Option("--scenario", "-s", help="Whose scripted agents surround the seats.")] = "trading",
    role: Annotated[RoleName, typer.Option("--role", help="What the seats are in the market for.")] = RoleName.TRADER,
    trials: Annotated[int, typer.Option("--trials", min=1, help="Settings to try.")] = 20,
    steps: Annotated[int, typer.Option("--steps", min=1, help="Environment steps of each trial, the same for all.")] = 98_304,
    worlds: Annotated[int, typer.Option("--worlds", min=1, help="Markets side by side.")] = 32,
    seed: Annotated[int, typer.Option("--seed", help="Root of all chance.")] = 0,
    sampler: Annotated[SamplerName, typer.Option("--sampler", help="How the next trial is chosen.")] = SamplerName.TPE,
    pruner: Annotated[PrunerName, typer.Option("--pruner", help="When a trial is given up.")] = PrunerName.MEDIAN,
    evaluate: Annotated[int, typer.Option("--evaluate", min=1, help="Unseen markets that judge a learner.")] = 20,
    config: Annotated[Path | None, typer.Option("--config", help="YAML or JSON of training settings to start from.")] = None,
    beside: Annotated[str, typer.Option("--beside", metavar="SEARCH", help="Take trials and steps of that search; show both.")] = "",
    workers: Workers = 0,
    dask: Dask = "",
    resume: Annotated[str, typer.Option("--resume", metavar="SEARCH", help="Go on with a search that was stopped or killed.")] = "",
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Search good settings; each trial takes the same steps and is judged in markets that nobody was trained in.

    Examples:  [bold]agora tune --trials 30[/bold]   [bold]agora train --config .agora/runs/tune-20261121-101500-a1b2/best.yaml[/bold]
    [bold]agora tune --trader market_maker --beside tune-20261121-101500-a1b2[/bold]
    """
    base = settings()
    other = Tuning.resume(base, beside) if beside else None
    if resume:
        tuning = Tuning.resume(base, resume)
    else:
        asked = {"scenario": scenario, "role": role, "algorithm": chosen(algorithm), "steps": steps, "seed": seed, "worlds": worlds}
        training = configured(context, training_of(config) if config else None, "", 0, None, asked)
        if other:
            training, trials = replace(training, steps=other.base.steps), other.record.trials
        tuning = begun(base, training, trader=trader, trials=trials, evaluate=evaluate, sampler=sampler, pruner=pruner)
    run(tuning, other, workers or os.cpu_count() or 1, dask or "local", json)


def begun(base: Settings, training: TrainConfig, **asked: object) -> Tuning:
    """Check what was asked for and store the search."""
    return Tuning.begin(base, training, datetime.now(UTC), **asked)


def run(tuning: Tuning, beside: Tuning | None, workers: int, address: str, json: bool) -> None:
    """Run what is left of a search, and show what it came to."""
    from pipelines.workers.study.view import StudyView
    from pipelines.workers.tuning.search import search, summary_of  # dask and optuna take seconds to import
    from pipelines.workers.tuning.trials import Trials

    tuning_id, trials, console = tuning.record.tuning_id, tuning.record.trials, Console(stderr=True)
    console.print(f"search [bold]{tuning_id}[/bold], {tuning.what}: {equal(trials, tuning.base.steps)}", highlight=False, soft_wrap=True)
    ended = sum(trial.state.is_finished() for trial in Trials(tuning).all())
    with StudyView(tuning.budget, trials, ended, console) as view:
        ending, final = search(tuning, address, workers, view)
    if ending is Ending.STOPPED:
        stopped(tuning_id, json, "tune")
    summary = summary_of(tuning, final, beside, view.seconds)
    print(msgspec.json.encode(summary).decode()) if json else show(summary)


def equal(trials: int, steps: int) -> str:
    """A budget in words."""
    return f"{trials} trials of {short_count(steps)} steps"


def show(summary: TuningSummary) -> None:
    """Print the result for people."""
    console = Console()
    start = "?" if summary.start is None else f"{summary.start:,.2f}"
    final = summary.final
    for name, text in {
        "trials": ", ".join(f"{number} {state}" for state, number in summary.ended.items()),
        "profit": f"{start} with the settings it started from, {summary.best:,.2f} with the best (trial {summary.best_trial})",
        "in the end": f"{final['middle']:,.2f} ({final['low']:,.2f} to {final['high']:,.2f}) in markets that nobody was chosen in",
        "settings": named(summary.settings),
        "file": summary.file,
    }.items():
        console.print(f"{name:<10} {text}", highlight=False, soft_wrap=True)
    console.print(budgets([summary.budget, *([summary.beside] if summary.beside else [])]))
    if summary.importance:
        console.print(importances(summary))
    use = "a population of a scenario takes these parameters" if not summary.best_run else f"agora train --config {summary.file}"
    console.print(f"next: {use}", highlight=False, soft_wrap=True)


def budgets(found: list[Budget]) -> Table:
    """What each search may take and took."""
    table = Table("budget", "search", "trials", "steps each", "steps in all", "taken", box=None, pad_edge=False)
    for column in table.columns[2:]:
        column.justify = "right"
    for budget in found:
        table.add_row(budget.what, budget.tuning_id, str(budget.trials), f"{budget.steps:,}", f"{budget.total:,}", f"{budget.taken:,}")
    return table


def importances(summary: TuningSummary) -> Table:
    """Which settings made good trials good."""
    table = Table("setting", "importance", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for name, share in summary.importance.items():
        table.add_row(name, f"{share:.0%}")
    return table
