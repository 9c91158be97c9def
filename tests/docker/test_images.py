"""The images and their versions: pinned, those that are tested, running as nobody special, with nothing secret in them."""

from __future__ import annotations

import re

import pytest

from tests.docker.composed import PROJECT, services

SERVICES = services()
DOCKERFILES = sorted((PROJECT / "docker").glob("*/Dockerfile"))
PAGE = (PROJECT / "docs" / "compose.md").read_text()
NEVER = re.compile(r"password|secret|token", re.IGNORECASE)


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.parent.name)
def test_every_image_is_pinned_checked_and_runs_as_nobody_special(path) -> None:  # type: ignore[no-untyped-def]  # a path
    text = path.read_text()
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert len(bases) >= 2 and all(re.search(r":[0-9]+\.[0-9]+\.[0-9]+", base) for base in bases)
    last = text[text.rindex("\nFROM ") :]
    assert re.search(r"^USER [1-9]", last, re.MULTILINE) and "HEALTHCHECK" in last
    assert "--require-hashes" in text and not NEVER.search(last)


def test_what_is_built_is_what_is_used() -> None:
    built = {each["build"]["dockerfile"]: each["image"] for each in SERVICES.values() if "build" in each}
    assert built.keys() == {str(path.relative_to(PROJECT)) for path in DOCKERFILES}
    version = re.search(r'^version = "(.*)"', (PROJECT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version and all(image.endswith(f":{version[1]}") for image in built.values())


@pytest.mark.parametrize("name", [name for name, each in SERVICES.items() if "build" not in each])
def test_every_other_image_is_pinned_and_in_the_table_of_versions(name: str) -> None:
    image = SERVICES[name]["image"]
    assert re.search(r":v?[0-9]+\.[0-9]+", image)
    assert f"`{image}`" in PAGE


@pytest.mark.parametrize("name", ["kafka", "elasticsearch", "kibana", "cassandra"])
def test_servers_are_the_same_version_with_and_without_containers(name: str) -> None:
    tested = "elasticsearch" if name == "kibana" else name
    version = re.search(rf"<{tested}.version>(.*)</{tested}.version>", (PROJECT / "jars" / tested / "pom.xml").read_text())
    assert version and SERVICES[name]["image"].endswith(f":{version[1]}")


def test_java_and_python_are_those_that_are_tested() -> None:
    for path in DOCKERFILES:
        text = path.read_text()
        assert set(re.findall(r"^FROM python:([0-9]+\.[0-9]+)", text, re.MULTILINE)) == {"3.11"}
        assert set(re.findall(r"openjdk-([0-9]+)|temurin-([0-9]+)", text)) <= {("17", ""), ("", "17")}


def test_the_image_of_airflow_has_all_that_its_own_lock_says() -> None:
    lock = (PROJECT / "requirements" / "airflow.txt").read_text()
    assert "requirements/airflow.txt" in (PROJECT / "docker" / "airflow" / "Dockerfile").read_text()
    assert re.search(r"^apache-airflow==3\.3\.2 ", lock, re.MULTILINE)
    assert re.search(r"^psycopg-binary==", lock, re.MULTILINE), "it keeps its own state in PostgreSQL"


def test_what_is_copied_into_an_image_is_not_kept_from_it() -> None:
    allowed = [line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for path in DOCKERFILES:
        for line in re.findall(r"^COPY (?!--from)(.*)", path.read_text(), re.MULTILINE):
            for source in line.split()[:-1]:
                assert (PROJECT / source).exists(), source
                assert any(re.match(rf"{each.replace('*', '[^/]+')}(/|$)", source) for each in allowed), source
