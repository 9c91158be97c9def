"""`agora airflow` with a real Airflow: up, a run over REST to its good end, kills in mid-run, a stream's events, failures, down; no process
is left."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import psutil
import pytest
from deltalake import DeltaTable

from pipelines.local_stack.airflow_api import AirflowApi, AirflowError
from pipelines.local_stack.airflow_server import AirflowServer
from pipelines.local_stack.process import kill
from pipelines.local_stack.stack import database_url
from pipelines.settings import Settings
from pipelines.sinks.sql_promotions import open_promotions
from pipelines.workers.asset_events import URI, telling
from pipelines.workers.registry import Registry
from tests.flow.conftest import Lab
from tests.processes import alive, listening

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


def switch(api: AirflowApi, dag: str, *, on: bool) -> None:
    """Let a DAG begin runs, or not, once it was read."""
    deadline = time.monotonic() + PATIENCE_S
    while dag not in {found["dag_id"] for found in api.get("dags")["dags"]}:
        assert time.monotonic() < deadline, f"{dag} was not read"
        time.sleep(1)
    api.patch(f"dags/{dag}", {"is_paused": not on})


def told(api: AirflowApi) -> list[Any]:
    """The events of the asset silver, newest first; Airflow answers 500 while a run that one of them has begun is queued."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return list(api.get(f"assets/events?asset_id={api.asset_id(URI)}&order_by=-timestamp")["asset_events"])
        except AirflowError as error:
            if error.status != 500 or time.monotonic() > deadline:
                raise
            time.sleep(1)


def begun_by(api: AirflowApi, event: Any) -> str:
    """The run of batch_analytics that an event has begun, once it has; its path in the API."""
    deadline, runs = time.monotonic() + PATIENCE_S, "dags/batch_analytics/dagRuns"
    while time.monotonic() < deadline:
        for found in api.get(f"{runs}?run_type=asset_triggered&state=running&state=success&state=failed")["dag_runs"]:
            path = f"{runs}/{quote(found['dag_run_id'], safe='')}"
            if event["id"] in [each["id"] for each in api.get(f"{path}/upstreamAssetEvents")["asset_events"]]:
                return path
        time.sleep(1)
    raise AssertionError(f"{event} has begun nothing")


def trigger(api: AirflowApi, dag: str, **conf: Any) -> str:
    """Begin a run of a DAG; its path in the API."""
    switch(api, dag, on=True)
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
    assert listening([process, *process.children(recursive=True)]) == {"127.0.0.1"}


def test_a_killed_task_and_a_killed_scheduler_train_nothing_twice(lab: Lab, airflow: AirflowServer, api: AirflowApi) -> None:
    path = trigger(api, "train_agents", seeds=[3, 4], steps=6144, worlds=2, evaluate=0)
    training(airflow, "3").kill()
    training(airflow, "4")  # has its turn while Airflow waits before it tries the other again
    left = kill_scheduler(airflow)
    assert any("api_server" in " ".join(command_line(each)) for each in left), "the API server did not outlive the leader"
    lab.call("airflow", "up")
    assert alive(left) == []
    assert until(api, path, "success", "failed") == "success"  # its proofs find each event published once

    assert min(tries(api, path, "train")) > 1, "a kill hit no task"
    runs = lab.json("runs", "--kind", "train")
    assert len(runs["runs"]) == 2 and runs["ended"] == runs["runs"]
    lives = [len(list((airflow.settings.runs_dir / run / "epochs").glob("trainer-*"))) for run in runs["runs"]]
    assert min(lives) > 1, "a kill hit no training in its midst"


def test_a_killed_judgement_is_decided_once(lab: Lab, airflow: AirflowServer, api: AirflowApi) -> None:
    trained = lab.json("runs", "--kind", "train")["runs"]
    assert trained, "run it with the test before, which trains them"
    path = trigger(api, "evaluate_and_register", runs=trained, seeds=2, episodes=10)
    judging(airflow).kill()
    assert until(api, path, "success", "failed") == "success"

    assert max(tries(api, path, "promote")) > 1, "the kill hit no task"
    with open_promotions(database_url(airflow.settings)) as known:
        decisions = known.of("market/trading/trader")
    assert sorted(each.candidate for each in decisions) == sorted(trained)


@pytest.fixture(scope="module")
def refused(api: AirflowApi) -> str:
    """The run of batch_analytics that an event from outside has begun, which names no run; it fails while the next test goes on."""
    switch(api, "batch_analytics", on=True)
    return begun_by(api, api.post("assets/events", {"asset_id": api.asset_id(URI), "extra": {"runs": ["a; reboot"]}}))


def test_a_stream_that_tells_of_new_silver_sets_off_the_analysis_once(
    lab: Lab, airflow: AirflowServer, api: AirflowApi, refused: str
) -> None:
    published = lab.json("simulate", "--steps", "300", "--agents", "20", "--seed", "1", "--to", "kafka")["run_id"]
    Lab(lab.folder, {"AGORA_AIRFLOW_URL": "local"}).call("stream", "--once")
    of_stream = [event for event in told(api) if event["extra"].get("lake") == str(airflow.settings.lake_dir)]
    assert of_stream[0]["extra"]["versions"]["silver.trades"] == DeltaTable(airflow.settings.lake_dir / "silver" / "trades").version()
    paths = {begun_by(api, event) for event in of_stream}
    assert {until(api, path, "success", "failed") for path in paths} == {"success"}

    given = [api.get(f"{path}/taskInstances/runs/xcomEntries/return_value?deserialize=true")["value"] for path in paths]
    assert {run for runs in given for run in runs} == {run for event in of_stream for run in event["extra"]["runs"]} >= {published}

    before = told(api)
    with telling(airflow.settings.model_copy(update={"airflow_url": "local"})):
        """Another stream, which has nothing to read."""
    assert told(api) == before


def test_a_task_that_fails_is_told_of(lab: Lab, airflow: AirflowServer, api: AirflowApi, refused: str) -> None:
    assert until(api, refused, "success", "failed") == "failed"
    switch(api, "batch_analytics", on=False)
    (failure,) = lab.json("airflow", "status")["failures"]
    assert failure == json.loads(airflow.failures.read_text())
    assert (failure["dag"], failure["task"], failure["try"]) == ("batch_analytics", "runs", 2)
    assert refused.endswith(quote(failure["run"], safe=""))
    assert "names 'a; reboot', which is no run" in failure["error"]
    assert f"failed  {failure['at']}  batch_analytics.runs of {failure['run']}: " in lab.call("airflow", "status").stdout


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


def test_down_ends_what_a_killed_leader_left(lab: Lab, airflow: AirflowServer) -> None:
    lab.call("airflow", "up")
    leader = airflow.process.find()
    assert leader
    left = leader.children(recursive=True)
    kill([leader])
    assert alive(left), "nothing outlived the leader"
    assert lab.json("airflow", "down") == {"stopped": True}
    assert alive(left) == []
    assert lab.json("airflow", "down") == {"stopped": False}


def training(airflow: AirflowServer, seed: str) -> psutil.Process:
    """The command that trains with a seed, once there is a checkpoint behind the beginning."""

    def amid(_: psutil.Process) -> bool:
        registry, folder = Registry(airflow.settings.runs_dir), airflow.settings.checkpoints_dir
        saved = (path for path in folder.glob("*/streams-*.checkpoint") if path.stem != "streams-0")
        return any(registry.load(path.parent.name).seed == int(seed) for path in saved)

    return task_of(airflow, ["train", "--seed", seed], amid)


def judging(airflow: AirflowServer) -> psutil.Process:
    """The process that judges a policy, after it has asked who holds the place."""
    return task_of(airflow, ["promote"], lambda process: any(file.path.endswith("agora.db") for file in process.open_files()))


def task_of(airflow: AirflowServer, words: list[str], amid: Callable[[psutil.Process], bool]) -> psutil.Process:
    """The Python process of a task whose command has these words, once it is amid its work."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        for process in airflow.leftovers():
            with suppress(psutil.Error):
                if set(words) <= set(command_line(process)) and amid(process):
                    return process
        time.sleep(0.05)
    raise AssertionError(f"no task of {words} began")


def kill_scheduler(airflow: AirflowServer) -> list[psutil.Process]:
    """Kill the scheduler with all that its tasks run, as a crash does; the leader first, which would end the other parts in good order.

    The processes of the other parts, which outlive it.
    """
    leader = airflow.process.find()
    assert leader
    scheduler = next(each for each in leader.children() if "scheduler" in command_line(each))
    killed = [leader, scheduler, *scheduler.children(recursive=True)]
    others = [each for each in leader.children(recursive=True) if each not in killed]
    kill(killed)
    return alive(others)


def tries(api: AirflowApi, path: str, task: str) -> list[int]:
    """How often each mapped task of that name was tried."""
    found = api.get(f"{path}/taskInstances?limit=100")["task_instances"]
    return [each["try_number"] for each in found if each["task_id"] == task]


def command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
