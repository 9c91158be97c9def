"""A study from request to result: its trainings on Dask, and what each grid point came to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from pipelines.workers.dask_entry import connected
from pipelines.workers.learning import LearningSummary
from pipelines.workers.study.crew import Crew, Task, places
from pipelines.workers.study.lock import held
from pipelines.workers.study.record import Member, Study
from pipelines.workers.study.task import Outcome, State, train_task
from pipelines.workers.study.view import StudyView
from pipelines.workers.supervise import Ending
from simulator.training.config import TrainConfig
from simulator.training.judging.statistics import interval

PROFIT, RETURN = "profit per episode in new markets", "last return"


class PointResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one grid point came to over its seeds that ended."""

    point: dict[str, Any]
    runs: int
    figure: str  # which: PROFIT in new markets, or RETURN where nothing was evaluated
    middle: float  # interquartile mean over seeds
    low: float  # its 95 % bootstrap interval over seeds
    high: float
    best: float
    best_run: str


class StudySummary(msgspec.Struct, frozen=True, kw_only=True):
    """What a study came to."""

    study_id: str
    to: str
    seeds: list[int]
    points: list[PointResult]  # best first
    runs: list[LearningSummary]
    failed: dict[str, str]  # run id -> why
    steps: int  # over all runs
    seconds: float  # of this call; a resumed study counts only what it still trained
    steps_per_second: float


def train_study(study: Study, address: str, workers: int, view: StudyView) -> tuple[Ending, dict[str, str]]:
    """Train what is left of a study on Dask: how that ended, and why runs failed, by their ids.

    Raises ValueError if no scheduler answers at the address, Taken if another command works on the study.
    """
    failed: dict[str, str] = {}
    left = {member.run_id: member for member in study.left()}
    tasks = [task_of(study, member) for member in left.values()]

    def settle(task: Task, outcome: Outcome) -> None:
        if outcome.state is State.FAILED:
            failed[str(task.arguments[1])] = outcome.reason

    with held(study.folder / "lock", f"study {study.record.study_id}"), connected(address, min(workers, max(1, len(tasks)))) as client:
        # all at once: workers that come later find something to do
        whole = Crew(client, study.folder, view).run(iter(tasks), len(tasks) + places(client), settle)
    return Ending.FINISHED if whole else Ending.STOPPED, failed


def task_of(study: Study, member: Member) -> Task:
    """The task of a training; its key is the same whenever it is asked for."""
    key = f"{study.record.study_id}/{member.run_id}"
    arguments = (member.name, member.run_id, str(study.folder), study.settings.portable())
    return Task(key, member.name, steps_of(study.learning(member).training), train_task, arguments)


def steps_of(training: TrainConfig) -> int:
    """Environment steps that a training takes."""
    return training.rollouts * training.rollout_steps * training.slots


def summary_of(study: Study, view: StudyView, failed: dict[str, str]) -> StudySummary:
    """Add up the runs that have ended."""
    left = {member.run_id for member in study.left()}
    ended = [member for member in study.record.members if member.run_id not in left]
    runs = {}
    for member in ended:
        row = view.rows.get(member.name)
        seconds, played = (row.last - row.heard, row.played) if row else (0.0, 0)
        runs[member.run_id] = study.learning(member).summary(seconds, played)
    return StudySummary(
        study_id=study.record.study_id, to=study.record.to, seeds=study.record.seeds, points=points_of(ended, runs),
        runs=list(runs.values()), failed=failed, steps=sum(run.steps for run in runs.values()), seconds=round(view.seconds, 3),
        steps_per_second=round(view.played / max(view.seconds, 1e-9)),
    )  # fmt: skip


def points_of(members: Sequence[Member], runs: dict[str, LearningSummary]) -> list[PointResult]:
    """What each grid point came to, best first."""
    groups: dict[str, list[Member]] = {}
    for member in members:
        groups.setdefault(msgspec.json.encode(member.point).decode(), []).append(member)
    found = [point_of(group, runs) for group in groups.values() if any(figure_of(runs[member.run_id]) for member in group)]
    return sorted(found, key=lambda result: -result.middle)


def point_of(members: Sequence[Member], runs: dict[str, LearningSummary]) -> PointResult:
    """What one point came to."""
    figures = {member.run_id: figure for member in members if (figure := figure_of(runs[member.run_id]))}
    values = {run_id: value for run_id, (_, value) in figures.items()}
    middle, low, high = interval(list(values.values()))
    best_run = max(values, key=lambda run_id: values[run_id])
    return PointResult(
        point=members[0].point, runs=len(values), figure=figures[best_run][0], middle=middle,
        low=low, high=high, best=values[best_run], best_run=best_run,
    )  # fmt: skip


def figure_of(run: LearningSummary) -> tuple[str, float] | None:
    """The figure by which runs are compared: profit in new markets, or without an evaluation the last return; None without either."""
    if "trained" in run.evaluation:
        return PROFIT, run.evaluation["trained"]["middle"]
    return (RETURN, run.returns[-1]) if run.returns else None
