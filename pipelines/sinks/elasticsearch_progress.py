"""How far Elasticsearch is, kept in its index agora-progress: one document of state, and one for each mark.

Elasticsearch writes no two documents at once. So the state, which is compared and exchanged by its sequence number, carries the marks that
its batch changed; the next batch copies them into documents of their own before it changes the state. A copy names the version that it
belongs to and never replaces a later one, so that a writer who was overtaken spoils nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from elasticsearch import ConflictError, Elasticsearch, NotFoundError

from pipelines.events.marks import Mark
from pipelines.events.progress import Batch, Progress
from pipelines.ports import Superseded
from pipelines.sinks.elasticsearch_indices import LAYOUT, PREFIX, PRODUCT, check_ours

INDEX = f"{PREFIX}-progress"
STATE = "state"
PAGE = 10_000
KEPT = {"type": "keyword", "index": False, "doc_values": False}
MAPPINGS = {
    "dynamic": "strict",
    "_meta": {"product": PRODUCT, "layout": LAYOUT, "doc": "How far the sink is. Without it everything is read from the log again."},
    "properties": {"version": {"type": "long"}, "state": KEPT, "name": {"type": "keyword"}, "mark": KEPT},
}


class State(msgspec.Struct, frozen=True):
    """What is exchanged at once: offsets, the marks that the last batch changed, and the indices that were filled, with their uuids."""

    version: int = 0
    offsets: tuple[tuple[str, int, int], ...] = ()
    fresh: Mapping[str, Mark] = {}
    indices: Mapping[str, str] = {}

    def after(self, batch: Batch, indices: Mapping[str, str]) -> State:
        """The state once a batch is written that filled those indices."""
        offsets = {(name, partition): offset for name, partition, offset in self.offsets} | batch.offsets
        placed = tuple((name, partition, offset) for (name, partition), offset in sorted(offsets.items()))
        return State(self.version + 1, placed, batch.marks, {**self.indices, **indices})

    def without(self, lost: Sequence[str], topics: Collection[str], marks: Mapping[str, Mark]) -> State:
        """The state without indices that are gone, in which those topics begin anew, at the start of the log."""
        offsets = tuple(place for place in self.offsets if place[0] not in topics)
        fresh = {name: Mark() if name.partition("/")[0] in topics else mark for name, mark in marks.items()}
        return State(self.version + 1, offsets, fresh, {name: uuid for name, uuid in self.indices.items() if name not in lost})


class Keeper:
    """Reads and exchanges the state. Its calls raise the client's errors."""

    def __init__(self, client: Elasticsearch) -> None:
        self._client = client
        self._place: tuple[int, int] = (0, 0)
        self.state = State()

    def open(self) -> None:
        """Make the index if there is none, and read the state. Raises ValueError if it is somebody else's or of another layout."""
        if not self._client.indices.exists(index=INDEX):
            settings = {"number_of_shards": 1, "auto_expand_replicas": "0-1"}
            self._client.options(ignore_status=400).indices.create(index=INDEX, mappings=MAPPINGS, settings=settings)
        check_ours(f"index {INDEX}", self._client.indices.get_mapping(index=INDEX)[INDEX]["mappings"].get("_meta", {}))
        try:
            found = self._client.get(index=INDEX, id=STATE)
        except NotFoundError:
            document = _document(State())
            self._client.options(ignore_status=409).create(index=INDEX, id=STATE, document=document)
            found = self._client.get(index=INDEX, id=STATE)
        self._place = (found["_seq_no"], found["_primary_term"])
        self.state = msgspec.json.decode(found["_source"]["state"], type=State)

    def progress(self) -> Progress:
        """How far the store is, all marks included."""
        offsets = {(name, partition): offset for name, partition, offset in self.state.offsets}
        return Progress(self.state.version, offsets, {**dict(self._marks()), **self.state.fresh})

    def copies(self) -> list[bytes]:
        """Lines of a bulk request that copy the marks of the last batch into documents of their own."""
        version = {"version": self.state.version, "version_type": "external_gte"}
        actions = ({"index": {"_index": INDEX, "_id": f"mark/{name}", **version}} for name in self.state.fresh)
        marks = ({"name": name, "mark": _text(mark)} for name, mark in self.state.fresh.items())
        return [b"%b\n%b\n" % (msgspec.json.encode(action), msgspec.json.encode(mark)) for action, mark in zip(actions, marks, strict=True)]

    def exchange(self, state: State) -> None:
        """Put a new state in the place of the one that was read. Raises Superseded if that is no longer there."""
        seq_no, term = self._place
        try:
            found = self._client.index(index=INDEX, id=STATE, document=_document(state), if_seq_no=seq_no, if_primary_term=term)
        except ConflictError:
            raise Superseded(f"another writer went on from version {self.state.version} of {INDEX}") from None
        self._place, self.state = (found["_seq_no"], found["_primary_term"]), state

    def _marks(self) -> Iterator[tuple[str, Mark]]:
        self._client.indices.refresh(index=INDEX)
        copies, order = {"exists": {"field": "name"}}, [{"name": "asc"}]
        after: list[Any] | None = None
        while True:
            hits = self._client.search(index=INDEX, query=copies, sort=order, size=PAGE, search_after=after)["hits"]["hits"]
            for hit in hits:
                yield hit["_source"]["name"], msgspec.json.decode(hit["_source"]["mark"], type=Mark)
            if len(hits) < PAGE:
                return
            after = hits[-1]["sort"]


def _document(state: State) -> dict[str, Any]:
    return {"version": state.version, "state": _text(state)}


def _text(value: State | Mark) -> str:
    return msgspec.json.encode(value).decode()
