"""`agora chaos`: kill parts of the whole flow at random moments, then prove that nothing is lost or doubled."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from pipelines.apps.chosen import stores_in
from pipelines.apps.errors import ExitCode
from pipelines.apps.grid import table_console
from pipelines.settings import settings
from pipelines.workers.chaos.flow import Flow
from pipelines.workers.chaos.plan import plan
from pipelines.workers.chaos.storm import RECOVERY_S, Aftermath, storm, summary
from pipelines.workers.stores import NAMES

app = typer.Typer(add_completion=False)
SCENARIO, WORLDS = "balanced", 2
"""A market in which there is something for every store."""
EVENTS_PER_STEP = 7.5  # of one of its worlds, about
SECONDS_PER_KILL = 12.0  # about, recovery included: so long the run lasts, and as long again what a killed worker repeats
START_S = 300.0  # that a killed server may take to come back: the whole flow runs beside it


@app.command()
def chaos(
    seed: Annotated[int, typer.Option("--seed", help="Root of all chance: of the markets, of what is killed and when.")] = 0,
    kills: Annotated[int, typer.Option("--kills", min=0, help="How many parts are killed, one after the other.")] = 20,
    events: Annotated[int, typer.Option("--events", min=1000, help="About how many events are published meanwhile.")] = 1_000_000,
    pace: Annotated[str, typer.Option("--pace", help="How fast the markets go, as of `agora simulate`; otherwise as the kills do.")] = "",
    stores: Annotated[str, typer.Option("--stores", help="Which stores take part, separated by commas.")] = ",".join(NAMES),
    report: Annotated[Path | None, typer.Option("--report", help="A Markdown file for the result.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the data folder; it is kept anyway if something differs.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """SIGKILL of broker, stream, worker, stores and sinks at random moments, with doubled and unreadable records between them.

    Everything runs in a data folder of its own. At the end every store is reconciled with the simulator; the exit code is 1 if
    anything differs, and the seed repeats the plan.

    Examples:  [bold]agora chaos --kills 5 --events 200000 --stores redis[/bold]   [bold]agora chaos --kills 100 --events 10000000[/bold]
    """
    names = stores_in(stores, NAMES)
    console = Console(stderr=True)
    settings().data_dir.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="chaos-", dir=settings().data_dir))
    steps = max(1, round(events / EVENTS_PER_STEP / WORLDS))
    market = f"--scenario {SCENARIO} --worlds {WORLDS} --workers {WORLDS} --steps {steps}"
    words = f"simulate {market} --seed {seed} --pace {pace or pace_of(steps, kills)} --json".split()
    config = settings().apart(folder, start_timeout=max(START_S, settings().start_timeout))
    flow = Flow(config, names, words)
    try:
        with console.status("starting") as status:
            flow.start()
            found = storm(flow, seed, plan(seed, kills, flow.targets), lambda text: status.update(text))
    finally:
        flow.stop()
    if report is not None:
        report.write_text(page(found))
    print(msgspec.json.encode(found).decode()) if json else show(found, folder)
    if not found.ok:
        raise typer.Exit(ExitCode.FAILED)
    if not keep:
        shutil.rmtree(folder)


def pace_of(steps: int, kills: int) -> str:
    """The multiple of real time at which a run of so many steps lasts as long as the kills.

    >>> pace_of(24_000, 20), pace_of(24_000, 0)
    ('10x', 'max')
    """
    per_second = 10  # steps of simulated time
    return f"{max(1, round(steps / (kills * SECONDS_PER_KILL) / per_second))}x" if kills else "max"


def show(found: Aftermath, folder: Path) -> None:
    """Print the result for people."""
    table = Table("killed", "times", "recovered", "half after", "longest", box=None, pad_edge=False)
    for target, row in summary(found).items():
        table.add_row(target, str(row["kills"]), str(row["seen"]), seconds(row["half"]), seconds(row["longest"]))
    console = table_console()
    console.print(table)
    hurt = f"{len(found.kills)} kills, {found.doubled} doubled and {found.poisoned} unreadable records in {found.seconds:.0f} s"
    if found.ok:
        console.print(f"{found.events:,} events, {hurt}: nothing lost, nothing doubled in {', '.join(found.stores)}", soft_wrap=True)
    for text in found.differences:
        console.print(f"differs: {text}", soft_wrap=True)
    if not found.ok:
        console.print(f"seed {found.seed} repeats it; everything lies in {folder}", soft_wrap=True)


def seconds(value: float | None) -> str:
    """For a cell."""
    return "not seen" if value is None else f"{value:.1f} s"


def page(found: Aftermath) -> str:
    """The result as Markdown."""
    rows = [
        f"| {target} | {row['kills']} | {row['seen']} | {seconds(row['half'])} | {seconds(row['longest'])} |"
        for target, row in summary(found).items()
    ]
    late = sum(not kill.publishing for kill in found.kills)
    kills = f"{len(found.kills)} kills by SIGKILL" + (f" ({late} of them after the last event)" if late else "")
    hurt = f"{kills}, {found.doubled} doubled and {found.poisoned} unreadable records"
    outcome = "0 lost, 0 doubled, 0 out of order" if found.ok else "; ".join(found.differences)
    return "\n".join(
        [
            f"# A storm with seed {found.seed}",
            "",
            f"{hurt} over {found.events:,} events, {found.seconds:.0f} s. Compared with the simulator: {', '.join(found.stores)}. "
            f"Outcome: {outcome}.",
            "",
            f"| Killed | Times | Progress within {RECOVERY_S:.0f} s | Half of these after | Longest |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )
