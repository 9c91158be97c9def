"""From a checkpoint back to its run and the event log it learned from, each link compared with what the run itself stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from pipelines.workers.experiments.record import flat
from pipelines.workers.registry import RUN_ID, Registry, RunRecord
from pipelines.workers.train_config import KIND, TrainResult, train_config_of
from simulator.training.checkpoint import Lineage
from simulator.training.config import TrainConfig
from simulator.training.exported import lineage_of
from simulator.world.digest import run_hash


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint and what it comes from."""

    checkpoint: str
    steps: int
    parent: str  # steps and log hash of the checkpoint that it continued; empty for none
    run_id: str  # empty if no run of this machine is its own
    code_version: str
    seed: int
    log_hash: str  # of the logs it learned from
    run_hash: str  # of the run's logs at its end; empty before
    changed: dict[str, str]  # settings that differ from the defaults
    config: dict[str, Any]
    agreements: list[str]
    differences: list[str]


def chain_of(path: Path, registry: Registry) -> Chain:
    """The chain of a checkpoint's folder or an exported policy. Raises ValueError if it is neither."""
    lineage = lineage_of(path)
    record = run_of(path, lineage, registry)
    result = result_of(registry, record)
    agreements, differences = compared(lineage, record, result, registry) if record else ([], [])
    defaults, own = flat(TrainConfig().as_dict()), flat(lineage.training().as_dict())
    return Chain(
        checkpoint=str(path), steps=lineage.steps, parent=lineage.parent or "", run_id=record.run_id if record else "",
        code_version=lineage.code_version, seed=lineage.seed, log_hash=lineage.log_hash, run_hash=result.log_hash if result else "",
        changed={name: value for name, value in own.items() if defaults.get(name) != value}, config=lineage.config,
        agreements=agreements, differences=differences,
    )  # fmt: skip


def run_of(path: Path, lineage: Lineage, registry: Registry) -> RunRecord | None:
    """The run that a checkpoint's folder is named after; of a policy elsewhere the newest that was asked for the same training."""
    for name in (part.name for part in path.resolve().parents):
        if RUN_ID.fullmatch(name) and (registry.folder(name) / "run.json").exists():
            return registry.load(name)
    for run_id in registry.recent(limit=1_000):
        record = registry.load(run_id)
        if record.kind == KIND and train_config_of(record).training == lineage.config:
            return record
    return None


def result_of(registry: Registry, record: RunRecord | None) -> TrainResult | None:
    """What a training came to; None while it has not ended."""
    path = registry.training_path(record.run_id) if record else None
    return msgspec.json.decode(path.read_bytes(), type=TrainResult) if path and path.exists() else None


def compared(lineage: Lineage, record: RunRecord, result: TrainResult | None, registry: Registry) -> tuple[list[str], list[str]]:
    """What of a checkpoint and its run agrees, and what differs, in words."""
    links = [
        ("the configuration", TrainConfig.from_dict(train_config_of(record).training) == lineage.training()),
        ("the seed", record.seed == lineage.seed),
    ]
    if result and result.steps == lineage.steps:
        links.append(("the hash that the run stored", result.log_hash == lineage.log_hash))
    if result:
        count = record.worlds if result.worlds is None else result.worlds
        worlds = [registry.world(record.run_id, world_id) for world_id in range(count)]
        combined = run_hash([world.world_hash for world in worlds if world])
        links.append((f"the hashes of the run's {count} worlds, combined", combined == result.log_hash))
    return [name for name, same in links if same], [name for name, same in links if not same]
