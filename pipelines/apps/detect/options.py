"""What the verbs of `agora detect` share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import track

from pipelines.apps.errors import UserError
from pipelines.places import Place
from simulator.world.scenario import Scenario
from simulator.world.scenario_files import load
from spark_jobs.detection.kinds import KINDS

FRESH = 1_000_000  # seeds of scoring begin here; those of training lie below
HELD_OUT = 500_000  # and those that choose the threshold here
Done = TypeVar("Done")

Crowd = Annotated[str, typer.Option("--scenario", "-s", help="The honest crowd around the manipulators; the kind's own otherwise.")]
Workers = Annotated[int, typer.Option("--workers", help="Processes; 0: one per core.")]
Dask = Annotated[str, typer.Option("--dask", metavar="ADDRESS", help="local, or a scheduler's address.")]
Json = Annotated[bool, typer.Option("--json", help="One compact line of JSON.")]


def checked(kind: str) -> None:
    """Raise UserError for a kind that there is not."""
    if kind not in KINDS:
        raise UserError(f"there is no detector of {kind!r}", f"choose {', '.join(KINDS)}")


def recorded_runs(lake: Place) -> list[str]:
    """The runs of a lake, the newest last. Raises UserError if it has none."""
    from spark_jobs.batch import runs_in  # it loads the readers of tables

    runs = sorted(runs_in(lake))
    if not runs:
        raise UserError(f"{lake} holds no runs yet", "bring some in with `agora simulate`, then `agora stream --once`")
    return runs


def one_symbol(scenario: str) -> Scenario:
    """A scenario that can be watched. Raises UserError for one of several symbols."""
    market = load(scenario)
    if len(market.symbols) != 1:
        raise UserError(f"scenario {scenario} has {len(market.symbols)} symbols, and one is watched", "choose one like surveillance")
    return market


def shown(what: str, found: Iterator[Done], total: int, json: bool) -> Iterable[Done]:
    """What comes, with a bar for people."""
    return track(found, what, total, console=Console(stderr=True), transient=True, disable=json)
