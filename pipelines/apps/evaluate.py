"""`agora evaluate CHECKPOINT...`: judge what was learned in markets that nobody was trained in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pipelines.settings import settings
from pipelines.workers.found_checkpoints import candidates
from pipelines.workers.training_file import trader_of
from simulator.training.judging.evaluation import Evaluation
from simulator.training.judging.markets import FIRST_SEED, fresh_seeds, market_of, read_mix
from simulator.training.judging.report import Report

app = typer.Typer(add_completion=False)


@app.command()
def evaluate(
    checkpoints: Annotated[list[str], typer.Argument(metavar="CHECKPOINT...", help="Folders or run ids of agora train.")],
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Seeds of markets.")] = 5,
    episodes: Annotated[int, typer.Option("--episodes", "-n", min=1, help="Markets of each seed.")] = 10,
    first_seed: Annotated[int, typer.Option("--first-seed", help="The first of these seeds; none may be that of a training.")] = FIRST_SEED,
    scenario: Annotated[str, typer.Option("--scenario", "-s", help="Judge them in another market than their own.")] = "",
    mix: Annotated[str, typer.Option("--mix", help="Judge them among other agents: noise=10,arbitrage=4.")] = "",
    tuned: Annotated[
        list[Path] | None, typer.Option("--tuned", metavar="FILE", help="Seat the trader of this best.yaml of `agora tune --trader`, too.")
    ] = None,
    cross: Annotated[bool, typer.Option("--cross-play/--no-cross-play", help="Seat every two policies in one market.")] = True,
    metagame: Annotated[bool, typer.Option("--metagame", help="Seat scripted strategies beside them too; find equilibria.")] = False,
    ab: Annotated[bool, typer.Option("--ab", help="Compare two checkpoints.")] = False,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page with charts.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Judge trained policies beside random actions and scripted strategies, in the same seats of the same new markets.

    Checkpoints that differ in nothing but their seed are judged as one policy with several training runs; five or more say something.

    Examples:  [bold]agora evaluate 20261121-101500-a1b2[/bold]   [bold]agora evaluate RUN1 RUN2 RUN3 RUN4 RUN5 --html judged.html[/bold]
    [bold]agora evaluate RUN1 RUN2 --ab[/bold]   [bold]agora evaluate RUN1 --scenario financial_market[/bold]
    [bold]agora evaluate RUN1 RUN2 --metagame --episodes 200[/bold]
    [bold]agora evaluate RUN1 --tuned .agora/runs/tune-20261121-101500-a1b2/best.yaml[/bold]
    """
    found = candidates(settings(), checkpoints)
    config = found[0].config
    away = market_of(config, scenario, read_mix(mix)) if scenario or mix else None
    asked = Evaluation(
        candidates=found, market=market_of(config), seeds=fresh_seeds(first_seed, seeds, [each.config.seed for each in found]),
        episodes=episodes, away=away, scenario=scenario, tuned=dict(trader_of(file) for file in tuned or []),
        cross=cross and not ab, meta=metagame, ab=ab,
    )  # fmt: skip
    report = played(asked)
    if html:
        from pipelines.workers.judging_page import write_page

        write_page(report, html)
    if json:
        print(msgspec.json.encode(report).decode())
        return
    from pipelines.apps.evaluate_page import show

    show(report, Console())
    if html:
        Console().print(f"page: {html}", highlight=False, soft_wrap=True)


def played(asked: Evaluation) -> Report:
    """The report, with a bar on standard error while the markets are played."""
    columns = (TextColumn("markets"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("markets", total=asked.markets)
        return asked.report(lambda: bar.advance(task))
