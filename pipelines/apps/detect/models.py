"""`agora detect models`: which model is used for each kind of manipulation."""

from __future__ import annotations

import sys

import msgspec
import typer

from pipelines.apps.detect.options import Json
from pipelines.apps.errors import ExitCode
from pipelines.local_stack.stack import database_url
from pipelines.settings import settings
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.models import read_model


def models(json: Json = False) -> None:
    """Show which model each detector uses, and check that promoted ones are what was promoted. The exit code is 1 if one is not.

    Examples:  [bold]agora detect models[/bold]
    """
    from pipelines.sinks.sql_promotions import open_promotions
    from pipelines.workers.detecting.refit import place_of, present_model, sha256_of

    config, wrong = settings(), []
    with open_promotions(database_url(config)) as known:
        holders = {kind: known.incumbent(place_of(kind)) for kind in KINDS}
    used = {kind: present_model(config, kind) for kind in KINDS}
    for kind, holder in holders.items():
        read_model(used[kind], kind)
        if holder and sha256_of(used[kind]) != holder.sha256:
            wrong.append(f"{kind}: {used[kind]} is not what was promoted; repeat `agora detect refit --kind {kind}`, which restores it")
    if json:
        told = {kind: {"model": str(used[kind]), "promoted": holder is not None} for kind, holder in holders.items()}
        print(msgspec.json.encode({"models": told, "wrong": wrong}).decode())
    else:
        for kind, path in used.items():
            print(f"{kind:20} {path}")
    for text in wrong:
        print(text, file=sys.stderr)
    if wrong:
        raise typer.Exit(ExitCode.FAILED)
