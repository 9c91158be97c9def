"""Tasks handed to the workers of Dask and taken back: who is killed is asked again, who is stopped has a checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import distributed
import msgspec

from pipelines.workers.dask_entry import TRIES
from pipelines.workers.study.task import Outcome, State, Told

_dask: Any = distributed  # it says that it is typed, but most of it is not


@dataclass(frozen=True)
class Task:
    """One call for a worker.

    Parameters
    ----------
    key : Dask's name for it, the same whenever it is asked for again.
    name : what the view calls it, and what its words carry.
    steps : environment steps it is going to take.
    call : what a worker runs; returns an Outcome.
    arguments : of the call.
    """

    key: str
    name: str
    steps: int
    call: Callable[..., Outcome]
    arguments: tuple[Any, ...]


class View(Protocol):
    """Who is told."""

    def begin(self, name: str, steps: int) -> None:
        """A task has been handed out."""

    def listen(self, told: Told) -> None:
        """A task has said where it stands."""

    def end(self, name: str, outcome: Outcome) -> None:
        """A task is back."""

    def notice(self, line: str) -> None:
        """Something the user should know."""


@dataclass
class Crew:
    """Hands tasks to the workers behind a client.

    Parameters
    ----------
    client : of Dask.
    folder : of the study; its name is the topic of the tasks' words, and a file `stop` in it asks them to stop.
    view : is told.
    """

    client: Any
    folder: Path
    view: View
    _out: dict[str, Task] = field(default_factory=dict)

    def run(self, tasks: Iterator[Task], at_once: int, settle: Callable[[Task, Outcome], None]) -> bool:
        """Run tasks, so many at once, and call settle with each outcome; the next one is taken from `tasks` after that.

        A first Ctrl-C stops every task at its next checkpoint, a second one passes through. Returns False if it was stopped.
        """
        stop = self.folder / "stop"
        stop.unlink(missing_ok=True)
        self.client.subscribe_topic(self.folder.name, lambda event: self.view.listen(msgspec.json.decode(event[1], type=Told)))
        futures = _dask.as_completed([])
        try:
            self._hand_out(tasks, at_once, futures)
            for future in futures:
                self._take_back(future, settle)
                self._hand_out(tasks, at_once, futures)
        except KeyboardInterrupt:
            self.view.notice("stopping every training after its present rollout; press Ctrl-C again to kill")
            stop.touch()
            for future in futures:
                self._take_back(future, settle)
            return False
        finally:
            with suppress(Exception):
                self.client.unsubscribe_topic(self.folder.name)
        return True

    def _hand_out(self, tasks: Iterator[Task], at_once: int, futures: Any) -> None:
        for task in islice(tasks, max(0, at_once - len(self._out))):
            self._out[task.key] = task
            self.view.begin(task.name, task.steps)
            futures.add(self.client.submit(task.call, *task.arguments, key=task.key, retries=TRIES, pure=False))

    def _take_back(self, future: Any, settle: Callable[[Task, Outcome], None]) -> None:
        task = self._out.pop(future.key)
        outcome = outcome_of(future)
        self.view.end(task.name, outcome)
        settle(task, outcome)


def outcome_of(future: Any) -> Outcome:
    """The outcome of a finished future; one whose tries are used up has failed."""
    if future.status == "finished":
        result: Outcome = future.result()
        return result
    reason = future.exception() if future.status == "error" else "Dask gave the task up"
    return Outcome(State.FAILED, " ".join(str(reason).split()) or repr(reason))


def places(client: Any) -> int:
    """How many tasks the workers that are there now run at once; at least one."""
    found: Mapping[str, int] = client.nthreads()
    return max(1, sum(found.values()))
