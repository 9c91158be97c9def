"""Records as TensorBoard reads them: one folder a run, figures as scalars, settings as text. Written by the package tensorboard alone."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from pipelines.workers.experiments.record import About, RunEnding


class TensorboardFile:
    """Keeps records under a folder; `tensorboard --logdir FOLDER` shows them.

    Parameters
    ----------
    root : the folder; a run's file lies in <root>/<experiment>/<run id>.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._events, self._summaries = (
            import_module("tensorboard.compat.proto.event_pb2"),
            import_module("tensorboard.compat.proto.summary_pb2"),
        )
        self._writers = import_module("tensorboard.summary.writer.event_file_writer")
        self._writer: Any = None

    def begin(self, about: About, after: int) -> None:
        """As Recorder.begin says: TensorBoard itself forgets what lies behind the step of a file's start."""
        self._writer = self._writers.EventFileWriter(str(self.root / about.experiment / about.run_id))
        started = self._events.SessionLog(status=self._events.SessionLog.START)
        self._writer.add_event(self._events.Event(step=after + 1, session_log=started))
        self._text("settings", {**about.settings, **about.tags}, after)

    def _text(self, tag: str, values: Mapping[str, str], step: int) -> None:
        table = "\n".join(["| name | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in values.items())])
        tensors, types = import_module("tensorboard.compat.proto.tensor_pb2"), import_module("tensorboard.compat.proto.types_pb2")
        plugin = self._summaries.SummaryMetadata(plugin_data=self._summaries.SummaryMetadata.PluginData(plugin_name="text"))
        shape = import_module("tensorboard.compat.proto.tensor_shape_pb2").TensorShapeProto
        tensor = tensors.TensorProto(dtype=types.DT_STRING, string_val=[table.encode()], tensor_shape=shape(dim=[shape.Dim(size=1)]))
        self._add(step, self._summaries.Summary.Value(tag=tag, metadata=plugin, tensor=tensor))

    def _add(self, step: int, *values: Any) -> None:
        self._writer.add_event(self._events.Event(step=step, summary=self._summaries.Summary(value=values)))

    def figures(self, update: int, values: Mapping[str, float]) -> None:
        """As Recorder.figures says."""
        self._add(update, *(self._summaries.Summary.Value(tag=name, simple_value=value) for name, value in values.items()))

    def artifact(self, path: Path, name: str) -> None:
        """TensorBoard keeps no files."""

    def end(self, ending: RunEnding, tags: Mapping[str, str]) -> None:
        """As Recorder.end says; TensorBoard knows no ending."""
        self._writer.close()
