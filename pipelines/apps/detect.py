"""`agora detect`: train detectors of manipulation on simulated runs, and score them on others, whose truth is known."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from pipelines.apps.errors import UserError
from pipelines.apps.lazy import new_app
from pipelines.workers.code_version import code_version
from simulator.world.scenario import Scenario
from simulator.world.scenario_files import load
from spark_jobs.detection.forest import Forest
from spark_jobs.detection.kinds import KINDS
from spark_jobs.detection.scoring import Share

if TYPE_CHECKING:
    from pipelines.workers.detecting.score import KindScore, RunScore

FRESH = 1_000_000  # seeds of scoring begin here; those of training lie below
HELD_OUT = 500_000  # and those that choose the threshold here
Done = TypeVar("Done")

Kind = Annotated[str, typer.Option("--kind", help=f"What is looked for: {', '.join(KINDS)}.")]
Crowd = Annotated[str, typer.Option("--scenario", "-s", help="The honest crowd around the manipulators; the kind's own otherwise.")]
Workers = Annotated[int, typer.Option("--workers", help="Processes; 0: one per core.")]
Dask = Annotated[str, typer.Option("--dask", metavar="ADDRESS", help="local, or a scheduler's address.")]
Json = Annotated[bool, typer.Option("--json", help="One compact line of JSON.")]


def build(arguments: Sequence[str]) -> typer.Typer:
    """The group of verbs."""
    app = new_app("Train detectors of manipulation, and score them against the truth.")
    app.command("train")(train)
    app.command("score")(score)
    app.command("pairs")(pairs)
    return app


def model_path(kind: str) -> Path:
    """The model that comes with the product."""
    return Path(str(resources.files("spark_jobs.detection"))) / "models" / f"{kind}.npz"


def checked(kind: str) -> None:
    """Raise UserError for a kind that there is not."""
    if kind not in KINDS:
        raise UserError(f"there is no detector of {kind!r}", f"choose {', '.join(KINDS)}")


def one_symbol(scenario: str) -> Scenario:
    """A scenario that can be watched. Raises UserError for one of several symbols."""
    market = load(scenario)
    if len(market.symbols) != 1:
        raise UserError(f"scenario {scenario} has {len(market.symbols)} symbols, and one is watched", "choose one like surveillance")
    return market


def check_model(forest: Forest, path: Path, kind: str) -> None:
    """Raise UserError for a model of another kind, or of other features than those of today."""
    if forest.about.get("kind") != kind:
        raise UserError(f"{path} is a model of {forest.about.get('kind')}, not {kind}", f"add --kind {forest.about.get('kind')}")
    if forest.features != KINDS[kind].features:
        raise UserError(f"{path} looks at other features than this version computes", f"make it anew: agora detect train --kind {kind}")


def train(
    kind: Kind = "spoofing",
    runs: Annotated[int, typer.Option("--runs", min=1, max=HELD_OUT, help="Runs to learn from, each with other manipulators.")] = 60,
    held_out: Annotated[int, typer.Option("--held-out", min=1, max=HELD_OUT // 2, help="Further runs that choose the threshold.")] = 16,
    clean: Annotated[int, typer.Option("--clean", min=0, max=HELD_OUT // 2, help="And runs without manipulators, for the same.")] = 16,
    precision: Annotated[float, typer.Option("--precision", min=0.0, max=1.0, help="That the threshold must reach there.")] = 0.95,
    false_per_hour: Annotated[float, typer.Option("--false-per-hour", min=0.0, help="Most alerts an hour of clean runs.")] = 2.0,
    scenario: Crowd = "",
    out: Annotated[Path | None, typer.Option("--out", help="Where the model is written; its own place in the product otherwise.")] = None,
    workers: Workers = 0,
    dask: Dask = "local",
    json: Json = False,
) -> None:
    """Train a detector on simulated runs; a model file says what it was made of.

    Examples:  [bold]agora detect train --kind spoofing[/bold]   [bold]agora detect train --runs 100 --out spoofing.npz[/bold]
    """
    from pipelines.workers.dask_entry import connected
    from pipelines.workers.detecting.crowd import groups_of, seen_runs
    from pipelines.workers.detecting.training import Wanted, trained

    checked(kind)
    scenario = scenario or KINDS[kind].scenario
    market, path = one_symbol(scenario), out or model_path(kind)
    with connected(dask, workers or os.cpu_count() or 1) as client:
        learned = sorted(shown("learning from runs", seen_runs(client, market, kind, range(runs)), runs, json), key=lambda each: each.seed)
        others = seen_runs(client, market, kind, range(HELD_OUT, HELD_OUT + held_out))
        honest = seen_runs(client, market, kind, range(HELD_OUT + held_out, HELD_OUT + held_out + clean), clean=True)
        chosen = [*shown("held-out runs", others, held_out, json), *shown("clean runs", honest, clean, json)]
    about = {
        "scenario": scenario, "manipulators": groups_of(market), "seeds": [0, runs], "held_out": [HELD_OUT, HELD_OUT + held_out],
        "episodes": sum(len(found.truth) for found in learned), "candidates": sum(len(found.candidates) for found in learned),
        "clean": clean,
        "precision": precision, "false_per_hour": false_per_hour, "created": datetime.now(UTC).date().isoformat(),
        "code_version": code_version(),
    }  # fmt: skip
    forest = trained(kind, KINDS[kind].features, learned, chosen, Wanted(precision, false_per_hour), about)
    path.parent.mkdir(parents=True, exist_ok=True)
    forest.save(path)
    told = {"model": str(path), "threshold": forest.threshold, **forest.about}
    if json:
        print(msgspec.json.encode(told).decode())
        return
    console = Console()
    for name, value in told.items():
        console.print(f"{name:<12} {value}", highlight=False, soft_wrap=True)
    console.print(f"next: agora detect score --kind {kind}", highlight=False)


def score(
    kind: Kind = "spoofing",
    runs: Annotated[int, typer.Option("--runs", min=1, help="Fresh runs with manipulators.")] = 20,
    clean: Annotated[int, typer.Option("--clean", min=0, help="Fresh runs without any.")] = 5,
    scenario: Crowd = "",
    model: Annotated[Path | None, typer.Option("--model", help="A model file; the one that comes with the product otherwise.")] = None,
    workers: Workers = 0,
    dask: Dask = "local",
    json: Json = False,
) -> None:
    """Score a detector on runs with fresh seeds, and a simple published rule beside it.

    Examples:  [bold]agora detect score[/bold]   [bold]agora detect score --runs 40 --json[/bold]
    """
    from pipelines.workers.dask_entry import connected
    from pipelines.workers.detecting.crowd import scored_runs
    from pipelines.workers.detecting.score import kind_score

    checked(kind)
    scenario = scenario or KINDS[kind].scenario
    market, path = one_symbol(scenario), model or model_path(kind)
    check_model(Forest.load(path), path, kind)  # before anything runs
    with connected(dask, workers or os.cpu_count() or 1) as client:
        found = ordered(shown("fresh runs", scored_runs(client, market, path, range(FRESH, FRESH + runs), clean=False), runs, json))
        honest = range(FRESH + runs, FRESH + runs + clean)
        empty = ordered(shown("clean runs", scored_runs(client, market, path, honest, clean=True), clean, json))
    seconds = market.step_nanoseconds / 1e9
    scores = {
        name: kind_score(kind, [each[place] for each in found], [each[place] for each in empty], seconds)
        for place, name in enumerate(("detector", "published_rule"))
    }
    if json:
        print(msgspec.json.encode({"scenario": scenario, **scores}).decode())
    else:
        Console().print(table(scores))


def pairs(
    runs: Annotated[int, typer.Option("--runs", min=1, help="Fresh runs with cartels.")] = 4,
    steps: Annotated[int, typer.Option("--steps", min=1, help="Steps of each.")] = 20_000,
    least: Annotated[int, typer.Option("--least", min=1, help="Auctions or prices that two must have agreed on.")] = 100,
    scenario: Crowd = "",
    model: Annotated[Path | None, typer.Option("--model", help="A model file; the one that comes with the product otherwise.")] = None,
    workers: Workers = 0,
    dask: Dask = "local",
) -> None:
    """Rank all pairs of agents by how much they look like a cartel, and print the average precision as a line of JSON.

    Examples:  [bold]agora detect pairs[/bold]   [bold]agora detect pairs --runs 8 --least 50[/bold]
    """
    from pipelines.workers.dask_entry import connected
    from pipelines.workers.detecting.pairs import pair_precision, ranked_runs

    market, path = one_symbol(scenario or KINDS["cartel"].scenario), model or model_path("cartel")
    check_model(Forest.load(path), path, "cartel")  # before anything runs
    longer = msgspec.structs.replace(market, steps=steps)
    with connected(dask, workers or os.cpu_count() or 1) as client:
        found = list(shown("fresh runs", ranked_runs(client, longer, path, range(FRESH, FRESH + runs), least), runs, json=True))
    told = {"runs": runs, "pairs": sum(run.pairs for run in found), "of": sum(len(run.scores) for run in found)}
    print(msgspec.json.encode({**told, "average_precision": pair_precision(found)}).decode())


def ordered(found: Iterable[tuple[RunScore, RunScore]]) -> list[tuple[RunScore, RunScore]]:
    """By seed: they come as they are done."""
    return sorted(found, key=lambda each: each[0].seed)


def shown(what: str, found: Iterator[Done], total: int, json: bool) -> Iterable[Done]:
    """What comes, with a bar for people."""
    return track(found, what, total, console=Console(stderr=True), transient=True, disable=json)


def table(scores: dict[str, KindScore]) -> Table:
    """Detector and rule side by side."""
    made = Table("", *scores, box=None, pad_edge=False)
    rows: dict[str, Callable[[KindScore], str]] = {
        "episodes": lambda one: f"{one.episodes:,} in {one.runs} runs",
        "alerts": lambda one: f"{one.alerts:,}",
        "precision": lambda one: share_of(one.precision),
        "recall": lambda one: share_of(one.recall),
        "average precision": lambda one: f"{one.average_precision:.3f}",
        "delay from the begin (half, 95 %)": lambda one: seconds_of(one.delay_from_begin),
        "delay from the end (half, 95 %)": lambda one: seconds_of(one.delay_from_end),
        "false an hour, clean": lambda one: "" if one.false_per_hour is None else f"{one.false_per_hour:.2f} in {one.clean_hours:.1f} h",
    }
    for name, cell in rows.items():
        made.add_row(name, *(cell(one) for one in scores.values()))
    return made


def share_of(found: Share) -> str:
    """A share with its interval.

    >>> share_of(Share(0.9, 0.8, 0.95))
    '0.900 (0.800 to 0.950)'
    """
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"


def seconds_of(delay: tuple[float, float] | None) -> str:
    """Half and 95 % of the delays, in seconds of simulated time.

    >>> seconds_of((1.5, 4.0))
    '1.5 s, 4.0 s'
    """
    return "" if delay is None else f"{delay[0]:.1f} s, {delay[1]:.1f} s"
