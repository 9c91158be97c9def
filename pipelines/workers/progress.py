"""What the user sees while workers run: steps, rates and time left, on standard error."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from pipelines.workers.job import Finished, Learned, Message
from pipelines.workers.job import Progress as At


def short_count(number: float) -> str:
    """A number with at most four digits and a letter.

    >>> short_count(1234567), short_count(950)
    ('1.23M', '950')
    """
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g}{letter}"
    return f"{number:.0f}"


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{short_count(task.speed or 0.0)} steps/s", style="cyan")


class RunView:
    """Adds up the worlds' reports and shows one bar for the run; a context manager.

    Parameters
    ----------
    title : what stands before the bar.
    steps, worlds : of the run.
    console : where to show it; shows nothing where that is no terminal.
    clock : seconds, for the rates.
    """

    def __init__(self, title: str, steps: int, worlds: int, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = clock()
        self._steps = steps
        self._at: dict[int, At] = {}
        self._learned: Learned | None = None
        self._first: dict[int, At] = {}
        self._bar = Progress(
            TextColumn("[bold]{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), _Rate(),
            TextColumn("{task.fields[events]}"), TimeRemainingColumn(),
            console=console, disable=not console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task(title, total=steps * worlds, events="")

    def __enter__(self) -> RunView:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.stop()

    def listen(self, message: Message) -> None:
        """Take a worker's message into account."""
        if isinstance(message, At):
            self._first.setdefault(message.world_id, message)
            self._at[message.world_id] = message
        elif isinstance(message, Finished):
            before = self._at.get(message.world_id, At(message.world_id, 0, 0))
            self._at[message.world_id] = At(message.world_id, self._steps, before.records, before.published)
        elif isinstance(message, Learned):
            self._learned = message
        self._bar.update(self._task, completed=self.steps, events=self.summary())

    def notice(self, line: str) -> None:
        """Show a line above the bar."""
        self._bar.console.print(f"[yellow]{line}[/yellow]", highlight=False)

    @property
    def steps(self) -> int:
        """Steps played, over all worlds."""
        return sum(at.step for at in self._at.values())

    @property
    def records(self) -> int:
        """Events written, over all worlds."""
        return sum(at.records for at in self._at.values())

    @property
    def published(self) -> int:
        """Events published, over all worlds."""
        return sum(at.published for at in self._at.values())

    @property
    def steps_played(self) -> int:
        """Steps played since the view was made; what a resumed run had done before does not count."""
        return self.steps - sum(at.step for at in self._first.values())

    @property
    def records_played(self) -> int:
        """Events written since the view was made."""
        return self.records - sum(at.records for at in self._first.values())

    @property
    def seconds(self) -> float:
        """Since the view was made."""
        return self._clock() - self._started

    def summary(self) -> str:
        """Events so far and their rate since the start."""
        rate = self.records_played / max(self.seconds, 1e-9)
        text = f"{short_count(self.records)} events, {short_count(rate)}/s"
        text += f", {short_count(self.published)} published" if self.published else ""
        learned = self._learned
        return f"{text}, return {learned.mean_return:.1f}" if learned and learned.mean_return is not None else text
