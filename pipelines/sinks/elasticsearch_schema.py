"""Bringing templates and indices of a server up to this program's contract, and knowing which indices there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch

from pipelines.events.declarations import EventType
from pipelines.sinks.elasticsearch_indices import alias, check_ours, mappings, pattern, template


def prepare(client: Elasticsearch, event: EventType) -> None:
    """Put a type's template, and add new columns to the indices that there are.

    Raises ValueError for templates and indices of somebody else, of another layout, of a later version, or with a column of another type.
    """
    check_template(client, alias(event.name), event.version)
    for index, there in client.indices.get_mapping(index=pattern(event.name)).items():
        _update(client, event, index, there["mappings"])
    client.indices.put_index_template(name=alias(event.name), **template(event))


def check_template(client: Elasticsearch, name: str, version: int) -> None:
    """Raises ValueError if there is an index template of that name that this program must not replace."""
    for each in client.options(ignore_status=404).indices.get_index_template(name=name).get("index_templates", []):
        check_ours(f"index template {name}", each["index_template"].get("_meta", {}), version)


def _update(client: Elasticsearch, event: EventType, index: str, there: dict[str, Any]) -> None:
    check_ours(f"index {index}", there.get("_meta", {}), event.version)
    wanted = mappings(event)
    if there["_meta"]["version"] == event.version:
        return
    try:
        client.indices.put_mapping(index=index, properties=wanted["properties"], meta=wanted["_meta"])
    except BadRequestError as error:
        raise ValueError(
            f"index {index} holds {event.name} of version {there['_meta']['version']}, which version {event.version} contradicts: {error}; "
            f"delete the index and `agora sink elasticsearch --once` fills it from the start of the log"
        ) from error


def uuids_of(client: Elasticsearch, events: Iterable[str]) -> dict[str, str]:
    """The indices of the types that there are, with the id that each got when it was made."""
    patterns = ",".join(pattern(event) for event in events)
    found = client.indices.get_settings(index=patterns, name="index.uuid", flat_settings=True)
    return {index: there["settings"]["index.uuid"] for index, there in found.items()}


def make(client: Elasticsearch, index: str) -> None:
    """Make a day's index by its template, if it is not there yet."""
    try:
        client.indices.create(index=index)
    except BadRequestError as error:
        if error.error != "resource_already_exists_exception":
            raise
