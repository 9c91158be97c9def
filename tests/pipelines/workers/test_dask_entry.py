"""Worlds as Dask tasks: the same run, also when a Dask worker is killed, and on somebody's scheduler."""

from __future__ import annotations

import io
import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import distributed
import pytest
from rich.console import Console

from pipelines.settings import Settings
from pipelines.workers import dask_entry
from pipelines.workers.opening import combined_hash, open_world
from pipelines.workers.progress import RunView
from pipelines.workers.run_config import SimulateConfig
from pipelines.workers.simulation import Simulation
from pipelines.workers.supervise import Ending
from simulator.world.scenario import to_builtins
from simulator.world.scenario_files import load

STEPS = 300
SCENARIO = to_builtins(load("trading").with_agents(20))


def simulation(folder: Path, pace: str = "max") -> Simulation:
    settings = Settings(data_dir=folder / "data", results_dir=folder / "results")
    config = SimulateConfig(scenario=SCENARIO, steps=STEPS, to="none", pace=pace, checkpoint_records=500)
    return Simulation.begin(settings, config, seed=2, worlds=2, now=datetime.now(UTC))


def view() -> RunView:
    return RunView("simulating", STEPS, 2, Console(file=io.StringIO()))


def expected() -> str:
    hashes = []
    for world_id in range(2):
        world = open_world(SimulateConfig(scenario=SCENARIO, steps=STEPS), 2, world_id, None)
        for _ in world.advance(STEPS):
            pass
        hashes.append(world.result(world_id).world_hash)
    return combined_hash(hashes)


def run_hash(run: Simulation) -> str:
    return combined_hash([result.world_hash for result in run.results()])


@pytest.mark.flow
def test_two_dask_workers_come_to_the_same_run_and_tell_their_progress(tmp_path: Path) -> None:
    run, seen = simulation(tmp_path), view()
    assert dask_entry.play_on_dask(run, "local", 2, seen) is Ending.FINISHED
    assert run_hash(run) == expected()
    assert seen.steps == 2 * STEPS


@pytest.mark.flow
def test_a_world_whose_dask_worker_is_killed_goes_on_in_another(tmp_path: Path) -> None:
    run, result = simulation(tmp_path, pace="5x"), []
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:  # type: ignore[no-untyped-call]
        address = cluster.scheduler_address
        thread = threading.Thread(target=lambda: result.append(dask_entry.play_on_dask(run, address, 2, view())))
        thread.start()
        epochs = run.registry.folder(run.record.run_id) / "epochs"
        while not (epochs.exists() and len(list(epochs.iterdir())) >= 2):
            time.sleep(0.1)
        victim = next(iter(cluster.workers.values())).pid
        os.kill(victim, 9)
        thread.join(timeout=200)
    assert result == [Ending.FINISHED]
    assert run_hash(run) == expected()
    assert len(list(epochs.iterdir())) == 3


def test_no_scheduler_at_an_address_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_entry, "CONNECT_S", "1s")
    with pytest.raises(ValueError, match=r"no Dask scheduler answers at tcp://127.0.0.1:1 .*use --dask local"):
        dask_entry.play_on_dask(simulation(tmp_path), "tcp://127.0.0.1:1", 1, view())
