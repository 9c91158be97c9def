"""`agora policy`: a trained policy as one file, to keep, to look at and to play elsewhere; and which policy holds which place."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from pipelines.apps.errors import ExitCode, UserError
from pipelines.apps.lazy import new_app
from pipelines.local_stack.stack import database_url
from pipelines.settings import settings
from simulator.envs.market.network import LINEAR, RELU, TANH
from simulator.training.checkpoint import Checkpoint
from simulator.training.exported import export_checkpoint, lineage_of, policy_path
from simulator.training.judging.markets import FIRST_SEED
from simulator.training.policy import Policy

_FOLLOWS = {LINEAR: "linear", TANH: "tanh", RELU: "relu"}


def build(arguments: Sequence[str]) -> typer.Typer:
    """The group of verbs."""
    app = new_app("Export trained policies, look at them, promote the better ones.")
    app.command("export")(export)
    app.command("show")(show)
    app.command("promote")(promote)
    app.command("incumbents")(incumbents)
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


def promote(
    candidate: Annotated[str, typer.Argument(help="The run of a training, or a checkpoint's folder.")],
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Seeds of markets.")] = 5,
    episodes: Annotated[int, typer.Option("--episodes", "-n", min=1, help="Markets of each seed.")] = 10,
    first_seed: Annotated[int, typer.Option("--first-seed", help="The first of these seeds; none may be that of a training.")] = FIRST_SEED,
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Make a policy the incumbent of its scenario and role, if it earns more than the present one beyond doubt.

    Both take the same seats of the same new markets; the whole 95 % interval of the difference must lie above zero. The decision is kept in
    the relational database either way, and is made once: asked again, it is told again. The exit code is 0 for both.

    Examples:  [bold]agora policy promote 20261121-101500-a1b2[/bold]
    [bold]agora policy promote RUN --seeds 10 --episodes 20 --json[/bold]
    """
    from pipelines.sinks.sql_promotions import open_promotions
    from pipelines.workers.found_checkpoints import candidate as found
    from pipelines.workers.found_checkpoints import folder_of
    from pipelines.workers.promotion import EXPORTED, Markets, Trial, kept

    config = settings()
    with open_promotions(database_url(config)) as known, Console(stderr=True).status(f"judging {candidate}"):
        markets = Markets(first_seed, seeds, episodes)
        trial = Trial(config, known, found(config, candidate), folder_of(config, candidate), markets, datetime.now(UTC))
        decided = trial.decide()
    file = kept(config, decided.place, decided.sha256) / EXPORTED if decided.promoted else None
    if json:
        print(msgspec.json.encode({**msgspec.to_builtins(decided), "run_id": decided.candidate, "file": str(file or "")}).decode())
        return
    print(f"{decided.place}: {decided.candidate} is {'promoted' if decided.promoted else 'not promoted'}; {decided.verdict}")
    if file:
        print(f"it plays with agora simulate --policy {file}")


def incumbents(json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False) -> None:
    """Show who holds which place, and check that its policy is what was promoted. The exit code is 1 if one is missing or changed.

    Examples:  [bold]agora policy incumbents[/bold]
    """
    from pipelines.sinks.sql_promotions import open_promotions
    from pipelines.workers.detecting.refit import PREFIX
    from pipelines.workers.promotion import EXPORTED, kept, lacking

    config = settings()
    with open_promotions(database_url(config)) as known:
        holders = [each for each in known.incumbents() if not each.place.startswith(PREFIX)]
    wrong = lacking(config, holders)
    if json:
        print(msgspec.json.encode({"incumbents": holders, "wrong": wrong}).decode())
    else:
        for each in holders:
            file = kept(config, each.place, each.sha256) / EXPORTED
            print(f"{each.place:40} {each.candidate}  since {each.decided:%Y-%m-%d %H:%M}  {file}")
        if not holders:
            print("nobody holds a place yet; judge a training with: agora policy promote RUN")
    for text in wrong:
        print(text, file=sys.stderr)
    if wrong:
        raise typer.Exit(ExitCode.FAILED)
