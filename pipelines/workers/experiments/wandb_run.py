"""Records with Weights & Biases. WANDB_MODE=offline keeps them on this machine, for `wandb sync` to send later."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from pipelines.workers.experiments.record import About, RunEnding


class WandbRun:
    """Keeps records in a project.

    Parameters
    ----------
    project : its name.
    folder : where the package writes on this machine.
    package : what it calls; the package wandb if left out.
    """

    def __init__(self, project: str, folder: Path, package: Any = None) -> None:
        self.project, self.folder = project, folder
        self._package = package or import_module("wandb")
        self._run: Any = None

    def begin(self, about: About, after: int) -> None:
        """As Recorder.begin says; figures that come again are passed over by the service, which takes steps in order."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._run = self._package.init(
            project=self.project, group=about.experiment, id=about.run_id, name=about.run_id, config={**about.settings, **about.tags},
            dir=str(self.folder), resume="allow",
        )  # fmt: skip

    def figures(self, update: int, values: Mapping[str, float]) -> None:
        """As Recorder.figures says."""
        self._run.log(dict(values), step=update)

    def artifact(self, path: Path, name: str) -> None:
        """As Recorder.artifact says."""
        kept = self._package.Artifact(f"{self._run.id}-{name.replace('/', '-')}", type="training")
        kept.add_file(str(path), name=name)
        self._run.log_artifact(kept)

    def end(self, ending: RunEnding, tags: Mapping[str, str]) -> None:
        """As Recorder.end says."""
        self._run.summary.update(dict(tags))
        self._run.finish(exit_code=1 if ending is RunEnding.FAILED else 0)
