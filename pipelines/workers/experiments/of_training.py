"""What the records of a published training say: what it was asked to do, where it comes from, what it left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipelines.workers.code_version import code_version
from pipelines.workers.experiments.record import About, Recorder, RunEnding, flat
from pipelines.workers.registry import RunRecord
from pipelines.workers.train_config import train_config_of
from simulator.training.checkpoint import LINEAGE, POLICY
from simulator.training.versions import Versions


def about(record: RunRecord) -> About:
    """The whole configuration as settings; seed, code and start as tags."""
    config = train_config_of(record)
    asked = {name: value for name, value in record.config.items() if name != "training"}
    tags = {"code_version": code_version(), "seed": str(record.seed), "to": config.to, "created": record.created}
    return About(experiment=config.experiment, run_id=record.run_id, settings=flat(config.training) | flat({"run": asked}), tags=tags)


def close(recorders: Sequence[Recorder], ending: RunEnding, versions: Versions, tags: Mapping[str, str]) -> None:
    """Keep lineage and policy of the newest and the best checkpoint, and close the records."""
    for recorder in recorders:
        for folder in (folder for folder in (versions.newest, versions.best) if folder.exists()):
            for name in (LINEAGE, POLICY):
                recorder.artifact(folder / name, f"{folder.name}/{name}")
        recorder.end(ending, {**tags, "checkpoint": str(versions.newest)})
