"""Reading back what Elasticsearch holds of a run, to compare it with the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipelines.events.block import Columns, columns_of_rows
from pipelines.events.declarations import EventType, event_type
from pipelines.events.topics import CONSUMERS
from pipelines.sinks.elasticsearch_client import connected, told
from pipelines.sinks.elasticsearch_indices import alias, pattern

PAGE = 10_000


class ElasticsearchReader:
    """Gives the events of a run with all columns.

    Parameters
    ----------
    address : http[s]://[user:password@]host:port.
    """

    def __init__(self, address: str) -> None:
        self.events = CONSUMERS["elasticsearch"]
        self._address, self._client = address, connected(address)

    def rows(self, event: str, run_id: str) -> Iterator[tuple[int, Columns]]:
        """World and columns of all events of a type of a run, each world's together and in the order of seq, a page at a time."""
        declared = event_type(event)
        with told(self._address):
            if not self._client.indices.exists_alias(name=alias(event)):
                return
            self._client.indices.refresh(index=pattern(event))
            for world_id in self._worlds(event, run_id):
                for page in self._pages(declared, run_id, world_id):
                    yield int(world_id), columns_of_rows(declared, page)

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _worlds(self, event: str, run_id: str) -> list[str]:
        """The worlds of a run of which there is something."""
        found: list[str] = []
        after: dict[str, Any] = {}
        while True:
            composite = {"size": PAGE, "sources": [{"world": {"terms": {"field": "world_id"}}}], **after}
            query = {"term": {"run_id": run_id}}
            answer = self._client.search(index=alias(event), size=0, query=query, aggs={"worlds": {"composite": composite}})
            worlds = answer["aggregations"]["worlds"]
            found += [bucket["key"]["world"] for bucket in worlds["buckets"]]
            if "after_key" not in worlds:
                return sorted(found, key=int)
            after = {"after": worlds["after_key"]}

    def _pages(self, event: EventType, run_id: str, world_id: str) -> Iterator[list[dict[str, Any]]]:
        query = {"bool": {"filter": [{"term": {"run_id": run_id}}, {"term": {"world_id": world_id}}]}}
        # seq first: Elasticsearch then skips what a page has passed; alerts may have the same, and differ in their ids
        sort = [{"seq": "asc"}, *([{"alert_id": "asc"}] if event.name == "alerts" else [])]
        wanted = [column.name for column in event.all_columns]
        asked: dict[str, Any] = {"index": alias(event.name), "query": query, "sort": sort, "size": PAGE}
        after: list[Any] | None = None
        while True:
            hits = self._client.search(**asked, search_after=after, source_includes=wanted, track_total_hits=False)["hits"]["hits"]
            if hits:
                yield [hit["_source"] for hit in hits]
            if len(hits) < PAGE:
                return
            after = hits[-1]["sort"]
