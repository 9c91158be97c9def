"""Finished runs and experiments as documents in MongoDB, each inserted once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pymongo.errors import BulkWriteError

from pipelines.sinks.mongodb_store import connect, database_of, errors_of, not_taken, prepare

LARGEST_INT = 2**63


def catalogue(address: str, runs: Iterable[Mapping[str, Any]] = (), experiments: Iterable[Mapping[str, Any]] = ()) -> int:
    """Insert what is not there yet; return how many documents came in.

    Parameters
    ----------
    address : as of the sink.
    runs : finished runs by `run_id`, with what they were asked to do and what each world came to.
    experiments : finished records of trainings by `run_id`, with `experiment`, settings, figures, tags and how it ended.

    Raises StoreUnavailable, and ValueError for a database of somebody else.
    """
    with errors_of(address), connect(address) as client:
        database = database_of(client)
        prepare(database)
        count = 0
        for collection, records in (("runs", runs), ("experiments", experiments)):
            documents = [{"_id": record["run_id"], **plain(record)} for record in records]
            count += _inserted(database[collection], documents) if documents else 0
        return count


def lacking(address: str, runs: Iterable[Mapping[str, Any]] = (), experiments: Iterable[Mapping[str, Any]] = ()) -> list[str]:
    """The run ids of those that are not there; parameters and errors are those of `catalogue`."""
    with errors_of(address), connect(address) as client:
        database = database_of(client)
        wanted = {name: [record["run_id"] for record in records] for name, records in (("runs", runs), ("experiments", experiments))}
        there = {name: set(database[name].distinct("_id", {"_id": {"$in": ids}})) for name, ids in wanted.items()}
        return [run_id for name, ids in wanted.items() for run_id in ids if run_id not in there[name]]


def plain(value: Any) -> Any:
    """A value as BSON takes it: whole numbers beyond 64 bits become text, and names have no dots, which stand for inner fields.

    >>> plain({"seed": 2**64, "objectives.risk": (1, 0.5)})
    {'seed': '18446744073709551616', 'objectives/risk': [1, 0.5]}
    """
    if isinstance(value, Mapping):
        return {str(name).replace(".", "/"): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, int) and not -LARGEST_INT <= value < LARGEST_INT:
        return str(value)
    return value


def _inserted(collection: Any, documents: list[dict[str, Any]]) -> int:
    there = 0
    try:
        collection.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        there = len(error.details["writeErrors"])
        if not_taken(error):
            raise
    return len(documents) - there
