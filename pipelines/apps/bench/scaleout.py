"""`agora bench scaleout`: the same trainings with one worker and with two.

The trainings are those of `agora train --to none --seeds N`: runs with checkpoints, as tasks on a local Dask cluster of processes with one
thread each. Both clusters are up, and every worker has trained once, before anything is measured; the clock runs from the start of the
first task to the end of the last. One worker and two take turns, so that both meet the same machine, and a ratio is the median over turns.

On a machine with other work the clock tells little. `two_workers_processor_time` is the same ratio by processor time: what the one worker
took by half of what the two took, which is what the clock would show if every worker had a core of its own, never waited, and had as much
to do as the other. `processor_share` is how much of a core the tasks got; far below one, the clock's ratio tells of the machine alone.
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
    """One training: start and end on the machine's own clock, and processor time of its process, in seconds."""

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
    pairs = list(zip(one, two, strict=True))
    ratios = {
        "two_workers": median(wall(a) / wall(b) for a, b in pairs),
        "two_workers_processor_time": median(2 * processor(a) / processor(b) for a, b in pairs),
    }
    figures: dict[str, float] = {"trainings": len(one[0]), "steps": steps}
    figures["one_worker_steps_per_second"] = round(steps / min(wall(turn) for turn in one))
    figures["two_workers_steps_per_second"] = round(steps / min(wall(turn) for turn in two))
    figures["one_worker_processor_share"] = round(median(share(turn) for turn in one), 3)
    figures["two_workers_processor_share"] = round(median(share(turn) for turn in two), 3)
    return {"figures": figures, "peers": {}, "ratios": {name: round(ratio, 3) for name, ratio in ratios.items()}}


def wall(turn: Sequence[Timed]) -> float:
    """Seconds from the start of the first task to the end of the last."""
    return max(task.end for task in turn) - min(task.start for task in turn)


def processor(turn: Sequence[Timed]) -> float:
    """Seconds of the processor over all tasks."""
    return sum(task.processor for task in turn)


def share(turn: Sequence[Timed]) -> float:
    """How much of a core a task got while it ran."""
    return processor(turn) / sum(task.end - task.start for task in turn)


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
    study, dumped = Study.begin(settings, _training(steps), config, {}, seeds, datetime.now(UTC)), settings.portable()
    turn = next(_TURN)
    return [(f"{turn}/{member.seed}", (member.name, member.run_id, str(study.folder), dumped)) for member in study.record.members]


def warm_up(client: Any, settings: Settings) -> None:
    """Let every worker train a little, one after the other: the first compiles what the others load."""
    for worker in client.nthreads():
        [(key, arguments)] = new_tasks(settings, 1, 2 * _TRAINING.slots * _TRAINING.rollout_steps)
        client.submit(timed_task, *arguments, key=key, workers=[worker], pure=False).result()


def timed_task(name: str, run_id: str, folder: str, dumped: dict[str, Any]) -> tuple[float, float, float]:
    """Train a run and time it. Raises ValueError if it failed."""
    start, before = time.monotonic(), time.process_time()
    outcome: Outcome = train_task(name, run_id, folder, dumped)
    if outcome.state is not State.FINISHED:
        raise ValueError(f"training {run_id} {outcome.state.value} ({outcome.reason}); mend that and measure again")
    return start, time.monotonic(), time.process_time() - before
