"""Tasks handed out and taken back."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from pipelines.workers.study.crew import Crew, Task, places
from pipelines.workers.study.task import Outcome, State, Told

pytestmark = pytest.mark.slow

NOTHING = Outcome(State.FINISHED)


class View:
    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def begin(self, name: str, steps: int) -> None:
        self.told.append(("begin", name))

    def listen(self, told: Told) -> None:
        self.told.append(("listen", told.name))

    def end(self, name: str, outcome: Outcome) -> None:
        self.told.append((outcome.state.value, name))

    def notice(self, line: str) -> None:
        self.told.append(("notice", line))


def work(number: int) -> Outcome:
    if number == 1:
        raise OSError("the disk is away")
    return Outcome(State.FINISHED, value=float(number))


def tasks(count: int, call: Any = work, key: str = "t") -> Any:
    return (Task(f"{key}/{number}", f"task {number}", 10, call, (number,)) for number in range(count))


def test_a_next_task_is_taken_only_when_one_is_back(client: Any, tmp_path: Path) -> None:
    view, settled = View(), []
    crew = Crew(client, tmp_path / "one", view)
    crew.folder.mkdir()
    assert crew.run(tasks(5, key="one"), 2, lambda task, outcome: settled.append((task.name, outcome)))
    assert view.told[:2] == [("begin", "task 0"), ("begin", "task 1")] and view.told[2][0] != "begin"
    assert sorted((name, outcome.value) for name, outcome in settled if outcome.state is State.FINISHED) == [
        ("task 0", 0.0), ("task 2", 2.0), ("task 3", 3.0), ("task 4", 4.0),
    ]  # fmt: skip
    assert dict(settled)["task 1"] == Outcome(State.FAILED, "the disk is away")


def test_ctrl_c_asks_every_task_to_stop_and_waits_for_it(client: Any, tmp_path: Path) -> None:
    view, settled, begun = View(), [], threading.Event()
    crew = Crew(client, tmp_path / "two", view)
    crew.folder.mkdir()

    def settle(task: Task, outcome: Outcome) -> None:
        settled.append(outcome.state)
        if not begun.is_set():
            begun.set()
            raise KeyboardInterrupt

    stop = crew.folder / "stop"

    def until_stopped(number: int) -> Outcome:
        import time

        while number and not stop.exists():
            time.sleep(0.01)
        return Outcome(State.STOPPED if number else State.FINISHED)

    assert not crew.run(tasks(9, until_stopped, "two"), 2, settle)
    assert settled == [State.FINISHED, State.STOPPED]
    assert ("notice", "stopping every training after its present rollout; press Ctrl-C again to kill") in view.told


def test_an_old_stop_is_forgotten(client: Any, tmp_path: Path) -> None:
    (tmp_path / "stop").touch()
    assert Crew(client, tmp_path, View()).run(iter(()), 1, lambda task, outcome: None)
    assert not (tmp_path / "stop").exists()
    assert places(client) == 2


@pytest.mark.parametrize("status", ["cancelled", "lost"])
def test_a_task_that_dask_gave_up_has_failed(status: str) -> None:
    from types import SimpleNamespace

    from pipelines.workers.study.crew import outcome_of

    assert outcome_of(SimpleNamespace(status=status)) == Outcome(State.FAILED, "Dask gave the task up")
