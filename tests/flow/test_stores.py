"""The whole serving side through the command line: real stores filled, asked, reconciled, killed."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from pipelines.local_stack import stack
from pipelines.settings import Settings
from pipelines.sinks.status import SinkStatus, read_all
from pipelines.workers.stores import LIVE, NAMES, SERVERS
from tests.docker.composed import PROJECT, services
from tests.flow.compose_host import Host
from tests.flow.conftest import Lab, checked, wait_for

pytestmark = [pytest.mark.flow, pytest.mark.timeout(1800)]
SIMULATE = ("simulate", "--scenario", "balanced", "--worlds", "2", "--steps", "1500", "--seed", "5")

ADDRESSES = {
    "redis": "redis:6379",
    "elasticsearch": "elasticsearch:9200",
    "mongodb": "agora:any@mongodb:27017",  # its stand-in knows no users
    "cassandra": "cassandra:9042",
    "postgres": "postgres:5432",
}
PASSWORDS = {"redis": "REDIS", "elasticsearch": "ELASTIC", "mongodb": "MONGODB", "cassandra": "CASSANDRA", "postgres": "POSTGRES"}


@pytest.fixture(scope="module")
def host(lab: Lab) -> Host:
    """A laboratory with every store in the place of docker compose, with the passwords of its servers."""
    lab.call("stack", "up", "--with", ",".join(SERVERS.values()))
    config = Settings(data_dir=lab.folder / "data")
    here = {name: urlsplit(stack.store_address(config, name)) for name in ADDRESSES}
    given = {f"{PASSWORDS[name]}_PASSWORD": url.password or "any" for name, url in here.items()}
    found = {ADDRESSES[name]: f"127.0.0.1:{url.port}" for name, url in here.items()} | {"kafka:9092": stack.broker_address(config)}
    found["-h 127.0.0.1"] = f"-h 127.0.0.1 -p {here['postgres'].port}"
    return Host(lab.folder, services(environment=given | {"AIRFLOW_DATABASE_PASSWORD": "secret-1"}), found)


@pytest.fixture(scope="module")
def stores(lab: Lab, host: Host) -> Lab:
    """The laboratory with a run in every store, brought there by the sinks of docker compose, which must be healthy."""
    lab.json(*SIMULATE)
    lab.json("stream", "--once")  # first: it raises alerts, which sinks take, too
    with host.running(*(f"sink-{name}" for name in NAMES)) as sinks:
        for service, process in sinks.items():
            host.becomes_healthy(service, process)
        wait_for(lambda: all(hop(lab, name)["events"] > 0 == hop(lab, name)["behind"] for name in NAMES), "the sinks did not take all")
    assert not any(status.refused for status in read_all(lab.folder / "data" / "sinks"))
    return lab


def filled(lab: Lab) -> list[dict[str, Any]]:
    """What each sink says that takes what there is."""
    return lab.json_of_each(*(("sink", name, "--once") for name in NAMES))


def test_every_store_holds_the_run_and_says_so(stores: Lab) -> None:
    proof = stores.json("verify", "--stores", "all")
    assert proof["ok"] is True and set(proof["stores"]) == {"kafka", "bronze", "silver", *NAMES}
    for name in set(NAMES) - set(LIVE):
        assert any(row.get(name) for row in proof["events"].values()), f"{name} was compared with nothing"


def test_a_second_filling_adds_nothing_and_a_backfill_changes_nothing(stores: Lab) -> None:
    assert all(done["events"] == 0 for done in filled(stores))
    assert all(done["rows"] > 0 for done in stores.json_of_each(*(("backfill", name) for name in NAMES if name not in LIVE)))
    assert stores.json("verify", "--stores", "all")["ok"] is True


def test_every_question_without_arguments_is_answered_and_all_are_listed(stores: Lab) -> None:
    for name in NAMES:
        asked = stores.json("query", name)["questions"]
        assert len(asked) >= 4 and all(question["doc"] for question in asked)
        for question in asked:
            if not question["needs"]:
                assert isinstance(stores.json("query", name, question["name"])["rows"], list)
    wrong = stores.call("query", "redis", "boook", code=2)
    assert "has no question 'boook'; choose among book" in wrong.stderr


def test_postgresql_is_healthy_and_airflow_gets_a_database_of_its_own(host: Host) -> None:
    assert host.healthy("postgres"), host.check("postgres")
    seen, place = host.environment("postgres"), host.here("postgres:5432")
    own = {"PGHOST": "127.0.0.1", "PGPORT": place.partition(":")[2], "PGPASSWORD": seen["POSTGRES_PASSWORD"]}
    subprocess.run([PROJECT / "docker" / "postgres" / "airflow.sh"], env=seen | own, check=True, capture_output=True)
    with psycopg.connect(f"postgresql://airflow:secret-1@{place}/airflow") as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("airflow",)


@pytest.mark.parametrize("name", ["elasticsearch", "sql"])  # the storm kills each
def test_a_killed_store_is_waited_for_and_holds_up_nobody_else(stores: Lab, host: Host, name: str) -> None:
    other = next(each for each in NAMES if each != name)
    sinks = {each: stores.start("sink", each, "--follow") for each in (name, other)}
    try:
        running = stores.start(*SIMULATE[:-1], f"{100 + NAMES.index(name)}", "--pace", "20x", "--json")
        wait_for(
            lambda: all(hop(stores, each)["state"] == "running" and hop(stores, each)["events"] > 0 for each in sinks),
            "the sinks did not begin",
        )
        [server] = stores.json("stack", "status", "--with", SERVERS[name])["servers"]
        os.kill(server["process_id"], signal.SIGKILL)
        at = hop(stores, other)["events"]
        wait_for(
            lambda: hop(stores, name)["state"] == "waiting" and hop(stores, other)["events"] > at,
            f"{name} did not wait, or {other} did not go on",
        )
        assert not host.healthy(f"sink-{name}") and host.healthy(f"sink-{other}")
        stores.call("stack", "up", "--with", SERVERS[name])
        run = checked(running, SIMULATE).stdout
    finally:
        for process in sinks.values():
            process.terminate()
            process.communicate(timeout=60)
    assert run
    filled(stores)
    stores.json("stream", "--once")
    assert stores.json("verify", "--stores", "all")["ok"] is True


def hop(lab: Lab, name: str) -> dict[str, Any]:
    """What the sink of a store says of itself; events 0 before its first word."""
    status = next((each for each in read_all(lab.folder / "data" / "sinks") if each.name == name), None) or SinkStatus(name, 0)
    return {"state": status.state, "events": status.events, "behind": sum(status.behind.values())}
