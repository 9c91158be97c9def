"""`agora detect report`: one HTML page about what was found in a recorded run."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated

import typer

from pipelines.apps.detect.options import recorded_runs
from pipelines.settings import settings


def report(
    run: Annotated[str, typer.Argument(help="Id of a run that the stream has read; otherwise the newest one.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="Where the page is written; otherwise reports/ in the data folder.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Write a page about a run: prices with the alerts on them, the orders behind each, and what is right where the labels were read.

    Examples:  [bold]agora detect report[/bold]   [bold]agora detect report 20261130-101500-a1b2 --out page.html[/bold]
    """
    from pipelines.workers.detecting.report_page import parts
    from pipelines.workers.page import write_page

    chosen = settings()
    run_id = run or recorded_runs(chosen.lake_dir)[-1]
    path = out or chosen.data_dir / "reports" / f"detect-{run_id}.html"
    write_page(path, "What the detectors found", list(parts(chosen.lake_dir, run_id)))
    print(json_text.dumps({"page": str(path)}, separators=(",", ":")) if json else f"page: {path}")
