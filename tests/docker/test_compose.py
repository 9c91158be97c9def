"""The compose files and images keep to what the rest of the project says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.local_stack import stack
from tests.contracts.check_command import check_command

PROJECT = Path(__file__).parents[2]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]
STORES = [name for name in SERVICES if "stores" in SERVICES[name]["profiles"]]
OURS = [name for name in SERVICES if "build" in SERVICES[name]]


def test_the_broker_is_the_same_version_with_and_without_containers() -> None:
    pom = (PROJECT / "jars" / "kafka" / "pom.xml").read_text()
    version = re.search(r"<kafka.version>(.*)</kafka.version>", pom)
    assert version
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{version[1]}"


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_limits_and_a_profile(name: str) -> None:
    assert {"mem_limit", "cpus", "profiles"} <= SERVICES[name].keys()


@pytest.mark.parametrize("name", OURS)
def test_every_image_is_pinned_checked_and_runs_as_nobody_special(name: str) -> None:
    text = (PROJECT / SERVICES[name]["build"]["dockerfile"]).read_text()
    assert all(re.search(r":[0-9]+\.[0-9]+", base) for base in re.findall(r"^FROM (\S+)", text, re.MULTILINE))
    assert re.search(r"^USER [1-9]", text, re.MULTILINE)
    assert "HEALTHCHECK" in text


@pytest.mark.parametrize("name", [name for name in OURS if "command" in SERVICES[name]])
def test_every_command_is_understood(name: str) -> None:
    check_command([re.sub(r"\$\{\w+:-(.*)\}", r"\1", word) for word in SERVICES[name]["command"]])


def test_the_overrides_name_no_other_service() -> None:
    overrides = yaml.safe_load((PROJECT / "docker-compose.prod.yml").read_text())["services"]
    assert overrides.keys() <= SERVICES.keys()


@pytest.mark.parametrize("name", STORES)
def test_every_store_is_pinned_checked_and_reached_from_this_host_only(name: str) -> None:
    service = SERVICES[name]
    assert re.search(r":[0-9]+\.[0-9]+", service["image"])
    assert "healthcheck" in service
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


@pytest.mark.parametrize("name", STORES)
def test_no_password_has_a_default(name: str) -> None:
    values = {key: value for key, value in SERVICES[name]["environment"].items() if "PASSWORD" in key or "AUTH" in key}
    assert values
    assert [value for value in values.values() if not re.fullmatch(r"\$\{[A-Z]+_PASSWORD:-\}", value)] == []


def test_the_stores_are_those_of_the_local_stack_and_a_page_to_look_at_them() -> None:
    assert set(STORES) == {*stack.STORES, "kibana"}
    versions = {name: re.search(r":([0-9.]+)", SERVICES[name]["image"]) for name in ("elasticsearch", "cassandra")}
    for name, version in versions.items():
        assert version
        assert f"<{name}.version>{version[1]}<" in (PROJECT / "jars" / name / "pom.xml").read_text()
