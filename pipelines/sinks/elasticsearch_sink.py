"""Messages, trades and alerts in Elasticsearch, to be searched and looked at with Kibana. docs/stores/elasticsearch.md shows how.

An index that disappears is noticed before the next progress is made, and when the sink opens: what it held is then read again, with all
of its type, from the start of the log. If retention has shortened the log, the sink says so and goes on: the rest is in the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import structlog
from elasticsearch import Elasticsearch

from pipelines.events.declarations import event_type
from pipelines.events.progress import Batch, Progress, Refused, Taken
from pipelines.events.topics import CONSUMERS, topic
from pipelines.ports import StoreUnavailable, Superseded
from pipelines.sinks.elasticsearch_client import BUSY, connected, shown, told
from pipelines.sinks.elasticsearch_documents import documents
from pipelines.sinks.elasticsearch_indices import PREFIX, event_of
from pipelines.sinks.elasticsearch_progress import INDEX, Keeper
from pipelines.sinks.elasticsearch_schema import make, prepare, uuids_of
from pipelines.sinks.worlds import Worlds

CHUNK_BYTES = 4 * 1024 * 1024  # of one bulk request; larger ones take more of the server's heap and are no faster
ANSWER = "items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason"
EXISTS = 409  # the event is there already, or a later mark is
BLOCKED = (403, 404)  # an index that may not be written to, or one that is gone and not made by itself


class Line(NamedTuple):
    """The two lines of a bulk request for one document, and the block that it is of; None for a mark."""

    data: bytes
    taken: Taken | None


class Prepared(NamedTuple):
    """A batch as it is sent: lines, the indices that they go to, and the blocks of which not everything can be sent."""

    lines: list[Line]
    indices: set[str]
    refused: list[Refused]


class ElasticsearchSink:
    """A Sink (`pipelines.ports`) in Elasticsearch.

    Parameters
    ----------
    address : http[s]://[user:password@]host:port.
    worlds : names of ids, and simulated time.
    """

    def __init__(self, address: str, worlds: Worlds) -> None:
        self.name = "elasticsearch"
        self.events = CONSUMERS[self.name]
        self._address, self._worlds = address, worlds
        self._client: Elasticsearch | None = None
        self._keeper: Keeper | None = None
        self._said = structlog.get_logger().bind(sink=self.name)

    def open(self) -> Progress:
        """Connect, put the templates, and read the progress; a type of which an index is gone begins anew.

        Raises StoreUnavailable, or ValueError for what is not Elasticsearch 9 or holds indices that are not this product's.
        """
        self.close()
        self._client = client = connected(self._address)
        with told(self._address):
            client.cluster.health(index=f"{PREFIX}-*", wait_for_status="yellow", timeout="5s")
            for name in self.events:
                prepare(client, event_type(name))
            self._keeper = keeper = Keeper(client)
            keeper.open()
            if lost := self._lost(client, keeper.state.indices):
                self._send(client, [Line(copy, None) for copy in keeper.copies()])
                keeper.exchange(keeper.state.without(lost, self._again(lost), keeper.progress().marks))
            return keeper.progress()

    def write(self, batch: Batch, refuse: Callable[[Refused], None]) -> None:
        """See Sink.write: documents first, then the progress."""
        if self._client is None or self._keeper is None:
            raise StoreUnavailable(f"Elasticsearch at {shown(self._address)} is not open; call open first")
        client, keeper = self._client, self._keeper
        if batch.version != keeper.state.version:
            raise Superseded(f"the batch follows version {batch.version}, {INDEX} has {keeper.state.version}")
        prepared = self._prepared(batch, keeper)
        with told(self._address):
            made = self._made(client, prepared.indices - keeper.state.indices.keys())
            refused = prepared.refused + self._send(client, prepared.lines)
        for each in {id(each.taken): each for each in reversed(refused)}.values():
            refuse(each)
        with told(self._address):
            if lost := self._lost(client, {**keeper.state.indices, **made}):
                raise Superseded(f"indices were deleted meanwhile: {', '.join(lost)}")
            keeper.exchange(keeper.state.after(batch, made))

    def close(self) -> None:
        """Let go of connections; a second call does nothing."""
        if self._client is not None:
            self._client.close()
        self._client = self._keeper = None

    def _again(self, lost: list[str]) -> list[str]:
        """The topics to be read again for lost indices; what the log no longer holds as a whole is told, and goes on where it is."""
        of = {index: topic(event_of(index)).name for index in lost}
        again = sorted(name for name in set(of.values()) if self._worlds.reaches_back(name))
        if filled := [index for index in lost if of[index] in again]:
            self._said.warning("indices are gone; their types are read from the start of the log again", indices=filled)
        if gone := [index for index in lost if of[index] not in again]:
            told = "agora backfill elasticsearch --from DAY --to DAY, if they are to come back"
            self._said.error("indices are gone, and the log no longer holds all of what they held", indices=gone, next=told)
        return again

    def _prepared(self, batch: Batch, keeper: Keeper) -> Prepared:
        prepared = Prepared([Line(copy, None) for copy in keeper.copies()], set(), [])
        for taken in batch.taken:
            found = documents(taken.block, self._worlds)
            if found.reason:
                prepared.refused.append(Refused(taken, found.reason, found.detail))
            prepared.lines.extend(Line(data, taken) for _, data in found.lines)
            prepared.indices.update(index for index, _ in found.lines)
        return prepared

    def _made(self, client: Elasticsearch, wanted: Iterable[str]) -> dict[str, str]:
        """Make the indices that a batch is the first to need; their ids."""
        names = sorted(wanted)
        for index in names:
            make(client, index)
        there = uuids_of(client, self.events) if names else {}
        return {index: there.get(index, "") for index in names}

    def _lost(self, client: Elasticsearch, known: Mapping[str, str]) -> list[str]:
        """Indices that were filled and are no longer there, or there anew."""
        there = uuids_of(client, self.events)
        return sorted(index for index, uuid in known.items() if there.get(index) != uuid)

    def _send(self, client: Elasticsearch, lines: Iterable[Line]) -> list[Refused]:
        """Send everything; the blocks of which something is refused for good. Raises StoreUnavailable if the server is too busy."""
        refused: list[Refused] = []
        for chunk in chunks(lines):
            answer = client.bulk(operations=[line.data for line in chunk], filter_path=ANSWER)  # type: ignore[misc]
            for line, item in zip(chunk, answer["items"], strict=True):
                (outcome,) = item.values()
                if outcome["status"] >= 400 and outcome["status"] != EXISTS:
                    refused.append(self._judged(line, outcome))
        return refused

    def _judged(self, line: Line, outcome: dict[str, Any]) -> Refused:
        error = outcome.get("error", {})
        said = "; ".join(filter(None, [error.get("type"), error.get("reason"), error.get("caused_by", {}).get("reason")]))[:1000]
        if line.taken is None or outcome["status"] in (*BUSY, *BLOCKED):
            at = shown(self._address)
            raise StoreUnavailable(f"Elasticsearch at {at} takes no documents now: {said}; look at its disk, its memory and its shards")
        return Refused(line.taken, "refused", said)


def chunks(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Lines in pieces of about CHUNK_BYTES, none of them empty."""
    piece: list[Line] = []
    size = 0
    for line in lines:
        if piece and size + len(line.data) > CHUNK_BYTES:
            yield piece
            piece, size = [], 0
        piece.append(line)
        size += len(line.data)
    if piece:
        yield piece
