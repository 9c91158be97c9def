"""`agora detect pictures`: an episode of each kind that was found, and one that was missed, on the book."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.apps.detect.options import FRESH, checked, one_symbol
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.models import model_path, read_model

if TYPE_CHECKING:
    from pipelines.workers.detecting.runs import WatchedRun
    from spark_jobs.detection.forest import Forest
    from spark_jobs.detection.scoring import Incident


def pictures(
    out: Annotated[Path, typer.Option("--out", help="Folder of KIND_found.png and KIND_missed.png.")],
    kind: Annotated[list[str] | None, typer.Option("--kind", help="Only this, several if repeated.")] = None,
    runs: Annotated[int, typer.Option("--runs", min=1, help="Fresh runs in which to look for both.")] = 4,
) -> None:
    """Draw an episode that was found and one that was missed, of each kind, in runs that nothing was learned from.

    Examples:  [bold]agora detect pictures --out pictures[/bold]   [bold]agora detect pictures --kind spoofing --out .[/bold]
    """
    for name in kind or list(KINDS):
        checked(name)
    out.mkdir(parents=True, exist_ok=True)
    for name in kind or list(KINDS):
        wanted, seed, forest = {"found", "missed"}, FRESH, read_model(model_path(name), name)
        while wanted and seed < FRESH + runs:
            for what, path in draw(name, forest, seed, wanted, out).items():
                wanted.discard(what)
                print(f"{name} {what}: {path}")
            seed += 1
        for what in sorted(wanted):
            print(f"{name}: none was {what} in {runs} runs")


def draw(kind: str, forest: Forest, seed: int, wanted: set[str], out: Path) -> dict[str, Path]:
    """Draw what is wanted and there in a run; where each picture lies."""
    from pipelines.workers.detecting.crowd import families, groups_of
    from pipelines.workers.detecting.pictures import episode
    from pipelines.workers.detecting.runs import watched_run

    market = one_symbol(KINDS[kind].scenario)
    run, made = watched_run(market, families(kind, groups_of(market), seed), seed), {}
    for what, one in examples(run, kind, forest).items():
        if what in wanted:
            made[what] = out / f"{kind}_{what}.png"
            episode(run.public.orders, one.agents, one.first_step, one.last_step).savefig(made[what], dpi=110)
    return made


def examples(run: WatchedRun, kind: str, forest: Forest) -> dict[str, Incident]:
    """An episode that the surest alert tells of, and the first one that none tells of."""
    from spark_jobs.detection.raising import raised
    from spark_jobs.detection.scoring import matched

    truth = [one for one in run.truth if one.kind == kind]
    alerts = list(raised(forest, 0, KINDS[kind].candidates(run.public)))
    places = matched(alerts, truth)
    told = [(alert.score, -place) for alert, place in zip(alerts, places, strict=True) if place >= 0]
    missed = [one for place, one in enumerate(truth) if place not in places]
    return ({"found": truth[-max(told)[1]]} if told else {}) | ({"missed": missed[0]} if missed else {})
