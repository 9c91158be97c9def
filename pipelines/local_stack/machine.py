"""What can be learnt about this machine: the probes behind the checks."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Protocol

import psutil
from packaging.requirements import Requirement

from pipelines.local_stack import ports
from pipelines.local_stack.java import find_java, java_version
from pipelines.local_stack.server import LocalServer
from pipelines.settings import Settings


class Machine(Protocol):
    """Answers about a machine. None of them changes anything; a lack is an answer, not an error."""

    def python(self) -> tuple[int, int]:
        """Major and minor version of the interpreter."""

    def java(self, settings: Settings) -> int:
        """Major version of the Java that would be used; 0 if there is none."""

    def maven(self) -> bool:
        """Whether mvn is on the path."""

    def lacking_packages(self) -> Sequence[str]:
        """The project's requirements that are not installed, or in another version."""

    def free_memory(self) -> int:
        """Bytes that new processes can have."""

    def free_disk(self, folder: Path) -> int:
        """Bytes left on the disk of a folder, which need not exist yet."""

    def port_is_free(self, port: int) -> bool:
        """Whether a server could listen on the port of the loopback interface."""

    def port_holder(self, port: int) -> str:
        """Who listens on the port, in words."""

    def store_lack(self, server: LocalServer) -> str:
        """What a store lacks to be started here, in one line with the way out; empty if nothing."""

    def reachable(self, address: str) -> bool:
        """Whether somebody accepts connections at host:port."""


class ThisMachine:
    """The machine that this runs on."""

    def python(self) -> tuple[int, int]:
        return sys.version_info[:2]

    def java(self, settings: Settings) -> int:
        program = find_java(settings)
        return java_version(program) if program else 0

    def maven(self) -> bool:
        return shutil.which("mvn") is not None

    def lacking_packages(self) -> Sequence[str]:
        try:
            needed = [Requirement(text) for text in requires("agora") or ()]
        except PackageNotFoundError:
            return ["agora"]
        return [str(need) for need in needed if _applies(need) and not _installed(need)]

    def free_memory(self) -> int:
        return int(psutil.virtual_memory().available)

    def free_disk(self, folder: Path) -> int:
        return shutil.disk_usage(next(path for path in (folder, *folder.parents) if path.exists())).free

    def port_is_free(self, port: int) -> bool:
        return ports.is_free(port)

    def port_holder(self, port: int) -> str:
        return ports.holder(port)

    def store_lack(self, server: LocalServer) -> str:
        return server.lack()

    def reachable(self, address: str) -> bool:
        host, _, port = address.rpartition(":")
        return ports.is_listening(int(port), host=host)


def _applies(need: Requirement) -> bool:
    return need.marker is None or need.marker.evaluate({"extra": ""})


def _installed(need: Requirement) -> bool:
    try:
        return need.specifier.contains(version(need.name), prereleases=True)
    except PackageNotFoundError:
        return False
