"""This machine in the place of docker compose: each service by its own words, judged by its own health check.

A host gives what a container would have: a folder of its own for each service, the names of the others, free ports, and the programs of
images that are not built here.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.local_stack.java import find_java
from pipelines.local_stack.redis_server import find_redis
from pipelines.settings import Settings
from tests.docker.composed import Service, is_ours

PATIENCE_S = 240.0
STOP_S = 60.0
IN_GOOD_ORDER = (0, 143, -15)
KILLED = -9
CLUSTER = "5L6g3nShT-eMCtK--X86sw"  # any; the image of Kafka brings one of its own
ENTRYPOINTS = {"prom/prometheus": ["prometheus", "--web.listen-address=0.0.0.0:9090"]}
COMMANDS = {"apache/kafka": ["/etc/kafka/docker/run"]}
"""Of images that are not built here; the others just start the command that they are given."""
JAVA = "exec {java} $KAFKA_HEAP_OPTS -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp '{jars}/*'"
RUN_KAFKA = """\
#!/bin/sh -e
mkdir -p default mounted final
touch default/server.properties default/log4j2.yaml default/tools-log4j2.yaml
({java} kafka.docker.KafkaDockerWrapper setup --default-configs-dir default --mounted-configs-dir mounted --final-configs-dir final)
{java} kafka.Kafka final/server.properties
"""
ASK_KAFKA = '#!/bin/sh\n{java} org.apache.kafka.tools.BrokerApiVersionsCommand "$@"\n'


@dataclass(frozen=True)
class Host:
    """Runs services of a compose file here.

    Parameters
    ----------
    folder : for data, in the place of the volumes, and for each service.
    services : what the compose file says.
    replaced : what stands there, by what stands here for it.
    apart : the same for single services, where their containers have something of the same name.
    outside : variables that every service sees.
    """

    folder: Path
    services: Mapping[str, Service]
    replaced: Mapping[str, str]
    apart: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    outside: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def here(self, words: str, name: str = "") -> str:
        """Words of the compose file as they are right on this machine, for one of its services."""
        known = {**self.replaced, **self.apart.get(name, {})}
        if not known:
            return words
        longest_first = "|".join(re.escape(each) for each in sorted(known, key=len, reverse=True))
        return re.sub(longest_first, lambda match: known[match[0]], words)

    def environment(self, name: str) -> dict[str, str]:
        """What the service sees."""
        given = {key: self.here(value, name) for key, value in self.services[name].get("environment", {}).items()}
        data = {"AGORA_DATA_DIR": str(self.folder / "data"), "AGORA_RESULTS_DIR": str(self.folder / "results")}
        programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {**self.outside, **given, **data, "PATH": programs, "CLUSTER_ID": CLUSTER}

    def place(self, name: str) -> Path:
        """The folder in which a service runs."""
        found = self.folder / name
        found.mkdir(parents=True, exist_ok=True)
        return found

    def start(self, name: str) -> subprocess.Popen[str]:
        """Start a service by its own words."""
        service = self.services[name]
        image = service["image"].partition(":")[0]
        program = service.get("entrypoint") or (["agora"] if is_ours(service) else ENTRYPOINTS.get(image, []))
        words = [*program, *(service.get("command") or COMMANDS.get(image, []))]
        with (self.folder / f"{name}.log").open("w") as log:
            return subprocess.Popen(
                [self.here(word, name) for word in words],
                cwd=self.place(name), env=self.environment(name), stdout=log, stderr=log, text=True, start_new_session=True,
            )  # fmt: skip

    def check(self, name: str, *more: str) -> subprocess.CompletedProcess[str]:
        """Run its own health check, perhaps with more words."""
        kind, *words = (self.here(word, name) for word in self.services[name]["healthcheck"]["test"])
        command = ["sh", "-c", *words] if kind == "CMD-SHELL" else [*words, *more]
        return subprocess.run(command, cwd=self.place(name), env=self.environment(name), capture_output=True, text=True, timeout=60)

    def healthy(self, name: str, *more: str) -> bool:
        """What its own health check says."""
        return self.check(name, *more).returncode == 0

    def becomes_healthy(self, name: str, process: subprocess.Popen[str]) -> None:
        """Wait for it as `docker compose up --wait` does."""
        until = time.monotonic() + PATIENCE_S
        while not self.healthy(name):
            assert process.poll() is None and time.monotonic() < until, f"{name} does not become healthy\n{self.logs(name)[-3000:]}"
            time.sleep(0.5)

    def logs(self, name: str) -> str:
        """What it said."""
        return (self.folder / f"{name}.log").read_text()

    @contextmanager
    def running(self, *names: str, ends: Container[int] = IN_GOOD_ORDER) -> Iterator[dict[str, subprocess.Popen[str]]]:
        """Services from start to stop; each must end in one of these ways when it is told to."""
        processes: dict[str, subprocess.Popen[str]] = {}
        try:
            processes |= {name: self.start(name) for name in names}
            yield processes
        finally:
            for process in processes.values():
                process.terminate()
            codes = {name: process.wait(STOP_S) for name, process in processes.items()}
        assert all(code in ends for code in codes.values()), codes


def kafka_here(folder: Path) -> dict[str, str]:
    """What stands here for the programs of Kafka's image: its own classes from its jars, with less memory, data in the service's folder."""
    config = Settings()
    java = JAVA.format(java=find_java(config), jars=config.kafka_jars)
    programs = {"/etc/kafka/docker/run": RUN_KAFKA, "/opt/kafka/bin/kafka-broker-api-versions.sh": ASK_KAFKA}
    found = {"/var/lib/kafka/data": "log", "-Xmx1g": "-Xmx256m"}
    for there, text in programs.items():
        program = folder / Path(there).name
        program.write_text(text.format(java=java))
        program.chmod(0o755)
        found[there] = str(program)
    return found


def redis_here(port: int) -> dict[str, str]:
    """What stands here for the programs of Redis's image, and for what they use."""
    server = find_redis()
    assert server, "there is no redis-server; run `make setup`"
    return {
        "exec redis-server": f"exec {server} --bind 127.0.0.1 --port {port}",
        "redis-cli": f"{server.parent / 'redis-cli'} -p {port}",
        "/tmp/users.acl": "users.acl",
        "redis:6379": f"127.0.0.1:{port}",
    }
