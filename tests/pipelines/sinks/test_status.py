"""What a sink says of itself, and that there is one of each name."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from pipelines.sinks.batch_writer import Figures
from pipelines.sinks.status import SinkBusyError, StatusFile, held, lock, read_all


def test_figures_become_a_file_that_others_read(tmp_path: Path) -> None:
    file = StatusFile(tmp_path, "redis")
    with lock(tmp_path, "redis"):
        file.tell(Figures(events=100, batches=1, refused=2, behind={("market.ticks", 0): 7, ("market.ticks", 1): 0}))
        file.tell(Figures(events=300, batches=2, trouble="nobody answers", retries=1))
        (status,) = read_all(tmp_path)
        assert (status.state, status.events, status.trouble, status.retries) == ("waiting", 300, "nobody answers", 1)
        assert status.events_per_second > 0
        file.tell(Figures(events=300, batches=3, behind={("market.ticks", 0): 7, ("market.ticks", 1): 0}))
        (status,) = read_all(tmp_path)
        assert (status.state, status.behind) == ("running", {"market.ticks:0": 7})
    (status,) = read_all(tmp_path)
    assert (status.state, status.events_per_second) == ("stopped", 0.0)


def test_nothing_is_known_of_sinks_that_never_ran(tmp_path: Path) -> None:
    assert read_all(tmp_path / "sinks") == []
    assert not held(tmp_path, "redis")


def holding(folder: Path, begun: multiprocessing.synchronize.Event, end: multiprocessing.synchronize.Event) -> None:
    with lock(folder, "redis"):
        begun.set()
        end.wait(30)


def test_a_second_sink_of_a_name_is_refused_with_the_first_ones_process(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    begun, end = context.Event(), context.Event()
    other = context.Process(target=holding, args=(tmp_path, begun, end))
    other.start()
    assert begun.wait(30)
    with pytest.raises(SinkBusyError, match=f"process {other.pid} writes redis already"), lock(tmp_path, "redis"):
        pass
    with lock(tmp_path, "mongodb"):
        assert held(tmp_path, "redis")
    end.set()
    other.join(30)
    with lock(tmp_path, "redis"):
        pass
