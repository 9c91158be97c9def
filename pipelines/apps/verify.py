"""`agora verify`: prove that a run is complete and equal in every store."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.status import Status
from rich.table import Table

from pipelines.apps.chosen import stores_in
from pipelines.apps.errors import ExitCode, UserError
from pipelines.apps.grid import table_console
from pipelines.broker.kafka_log import KafkaLog
from pipelines.kafka_access import Principal
from pipelines.local_stack import stack
from pipelines.settings import Settings, settings
from pipelines.sinks.status import read_all
from pipelines.workers import stores as sinks
from pipelines.workers.reconcile.lake import Lake
from pipelines.workers.reconcile.proof import Proof, prove
from pipelines.workers.reconcile.report import KAFKA, STORES, Sources
from pipelines.workers.registry import Registry, RunRecord
from pipelines.workers.train_config import KIND

app = typer.Typer(add_completion=False)
SHOWN = 20


@app.command()
def verify(
    run: Annotated[str, typer.Option("--run", help="The run's id; the latest one otherwise.")] = "",
    stores: Annotated[
        str, typer.Option("--stores", help="Which to compare, separated by commas: kafka, bronze, silver, a sink's store, or all.")
    ] = ",".join(STORES),
    recompute: Annotated[bool, typer.Option("--recompute", help="Simulate the run again and compare that, too.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Compare what the simulator counted and hashed with Kafka, bronze and silver, and rebuild the books from silver.orders.

    The exit code is 1 if anything differs; what differs is named.

    Examples:  [bold]agora verify[/bold]   [bold]agora verify --run 20261121-101500-a1b2 --recompute[/bold]
    [bold]agora verify --stores kafka --json[/bold]
    """
    config = settings()
    registry = Registry(config.runs_dir)
    record = registry.load(run or latest(registry))
    console = Console(stderr=True)
    with ExitStack() as open_things, console.status("") as status:
        sources = opened(config, record, stores, recompute, open_things)
        proof = prove(registry, record, sources, recompute, teller(status))
    print(msgspec.json.encode(proof).decode()) if json else show(proof)
    if not proof.ok:
        raise typer.Exit(ExitCode.FAILED)


def latest(registry: Registry) -> str:
    """The id of the latest run here."""
    runs = registry.recent(1)
    if not runs:
        raise UserError(f"there are no runs in {registry.runs_dir} yet", "start one with `agora simulate --to kafka`")
    return runs[0]


def opened(config: Settings, record: RunRecord, stores: str, recompute: bool, open_things: ExitStack) -> Sources:
    """The stores to compare; none for a run that was not published."""
    if recompute and record.kind == KIND:
        raise UserError(f"run {record.run_id} is a training", f"train again with --seed {record.seed} and compare the hashes")
    if record.config.get("to") != KAFKA:
        if not recompute:
            raise UserError(
                f"run {record.run_id} went to {record.config.get('to')}, not to Kafka", "compare it with its own seed: --recompute"
            )
        return Sources(None, None, ())
    every = [*STORES, *(sink.name for sink in read_all(config.sinks_dir))]
    names = stores_in(",".join(every) if stores.strip() == "all" else stores, (*STORES, *sinks.NAMES), beside=", or all")
    log = KafkaLog(stack.broker(config, Principal.AUDITOR)) if KAFKA in names else None
    if log is not None:
        open_things.callback(log.close)
    readers = {name: sinks.open_reader(config, name) for name in names if name not in (*STORES, *sinks.LIVE)}
    live = {name: sinks.open_live(config, name) for name in names if name in sinks.LIVE}
    for close in [reader.close for reader in readers.values()] + [reader.close for reader in live.values()]:
        open_things.callback(close)
    return Sources(log, Lake(config.lake_dir), tuple(name for name in names if name in STORES), readers, live)


def teller(status: Status) -> Callable[[str], None]:
    """Shows what is being read."""
    return lambda text: status.update(text)


def show(proof: Proof) -> None:
    """Print the result for people."""
    console = table_console()
    table = Table("events", "simulator", *proof.stores, "", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, row in proof.events.items():
        equal = len(set(row.values())) == 1
        counts = (f"{row[store]:,}" if store in row else "" for store in ("simulator", *proof.stores))
        table.add_row(name, *counts, "[green]=[/green]" if equal else "[red]differs[/red]")
    console.print(table)
    if proof.ok:
        extras = [f"{proof.books} books rebuilt"] * bool(proof.books) + ["simulated again"] * proof.recomputed
        told = ", ".join(["all counts and hashes equal", *extras])
        console.print(f"[green]run {proof.run_id} is complete and equal everywhere[/green]: {told}", highlight=False, soft_wrap=True)
    for text in proof.differences[:SHOWN]:
        print(f"differs: {text}", file=sys.stderr)
    if len(proof.differences) > SHOWN:
        print(f"and {len(proof.differences) - SHOWN} more; all of them with --json", file=sys.stderr)
