"""`agora doctor`: what this machine lacks, each with its fix."""

from __future__ import annotations

import json as json_text
from dataclasses import asdict
from typing import Annotated

import typer

from pipelines.apps.errors import ExitCode
from pipelines.local_stack.checks import Finding, Verdict, check_all
from pipelines.local_stack.machine import ThisMachine
from pipelines.settings import settings

MARKS = {Verdict.FINE: "[green]fine[/]", Verdict.TIGHT: "[yellow]tight[/]", Verdict.LACKING: "[red]lacking[/]"}


def doctor(json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False) -> None:
    """Check what this machine needs, with a fix for each lack. The exit code is 1 if something required is lacking.

    Examples:  [bold]agora doctor[/bold]   [bold]agora doctor --json[/bold]
    """
    findings = check_all(settings(), ThisMachine())
    healthy = all(finding.verdict is not Verdict.LACKING for finding in findings)
    if json:
        print(json_text.dumps({"healthy": healthy, "findings": [asdict(finding) for finding in findings]}, separators=(",", ":")))
    else:
        _show(findings)
    if not healthy:
        raise typer.Exit(ExitCode.FAILED)


def _show(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in findings:
        table.add_row(finding.name, MARKS[finding.verdict], escape(finding.found))
        if finding.fix:
            table.add_row("", "", f"[bold]{escape(finding.fix)}[/]")
    Console().print(table)
