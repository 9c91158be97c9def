"""`agora bench realism`: how far markets show what real ones show, over many seeds, with a page of plots.

The facts are those of simulator.metrics.stylised_facts; `zero_intelligence`, a market of noise alone, shows which of them come from
what agents know and remember. A figure is the median over the seeds; beside it stands the share of the seeds within the band that
real markets keep to.
"""

from __future__ import annotations

import json as json_text
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
import typer

from pipelines.apps.bench.facts import INTERVAL, LAGS, WARM_UP, Facts, measure
from pipelines.apps.bench.facts_page import draw
from pipelines.settings import settings
from simulator.world.scenario_files import load

SCENARIOS = ("financial_market", "trading", "zero_intelligence")
BANDS = {
    "autocorrelation_1": (-0.15, 0.15),
    "tail_index": (2.0, 5.0),
    "storm_decay": (0.1, 0.6),
    "volume_volatility": (0.1, 1.0),
    "sign_decay": (0.0, 1.0),
    "impact": (0.4, 0.6),
}


def run(
    json: bool = False,
    seeds: Annotated[int, typer.Option(min=1, help="Markets of each scenario.")] = 20,
    first_seed: Annotated[int, typer.Option(min=0)] = 1001,
    steps: Annotated[int, typer.Option(min=WARM_UP + 2 * LAGS * INTERVAL, help="Steps of each market.")] = 60_000,
) -> dict[str, Any]:
    """Play scenarios over many seeds and measure their stylised facts.

    Examples:  [bold]agora bench realism --json[/bold]   [bold]agora bench realism --seeds 5 --steps 20000[/bold]
    """
    found = {name: [measure(load(name), seed, steps) for seed in range(first_seed, first_seed + seeds)] for name in SCENARIOS}
    result = report(found)
    pages = [str(draw(name, facts, settings().results_dir / "realism")) for name, facts in found.items()]
    print(json_text.dumps(result | {"pages": pages}, separators=(",", ":") if json else None, indent=None if json else 2))
    return result


def report(found: Mapping[str, Sequence[Facts]]) -> dict[str, Any]:
    """Medians as figures, bands as peers, shares of the seeds inside the bands as ratios; a figure that no seed has is null."""
    figures: dict[str, float | None] = {}
    ratios: dict[str, float] = {}
    for scenario, facts in found.items():
        for name, (low, high) in BANDS.items():
            values = np.array([getattr(each, name) for each in facts])
            known = values[~np.isnan(values)]
            figures[f"{scenario}_{name}"] = round(float(np.median(known)), 3) if len(known) else None
            ratios[f"{scenario}_{name}_in_band"] = round(float(np.mean((values >= low) & (values <= high))), 3)
    figures["seeds"] = len(next(iter(found.values())))
    return {"figures": figures, "peers": {name: list(band) for name, band in BANDS.items()}, "ratios": ratios}
