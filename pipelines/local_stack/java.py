"""The Java that the local servers run on."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from pipelines.settings import Settings

OLDEST = 17
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
