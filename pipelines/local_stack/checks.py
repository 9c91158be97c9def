"""What a machine needs for the local servers and the rest, each lack with its fix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from pipelines.local_stack.elsewhere import configured
from pipelines.local_stack.java import NO_JAVA, OLDEST
from pipelines.local_stack.kafka import KafkaServer
from pipelines.local_stack.machine import Machine
from pipelines.local_stack.stack import STORES
from pipelines.settings import Settings

GIB = 2**30
PYTHONS = ((3, 11), (3, 12))
MEMORY = (2 * GIB, 6 * GIB)  # least that the servers start in, and what the demo may take
DISK = (1 * GIB, 5 * GIB)  # least for a small run, and enough for long ones


class Verdict(StrEnum):
    """How a check ended."""

    FINE = "fine"
    TIGHT = "tight"  # works, with less than is recommended
    LACKING = "lacking"  # something that is required


@dataclass(frozen=True)
class Finding:
    """What a check found, and what to do about it (empty if it is fine)."""

    name: str
    verdict: Verdict
    found: str
    fix: str = ""


Check = Callable[[Settings, Machine], Finding]


def check_all(settings: Settings, machine: Machine) -> list[Finding]:
    """Run every check, in the order in which the lacks should be mended."""
    return [check(settings, machine) for check in CHECKS]


def check_python(settings: Settings, machine: Machine) -> Finding:
    """The interpreter's version."""
    major, minor = machine.python()
    if (major, minor) in PYTHONS:
        return Finding("python", Verdict.FINE, f"{major}.{minor}")
    return Finding("python", Verdict.LACKING, f"{major}.{minor}", "install Python 3.11 or 3.12, remove .venv and run `make setup`")


def check_packages(settings: Settings, machine: Machine) -> Finding:
    """Every requirement of the project, in its version."""
    lacking = machine.lacking_packages()
    if not lacking:
        return Finding("packages", Verdict.FINE, "all installed")
    return Finding("packages", Verdict.LACKING, f"without {', '.join(lacking)}", "run `make setup`")


def check_java(settings: Settings, machine: Machine) -> Finding:
    """A Java that Kafka and Spark run on."""
    major = machine.java(settings)
    if major >= OLDEST:
        return Finding("java", Verdict.FINE, str(major))
    return Finding("java", Verdict.LACKING, f"version {major} is too old" if major else "none", NO_JAVA)


def check_jars(settings: Settings, machine: Machine) -> Finding:
    """The jars of Kafka and Spark."""
    wanted = {"kafka": (settings.kafka_jars, "kafka_*.jar"), "spark": (settings.spark_jars, "delta-spark_*.jar")}
    lacking = [name for name, (folder, pattern) in wanted.items() if not any(folder.glob(pattern))]
    if not lacking:
        return Finding("jars", Verdict.FINE, str(settings.jars_dir / "lib"))
    return Finding("jars", Verdict.LACKING, f"none for {' and '.join(lacking)} in {settings.jars_dir / 'lib'}", "run `make setup`")


def check_maven(settings: Settings, machine: Machine) -> Finding:
    """Maven, which fetches the jars and is not needed once they are here."""
    if machine.maven():
        return Finding("maven", Verdict.FINE, "installed")
    needed = check_jars(settings, machine).verdict is Verdict.LACKING
    verdict = Verdict.LACKING if needed else Verdict.FINE
    fix = "install Maven (Debian and Ubuntu: apt-get install maven)" if needed else ""
    return Finding("maven", verdict, "none" if needed else "none, and not needed: the jars are here", fix)


def check_memory(settings: Settings, machine: Machine) -> Finding:
    """Memory for Kafka, Spark and the workers."""
    fix = "close other programs, or set AGORA_SPARK_DRIVER_MEMORY and AGORA_KAFKA_HEAP lower"
    return _amount("memory", machine.free_memory(), MEMORY, fix)


def check_disk(settings: Settings, machine: Machine) -> Finding:
    """Room for the log, the tables and the checkpoints."""
    return _amount(
        "disk", machine.free_disk(settings.data_dir), DISK, f"make room for {settings.data_dir}, or set AGORA_DATA_DIR to another disk"
    )


def check_broker(settings: Settings, machine: Machine) -> Finding:
    """The Kafka broker's port: reachable if it is elsewhere, ours or free if it is here."""
    if settings.broker:
        return _external(settings.broker, machine)
    server = KafkaServer(settings)
    if server.process.find() is not None:
        return Finding("broker", Verdict.FINE, f"runs at {server.address}")
    port = settings.kafka_port
    if not port or machine.port_is_free(port):
        return Finding("broker", Verdict.FINE, f"port {port} is free" if port else "will take a free port")
    fix = "stop that, or set AGORA_KAFKA_PORT to another port (0: any free one)"
    return Finding("broker", Verdict.LACKING, f"port {port} is held by {machine.port_holder(port)}", fix)


def check_stores(settings: Settings, machine: Machine) -> Finding:
    """The stores: each is elsewhere by setting, or can be started here. One that cannot is no reason not to use the rest."""
    here = [server(settings) for name, server in STORES.items() if not configured(settings, name)]
    lacks = {server.title: machine.store_lack(server) for server in here}
    lacking = {title: lack for title, lack in lacks.items() if lack}
    if not lacking:
        return Finding("stores", Verdict.FINE, "all can be started" if len(here) == len(STORES) else "all elsewhere or can be started")
    return Finding("stores", Verdict.TIGHT, f"without {', '.join(lacking)}", "; ".join(lacking.values()))


def _external(broker: str, machine: Machine) -> Finding:
    silent = [address for address in broker.split(",") if not machine.reachable(address)]
    if not silent:
        return Finding("broker", Verdict.FINE, f"{broker} answers")
    fix = "start it, or unset AGORA_BROKER to use the local one"
    return Finding("broker", Verdict.LACKING, f"{', '.join(silent)} does not answer", fix)


def _amount(name: str, free: int, wanted: tuple[int, int], fix: str) -> Finding:
    least, enough = wanted
    found = f"{free / GIB:.1f} GiB free"
    if free >= enough:
        return Finding(name, Verdict.FINE, found)
    return Finding(name, Verdict.TIGHT if free >= least else Verdict.LACKING, f"{found}, {enough / GIB:.0f} recommended", fix)


CHECKS: tuple[Check, ...] = (
    check_python,
    check_packages,
    check_java,
    check_maven,
    check_jars,
    check_memory,
    check_disk,
    check_broker,
    check_stores,
)
