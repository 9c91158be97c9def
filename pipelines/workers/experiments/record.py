"""What is written down of a training for people to compare it with others: a record, whatever keeps it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Protocol


class RunEnding(Enum):
    """How a training ended, or that it goes on."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    STOPPED = "stopped"  # by a person; it can be resumed


@dataclass(frozen=True, kw_only=True)
class About:
    """What a training is."""

    experiment: str  # under which it is compared with others
    run_id: str
    settings: Mapping[str, str]  # name -> value
    tags: Mapping[str, str]  # where it comes from: seed, code version, destination


class Recorder(Protocol):
    """Keeps records of trainings. A record is no part of what a training is: nothing is read back from it."""

    def begin(self, about: About, after: int) -> None:
        """Begin the record of a training, or go on with it: figures of updates beyond `after` are forgotten, because they come again."""
        ...

    def figures(self, update: int, values: Mapping[str, float]) -> None:
        """Keep what was measured at an update."""
        ...

    def artifact(self, path: Path, name: str) -> None:
        """Keep a copy of a file."""
        ...

    def end(self, ending: RunEnding, tags: Mapping[str, str]) -> None:
        """Close the record, with what is known of the training only now. It may begin again."""
        ...


@contextmanager
def recorded(recorders: Sequence[Recorder], about: About, after: int) -> Iterator[Sequence[Recorder]]:
    """Recorders that have begun; an error within ends them as failed. Otherwise whoever uses them ends them."""
    for recorder in recorders:
        recorder.begin(about, after)
    try:
        yield recorders
    except BaseException:
        for recorder in recorders:
            recorder.end(RunEnding.FAILED, {})
        raise


def flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Settings as text by name, those of an inner mapping after a dot.

    >>> flat({"seed": 3, "hidden": [64, 64], "objectives": {"risk": 0.5}, "view": None, "env": "market"})
    {'seed': '3', 'hidden': '[64, 64]', 'objectives.risk': '0.5', 'view': 'null', 'env': 'market'}
    """
    found: dict[str, str] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = value if isinstance(value, str) else json.dumps(value)
    return found
