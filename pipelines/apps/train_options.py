"""The options of `agora train`: where and what is learned, presets, cadence, objectives, records."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.apps.errors import UserError
from pipelines.workers.experiments.chosen import MLFLOW, checked
from simulator.training.config import Sharing, TrainConfig
from simulator.training.objectives import Weights
from simulator.training.presets import PRESETS, preset
from simulator.world.mechanisms import RoleName

Environment = Annotated[str, typer.Option("--env", help="What is learned in: market or bargaining.")]
AlgorithmName = Annotated[str, typer.Option("--algorithm", "-a", help="ppo, sac or dqn; to bargain also maskable_ppo and q_learning.")]
Steps = Annotated[int, typer.Option("--steps", help="Environment steps over all learners.")]
ScenarioName = Annotated[str, typer.Option("--scenario", "-s", help="Whose scripted agents surround the learners.")]
Role = Annotated[RoleName, typer.Option("--role", help="What the learners are in the market for, in a scenario that has such agents.")]
Evaluate = Annotated[int, typer.Option("--evaluate", help="New markets to compare the learner in; 0: none.")]
Preset = Annotated[str, typer.Option("--preset", help=f"Settings by name: {', '.join(PRESETS)}. What is given beside wins.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="YAML or JSON of training settings; options given here come first.")]
Setting = Annotated[
    list[str] | None, typer.Option("--setting", metavar="NAME=VALUE", help="Bargaining: seats=both, rules=known, rules.offers=20, ...")
]
Shared = Annotated[Sharing, typer.Option("--sharing", help="Whether all learners of a market share one policy, or each has its own.")]
Iterations = Annotated[int, typer.Option("--iterations", min=0, help="Rollouts with an update each, in the place of --steps.")]
Objective = Annotated[
    list[str] | None,
    typer.Option("--objective", metavar="NAME=WEIGHT", help="Weight of profit, risk, fairness or sustainability in the reward."),
]
EvaluateEvery = Annotated[int, typer.Option("--evaluate-every", min=0, help="Episodes between evaluations; the best is kept. 0: none.")]
Patience = Annotated[int, typer.Option("--patience", min=0, help="Stop after so many episodes without a better evaluation. 0: never.")]
Keep = Annotated[int, typer.Option("--keep", min=0, help="Older checkpoints that stay.")]
Experiment = Annotated[str, typer.Option("--experiment", help="Under which the records are compared.")]
Log = Annotated[list[str] | None, typer.Option("--log", help="Records beside MLflow's files: tensorboard, wandb; none: no records.")]
WandbProject = Annotated[str, typer.Option("--wandb-project", help="Records with Weights & Biases, in this project.")]


def configured(
    context: typer.Context, file: TrainConfig | None, name: str, iterations: int, objectives: list[str] | None, given: dict[str, Any]
) -> TrainConfig:
    """The training asked for: what was typed wins over the preset, that over a file, and that over the defaults.

    given : settings of TrainConfig by the name of their parameters. Raises ValueError for what makes no sense.
    """
    typed = {key: value for key, value in given.items() if was_typed(context, key)}
    settings = (given if file is None else dict(vars(file))) | (preset(name) if name else {}) | typed
    if objectives:
        settings["objectives"] = Weights(**dict(weighted(text) for text in objectives))
    config = TrainConfig(**settings)
    return TrainConfig(**(settings | {"steps": iterations * config.slots * config.rollout_steps})) if iterations else config


def was_typed(context: typer.Context, name: str) -> bool:
    """Whether a parameter was given and is not its default."""
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def weighted(text: str) -> tuple[str, float]:
    """A weight by name.

    >>> weighted("risk=0.5")
    ('risk', 0.5)
    """
    name, _, weight = text.partition("=")
    if name not in Weights.__dataclass_fields__:
        raise UserError(f"objective {name!r} is unknown", f"choose among {', '.join(Weights.__dataclass_fields__)}, as in risk=0.5")
    try:
        return name, float(weight)
    except ValueError:
        raise UserError(f"weight {weight!r} of {name} is no number", f"write {name}=0.5") from None


def logs(log: list[str] | None, wandb_project: str) -> tuple[str, ...]:
    """Who keeps records: MLflow's files and whatever is asked for; nobody for none. Raises ValueError."""
    asked = log or []
    return checked([name for name in asked if name != "none"] if "none" in asked else [MLFLOW, *asked], wandb_project)
