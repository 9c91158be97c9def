"""`agora train --env bargaining`: train two to bargain, judge what they learned, and save it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from pipelines.apps.errors import UserError
from pipelines.workers.code_version import code_version
from simulator.bargaining.tournament import Mean
from simulator.training.bargaining.judge import Judgement
from simulator.training.bargaining.judge_private import PrivateJudgement
from simulator.training.bargaining.train_config import Algorithm, BargainingTrainConfig
from simulator.training.bargaining.training import Trained, train


def bargain(given: Mapping[str, Any], settings: Sequence[str], data_dir: Path, json: bool) -> None:
    """Train by what was given on the command line, with further settings NAME=VALUE, and show the judgement."""
    values = {name: value for name, value in given.items() if name in ("algorithm", "steps", "seed")} | dict(map(setting, settings))
    if strange := sorted(set(given) - set(values) - {"env", "json", "setting"}):
        raise UserError(f"--{strange[0]} is the market's, not bargaining's", "leave it out; see --setting in agora train --help")
    if (name := values.get("algorithm", "ppo")) not in [known.value for known in Algorithm]:
        raise UserError(f"algorithm {name!r} is unknown for bargaining", f"choose one of {', '.join(known.value for known in Algorithm)}")
    config = BargainingTrainConfig.tuned({"algorithm": "ppo"} | values)
    start = time.monotonic()
    trained = followed(config)
    seconds, folder = time.monotonic() - start, data_dir / "bargaining" / f"{config.algorithm.value}-{config.seats.value}-{config.seed}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    trained.save(folder, code_version())
    result = {
        "seconds": round(seconds, 1), "steps": trained.steps, "log_hash": trained.log_hash, "checkpoint": str(folder),
        "config": config.as_dict(), "negotiated": trained.negotiated(), "exact": trained.exact(),
    }  # fmt: skip
    print(msgspec.json.encode(result).decode()) if json else show(trained, result)


def setting(text: str) -> tuple[str, Any]:
    """NAME=VALUE with the value as JSON, or as text where it is none.

    >>> setting("rules.offers=20"), setting("opponent=boulware")
    (('rules.offers', 20), ('opponent', 'boulware'))
    """
    name, equals, value = text.partition("=")
    if not equals:
        raise UserError(f"setting {text!r} has no value", "write NAME=VALUE, like opponent=boulware")
    try:
        return name, msgspec.json.decode(value)
    except msgspec.DecodeError:
        return name, value


def followed(config: BargainingTrainConfig) -> Trained:
    """Train, with a bar where a person looks on."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("training", total=config.steps)
        return train(config, lambda steps, returns: bar.update(task, completed=steps))


def show(trained: Trained, result: Mapping[str, Any]) -> None:
    """Print the result for people."""
    console, config = Console(), trained.config
    who = f"{config.seats.value}{'' if len(config.learners) == 2 else f' against {config.opponent}'}"
    console.print(f"learned    {config.algorithm.value}, {who}: {trained.steps:,} turns in {result['seconds']} s", highlight=False)
    console.print(f"checkpoint {result['checkpoint']}", highlight=False, soft_wrap=True)
    console.print(negotiated_table(result["negotiated"]))
    if result["exact"]:
        console.print(exact_table(result["exact"]))
        console.print(result["exact"].verdict, style="bold", highlight=False)
    elif config.known:
        console.print("no exact judgement: somebody looks at more than the turn and the standing offer", highlight=False)


def negotiated_table(told: PrivateJudgement) -> Table:
    """Figures of new negotiations with their intervals, and which goals they reach."""
    table = Table(f"{told.negotiations:,} new negotiations", "mean", "interval (95 %)", "goal", box=None, pad_edge=False)
    goals = {goal.split()[0]: f"{goal.split(' ', 1)[1]}: {'yes' if reached else 'no'}" for goal, reached in told.goals.items()}
    for name, mean in vars(told).items():
        if isinstance(mean, Mean):
            row = f"{mean.value:,.3f}", f"{mean.low:,.3f} to {mean.high:,.3f}"
            table.add_row(name.replace("_", " "), *row, goals.get(name, ""))
    table.add_row("efficiency ceiling", f"{told.efficiency_ceiling:.3f}", "of information", "")
    return table


def exact_table(told: Judgement) -> Table:
    """Exact figures side by side: where the price lies, and what each could still gain."""
    table = Table("exactly; gains and distances in shares of the surplus", "", box=None, pad_edge=False)
    for name, figure in vars(told).items():
        if isinstance(figure, float):
            table.add_row(name.replace("_", " "), f"{figure:,.4f}")
    return table
