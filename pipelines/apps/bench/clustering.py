"""`agora bench clustering`: how well groups of agents that behave alike agree with the strategies behind them.

Every run has a seed of its own that nothing was chosen by. Each window of 1000 s is grouped by what is public, with the number of groups
unknown, and only then compared with the truth; populations of the same strategy are one type whatever their parameters. In mixed runs
up to a fiftieth of the agents manipulate. Peer: K-means on the same features, which is told the number. `supervised_accuracy` is that of
trees which learned the strategies on other runs: whether the features suffice. `confused` says of a strategy which share of its agents lies
in groups of mostly another one.
"""

from __future__ import annotations

import json as json_text
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
import typer

from pipelines.workers.clustering import planted
from pipelines.workers.clustering.runs import Grouped, grouped_run, with_manipulators
from pipelines.workers.clustering.score import Agreement, confused, kept, kmeans_given, scores, supervised, switches_per_hour
from simulator.world.scenario_files import load

SCENARIO = "surveillance"
OTHERS = ("surveillance_days", "trading", "financial_market", "commodity_exchange", "zero_intelligence")
STEPS = 20_000  # of each run
LONG = 60_000  # steps of the runs in which nobody changes his strategy
FRESH = 1_000_000


def run(
    json: bool = False,
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each kind.")] = 10,
    first_seed: Annotated[int, typer.Option(min=0)] = FRESH,
    others: Annotated[int, typer.Option(min=0, help="Runs of each other scenario.")] = 3,
    long: Annotated[int, typer.Option(min=0, help="Long runs, in which changes of strategy are counted.")] = 3,
    picture: Annotated[Path | None, typer.Option(help="Where to draw the agents of one window.")] = None,
) -> dict[str, Any]:
    """Group the agents of fresh runs, and compare the groups with their strategies.

    Examples:  [bold]agora bench clustering --json[/bold]   [bold]agora bench clustering --seeds 3 --picture agents.png[/bold]
    """
    numbers = range(first_seed, first_seed + seeds)
    benign, mixed = runs(SCENARIO, numbers), runs(SCENARIO, numbers, manipulated=True)
    lasting = runs(SCENARIO, range(first_seed + seeds, first_seed + seeds + long), LONG)
    result = {
        "figures": summary("benign", scores(benign))
        | summary("mixed", scores(mixed))
        | {
            "supervised_accuracy": rounded(supervised(benign)),
            "kept_in_next_window": rounded(kept([*benign, *lasting])),
            "false_switches_per_hour": rounded(switches_per_hour(lasting)) if lasting else None,
            "planted_switches": planted.found(lasting)._asdict() if lasting else None,
            "seeds": seeds,
        },
        "peers": {"kmeans_k_given_ari_benign": rounded(kmeans_given(benign)), "kmeans_k_given_ari_mixed": rounded(kmeans_given(mixed))},
        "ratios": {},
        "confused": {"benign": confused(benign), "mixed": confused(mixed)},
        "scenarios": {name: per_scenario(name, range(first_seed, first_seed + others)) for name in OTHERS if others},
    }
    if picture:
        from pipelines.workers.clustering.picture import draw

        draw(benign[0], picture)
    print(json_text.dumps(result, separators=(",", ":") if json else None, indent=None if json else 2))
    return result


def runs(name: str, seeds: Sequence[int], steps: int | None = None, manipulated: bool = False) -> list[Grouped]:
    """Grouped runs of a scenario, of STEPS unless said otherwise."""
    scenario = msgspec.structs.replace(load(name), steps=steps or STEPS)
    return [grouped_run(with_manipulators(scenario, seed) if manipulated else scenario, seed) for seed in seeds]


def per_scenario(name: str, seeds: Sequence[int]) -> dict[str, float | None]:
    """Figures of another scenario."""
    found = scores(runs(name, seeds))
    return {field: rounded(float(np.mean([getattr(each, field) for each in found]))) for field in Agreement._fields}


def summary(name: str, found: Sequence[Agreement]) -> dict[str, float | None]:
    """Means over the seeds, and the worst seed."""
    means = {f"{field}_{name}": rounded(float(np.mean([getattr(each, field) for each in found]))) for field in Agreement._fields}
    return means | {f"ari_{name}_worst": rounded(min(each.ari for each in found))}


def rounded(value: float | None) -> float | None:
    """Three places."""
    return None if value is None else round(value, 3)
