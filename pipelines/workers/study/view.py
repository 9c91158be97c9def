"""What the user sees of many trainings: a line for each task with the total on top, on standard error."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from pipelines.workers.progress import short_count
from pipelines.workers.study.task import Outcome, State, Told

LINE_S = 10.0
"""Seconds between two lines where the output is no terminal."""

_ORDER = (State.RUNNING, State.FAILED, State.WAITING, State.PRUNED, State.STOPPED, State.FINISHED)
_STYLES = {State.RUNNING: "cyan", State.FAILED: "red", State.FINISHED: "green"}


@dataclass
class Row:
    """What is known of one task. Times are seconds on the view's clock."""

    name: str
    total: int  # steps it is going to take
    steps: int = 0
    first: int | None = None  # steps at its first word of this sitting: what a resumed run had before
    heard: float = 0.0  # when that was
    last: float = 0.0  # when its last word was
    mean_return: float | None = None
    state: State = State.WAITING

    @property
    def played(self) -> int:
        """Steps between its first and its last word."""
        return 0 if self.first is None else self.steps - self.first

    @property
    def rate(self) -> float:
        """Steps per second; 0 before its second word."""
        return self.played / (self.last - self.heard) if self.last > self.heard else 0.0

    @property
    def left(self) -> float | None:
        """Seconds until its end at this rate; None before it is known."""
        return (self.total - self.steps) / self.rate if self.rate > 0 and self.state is State.RUNNING else None


class StudyView:
    """Shows where every task stands; a context manager.

    Parameters
    ----------
    total : steps of all tasks together, those included that ended before.
    tasks : how many there are.
    before : how many of them ended before.
    console : where to show it; on what is no terminal a line now and then.
    clock : seconds.
    """

    def __init__(self, total: int, tasks: int, before: int, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self.rows: dict[str, Row] = {}
        self.total, self.tasks, self.before = total, tasks, before
        self._console, self._clock = console, clock
        self._started = self._told = clock()
        self._live = Live(console=console, get_renderable=self.render, refresh_per_second=4) if console.is_terminal else None

    def __enter__(self) -> StudyView:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self._live:
            self._live.stop()

    def begin(self, name: str, steps: int) -> None:
        """A task has been handed out."""
        self.rows[name] = Row(name, steps)

    def listen(self, told: Told) -> None:
        """A task has said where it stands."""
        row, now = self.rows.get(told.name), self._clock()
        if row is None or row.state not in (State.WAITING, State.RUNNING):
            return  # a last word that came after the task itself
        if row.first is None or told.steps < row.steps:  # its first word, or the first after it lost its worker
            row.first, row.heard = told.steps, now
        row.steps, row.last, row.state = told.steps, now, State.RUNNING
        row.mean_return = told.mean_return if told.mean_return is not None else row.mean_return
        if told.notice:
            self.notice(f"{told.name}: {told.notice}")
        self._line()

    def end(self, name: str, outcome: Outcome) -> None:
        """A task is back."""
        row = self.rows[name]
        row.state = outcome.state
        if outcome.state is State.FINISHED:
            row.steps = row.total
        elif outcome.state is State.FAILED:
            self.notice(f"{name} failed: {outcome.reason}")
        self._line(last=len(self.rows) + self.before == self.tasks and self.count(State.RUNNING) == 0)

    def notice(self, line: str) -> None:
        """Show a line above the table."""
        self._console.print(f"[yellow]{line}[/yellow]", highlight=False)

    def count(self, state: State) -> int:
        """Tasks in a state."""
        return sum(row.state is state for row in list(self.rows.values()))

    @property
    def seconds(self) -> float:
        """Since the view was made."""
        return self._clock() - self._started

    @property
    def rate(self) -> float:
        """Steps per second of the tasks that run."""
        return sum(row.rate for row in list(self.rows.values()) if row.state is State.RUNNING)

    @property
    def played(self) -> int:
        """Steps that have been told of in this sitting."""
        return sum(row.played for row in list(self.rows.values()))

    def summary(self) -> str:
        """The total in one line."""
        rows = list(self.rows.values())
        counts = Counter(row.state for row in rows)
        known = self.before * self.total // max(1, self.tasks) + sum(
            row.total if row.state in (State.FINISHED, State.PRUNED) else row.steps for row in rows
        )
        left = (self.total - known) / self.rate if self.rate > 0 else None
        others = [f"{counts[state]} {state.value}" for state in (State.RUNNING, State.PRUNED, State.FAILED, State.STOPPED) if counts[state]]
        done = f"{counts[State.FINISHED] + self.before} of {self.tasks} finished"
        return ", ".join([done, *others, f"{known / max(1, self.total):.0%}", f"{short_count(self.rate)} steps/s", f"{ago(left)} left"])

    def render(self) -> RenderableType:
        """The total, and as many tasks as there is room for: those that run first."""
        table = Table("training", "steps", "", "steps/s", "return", "left", "state", box=None, pad_edge=False)
        for column in table.columns[1:6]:
            column.justify = "right"
        rows = sorted(self.rows.values(), key=lambda row: _ORDER.index(row.state))
        room = max(3, self._console.height - 5)
        for row in rows[:room]:
            mean = "" if row.mean_return is None else f"{row.mean_return:.2f}"
            table.add_row(
                row.name, short_count(row.steps), f"{row.steps / max(1, row.total):.0%}", short_count(row.rate), mean,
                ago(row.left) if row.state is State.RUNNING else "", Text(row.state.value, style=_STYLES.get(row.state, "dim")),
            )  # fmt: skip
        more = [Text(f"and {len(rows) - room} more", style="dim")] if len(rows) > room else []
        return Group(Text(self.summary(), style="bold"), table, *more)

    def _line(self, last: bool = False) -> None:
        if self._live is None and (last or self._clock() - self._told >= LINE_S):
            self._told = self._clock()
            self._console.print(self.summary(), highlight=False, soft_wrap=True)


def ago(seconds: float | None) -> str:
    """A length of time as people say it.

    >>> ago(5), ago(75), ago(7322), ago(None)
    ('5s', '1m15s', '2h02m', '?')
    """
    if seconds is None:
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    hours, left = divmod(minutes, 60)
    return f"{hours}h{left:02d}m" if hours else f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"
