"""`agora simulate`: run worlds of trading agents, publish or write down every event, show what came of it."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from pipelines.apps.errors import ExitCode, UserError
from pipelines.apps.own_traders import Manipulators, Traders, with_own
from pipelines.local_stack import stack
from pipelines.settings import Settings, settings
from pipelines.workers.keyed import keyed
from pipelines.workers.opening import check_world
from pipelines.workers.progress import RunView, short_count
from pipelines.workers.registry import Registry
from pipelines.workers.run_config import SimulateConfig, block_rule
from pipelines.workers.simulation import Simulation, Summary
from pipelines.workers.supervise import Ending, WorkerFailed
from simulator.seeding import checked_seed
from simulator.world.scenario import Scenario, to_builtins
from simulator.world.scenario_files import load

app = typer.Typer(add_completion=False)
Key = Annotated[str, typer.Option("--key", help="Begin it once: a second call with this key goes on with the run, or tells its result.")]


@app.command()
def simulate(
    scenario: Annotated[str, typer.Option("--scenario", "-s", help="A name from `agora scenarios`, or a YAML file.")] = "trading",
    agents: Annotated[int | None, typer.Option("--agents", "-n", help="How many agents; the scenario's own number otherwise.")] = None,
    steps: Annotated[
        int | None, typer.Option("--steps", "--max-steps", help="Steps of each world; the scenario's own number otherwise.")
    ] = None,
    worlds: Annotated[int, typer.Option("--worlds", help="Markets that run side by side.")] = 1,
    workers: Annotated[int, typer.Option("--workers", help="Processes; 0: one per core.")] = 0,
    seed: Annotated[int, typer.Option("--seed", help="Root of all chance.")] = 0,
    pace: Annotated[str, typer.Option("--pace", help="max, or a multiple of real time like 1x or 10x.")] = "max",
    to: Annotated[str, typer.Option("--to", help="Where events go: kafka, csv or none.")] = "kafka",
    trader: Traders = None,
    manipulator: Manipulators = None,
    policy: Annotated[Path | None, typer.Option("--policy", help="A checkpoint or an exported policy that plays in the market.")] = None,
    resume: Annotated[str, typer.Option("--resume", metavar="RUN", help="Go on with a run that was stopped or killed.")] = "",
    key: Key = "",
    dask: Annotated[str, typer.Option("--dask", metavar="ADDRESS", help="Play on Dask: local, or a scheduler's address.")] = "",
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Run worlds of trading agents and publish every event.

    The run's hash is the same for any number of workers. Ctrl-C stops after the current block; --resume goes on.

    Examples:  [bold]agora simulate --to csv[/bold]   [bold]agora simulate --worlds 4 --steps 20000[/bold]
    [bold]agora simulate --manipulator spoofing=2 --trader examples/custom_trader.py:ImbalanceTrader=5[/bold]
    [bold]agora simulate --pace 10x --to kafka[/bold]   [bold]agora simulate --resume 20261121-101500-a1b2[/bold]
    """
    base = settings()
    with keyed(Registry(base.runs_dir), checked_key(key, resume)) as before:
        if resume or before:
            run = Simulation.resume(base, resume or before)
        else:
            market = with_own(load(scenario).with_agents(agents), trader or [], manipulator or [], checked_seed(seed))
            run = begun(base, market, steps, worlds, seed, pace, to, policy, key)
        run = Simulation(with_broker(base, run.config.to), run.record)
        play(run, workers or os.cpu_count() or 1, dask, json)


def checked_key(key: str, resume: str) -> str:
    """The key of what is asked for, which a run that is resumed by its id has already."""
    if key and resume:
        raise UserError("--key and --resume both name a run", "give one of them")
    return key


def begun(
    base: Settings, market: Scenario, steps: int | None, worlds: int, seed: int, pace: str, to: str, policy: Path | None, key: str = ""
) -> Simulation:
    """Check what was asked for and store the run."""
    chosen = None
    if policy:
        from pipelines.workers.policy_play import chosen_policy, with_learners  # the learning environment takes a second to import

        market, chosen = with_learners(market, policy), chosen_policy(policy)
    config = SimulateConfig(
        scenario=to_builtins(market),
        steps=market.steps if steps is None else steps,
        to=to,
        pace=pace,
        block=block_rule(pace, market.step_nanoseconds / 1e9),
        policy=chosen,
        key=key,
    )
    check_world(config, checked_seed(seed))
    return Simulation.begin(base, config, seed=seed, worlds=worlds, now=datetime.now(UTC))


def with_broker(base: Settings, to: str) -> Settings:
    """The settings with the broker's address; a local broker is started where none runs and none is configured."""
    if to != "kafka":
        return base
    if not base.broker and stack.status(base)[0].state != "running":
        print("starting the local Kafka broker; `agora stack down` stops it", file=sys.stderr)
        stack.up(base)
    from pipelines.workers.broker_set_up import set_up_broker  # only published runs need a Kafka client

    set_up_broker(base)
    return base.model_copy(update={"broker": stack.broker_address(base)})


def play(run: Simulation, workers: int, dask: str, json: bool) -> None:
    """Play what is left of a run, and show its result."""
    run_id, config, console = run.record.run_id, run.config, Console(stderr=True)
    console.print(f"run [bold]{run_id}[/bold]", highlight=False, soft_wrap=True)
    view = RunView("simulating", config.steps, run.record.worlds, console)
    with view:
        try:
            ending = on_dask(run, dask, workers, view) if dask else run.play(workers, view)
        except WorkerFailed as error:
            raise UserError(str(error), f"go on with: agora simulate --resume {run_id}") from error
    if ending is Ending.STOPPED:
        stopped(run_id, json)
    summary = run.summary(view.seconds, view.steps_played, view.records_played, run.draw())
    print(msgspec.json.encode(summary).decode()) if json else show(summary)


def on_dask(run: Simulation, address: str, workers: int, view: RunView) -> Ending:
    """Play what is left of a run on Dask."""
    from pipelines.workers.dask_entry import play_on_dask  # takes a second to import

    return play_on_dask(run, address, workers, view)


def stopped(run_id: str, json: bool, verb: str = "simulate") -> None:
    """Tell how to go on, and leave with the exit code of a Ctrl-C."""
    if json:
        print(msgspec.json.encode({"run_id": run_id, "stopped": True}).decode())
    print(f"stopped; nothing is lost. Go on with: agora {verb} --resume {run_id}", file=sys.stderr)
    raise typer.Exit(ExitCode.INTERRUPTED)


def show(summary: Summary) -> None:
    """Print the result for people."""
    console = Console()
    console.print(f"run    {summary.run_id}\nhash   {summary.run_hash}", highlight=False, soft_wrap=True)
    rates = f"{short_count(summary.agent_steps_per_second)} agent-steps/s, {short_count(summary.events_per_second)} events/s"
    console.print(f"speed  {rates} over {summary.seconds:.1f} s", highlight=False, soft_wrap=True)
    console.print(events_table(summary), profit_table(summary), *([roles_table(summary)] if summary.roles else []))
    for path in summary.files:
        console.print(path, highlight=False, soft_wrap=True)
    if summary.to == "kafka":
        console.print(
            f"next: agora tail trades --run {summary.run_id}; agora stream --once; agora verify --run {summary.run_id}",
            highlight=False,
            soft_wrap=True,
        )


def events_table(summary: Summary) -> Table:
    """Events by type."""
    table = Table("events", "number", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for name, count in summary.events.items():
        table.add_row(name, f"{count:,}")
    return table


def profit_table(summary: Summary) -> Table:
    """Profit by trader type."""
    table = Table("traders", "agents", "mean profit", "worst", "best", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for kind, figures in summary.profit.items():
        money = [f"{figures[name]:,.2f}" for name in ("profit", "worst_profit", "best_profit")]
        table.add_row(kind, f"{figures['agents']:.0f}", *money)
    return table


def roles_table(summary: Summary) -> Table:
    """What each role is in the market for, and what came of it."""
    counts = {"produced": "{:,.0f}", "consumed": "{:,.0f}", "lacked": "{:,.0f}", "fines": "{:,.0f}"}
    table = Table("roles", "agents", "mean profit", *counts, "reputation", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for role, figures in summary.roles.items():
        cells = [form.format(figures[name]) for name, form in counts.items()]
        table.add_row(role, f"{figures['agents']:.0f}", f"{figures['profit']:,.0f}", *cells, f"{figures['reputation']:.2f}")
    return table
