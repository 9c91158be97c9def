"""`agora bench learn`: how fast agents learn, how soon they are good, and whether what theory knows comes out.

ppo          steps per second of one learner among nineteen scripted agents, learning included; with every event published
score        how much sooner the preset earns what Stable-Baselines3's defaults earn after a million steps, seed by seed: half an hour
together     joint steps per second of QMIX, MAPPO and MADDPG, and their games with known answers
bargaining   a negotiation of ten offers, solved or not
"""

from __future__ import annotations

import json as json_text
import sys
from typing import Annotated, Any

import typer

PARTS = ("ppo", "score", "together", "bargaining")


def run(
    json: bool = False,
    parts: Annotated[str, typer.Option("--parts", help=f"Which of {', '.join(PARTS)}.")] = ",".join(PARTS),
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Of everything that is learned more than once.")] = 5,
    score_steps: Annotated[int, typer.Option("--score-steps", min=2048, help="Steps that the defaults get.")] = 1_000_000,
) -> dict[str, Any]:
    """Measure learning: speed, time to a score, exact answers.

    Examples:  [bold]agora bench learn --json[/bold]   [bold]agora bench learn --parts ppo,together[/bold]
    """
    chosen = parts.split(",")
    if unknown := sorted(set(chosen) - set(PARTS)):
        raise typer.BadParameter(f"{', '.join(unknown)} is no part; choose some of {', '.join(PARTS)}")
    result: dict[str, Any] = {"figures": {}, "ratios": {}}
    for part in chosen:
        for group, found in _MEASURES[part](seeds, score_steps).items():
            result.setdefault(group, {}).update(found)
    print(json_text.dumps(result, separators=(",", ":") if json else None, indent=None if json else 2))
    return result


def _ppo(seeds: int, score_steps: int) -> dict[str, Any]:
    from pipelines.apps.bench import learn_ppo

    rates, ratio = learn_ppo.published()
    return {"figures": learn_ppo.speed() | rates, "ratios": {"published": ratio}}


def _score(seeds: int, score_steps: int) -> dict[str, Any]:
    from pipelines.apps.bench import learn_ppo

    def tell(found: dict[str, float]) -> None:
        print(json_text.dumps(found), file=sys.stderr, flush=True)

    return learn_ppo.time_to_score(range(seeds), score_steps, tell)


def _together(seeds: int, score_steps: int) -> dict[str, Any]:
    from pipelines.apps.bench import learn_marl

    return {"figures": learn_marl.figures(seeds)}


def _bargaining(seeds: int, score_steps: int) -> dict[str, Any]:
    from pipelines.apps.bench import learn_bargaining

    return learn_bargaining.solve_bargaining(range(seeds))


_MEASURES = {"ppo": _ppo, "score": _score, "together": _together, "bargaining": _bargaining}
