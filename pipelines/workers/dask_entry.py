"""Worlds as tasks on Dask: a cluster of local processes, or somebody's scheduler by its address.

A task whose worker is killed runs again elsewhere; it takes the world over by the same restart rule as any other
process, so that its events are neither lost nor doubled, and the run's hash is the same as without Dask. The workers of
an outside scheduler must see the same data folder and broker under the same names.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import dask.config
import distributed

from pipelines.settings import Settings
from pipelines.workers.dask_worker import logged
from pipelines.workers.job import Finished, Message, decode_message, encode_line
from pipelines.workers.process import WallClock, open_worker
from pipelines.workers.progress import RunView
from pipelines.workers.simulation import Simulation, heard_by
from pipelines.workers.supervise import Ending, WorkerFailed

_dask: Any = distributed  # it says that it is typed, but most of it is not

TRIES = 5
"""How often a world may lose its worker."""

CONNECT_S = "10s"

LOCAL = {
    "distributed.scheduler.allowed-failures": TRIES,
    # what looks after a worker shares the interpreter with what works
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "2s",
}
"""How a local cluster differs from Dask's defaults."""


def play_on_dask(run: Simulation, address: str, workers: int, view: RunView) -> Ending:
    """Play what is left of a run on Dask. address is `local` or a scheduler's. Raises supervise.WorkerFailed."""
    stop_file(run.settings, run.record.run_id).unlink(missing_ok=True)
    listen = heard_by(view, run.registry.folder(run.record.run_id))
    with connected(address, min(workers, max(1, len(run.left())))) as client:
        client.subscribe_topic(run.record.run_id, lambda event: listen(decode_message(event[1].encode())))
        settings = run.settings.portable()
        futures = [
            client.submit(
                play_world, run.record.run_id, world_id, settings, key=f"{run.record.run_id}/{world_id}", retries=TRIES, pure=False
            )
            for world_id in run.left()
        ]
        try:
            for future in _dask.as_completed(futures):
                _settle(future, listen)
        except KeyboardInterrupt:
            view.notice("stopping after the current block")
            stop_file(run.settings, run.record.run_id).touch()
            with suppress(Exception):  # whoever cannot stop in good order is resumed from its last checkpoint
                client.gather(futures, errors="skip")
    return Ending.STOPPED if run.left() else Ending.FINISHED


def _settle(future: Any, listen: Any) -> None:
    if future.status == "error":
        raise WorkerFailed(f"world {future.key.rpartition('/')[2]}: {future.exception()}")
    listen(Finished(future.result()))


@contextmanager
def connected(address: str, workers: int) -> Iterator[Any]:
    """A client of a local cluster of processes, or of the scheduler at an address. Raises ValueError if nobody answers there."""
    if address == "local":
        with (
            dask.config.set(LOCAL),
            _dask.LocalCluster(
                n_workers=workers, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", silence_logs=logging.ERROR,
                preload=["pipelines.workers.dask_worker"],
            ) as cluster,
            _dask.Client(cluster) as client,
        ):  # fmt: skip
            yield client
        return
    try:
        client = _dask.Client(address, timeout=CONNECT_S)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"no Dask scheduler answers at {address} ({error}); start one with `dask scheduler`, or use --dask local"
        ) from error
    with client:
        yield client


def stop_file(settings: Settings, run_id: str) -> Path:
    """The file whose presence asks the tasks of a run to stop."""
    return settings.runs_dir / run_id / "stop"


def play_world(run_id: str, world_id: int, settings: dict[str, Any]) -> int:
    """The task: play one world to its end and return its id. Runs in a Dask worker."""
    dask_worker, configured = _dask.get_worker(), Settings(**settings)
    stop = stop_file(configured, run_id)

    def tell(message: Message) -> None:
        if not isinstance(message, Finished):  # the future itself says that
            dask_worker.log_event(run_id, encode_line(message).decode())

    with logged("worker", run_id=run_id, world_id=world_id):
        worker = open_worker(configured, run_id, WallClock(), tell, stop.exists)
        try:
            for _ in worker.play(world_id):
                pass
        finally:
            if worker.log is not None:
                worker.log.close()
    return world_id
