"""`agora airflow` with a real Airflow: up, a run over REST to its good end, a task cut off, down; no process is left."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import psutil
import pytest

from pipelines.local_stack.airflow_api import AirflowApi
from pipelines.local_stack.airflow_server import AirflowServer
from pipelines.settings import Settings
from tests.flow.conftest import Lab

pytestmark = [pytest.mark.flow, pytest.mark.timeout(1800)]
PATIENCE_S = 600


@pytest.fixture(scope="module")
def airflow(lab: Lab) -> Iterator[AirflowServer]:
    """A running Airflow."""
    server = AirflowServer(Settings(data_dir=lab.folder / "data", results_dir=lab.folder / "results"))
    try:
        lab.call("airflow", "up")
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def api(airflow: AirflowServer) -> AirflowApi:
    return AirflowApi(airflow.url())


def trigger(api: AirflowApi, dag: str, **conf: Any) -> str:
    """Begin a run of a DAG; its path in the API."""
    deadline = time.monotonic() + PATIENCE_S
    while dag not in {found["dag_id"] for found in api.get("dags")["dags"]}:
        assert time.monotonic() < deadline, f"{dag} was not read"
        time.sleep(1)
    api.patch(f"dags/{dag}", {"is_paused": False})
    run = api.post(f"dags/{dag}/dagRuns", {"logical_date": None, "conf": conf})["dag_run_id"]
    return f"dags/{dag}/dagRuns/{quote(run, safe='')}"


def until(api: AirflowApi, path: str, *states: str) -> str:
    """Wait until what lies at a path has one of the states."""
    deadline = time.monotonic() + PATIENCE_S
    while (found := str(api.get(path)["state"])) not in states:
        assert time.monotonic() < deadline, f"{path} is still {found}"
        time.sleep(1)
    return found


def test_a_run_over_rest_ends_well(lab: Lab, api: AirflowApi) -> None:
    path = trigger(api, "refresh_gold")
    assert until(api, path, "success", "failed") == "success"
    status = lab.json("airflow", "status")
    assert status["state"] == "running" and status["failures"] == []


def test_it_is_asked_for_a_password(lab: Lab, airflow: AirflowServer) -> None:
    assert airflow.password_file.stat().st_mode & 0o077 == 0
    with pytest.raises(OSError, match="401"):
        AirflowApi(f"http://agora:guess@{airflow.address}").get("dags")


def test_it_listens_on_the_loopback_interface_alone(airflow: AirflowServer) -> None:
    process = airflow.process.find()
    assert process
    family = [process, *process.children(recursive=True)]
    heard = [c.laddr.ip for each in family for c in each.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    assert heard and set(heard) == {"127.0.0.1"}


def test_down_ends_running_tasks_too_and_leaves_the_broker(lab: Lab, airflow: AirflowServer, api: AirflowApi) -> None:
    path = trigger(api, "simulate_and_publish", agents=20, steps=100_000_000, worlds=1)
    until(api, f"{path}/taskInstances/simulate", "running")
    while not any("simulate" in part for each in airflow.leftovers() for part in command_line(each)):
        time.sleep(0.2)
    assert lab.json("airflow", "down") == {"stopped": True}
    assert airflow.leftovers() == []
    assert [each for each in psutil.process_iter() if str(airflow.folder) in command_line(each)] == []
    assert lab.json("stack", "status")["servers"][0]["state"] == "running"
    assert lab.json("airflow", "status", code=1)["state"] == "stopped"


def command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
