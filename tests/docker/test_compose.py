"""The compose files and images keep to what the rest of the project says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contracts.check_command import check_command

PROJECT = Path(__file__).parents[2]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]
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
