"""Each lack is found and named with its fix; a healthy machine has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipelines.local_stack.checks import GIB, Finding, Verdict, check_all
from pipelines.local_stack.server import LocalServer
from pipelines.settings import Settings


@dataclass
class PretendedMachine:
    """A healthy machine, but for what a test takes away."""

    version: tuple[int, int] = (3, 11)
    java_major: int = 17
    has_maven: bool = True
    lacking: Sequence[str] = ()
    memory: int = 16 * GIB
    disk: int = 100 * GIB
    busy: dict[int, str] = field(default_factory=dict)
    silent: Sequence[str] = ()
    lacking_stores: dict[str, str] = field(default_factory=dict)

    def python(self) -> tuple[int, int]:
        return self.version

    def java(self, settings: Settings) -> int:
        return self.java_major

    def maven(self) -> bool:
        return self.has_maven

    def lacking_packages(self) -> Sequence[str]:
        return self.lacking

    def free_memory(self) -> int:
        return self.memory

    def free_disk(self, folder: Path) -> int:
        return self.disk

    def port_is_free(self, port: int) -> bool:
        return port not in self.busy

    def port_holder(self, port: int) -> str:
        return self.busy[port]

    def store_lack(self, server: LocalServer) -> str:
        return self.lacking_stores.get(server.name, "")

    def reachable(self, address: str) -> bool:
        return address not in self.silent


def settings_in(folder: Path, *, jars: Sequence[str] = ("kafka", "spark"), **values: object) -> Settings:
    """Settings whose jars, pretended, lie in folder."""
    for name, jar in (("kafka", "kafka_2.13.jar"), ("spark", "delta-spark_2.13.jar")):
        if name in jars:
            (folder / "jars" / "lib" / name).mkdir(parents=True)
            (folder / "jars" / "lib" / name / jar).touch()
    return Settings.model_validate({"data_dir": folder / "data", "jars_dir": folder / "jars", **values})


def unhealthy(settings: Settings, machine: PretendedMachine) -> list[Finding]:
    return [finding for finding in check_all(settings, machine) if finding.verdict is not Verdict.FINE]


def test_a_healthy_machine_lacks_nothing_and_needs_no_fix(tmp_path: Path) -> None:
    findings = check_all(settings_in(tmp_path), PretendedMachine())
    assert [finding.verdict for finding in findings] == [Verdict.FINE] * 9
    assert [finding.fix for finding in findings] == [""] * 9


@pytest.mark.parametrize(
    ("machine", "name", "found", "fix"),
    [
        (PretendedMachine(java_major=0), "java", "none", "install Java 17"),
        (PretendedMachine(java_major=11), "java", "version 11 is too old", "install Java 17"),
        (PretendedMachine(version=(3, 13)), "python", "3.13", "install Python 3.11"),
        (PretendedMachine(lacking=["numba<0.69"]), "packages", "without numba<0.69", "make setup"),
        (PretendedMachine(memory=1 * GIB), "memory", "1.0 GiB free, 6 recommended", "AGORA_SPARK_DRIVER_MEMORY"),
        (PretendedMachine(disk=GIB // 2), "disk", "0.5 GiB free, 5 recommended", "AGORA_DATA_DIR"),
    ],
)
def test_what_is_required_and_lacking(machine: PretendedMachine, name: str, found: str, fix: str, tmp_path: Path) -> None:
    [finding] = unhealthy(settings_in(tmp_path), machine)
    assert (finding.name, finding.verdict, finding.found) == (name, Verdict.LACKING, found)
    assert fix in finding.fix


def test_little_memory_and_disk_are_tight_but_enough_to_start(tmp_path: Path) -> None:
    findings = unhealthy(settings_in(tmp_path), PretendedMachine(memory=3 * GIB, disk=2 * GIB))
    assert [(finding.name, finding.verdict) for finding in findings] == [("memory", Verdict.TIGHT), ("disk", Verdict.TIGHT)]


def test_maven_is_needed_until_the_jars_are_here(tmp_path: Path) -> None:
    assert unhealthy(settings_in(tmp_path), PretendedMachine(has_maven=False)) == []
    without_jars = settings_in(tmp_path / "other", jars=["kafka"])
    findings = unhealthy(without_jars, PretendedMachine(has_maven=False))
    assert [(finding.name, finding.found[:15]) for finding in findings] == [("maven", "none"), ("jars", "none for spark ")]


def test_a_busy_port_is_named_with_its_holder(tmp_path: Path) -> None:
    [finding] = unhealthy(settings_in(tmp_path, kafka_port=9092), PretendedMachine(busy={9092: "java (process 7)"}))
    assert finding.found == "port 9092 is held by java (process 7)"
    assert "AGORA_KAFKA_PORT" in finding.fix


def test_an_external_broker_must_answer(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, broker="a:1,b:2")
    assert unhealthy(settings, PretendedMachine()) == []
    [finding] = unhealthy(settings, PretendedMachine(silent=["b:2"]))
    assert finding.found == "b:2 does not answer"


def test_a_store_that_cannot_be_started_is_no_reason_to_stop(tmp_path: Path) -> None:
    machine = PretendedMachine(lacking_stores={"redis": "there is no redis-server; install it"})
    [finding] = unhealthy(settings_in(tmp_path), machine)
    assert (finding.name, finding.verdict, finding.found) == ("stores", Verdict.TIGHT, "without Redis")
    assert finding.fix == "there is no redis-server; install it"
    assert unhealthy(settings_in(tmp_path / "other", redis_url="redis://a:1/0"), machine) == []
