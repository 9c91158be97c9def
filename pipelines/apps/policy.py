"""`agora policy`: a trained policy as one file, to keep, to look at and to play elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from pipelines.apps.errors import UserError
from pipelines.apps.lazy import new_app
from simulator.envs.market.network import LINEAR, RELU, TANH
from simulator.training.checkpoint import Checkpoint
from simulator.training.exported import export_checkpoint, lineage_of, policy_path
from simulator.training.policy import Policy

_FOLLOWS = {LINEAR: "linear", TANH: "tanh", RELU: "relu"}


def build(arguments: Sequence[str]) -> typer.Typer:
    """The group of verbs."""
    app = new_app("Export trained policies and look at them.")
    app.command("export")(export)
    app.command("show")(show)
    return app


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy is."""

    policy: str
    features: int
    heads: list[int]  # choices per head; empty for continuous actions
    view: str
    layers: list[str]
    env: str
    scenario: str
    role: str
    algorithm: str
    seed: int
    steps: int
    code_version: str
    log_hash: str


def export(
    checkpoint: Annotated[Path, typer.Argument(help="A checkpoint's folder.")],
    file: Annotated[Path, typer.Argument(help="The file to write, ending in .npz.")],
    number: Annotated[int, typer.Option("--number", help="Which policy, where each learner has its own.")] = 0,
) -> None:
    """Write a checkpoint's policy and its lineage into one file. It plays with `agora simulate --policy FILE`.

    Examples:  [bold]agora policy export .agora/checkpoints/20261121-101500-a1b2/best trader.npz[/bold]
    """
    Checkpoint(checkpoint)
    if file.is_dir():
        raise UserError(f"{file} is a folder", "name the file to write, as in trader.npz")
    lineage = export_checkpoint(checkpoint, file, number)
    print(f"{file}: {lineage.steps:,} steps of {lineage.training().algorithm.value}; play it with agora simulate --policy {file}")


def show(
    file: Annotated[Path, typer.Argument(help="An exported policy, or a checkpoint's folder.")],
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Show what a policy sees, what it chooses, its layers and where it comes from.

    Examples:  [bold]agora policy show trader.npz[/bold]
    """
    found = shown(file)
    if json:
        print(msgspec.json.encode(found).decode())
        return
    console = Console(highlight=False, soft_wrap=True)
    for name, value in msgspec.structs.asdict(found).items():
        console.print(f"{name:12} {', '.join(map(str, value)) if isinstance(value, list) else value}", markup=False)


def shown(file: Path) -> Shown:
    """What a policy is. Raises ValueError if there is none."""
    lineage, policy = lineage_of(file), Policy.load(policy_path(file))
    training = lineage.training()
    return Shown(
        policy=str(file), features=policy.features, heads=list(policy.heads), view=policy.view.value,
        layers=[f"{len(weights)}-{len(biases)} {_FOLLOWS[activation]}" for weights, biases, activation in policy.layers],
        env=training.env, scenario=training.scenario, role=training.role.value, algorithm=training.algorithm.value, seed=lineage.seed,
        steps=lineage.steps, code_version=lineage.code_version, log_hash=lineage.log_hash,
    )  # fmt: skip
