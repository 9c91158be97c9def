"""The MongoDB database of this product: its collections and indexes, its schema version, and what its errors mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from pymongo import ASCENDING, DESCENDING, MongoClient
from pymongo.database import Database
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    WTimeoutError,
)

from pipelines.ports import StoreUnavailable

DATABASE = "agora"
SCHEMA = 1
ANSWER_MS = 5_000
SCAN_MS = 120_000  # the local stand-in reads a collection from end to end where MongoDB has an index
PASSING = frozenset({6, 7, 89, 91, 189, 9001, 10107, 11600, 11602, 13435, 13436, 14031, 262, 64})
"""Error codes of a server that is starting, stopping, electing, full or too busy."""
DUPLICATE = 11000
DENIED = frozenset({13, 18})
INDEXES: dict[str, tuple[tuple[tuple[str, int], ...], ...]] = {
    "steps": ((("run_id", ASCENDING), ("world_id", ASCENDING), ("deals", ASCENDING)),),
    "negotiations": (
        (("agents", ASCENDING), ("run_id", ASCENDING)),
        (("run_id", ASCENDING), ("outcome", ASCENDING), ("protocol", ASCENDING)),
        (("symbol", ASCENDING), ("price", ASCENDING)),
    ),
    "runs": ((("kind", ASCENDING), ("created", DESCENDING)),),
    "experiments": ((("experiment", ASCENDING), ("_id", DESCENDING)),),
}
"""Indexes beside the one on _id, by collection."""


def connect(address: str) -> MongoClient[dict[str, Any]]:
    """A client; nothing is sent yet. Raises ValueError for an address that is none."""
    try:
        return MongoClient(address, serverSelectionTimeoutMS=ANSWER_MS, connectTimeoutMS=ANSWER_MS, socketTimeoutMS=SCAN_MS, tz_aware=True)
    except (ConfigurationError, ValueError) as error:
        raise ValueError(f"the address of MongoDB is no mongodb://user:password@host:port/database ({type(error).__name__})") from None


def database_of(client: MongoClient[dict[str, Any]]) -> Database[dict[str, Any]]:
    """The database that the address names, otherwise `agora`."""
    return client.get_default_database(DATABASE)


def open_database(address: str) -> Database[dict[str, Any]]:
    """The database at that address, for questions; `database.client.close()` lets go of it."""
    return database_of(connect(address))


def prepare(database: Database[dict[str, Any]]) -> None:
    """Make what the database lacks. Raises ValueError if it is somebody else's or of another schema version."""
    kept = database["schema"].find_one({"_id": "agora"})
    if kept is None:
        foreign = sorted({*INDEXES, "schema", "progress", "marks"}.intersection(database.list_collection_names()))
        if foreign:
            raise ValueError(
                f"the MongoDB database {database.name!r} holds a collection {foreign[0]!r} that is not this product's; "
                "name another database at the end of the address: mongodb://host:port/NAME"
            )
        try:
            database["schema"].insert_one({"_id": "agora", "version": SCHEMA})
        except DuplicateKeyError:
            return prepare(database)
    elif kept["version"] != SCHEMA:
        raise ValueError(
            f"the MongoDB database {database.name!r} has schema version {kept['version']}, this program writes {SCHEMA}; "
            "use the version that wrote it, or name another database at the end of the address: mongodb://host:port/NAME"
        )
    for collection, indexes in INDEXES.items():
        for keys in indexes:
            database[collection].create_index(list(keys))
    return None


@contextmanager
def errors_of(address: str) -> Iterator[None]:
    """Say in this product's words what is wrong with the store; errors of the program pass."""
    try:
        yield
    except (ConnectionFailure, ExecutionTimeout, WTimeoutError) as error:
        raise _unavailable(address, error) from error
    except OperationFailure as error:
        if error.code in DENIED:
            raise ValueError(
                f"MongoDB at {place(address)} refuses the user or the password; set AGORA_MONGODB_URL to one that may write"
            ) from None
        if error.code not in PASSING:
            raise
        raise _unavailable(address, error) from error


def not_taken(error: BulkWriteError) -> list[Mapping[str, Any]]:
    """What the server did not take of a bulk write, with `index`, `code` and `errmsg`; what is there already was taken.

    Raises AutoReconnect where trying again may help.
    """
    failed = error.details["writeErrors"]
    passing = [*error.details.get("writeConcernErrors", ()), *(found for found in failed if found["code"] in PASSING)]
    if passing:
        raise AutoReconnect(str(passing[0].get("errmsg", "")))
    return [found for found in failed if found["code"] != DUPLICATE]


def place(address: str) -> str:
    """Host and port of an address, without user and password."""
    return urlsplit(address).netloc.rpartition("@")[2]


def _unavailable(address: str, error: Exception) -> StoreUnavailable:
    said = str(error).partition(" (configured timeouts")[0].partition(", Timeout:")[0][:200]
    return StoreUnavailable(
        f"MongoDB at {place(address)} does not answer, or not now: {said}; see `agora stack status`, start it with "
        "`agora stack up --with mongodb`, or set AGORA_MONGODB_URL"
    )


def rows_of_steps(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The events of a document of `steps`, as the block that it came from gives them."""
    columns = document["events"]
    for values in zip(*columns.values(), strict=True):
        yield {"run_id": document["run_id"], "world_id": document["world_id"], **dict(zip(columns, values, strict=True))}
