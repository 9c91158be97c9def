"""What the user sees of many tasks."""

from __future__ import annotations

import io

from rich.console import Console

from pipelines.workers.study.task import Outcome, State, Told
from pipelines.workers.study.view import StudyView


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def view_of(terminal: bool = False, tasks: int = 4, before: int = 0) -> tuple[StudyView, Clock, io.StringIO]:
    clock, out = Clock(), io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=110, height=12, color_system=None)
    return StudyView(tasks * 1000, tasks, before, console, clock), clock, out


def shown(view: StudyView) -> str:
    console = Console(file=io.StringIO(), width=110)
    with console.capture() as captured:
        console.print(view.render())
    return captured.get()


def test_rates_and_times_left_are_those_of_this_sitting() -> None:
    view, clock, _ = view_of()
    view.begin("seed 0", 1000)
    view.listen(Told("seed 0", 200))  # it was resumed here
    clock.now += 10
    view.listen(Told("seed 0", 300, -1.5))
    row = view.rows["seed 0"]
    assert (row.rate, row.left, row.played, row.state) == (10.0, 70.0, 100, State.RUNNING)
    assert view.summary() == "0 of 4 finished, 1 running, 8%, 10 steps/s, 6m10s left"
    assert [word in shown(view) for word in ("seed 0", "300", "30%", "-1.50", "1m10s", "running")] == [True] * 6


def test_a_task_that_lost_its_worker_counts_from_its_checkpoint() -> None:
    view, clock, _ = view_of()
    view.begin("a", 1000)
    for at, steps in ((0, 100), (10, 500), (20, 300), (30, 400)):
        clock.now = 100.0 + at
        view.listen(Told("a", steps))
    assert (view.rows["a"].played, view.rows["a"].rate) == (100, 10.0)


def test_ended_tasks_count_whole_and_last_words_come_too_late() -> None:
    view, _, out = view_of(tasks=4, before=1)
    for name, state in (("a", State.FINISHED), ("b", State.FAILED), ("c", State.PRUNED)):
        view.begin(name, 1000)
        view.listen(Told(name, 500))
        view.end(name, Outcome(state, "no money" if state is State.FAILED else ""))
        view.listen(Told(name, 600))
    assert [row.steps for row in view.rows.values()] == [1000, 500, 500]
    assert view.summary().startswith("2 of 4 finished, 1 pruned, 1 failed, 88%")
    assert "b failed: no money" in out.getvalue()


def test_what_is_no_terminal_gets_a_line_now_and_then() -> None:
    view, clock, out = view_of(tasks=1)
    with view:
        view.begin("a", 1000)
        for second in range(25):
            clock.now = 100.0 + second
            view.listen(Told("a", second * 10))
        view.end("a", Outcome(State.FINISHED))
    lines = out.getvalue().splitlines()
    assert len(lines) == 3
    assert lines[-1].startswith("1 of 1 finished, 100%")


def test_those_that_run_come_first_where_there_is_little_room() -> None:
    view, _, _ = view_of(terminal=True, tasks=20)
    for number in range(20):
        view.begin(f"seed {number}", 1000)
    view.listen(Told("seed 19", 10))
    lines = shown(view).splitlines()
    assert lines[2].startswith("seed 19") and lines[-1] == "and 13 more"


def test_a_terminal_sees_the_table_and_notices_above_it() -> None:
    view, _, out = view_of(terminal=True, tasks=1)
    with view:
        view.begin("seed 0", 1000)
        view.listen(Told("seed 0", 400, 2.5))
        view.notice("stopping")
    shown_at_last = out.getvalue()
    assert shown_at_last.index("stopping") < shown_at_last.rindex("seed 0")
    assert "0 of 1 finished, 1 running, 40%" in shown_at_last
