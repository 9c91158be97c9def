"""`agora train`: train agents in simulated markets; every event of the rollouts is published."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from pipelines.apps.errors import UserError
from pipelines.apps.simulate import Key, checked_key, stopped, with_broker
from pipelines.apps.train_many import Dask, Grid, Seeds, Workers, begin_study, train_many
from pipelines.apps.train_options import (
    AlgorithmName,
    ConfigFile,
    Environment,
    Evaluate,
    EvaluateEvery,
    Experiment,
    Iterations,
    Keep,
    Log,
    Objective,
    Patience,
    Preset,
    Role,
    ScenarioName,
    Setting,
    Shared,
    Steps,
    WandbProject,
    configured,
    logs,
    was_typed,
)
from pipelines.settings import Settings, settings
from pipelines.workers.keyed import keyed
from pipelines.workers.learning import Learning, LearningSummary
from pipelines.workers.progress import RunView, short_count
from pipelines.workers.registry import Registry
from pipelines.workers.study.record import Study, is_study
from pipelines.workers.supervise import Ending, WorkerFailed
from pipelines.workers.train_config import TrainRunConfig
from pipelines.workers.training_file import training_of
from simulator.training.config import Algorithm, Sharing
from simulator.world.mechanisms import RoleName

app = typer.Typer(add_completion=False)


@app.command()
def train(
    context: typer.Context,
    env: Environment = "market",
    algorithm: AlgorithmName = "ppo",
    steps: Steps = 98_304,
    seed: Annotated[int, typer.Option("--seed", help="Root of all chance.")] = 0,
    scenario: ScenarioName = "trading",
    role: Role = RoleName.TRADER,
    worlds: Annotated[int, typer.Option("--worlds", help="Markets side by side.")] = 32,
    to: Annotated[str, typer.Option("--to", help="Where the rollouts' events go: kafka or none.")] = "kafka",
    evaluate: Evaluate = 20,
    preset: Preset = "",
    sharing: Shared = Sharing.SHARED,
    iterations: Iterations = 0,
    objective: Objective = None,
    evaluate_every: EvaluateEvery = 0,
    patience: Patience = 0,
    keep: Keep = 0,
    experiment: Experiment = "agora",
    log: Log = None,
    wandb_project: WandbProject = "",
    config: ConfigFile = None,
    seeds: Seeds = 1,
    grid: Grid = None,
    workers: Workers = 0,
    dask: Dask = "",
    resume: Annotated[str, typer.Option("--resume", metavar="RUN", help="Go on with a run or study that was stopped or killed.")] = "",
    key: Key = "",
    setting: Setting = None,
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Train agents, publish every event of the rollouts, and save a checkpoint with its lineage.

    The learner is compared with its untrained self and the noise trader in markets that nobody was trained in.

    Examples:  [bold]agora train[/bold]   [bold]agora train --env market --algorithm ppo --steps 500000 --seed 1[/bold]
    [bold]agora train --to none --json[/bold]   [bold]agora train --resume 20261121-101500-a1b2[/bold]
    [bold]agora train --scenario balanced --role seller[/bold]   [bold]agora train --preset wide --evaluate-every 64 --patience 640[/bold]
    [bold]agora train --objective profit=1 --objective risk=0.2[/bold]
    [bold]agora train --env bargaining --algorithm q_learning --setting rules=known[/bold]
    [bold]agora train --seeds 5 --grid learning_rate=1e-3,3e-4 --grid gamma=0.95,0.99[/bold]   [bold]agora train --config best.yaml[/bold]
    """
    base, many = settings(), bool(seeds > 1 or grid or dask)
    if env == "bargaining":
        to_bargain(context, setting or [], base.data_dir, json)
        return
    refuse_mixed(setting, key, many)
    with keyed(Registry(base.runs_dir), checked_key(key, resume)) as before:
        if resume or before:
            run = resumed(base, resume or before)
        else:
            wanted = {
                "env": env, "scenario": scenario, "role": role, "algorithm": chosen(algorithm), "steps": steps, "seed": seed,
                "worlds": worlds, "sharing": sharing,
            }  # fmt: skip
            training = configured(context, training_of(config) if config else None, preset, iterations, objective, wanted)
            training.market()
            asked = TrainRunConfig(
                training=training.as_dict(), to=to, evaluate=evaluate, evaluate_every=evaluate_every, patience=patience, keep=keep,
                experiment=experiment, log=logs(log, wandb_project), wandb_project=wandb_project, key=key,
            )  # fmt: skip
            begin = partial(begin_study, seeds=seeds, grid=grid or []) if many else Learning.begin
            run = begin(base, training, asked, now=datetime.now(UTC))
        if isinstance(run, Study):
            train_many(run, workers, dask, json)
        else:
            learn(Learning(with_broker(base, run.config.to), run.record), json)


def to_bargain(context: typer.Context, setting: list[str], data_dir: Path, json: bool) -> None:
    """Train negotiators by what was typed."""
    from pipelines.apps.train_bargaining import bargain

    bargain({name: value for name, value in context.params.items() if was_typed(context, name)}, setting, data_dir, json)


def refuse_mixed(setting: list[str] | None, key: str, many: bool) -> None:
    """Raises UserError for what a training in markets, or a study of many, does not take."""
    if setting:
        raise UserError("--setting is of bargaining only", "add --env bargaining, or leave it out")
    if many and key:
        raise UserError("--key is of one training", "give each training of the study a key of its own, or leave it out")


def resumed(base: Settings, found: str) -> Learning | Study:
    """The training or study of that id, which goes on."""
    return Study.resume(base, found) if is_study(base, found) else Learning.resume(base, found)


def chosen(name: str) -> Algorithm:
    """The algorithm of that name. Raises UserError with the names that there are."""
    try:
        return Algorithm(name.lower())
    except ValueError:
        raise UserError(f"algorithm {name!r} is unknown", f"choose one of {', '.join(known.value for known in Algorithm)}") from None


def learn(run: Learning, json: bool) -> None:
    """Train to the end, and show the result."""
    run_id, console = run.record.run_id, Console(stderr=True)
    console.print(f"run [bold]{run_id}[/bold]", highlight=False, soft_wrap=True)
    view = RunView("training", run.training.rollouts * run.training.rollout_steps * run.training.slots, 1, console)
    with view:
        try:
            ending = run.train(view)
        except WorkerFailed as error:
            raise UserError(str(error), f"go on with: agora train --resume {run_id}") from error
    if ending is Ending.STOPPED:
        stopped(run_id, json, "train")
    summary = run.summary(view.seconds, view.steps_played)
    print(msgspec.json.encode(summary).decode()) if json else show(summary)


def show(summary: LearningSummary) -> None:
    """Print the result for people."""
    console = Console()
    console.print(f"run        {summary.run_id}\nhash       {summary.run_hash}", highlight=False)
    speed = f"{short_count(summary.steps_per_second)} steps/s over {summary.seconds:.1f} s"
    console.print(f"learned    {short_count(summary.steps)} steps in {summary.worlds} markets, {speed}", highlight=False)
    if summary.returns:
        console.print(f"return     {summary.returns[0]:.2f} at first, {summary.returns[-1]:.2f} at last", highlight=False)
    if summary.stopped_early:
        console.print(f"stopped    {summary.stopped_early}", highlight=False, soft_wrap=True)
    if summary.best_eval_score is not None:
        console.print(f"best       {summary.best_eval_score:.2f} in {summary.best_checkpoint}", highlight=False, soft_wrap=True)
    console.print(f"events     {summary.total_events:,} {'published' if summary.to == 'kafka' else 'made'}", highlight=False)
    console.print(f"checkpoint {summary.checkpoint}", highlight=False, soft_wrap=True)
    if summary.evaluation:
        console.print(evaluation_table(summary))
    console.print(f"next: agora simulate --policy {summary.checkpoint} --to csv", highlight=False, soft_wrap=True)


def evaluation_table(summary: LearningSummary) -> Table:
    """Profit in new markets, of the learner and those it is compared with."""
    table = Table("in new markets", "profit per episode", "interval (95 %)", box=None, pad_edge=False)
    for name, figures in summary.evaluation.items():
        table.add_row(name, f"{figures['middle']:,.2f}", f"{figures['low']:,.2f} to {figures['high']:,.2f}")
    return table
