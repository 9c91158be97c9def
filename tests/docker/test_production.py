"""What the production file lays over the other: files for passwords, three brokers, nothing that is only for trying."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.docker.composed import PROJECT, document, ends, is_ours, of_profiles, services, variables

FILES = ("docker-compose.yml", "docker-compose.prod.yml")
SERVICES = services(*FILES)
SECRETS = document(*FILES)["secrets"]
BROKERS = ("kafka", "kafka-2", "kafka-3")


@pytest.mark.parametrize("name", SERVICES)
def test_everything_begins_again_and_keeps_its_logs_short(name: str) -> None:
    service = SERVICES[name]
    assert ends(service) or service["restart"] == "always"
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    assert "no-new-privileges:true" in service["security_opt"]
    assert not is_ours(service) or (service["read_only"] and service["cap_drop"] == ["ALL"])


def test_there_is_no_sample_data() -> None:
    assert "simulate" not in of_profiles(SERVICES, ["analytics", "search", "documents", "orchestration", "monitoring", "llm"])


def test_what_is_published_is_on_three_brokers() -> None:
    for number, name in enumerate(BROKERS, start=1):
        broker = SERVICES[name]
        given = broker["environment"]
        assert given["KAFKA_NODE_ID"] == str(number) and given["KAFKA_ADVERTISED_LISTENERS"] == f"SASL_PLAINTEXT://{name}:9092"
        assert given["KAFKA_CONTROLLER_QUORUM_VOTERS"] == ",".join(f"{n}@{each}:9093" for n, each in enumerate(BROKERS, start=1))
        assert given["KAFKA_DEFAULT_REPLICATION_FACTOR"] == "3" and given["KAFKA_MIN_INSYNC_REPLICAS"] == "2"
        assert broker["image"] == SERVICES["kafka"]["image"] and "healthcheck" in broker and "mem_limit" in broker
    assert len({SERVICES[name]["volumes"][0] for name in BROKERS}) == len(BROKERS)
    told = {each["environment"]["AGORA_BROKER"] for each in SERVICES.values() if "AGORA_BROKER" in each.get("environment", {})}
    assert told == {",".join(f"{name}:9092" for name in BROKERS)}


@pytest.mark.parametrize("name", BROKERS)
def test_a_published_port_leads_to_a_listener(name: str) -> None:
    for service in (SERVICES[name], services()["kafka"]):
        listeners = {listener.rpartition(":")[2] for listener in service["environment"]["KAFKA_LISTENERS"].split(",")}
        assert {port.rpartition(":")[2] for port in service.get("ports", [])} <= listeners


def test_every_secret_is_declared_and_used() -> None:
    used = {secret for each in SERVICES.values() for secret in each.get("secrets", [])}
    assert used == SECRETS.keys()
    for each in SERVICES.values():
        named = {Path(value).name for key, value in each.get("environment", {}).items() if key.endswith("_FILE")}
        assert named <= set(each.get("secrets", []))


def test_whoever_needs_a_password_gets_its_file() -> None:
    asked = {
        "redis": "redis_password",
        "cassandra": "cassandra_password",
        "elasticsearch": "elastic_password",
        "kibana": "elastic_password",
    }
    for name, secret in asked.items():
        assert secret in SERVICES[name]["secrets"]
        assert f"/run/secrets/{secret}" in str([SERVICES[name].get("command"), SERVICES[name].get("entrypoint")])


def test_the_tasks_of_airflow_find_the_stores_that_the_sinks_fill() -> None:
    """Otherwise they would start servers of their own, which the image lacks, or write into a file that nobody reads."""
    scheduler = SERVICES["airflow-scheduler"]
    for name, sink in SERVICES.items():
        if name.startswith("sink-"):
            given = {key: value for key, value in sink["environment"].items() if value}
            assert given.items() <= scheduler["environment"].items(), f"{name} knows more"
            assert any(key.endswith("_FILE") for key in given)


def test_the_stream_tells_airflow_with_a_password_from_a_file() -> None:
    assert SERVICES["stream"]["environment"]["AGORA_AIRFLOW_URL_FILE"] == "/run/secrets/agora_airflow_url"


def test_nothing_is_given_twice() -> None:
    """The program refuses a setting that stands in the environment and in a file."""
    for name, service in SERVICES.items():
        given = service.get("environment", {})
        assert not [key for key in given if key.endswith("_FILE") and given.get(key.removesuffix("_FILE"))], name


def test_the_files_are_made_and_only_their_owner_reaches_them(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    subprocess.run([PROJECT / "docker" / "passwords", folder], check=True)
    made = {path.name: path.read_text() for path in folder.iterdir()}
    assert {Path(secret["file"]).name for secret in SECRETS.values()} <= made.keys()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert all(len(text) >= 48 and "\n" not in text for text in made.values())
    for name, address in (("redis", "redis"), ("postgres", "database"), ("airflow", "airflow")):
        assert f":{made[f'{name}_password']}@" in made[f"agora_{address}_url"]
    again = subprocess.run([PROJECT / "docker" / "passwords", folder], capture_output=True, text=True)
    assert again.returncode == 2 and "is there already" in again.stderr


def test_a_password_is_printed_for_each_that_is_asked_for() -> None:
    printed = subprocess.run([PROJECT / "docker" / "passwords"], check=True, capture_output=True, text=True).stdout.splitlines()
    pairs = dict(line.split("=", 1) for line in printed)
    assert pairs.keys() == {name for name in variables((PROJECT / FILES[0]).read_text()) if name.endswith("_PASSWORD")}
    assert all(password.isalnum() and len(password) == 48 for password in pairs.values()) and len(set(pairs.values())) == len(pairs)


def test_a_card_is_reserved_for_what_can_use_one() -> None:
    with_card = services("docker-compose.yml", "docker-compose.gpu.yml")
    for name in ("simulate", "airflow-scheduler", "ollama"):
        (device,) = with_card[name]["deploy"]["resources"]["reservations"]["devices"]
        assert device == {"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}
    assert with_card["simulate"]["build"]["args"]["UV_TORCH_BACKEND"].startswith("cu")
