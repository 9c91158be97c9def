"""`agora refresh`: gold made anew from silver."""

from __future__ import annotations

import json as json_text
import time
from typing import Annotated

import typer

from pipelines.apps.errors import UserError
from pipelines.settings import settings

app = typer.Typer(add_completion=False)


@app.command()
def refresh(
    run: Annotated[list[str] | None, typer.Option("--run", help="Only this run; may be given several times.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Rebuild the gold tables from silver: market minutes and groups of agents. Safe to repeat.

    Examples:  [bold]agora refresh[/bold]   [bold]agora refresh --run 20261121-101500-a1b2[/bold]
    """
    from spark_jobs import batch, session
    from spark_jobs.detection.models import present_models

    chosen, began = settings(), time.monotonic()
    known = batch.runs_in(chosen.lake_dir)
    unknown = sorted(set(run or ()) - known)
    if unknown:
        raise UserError(f"silver holds no run {', '.join(unknown)}; it holds {', '.join(sorted(known)) or 'none'}")
    looking = batch.Looking(present_models(chosen.data_dir / "models"))
    rows = batch.refresh(session.build(chosen, "agora-refresh"), chosen.lake_dir, run or known, looking)
    seconds = round(time.monotonic() - began, 2)
    if json:
        print(json_text.dumps({"rows": rows, "runs": len(run or known), "seconds": seconds}, separators=(",", ":")))
        return
    for table, count in rows.items():
        print(f"{table:24} {count:>12,} rows")
