"""Records in the file format of MLflow's local store, so that its page and its client read them. MLflow itself is not needed to write.

<root>/<experiment id>/meta.yaml
<root>/<experiment id>/<run id>/meta.yaml
                                params/<name>     one value
                                tags/<name>       one value
                                metrics/<name>    a line a figure: milliseconds, value, step; a slash in a name is a folder
                                artifacts/        files

Source: the layout that MLflow 3 documents and writes for a file store ("Backend stores", and mlflow.entities for the numbers).
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from pipelines.workers.durable import write_atomic
from pipelines.workers.experiments.record import About, RunEnding

STATUS = {RunEnding.RUNNING: 1, RunEnding.FINISHED: 3, RunEnding.FAILED: 4, RunEnding.STOPPED: 5}
"""MLflow's numbers; what a person stopped counts as killed."""

_LOCAL = 4  # source type: a program on this machine
_ID_DIGITS = 18


def experiment_id(name: str) -> str:
    """The id of an experiment: digits, always the same for a name; MLflow gives its own in the same range.

    >>> experiment_id("agora") == experiment_id("agora"), len(experiment_id("agora"))
    (True, 18)
    """
    least = 10 ** (_ID_DIGITS - 1)
    return str(least + int.from_bytes(hashlib.sha256(name.encode()).digest()[:16]) % (9 * least))


class MlflowFiles:
    """Keeps records under a folder.

    Parameters
    ----------
    root : the store, for example .agora/mlruns.
    now_ms : the time now, in milliseconds since 1970.

    Raises OSError where it cannot write.
    """

    def __init__(self, root: Path, now_ms: Callable[[], int]) -> None:
        self.root, self._now_ms, self._folder = root, now_ms, root
        self._meta: dict[str, Any] = {}

    def begin(self, about: About, after: int) -> None:
        """As Recorder.begin says."""
        place = self.root / experiment_id(about.experiment)
        if not (place / "meta.yaml").exists():
            self._write_experiment(place, about.experiment)
        self._folder = folder = place / about.run_id
        for name in ("artifacts", "metrics", "params", "tags"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self._cut(after)
        known = yaml.safe_load((folder / "meta.yaml").read_bytes()) if (folder / "meta.yaml").exists() else {}
        self._meta = {
            "artifact_uri": (folder / "artifacts").as_uri(), "end_time": None, "entry_point_name": "", "experiment_id": place.name,
            "lifecycle_stage": "active", "run_id": about.run_id, "run_name": about.run_id, "run_uuid": about.run_id, "source_name": "",
            "source_type": _LOCAL, "source_version": "", "start_time": known.get("start_time", self._now_ms()),
            "status": STATUS[RunEnding.RUNNING], "tags": [], "user_id": "",
        }  # fmt: skip
        self._write_meta()
        self._write_texts("params", about.settings)
        self._write_texts("tags", {"mlflow.runName": about.run_id, "mlflow.source.type": "LOCAL", **about.tags})

    def _write_experiment(self, place: Path, name: str) -> None:
        now = self._now_ms()
        about = {
            "artifact_location": place.as_uri(), "creation_time": now, "experiment_id": place.name, "last_update_time": now,
            "lifecycle_stage": "active", "name": name,
        }  # fmt: skip
        write_atomic(place / "meta.yaml", yaml.safe_dump(about).encode())

    def _write_meta(self) -> None:
        write_atomic(self._folder / "meta.yaml", yaml.safe_dump(self._meta).encode())

    def _write_texts(self, kind: str, values: Mapping[str, str]) -> None:
        for name, value in values.items():
            (self._folder / kind / name).write_text(value, encoding="utf-8")

    def _cut(self, after: int) -> None:
        """Drop the figures of updates beyond `after`, and a line that a crash left half."""
        for path in (path for path in (self._folder / "metrics").rglob("*") if path.is_file()):
            lines = path.read_text(encoding="utf-8").splitlines()
            whole = [line.split(" ") for line in lines if line.count(" ") == 2]
            kept = [" ".join(parts) + "\n" for parts in whole if parts[2].isdigit() and int(parts[2]) <= after]
            write_atomic(path, "".join(kept).encode()) if kept else path.unlink()

    def figures(self, update: int, values: Mapping[str, float]) -> None:
        """As Recorder.figures says."""
        now = self._now_ms()
        for name, value in values.items():
            path = self._folder / "metrics" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write(f"{now} {float(value)!r} {update}\n")

    def artifact(self, path: Path, name: str) -> None:
        """As Recorder.artifact says."""
        target = self._folder / "artifacts" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)

    def end(self, ending: RunEnding, tags: Mapping[str, str]) -> None:
        """As Recorder.end says."""
        self._write_texts("tags", tags)
        self._meta |= {"status": STATUS[ending], "end_time": self._now_ms()}
        self._write_meta()
