"""A real Elasticsearch on the loopback interface: one node of its smallest distribution, without security.

docs/stores.md says what that distribution lacks. It needs a newer Java than the rest, and refuses to run as root.
"""

from __future__ import annotations

import json
import os
import shutil
import urllib.request
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psutil

from pipelines.local_stack import ports
from pipelines.local_stack.java import find_newer_java
from pipelines.local_stack.server import LocalServer
from pipelines.local_stack.server_user import as_server_user, hand_over, lack_of_user

OLDEST_JAVA = 21
NO_JAVA = (
    f"Elasticsearch needs Java {OLDEST_JAVA} or later and there is none; run `make setup`, install one (Debian and Ubuntu: "
    "apt-get install openjdk-21-jre-headless), or point AGORA_JAVA_HOME at one"
)
CONFIGURATION = """\
cluster.name: agora
node.name: local
path.data: "{folder}/data"
path.logs: "{folder}/logs"
network.host: {host}
http.port: {port}
transport.port: {transport}
discovery.type: single-node
cluster.routing.allocation.disk.threshold_enabled: false
xpack.security.enabled: false
"""
# of its own options: a module that small Java runtimes lack and only vector search gains from, and files in the folder of the program
UNWANTED = ("jdk.incubator.vector", "HeapDumpOnOutOfMemoryError", "ErrorFile", "-Xlog:gc")


@dataclass(frozen=True)
class ElasticsearchServer(LocalServer):
    """The local Elasticsearch of one data folder."""

    name = "elasticsearch"
    title = "Elasticsearch"
    elsewhere = "AGORA_ELASTICSEARCH_URL"
    port_names = ("port", "transport")
    least_disk = 1024 * 2**20  # its own thresholds are shares of the disk, which would stop it on a large disk with much room left

    @property
    def mark(self) -> str:
        return f"-Dagora.folder={self.folder}"

    @property
    def log(self) -> Path:
        return self.folder / "logs" / "agora.log"

    @property
    def version(self) -> str:
        home = self._home
        return home.name.removeprefix("elasticsearch-") if home else ""

    @property
    def _home(self) -> Path | None:
        return next(iter(sorted(self.settings.elasticsearch_home.glob("elasticsearch-*"))), None)

    def lack(self) -> str:
        if self._home is None:
            return f"Elasticsearch is not in {self.settings.elasticsearch_home}; run `make setup`"
        return lack_of_user(self.settings, self.title) or ("" if find_newer_java(self.settings, OLDEST_JAVA) else NO_JAVA)

    def configure(self, chosen: Mapping[str, int]) -> None:
        for name in ("data", "logs", "tmp"):
            (self.folder / name).mkdir(exist_ok=True)
        configuration = self.folder / "config"
        shutil.rmtree(configuration, ignore_errors=True)
        shutil.copytree((self._home or self.folder) / "config", configuration)
        (configuration / "elasticsearch.yml").write_text(CONFIGURATION.format(host=ports.HOST, folder=self.folder, **chosen))
        options = configuration / "jvm.options"
        options.write_text("".join(line for line in options.open() if not any(word in line for word in UNWANTED)))
        heap = self.settings.elasticsearch_heap
        (configuration / "jvm.options.d" / "agora.options").write_text(f"-Xms{heap}\n-Xmx{heap}\n{self.mark}\n")
        for name in ("config", "data", "logs", "tmp"):
            hand_over(self.settings, self.folder / name)

    def command(self) -> Sequence[str]:
        return as_server_user(self.settings, [str((self._home or self.folder) / "bin" / "elasticsearch")])

    def environment(self) -> Mapping[str, str]:
        java = find_newer_java(self.settings, OLDEST_JAVA)
        return {
            "PATH": os.defpath,
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "ES_JAVA_HOME": str(java.parents[1]) if java else "",
            "ES_PATH_CONF": str(self.folder / "config"),
            "ES_TMPDIR": str(self.folder / "tmp"),
            "CLI_JAVA_OPTS": self.mark,
        }

    def leftovers(self) -> Sequence[psutil.Process]:
        """The server proper, which ends some moments after the launcher that was killed."""
        return [process for process in psutil.process_iter(["cmdline"]) if self.mark in (process.info["cmdline"] or ())]

    def answers(self, port: int) -> bool:
        return is_elasticsearch(self.url())

    def url(self) -> str:
        """Where clients find it."""
        return f"http://{self.address}"


def is_elasticsearch(url: str) -> bool:
    """Whether an Elasticsearch answers there whose indices can be searched, and takes the password."""
    parts = urlsplit(url)
    request = urllib.request.Request(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/_cluster/health")
    if parts.username:
        user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        request.add_header("Authorization", f"Basic {b64encode(user.encode()).decode()}")
    try:
        with urllib.request.urlopen(request, timeout=2) as answer:
            return json.load(answer)["status"] in ("yellow", "green")
    except (OSError, HTTPException, ValueError, KeyError, TypeError):  # whatever another server answers
        return False
