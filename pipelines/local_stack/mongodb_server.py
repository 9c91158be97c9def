"""A server of MongoDB's protocol on the loopback interface: mongo-java-server, which stands in for MongoDB on one machine.

It keeps its data in one file (an H2 store) and asks for no password; docs/stores.md says what it lacks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.local_stack import ports
from pipelines.local_stack.java import find_java, jar_version, lack_of_jars, lack_of_java
from pipelines.local_stack.server import LocalServer


@dataclass(frozen=True)
class MongodbServer(LocalServer):
    """The local stand-in for MongoDB of one data folder."""

    name = "mongodb"
    title = "MongoDB's stand-in"
    elsewhere = "AGORA_MONGODB_URL"

    @property
    def mark(self) -> str:
        return str(self.folder / "data" / "store.mv")

    @property
    def version(self) -> str:
        found = jar_version(self.settings.mongodb_jars, "mongo-java-server")
        return f"mongo-java-server {found}" if found else ""

    def lack(self) -> str:
        jars = self.settings.mongodb_jars
        return (
            lack_of_java(self.settings, self.title)
            or lack_of_jars(jars, "mongo-java-server-*.jar", self.title)
            or lack_of_jars(jars, "classes/StandIn.class", self.title)
        )

    def configure(self, chosen: Mapping[str, int]) -> None:
        (self.folder / "data").mkdir(exist_ok=True)

    def command(self) -> Sequence[str]:
        jars = self.settings.mongodb_jars
        return [
            str(find_java(self.settings)),
            "-XX:+UseSerialGC",
            f"-Xmx{self.settings.mongodb_heap}",
            "-cp",
            f"{jars / 'classes'}:{jars}/*",
            "StandIn",
            ports.HOST,
            str(self.port),
            self.mark,
        ]

    def answers(self, port: int) -> bool:
        return is_mongodb(self.url())

    def url(self) -> str:
        """Where clients find it."""
        return f"mongodb://{self.address}/"


def is_mongodb(url: str) -> bool:
    """Whether a server of MongoDB's protocol answers there and takes the password."""
    import pymongo
    from pymongo.errors import PyMongoError

    client: pymongo.MongoClient[dict[str, Any]]
    try:
        with pymongo.MongoClient(url, serverSelectionTimeoutMS=2000, connectTimeoutMS=2000, socketTimeoutMS=2000) as client:
            return bool(client.admin.command("ping")["ok"])
    except (PyMongoError, OSError):
        return False
