"""`agora lineage`: where a checkpoint comes from, back to the event log that it learned from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from pipelines.apps.errors import ExitCode
from pipelines.settings import settings
from pipelines.workers.lineage import Chain, chain_of
from pipelines.workers.registry import Registry

app = typer.Typer(add_completion=False)


@app.command()
def lineage(
    checkpoint: Annotated[Path, typer.Argument(help="A checkpoint's folder, or a policy exported from one.")],
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Show a checkpoint's chain: itself, what it continued, its run, configuration, code and the hash of its event log.

    The run's own records are compared with it; exit code 1 if they disagree.

    Examples:  [bold]agora lineage .agora/checkpoints/20261121-101500-a1b2/learner[/bold]
    """
    found = chain_of(checkpoint, Registry(settings().runs_dir))
    print(msgspec.json.encode(found).decode()) if json else show(found)
    if found.differences:
        raise typer.Exit(ExitCode.FAILED)


def show(found: Chain) -> None:
    """Print a chain for people."""
    console = Console(highlight=False, soft_wrap=True)
    rows = {
        "checkpoint": found.checkpoint,
        "steps": f"{found.steps:,}",
        "continued": found.parent or "nothing: it began untrained",
        "run": found.run_id or "none on this machine",
        "code": found.code_version,
        "seed": str(found.seed),
        "log hash": found.log_hash,
        "run's hash": found.run_hash or "the run has not ended",
        "settings": " ".join(f"{name}={value}" for name, value in found.changed.items()) or "the defaults",
    }
    for name, value in rows.items():
        console.print(f"{name:11} {value}", markup=False)
    for line in found.agreements:
        console.print(f"agrees      {line}", markup=False)
    for line in found.differences:
        console.print(f"differs     {line}", style="red", markup=False)
