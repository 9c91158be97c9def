"""The compose file keeps to what the rest of the project says, and what docker compose would refuse or wait for in vain is found here."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pipelines.local_stack import stack
from tests.contracts.check_command import check_command
from tests.docker.composed import PROJECT, document, ends, is_ours, mebibytes, of_profiles, services, settings_variables, variables

SERVICES = services()
OURS = {name: each for name, each in SERVICES.items() if is_ours(each)}
PROFILES = ("analytics", "search", "documents", "orchestration", "monitoring", "llm")
PAGE = (PROJECT / "docs" / "compose.md").read_text()


def test_the_profiles_are_the_documented_ones() -> None:
    assert {profile for each in SERVICES.values() for profile in each.get("profiles", [])} == set(PROFILES)


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_limits_and_stays_alive(name: str) -> None:
    service = SERVICES[name]
    assert {"mem_limit", "cpus", "restart"} <= service.keys()
    assert ends(service) or "healthcheck" in service


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_waits_for_starts_with_each_of_its_profiles(name: str) -> None:
    service = SERVICES[name]
    for profile in service.get("profiles") or [""]:
        started = of_profiles(SERVICES, [profile])
        for other, how in service.get("depends_on", {}).items():
            assert other in started, f"with profile {profile!r} nobody starts {other}"
            assert how["condition"] == ("service_completed_successfully" if ends(SERVICES[other]) else "service_healthy")


@pytest.mark.parametrize("name", [name for name, each in SERVICES.items() if ends(each)])
def test_what_ends_is_waited_for(name: str) -> None:
    """`docker compose up --wait` fails for one that ends, unless another service that starts waits for its end."""
    for profile in SERVICES[name].get("profiles") or [""]:
        assert any(name in each.get("depends_on", {}) for each in of_profiles(SERVICES, [profile]).values())


@pytest.mark.parametrize("name", SERVICES)
def test_every_setting_is_one_that_the_program_knows(name: str) -> None:
    given = {variable for variable in SERVICES[name].get("environment", {}) if variable.startswith("AGORA_")}
    assert given <= settings_variables()


def test_every_variable_is_in_the_example_of_an_environment() -> None:
    example = set(re.findall(r"^(\w+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))
    for name in ("docker-compose.yml", "docker-compose.prod.yml", "docker-compose.gpu.yml"):
        assert variables((PROJECT / name).read_text()) <= example


def test_no_setting_of_the_local_stack_is_taken_for_one_here() -> None:
    """In a .env that serves both, AGORA_KAFKA_PORT=0 would be a random port here, and a heap of 2g more than the container has."""
    asked = variables((PROJECT / "docker-compose.yml").read_text())
    assert {name for name in asked if name.startswith("AGORA_")} == {"AGORA_LOG_LEVEL"}


STORE = dict.fromkeys(re.findall(r"^# (AWS_\w+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE), "given")


@pytest.mark.parametrize("files", [("docker-compose.yml",), ("docker-compose.yml", "docker-compose.prod.yml")])
def test_whoever_reads_or_writes_tables_and_nobody_else_can_do_so_in_an_object_store(files: tuple[str, ...]) -> None:
    given = services(*files, environment={"LAKE": "s3://bucket/lake", **STORE})
    told = {name: each["environment"] for name, each in given.items() if "AWS_SECRET_ACCESS_KEY" in each.get("environment", {})}
    assert told.keys() == {"stream", "spark-worker", "airflow-scheduler"}
    for environment in told.values():
        assert environment["AGORA_LAKE"] == "s3://bucket/lake"
        assert {name: value for name, value in environment.items() if name.startswith("AWS_")} == STORE


def test_what_is_not_set_of_an_object_store_is_not_passed_on() -> None:
    """Its client takes an empty value for one that is meant."""
    assert "AWS_SESSION_TOKEN" in STORE
    assert not [name for each in SERVICES.values() for name in each.get("environment", {}) if name.startswith("AWS_")]
    example = (PROJECT / ".env.example").read_text()
    assert not re.search(r"^AWS_", example, re.MULTILINE), "copied to .env, it would set what is empty"


def test_every_port_is_on_this_host_only_and_once() -> None:
    published = [port for each in SERVICES.values() for port in each.get("ports", [])]
    assert all(port.startswith("127.0.0.1:") for port in published)
    here = [port.split(":")[1] for port in published]
    assert sorted(here) == sorted(set(here))
    assert all(f"127.0.0.1:{port}" in PAGE for port in here), "docs/compose.md lists the addresses"


def test_every_port_is_a_variable_away() -> None:
    fixed = re.findall(r'"127\.0\.0\.1:\d[^"]*"', (PROJECT / "docker-compose.yml").read_text())
    assert fixed == []
    for variable in re.findall(r"127\.0\.0\.1:\$\{(\w+)", (PROJECT / "docker-compose.yml").read_text()):
        assert f"`{variable}`" in PAGE, f"docs/compose.md does not tell of {variable}"


def test_every_volume_is_used_and_each_place_holds_one() -> None:
    used = set()
    for each in SERVICES.values():
        places = [volume.split(":")[1] for volume in each.get("volumes", [])]
        assert len(places) == len(set(places))
        sources = [volume.split(":")[0] for volume in each.get("volumes", [])]
        used |= {source for source in sources if not source.startswith(".")}
        assert all((PROJECT / source).exists() for source in sources if source.startswith("."))
    assert used == document()["volumes"].keys()


def test_no_password_has_a_default() -> None:
    for each in SERVICES.values():
        for key, value in each.get("environment", {}).items():
            assert not re.search("PASSWORD|SECRET|^AGORA_.*_URL$|JWT", key) or not value, key


@pytest.mark.parametrize("name", SERVICES)
def test_no_password_is_an_argument_which_everybody_on_the_host_can_read(name: str) -> None:
    service = SERVICES[name]
    words = [*service.get("entrypoint", []), *service.get("command", []), *service.get("healthcheck", {}).get("test", [])]
    for line in re.split(r"[|&;\n]", "\n".join(words)):
        client = re.search(r"\b(cqlsh|curl|redis-cli|mongosh)\b.*", line)
        assert not client or not re.search(r"\$P\b|\$\{?\w*PASSWORD", client[0].partition("<<<")[0]), client[0]


def test_an_address_is_empty_without_its_password() -> None:
    names = ("REDIS", "ELASTIC", "MONGODB", "CASSANDRA", "POSTGRES")
    with_all = services(environment={f"{name}_PASSWORD": "secret-1" for name in names})["metrics"]["environment"]
    assert with_all["AGORA_REDIS_URL"] == "redis://agora:secret-1@redis:6379/0"
    assert with_all["AGORA_DATABASE_URL"] == "postgresql+psycopg://agora:secret-1@postgres:5432/agora"
    empty = SERVICES["metrics"]["environment"]
    assert not any(empty[key] for key in with_all if key.endswith("_URL"))


def test_the_stream_tells_airflow_if_there_is_a_password_for_it() -> None:
    port = SERVICES["airflow-api-server"]["ports"][0].rpartition(":")[2]
    told = services(environment={"AIRFLOW_PASSWORD": "secret-1"})["stream"]["environment"]
    assert told["AGORA_AIRFLOW_URL"] == f"http://admin:secret-1@airflow-api-server:{port}"
    assert not SERVICES["stream"]["environment"]["AGORA_AIRFLOW_URL"]


def test_the_tasks_of_airflow_find_the_stores_that_the_sinks_fill() -> None:
    scheduler = SERVICES["airflow-scheduler"]["environment"]
    sinks = [each["environment"] for name, each in SERVICES.items() if name.startswith("sink-")]
    assert sinks and all(given.items() <= scheduler.items() for given in sinks)


@pytest.mark.parametrize("name", [name for name, each in OURS.items() if "entrypoint" not in each and "airflow" not in name])
def test_every_command_of_ours_is_understood(name: str) -> None:
    check_command(OURS[name]["command"])


@pytest.mark.parametrize("name", OURS)
def test_every_health_check_of_ours_is_understood(name: str) -> None:
    program, *words = OURS[name].get("healthcheck", {"test": ["CMD", "agora", "version"]})["test"][1:]
    if program == "agora":
        check_command(words)
        assert words[:1] != ["stack"], "that tells of the broker, not of this service"
    else:
        assert (PROJECT / "docker" / "airflow" / program).exists()


def needs(chosen: dict[str, Any]) -> tuple[int, int]:
    """MiB of what goes on, and the largest of what ends before."""
    going = sum(mebibytes(each["mem_limit"]) for each in chosen.values() if not ends(each))
    return going, max((mebibytes(each["mem_limit"]) for each in chosen.values() if ends(each)), default=0)


def test_the_core_needs_less_than_4_gigabytes_and_all_but_the_language_model_less_than_14() -> None:
    assert sum(needs(of_profiles(SERVICES, []))) <= 4 * 1024
    assert needs(of_profiles(SERVICES, set(PROFILES) - {"llm"}))[0] <= 14 * 1024


@pytest.mark.parametrize("profile", ["core", *PROFILES])
def test_the_page_says_what_each_profile_needs(profile: str) -> None:
    mine = of_profiles(SERVICES, [profile])
    added = mine if profile == "core" else {name: each for name, each in mine.items() if each.get("profiles")}
    row = re.search(rf"^\| `?{profile}`? \|.*$", PAGE, re.MULTILINE)
    assert row
    assert row[0].endswith(f"| {needs(added)[0]} MiB |"), f"{profile} needs {needs(added)[0]} MiB"


def test_the_stores_are_those_of_the_local_stack() -> None:
    assert set(stack.STORES) <= SERVICES.keys()


def test_each_store_has_its_sink() -> None:
    commands = [each["command"][1] for name, each in SERVICES.items() if name.startswith("sink-")]
    assert {"postgres" if store == "sql" else store for store in commands} == set(stack.STORES)
