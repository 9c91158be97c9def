"""What the demo shows while it runs: events per second at each hop, lag, steps, the learner's return."""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipelines.apps.demo_meter import Meter, Rate
from pipelines.workers.progress import short_count
from spark_jobs.ingest.status import Status, read_status

BARS = "▁▂▃▄▅▆▇█"


class DemoView:
    """A picture of the flow, drawn anew each time it is asked for.

    Parameters
    ----------
    meter : counts what is published.
    status : the file in which the stream says how far it is.
    """

    def __init__(self, meter: Meter, status: Path) -> None:
        self.meter, self.status = meter, status
        self.before = self._ingested()
        self._published, self._tables = Rate(), Rate()
        self._began = time.monotonic()

    def __rich__(self) -> RenderableType:
        now, status = time.monotonic(), self._read()
        self._published.note(self.meter.total, now)
        self._tables.note(self.ingested, now)
        head = Text(f"Agora  {now - self._began:4.0f} s", style="bold")
        return Group(head, self._hops(status), self._worlds())

    @property
    def ingested(self) -> int:
        """Events in silver since the view was made."""
        return self._ingested() - self.before

    def caught_up(self) -> bool:
        """Whether everything published is in the tables."""
        return self.ingested >= self.meter.total > 0

    def _hops(self, status: Status | None) -> Table:
        table = Table("hop", "events", "per second", "behind", box=None, pad_edge=False)
        for column in table.columns[1:]:
            column.justify = "right"
        behind = max(0, self.meter.total - self.ingested)
        table.add_row("workers → Kafka", f"{self.meter.total:,}", short_count(self._published.per_second()), "")
        table.add_row("Kafka → silver", f"{self.ingested:,}", short_count(self._tables.per_second()), f"{behind:,}")
        table.add_row("alerts → market.alerts", f"{self.meter.events['alerts']:,}", "", "")
        table.caption, table.caption_justify = f"stream: {status.state if status else 'starting'}", "left"
        return table

    def _worlds(self) -> Text:
        steps = "  ".join(f"{run} step {step:,}" for run, step in self.meter.steps.items()) or "numba compiles at its first start"
        returns = self.meter.returns
        learner = f"learner's return {returns[-1]:+.2f}  {sparkline(returns)}" if returns else "the learner has not finished an episode"
        return Text(f"{steps}\n{learner}")

    def _read(self) -> Status | None:
        return read_status(self.status)

    def _ingested(self) -> int:
        status = self._read()
        return status.events if status else 0


def sparkline(values: list[float], width: int = 40) -> str:
    """The last values as bars.

    >>> sparkline([1.0, 2.0, 3.0])
    '▁▅█'
    """
    shown = values[-width:]
    low, high = min(shown), max(shown)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(BARS[round((value - low) * scale + 1e-9)] for value in shown)
