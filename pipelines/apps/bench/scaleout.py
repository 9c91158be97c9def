"""`agora bench scaleout`: the same trainings with one worker and with two.

The trainings are those of `agora train --to none --seeds N`: runs with checkpoints, as tasks on a local Dask cluster of processes with one
thread each. Both clusters are up, and every worker has trained once, before anything is measured; the clock runs from the start of the
first task to the end of the last. One worker and two take turns, so that both meet the same machine, and the ratio is the median over
turns. `processor_time` is what the same trainings took of the processor with one worker by what they took with two: below one, workers
stand in each other's way (caches, memory, the scheduler); it does not depend on what else the machine does as the ratio of clocks does.
"""

from __future__ import annotations

import json as json_text
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from pipelines.settings import Settings
from pipelines.workers.dask_entry import connected
from pipelines.workers.study.record import Study
from pipelines.workers.study.task import Outcome, State, train_task
from pipelines.workers.study.train import steps_of
from pipelines.workers.train_config import TrainRunConfig
from simulator.training.config import TrainConfig

_TRAINING = TrainConfig(worlds=16, episode_steps=128, rollout_steps=64, hidden=(64, 64))
_WORKERS = (1, 2)


class Timed(NamedTuple):
    """One training: start and end on the machine's own clock, and processor time, in seconds."""

    start: float
    end: float
    processor: float


def run(json: bool = False, seeds: int = 4, steps: int = 32_768, repeats: int = 3) -> dict[str, Any]:
    """Measure steps per second of the same trainings with one worker and with two.

    Examples:  [bold]agora bench scaleout --json[/bold]   [bold]agora bench scaleout --steps 100000 --repeats 5[/bold]
    """
    turns: dict[int, list[list[Timed]]] = {workers: [] for workers in _WORKERS}
    with ExitStack() as stack:
        settings = Settings(data_dir=Path(stack.enter_context(tempfile.TemporaryDirectory())))
        clients = {workers: stack.enter_context(connected("local", workers)) for workers in _WORKERS}
        for client in clients.values():
            warm_up(client, settings)
        for _, (workers, client) in ((turn, each) for turn in range(repeats) for each in clients.items()):
            turns[workers].append(trained(client, settings, seeds, steps))
    taken = seeds * steps_of(_training(steps))
    result = report(taken, turns)
    print(json_text.dumps(result, separators=(",", ":") if json else None, indent=None if json else 2))
    return result


def report(steps: int, turns: dict[int, list[list[Timed]]]) -> dict[str, Any]:
    """The best turns as figures, and medians of each turn's ratios."""
    one, two = (turns[workers] for workers in _WORKERS)
    clock = median(wall(a) / wall(b) for a, b in zip(one, two, strict=True))
    processor = median(processor_time(a) / processor_time(b) for a, b in zip(one, two, strict=True))
    names = {1: "one_worker_steps_per_second", 2: "two_workers_steps_per_second"}
    figures: dict[str, float] = {"trainings": len(one[0]), "steps": steps}
    figures |= {names[workers]: round(steps / min(wall(turn) for turn in found)) for workers, found in turns.items()}
    figures |= {"processor_share_of_tasks": round(median(processor_time(turn) / sum(t.end - t.start for t in turn) for turn in two), 3)}
    return {"figures": figures, "peers": {}, "ratios": {"two_workers": round(clock, 3), "processor_time": round(processor, 3)}}


def wall(turn: Sequence[Timed]) -> float:
    """Seconds from the start of the first task to the end of the last."""
    return max(task.end for task in turn) - min(task.start for task in turn)


def processor_time(turn: Sequence[Timed]) -> float:
    """Seconds of the processor over all tasks."""
    return sum(task.processor for task in turn)


def _training(steps: int) -> TrainConfig:
    return TrainConfig.from_dict(_TRAINING.as_dict() | {"steps": steps})


def trained(client: Any, settings: Settings, seeds: int, steps: int) -> list[Timed]:
    """Train a new study on the client's workers."""
    futures = [client.submit(timed_task, *arguments, key=key, pure=False) for key, arguments in new_tasks(settings, seeds, steps)]
    return [Timed(*found) for found in client.gather(futures)]


_TURN = count()


def new_tasks(settings: Settings, seeds: int, steps: int) -> list[tuple[str, tuple[Any, ...]]]:
    """Key and arguments of the tasks of a new study."""
    config = TrainRunConfig(training={}, to="none", evaluate=0)
    study, dumped = Study.begin(settings, _training(steps), config, {}, seeds, datetime.now(UTC)), settings.model_dump(mode="json")
    turn = next(_TURN)
    return [(f"{turn}/{member.seed}", (member.name, member.run_id, str(study.folder), dumped)) for member in study.record.members]


def warm_up(client: Any, settings: Settings) -> None:
    """Let every worker train a little, one after the other: the first compiles what the others load."""
    for worker in client.nthreads():
        [(key, arguments)] = new_tasks(settings, 1, 2 * _TRAINING.slots * _TRAINING.rollout_steps)
        client.submit(timed_task, *arguments, key=key, workers=[worker], pure=False).result()


def timed_task(name: str, run_id: str, folder: str, dumped: dict[str, Any]) -> tuple[float, float, float]:
    """Train a run and time it. Raises ValueError if it failed."""
    start, processor = time.monotonic(), time.process_time()
    outcome: Outcome = train_task(name, run_id, folder, dumped)
    if outcome.state is not State.FINISHED:
        raise ValueError(f"training {run_id} {outcome.state.value} ({outcome.reason}); mend that and measure again")
    return start, time.monotonic(), time.process_time() - processor
