"""The product's own logs in Elasticsearch: each line once, found again by file and offset. How far it is follows from the lines there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from elasticsearch import Elasticsearch

from pipelines.ports import StoreUnavailable
from pipelines.sinks.elasticsearch_client import connected, shown, told
from pipelines.sinks.elasticsearch_indices import LAYOUT, LONGEST_WORD, PRODUCT, alias, daily, pattern
from pipelines.sinks.elasticsearch_schema import check_template
from pipelines.sinks.log_lines import OWN, LogLine, lines_of, log_files

LOGS = "logs"
VERSION = 2
AT_ONCE = 5000  # lines in a bulk request
EXISTS = 409
WORD = {"type": "keyword", "ignore_above": LONGEST_WORD}
PROPERTIES: dict[str, dict[str, Any]] = {
    "@timestamp": {"type": "date_nanos"},
    "event": {"type": "text"},
    "fields": {"type": "flattened", "ignore_above": LONGEST_WORD},
    **{name: WORD for name in (*OWN, "file") if name != "event"},
    "offset": {"type": "long"},
    "end": {"type": "long"},
}
META = {"product": PRODUCT, "layout": LAYOUT, "version": VERSION}
MAPPINGS = {"dynamic": "strict", "_meta": META, "properties": PROPERTIES}


class LogShipper:
    """Brings the log files of a data folder into Elasticsearch.

    Parameters
    ----------
    address : http[s]://[user:password@]host:port.
    folder : the data folder.
    """

    def __init__(self, address: str, folder: Path) -> None:
        self._address, self._folder, self._client = address, folder, connected(address)
        self._ends: dict[str, int] | None = None

    def ship(self) -> int:
        """Send the lines that are new; how many. Raises StoreUnavailable, and may then be called again."""
        shipped = 0
        with told(self._address):
            known = self._ends if self._ends is not None else self._opened()
            self._ends = None  # read anew, should this fail
            for name, path in log_files(self._folder).items():
                lines = lines_of(name, path, known.get(name, 0))
                while chunk := list(islice(lines, AT_ONCE)):
                    self._send(chunk)
                    known[name] = chunk[-1].document["end"]
                    shipped += len(chunk)
            self._ends = known
        return shipped

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _opened(self) -> dict[str, int]:
        """Put the template; the end of the last line of each file that is there."""
        check_template(self._client, alias(LOGS), VERSION)
        self._client.indices.put_index_template(name=alias(LOGS), **daily(LOGS, VERSION, MAPPINGS))
        if not self._client.indices.exists_alias(name=alias(LOGS)):
            return {}
        self._client.indices.put_mapping(index=pattern(LOGS), properties=PROPERTIES, meta=META)  # for those of before
        self._client.indices.refresh(index=pattern(LOGS))
        return dict(ends(self._client))

    def _send(self, lines: list[LogLine]) -> None:
        """Send lines. One that is refused for what lies under `fields` is sent again with that as text."""
        if refused := self._refused(lines):
            flat = [line._replace(document=flattened(line.document)) for line in refused]
            if still := self._refused(flat):
                raise StoreUnavailable(f"Elasticsearch at {shown(self._address)} does not take line {still[0].name} of a log")

    def _refused(self, lines: list[LogLine]) -> list[LogLine]:
        actions = (({"create": {"_index": f"{alias(LOGS)}-{line.day}", "_id": line.name}}, line.document) for line in lines)
        body = [msgspec.json.encode(part) for action in actions for part in action]
        answer = self._client.bulk(operations=body, filter_path="items.*.status")  # type: ignore[arg-type]
        told = [outcome["status"] for item in answer["items"] for outcome in item.values()]
        return [line for line, status in zip(lines, told, strict=True) if status >= 400 and status != EXISTS]


def flattened(document: dict[str, Any]) -> dict[str, Any]:
    """The document with everything under `fields` at the end of its event."""
    rest = msgspec.json.encode(document.get("fields", {})).decode()
    return {**{name: value for name, value in document.items() if name != "fields"}, "event": f"{document['event']} {rest}"}


def ends(client: Elasticsearch) -> Iterator[tuple[str, int]]:
    """File and end of its last line, of all files of which there are lines."""
    after: dict[str, Any] = {}
    while True:
        files = {"composite": {"size": 1000, "sources": [{"file": {"terms": {"field": "file"}}}], **after}}
        answer = client.search(index=alias(LOGS), size=0, aggs={"files": {**files, "aggs": {"end": {"max": {"field": "end"}}}}})
        found = answer["aggregations"]["files"]
        yield from ((bucket["key"]["file"], int(bucket["end"]["value"])) for bucket in found["buckets"])
        if "after_key" not in found:
            return
        after = {"after": found["after_key"]}
