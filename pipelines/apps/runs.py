"""`agora runs`: the runs of this machine."""

from __future__ import annotations

import json as json_text
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from pipelines.apps.errors import UserError
from pipelines.settings import settings
from pipelines.workers.registry import Registry, RunRecord
from pipelines.workers.train_config import KIND

app = typer.Typer(add_completion=False)


@app.command()
def runs(
    first: Annotated[str, typer.Option("--from", help="Only runs begun on this day (UTC) or later, such as 2026-11-21.")] = "",
    end: Annotated[str, typer.Option("--to", help="Only runs begun before this day (UTC).")] = "",
    kind: Annotated[str, typer.Option("--kind", help="Only runs of this kind: simulate or train.")] = "",
    published: Annotated[bool, typer.Option("--published", help="Only runs whose events went to Kafka.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many at most, the newest ones.")] = 1_000,
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """List runs, newest first, with what they were asked for and whether they have ended.

    Examples:  [bold]agora runs[/bold]   [bold]agora runs --from 2026-11-21 --to 2026-11-22 --published --json[/bold]
    """
    registry = Registry(settings().runs_dir)
    within = day(first, "--from"), day(end, "--to")
    found = []
    for record in records(registry):
        begun = datetime.fromisoformat(record.created).astimezone(UTC).date()
        if (within[0] and begun < within[0]) or (within[1] and begun >= within[1]):
            continue
        if (kind and record.kind != kind) or (published and record.config.get("to") != "kafka"):
            continue
        found.append(record)
        if len(found) == limit:
            break
    if json:
        told = {"runs": [record.run_id for record in found], "ended": [record.run_id for record in found if ended(registry, record)]}
        print(json_text.dumps(told, separators=(",", ":")))
        return
    for record in found:
        state = "ended" if ended(registry, record) else "not ended"
        print(f"{record.run_id}  {record.kind:9} seed {record.seed}  {record.worlds} worlds  {record.config.get('to')}  {state}")
    if not found:
        print("no runs")


def records(registry: Registry) -> Iterator[RunRecord]:
    """The runs, newest first."""
    return (registry.load(run_id) for run_id in registry.recent(1_000_000))


def ended(registry: Registry, record: RunRecord) -> bool:
    """Whether all of a run is done."""
    if record.kind == KIND:
        return registry.training_path(record.run_id).exists()
    return not registry.unfinished(record)


def day(text: str, option: str) -> date | None:
    """A day as ISO 8601 writes it, or None for "".

    >>> day("2026-11-21", "--from")
    datetime.date(2026, 11, 21)
    """
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UserError(f"{option} {text!r} is no day", "write it like 2026-11-21") from None
