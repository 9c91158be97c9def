"""Negotiations as documents in MongoDB: the steps as they came, and one finished document for each deal.

steps          one document for each block: its events as columns, with the names of its ids; _id is run/world/first seq
negotiations   one document for each deal that has ended; _id is run/world/deal
progress, marks, schema   how far this sink is, and which version the database has

Documents are only ever inserted: one that is there already is the same one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.errors import BulkWriteError

from pipelines.events.block import Block, rows_of
from pipelines.events.progress import Batch, Progress, Refused, Taken
from pipelines.events.topics import CONSUMERS
from pipelines.events.words import NAMED
from pipelines.sinks.mongodb_progress import MongodbProgress
from pipelines.sinks.mongodb_store import connect, database_of, errors_of, not_taken, prepare, rows_of_steps
from pipelines.sinks.negotiation_documents import DealKey, Ended, OpenDeals, Row, negotiation
from pipelines.sinks.worlds import Worlds

Document = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LARGEST = 16 * 1024 * 1024  # bytes of a document that MongoDB takes


class MongodbSink:
    """The sink of negotiations.

    Parameters
    ----------
    address : mongodb://user:password@host:port/database; the database is `agora` if none is named.
    worlds : where names of ids are looked up.
    """

    name = "mongodb"
    events = CONSUMERS["mongodb"]

    def __init__(self, address: str, worlds: Worlds) -> None:
        self.address, self._worlds = address, worlds
        self._client: MongoClient[Document] | None = None

    def open(self) -> Progress:
        """See Sink.open. Raises ValueError for a database of somebody else or of another schema version."""
        self.close()
        self._client = connect(self.address)
        self._open_deals = OpenDeals()
        with errors_of(self.address):
            self._database = database_of(self._client)
            prepare(self._database)
            self._progress = MongodbProgress(self._database)
            return self._progress.read()

    def write(self, batch: Batch, refuse: Callable[[Refused], None]) -> None:
        """See Sink.write."""
        with errors_of(self.address):
            self._progress.check(batch)
            self._insert("steps", ((self._steps(taken.block), taken) for taken in batch.taken), refuse)
            self._insert("negotiations", self._ended(batch.taken), refuse)
            self._progress.advance(batch)

    def close(self) -> None:
        """See Sink.close."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _insert(self, collection: str, documents: Iterable[tuple[Document, Taken]], refuse: Callable[[Refused], None]) -> None:
        """Insert documents, each with the block that it came with; what is there already stays."""
        sound: list[tuple[RawBSONDocument, Taken]] = []
        for document, taken in documents:
            encoded = bson.encode(document)
            if len(encoded) > LARGEST:
                refuse(Refused(taken, "too_large", f"{document['_id']} of {collection} has {len(encoded)} bytes, MongoDB takes {LARGEST}"))
            else:
                sound.append((RawBSONDocument(encoded), taken))
        if not sound:
            return
        try:
            self._database[collection].insert_many([document for document, _ in sound], ordered=False)
        except BulkWriteError as error:
            for found in not_taken(error):
                refuse(Refused(sound[found["index"]][1], "refused", f"{collection}: code {found['code']}: {found['errmsg'][:300]}"))

    def _steps(self, block: Block) -> Document:
        head = block.head
        columns = {name: values if isinstance(values, list) else values.tolist() for name, values in block.columns.items()}
        return {
            "_id": f"{head.run_id}/{head.world_id}/{head.first_seq}",
            "run_id": head.run_id,
            "world_id": head.world_id,
            "first_seq": head.first_seq,
            "last_seq": head.last_seq,
            "deals": sorted(set(columns["deal_id"])),
            "names": self._names(block, columns),
            "events": columns,
        }

    def _names(self, block: Block, columns: Mapping[str, Sequence[Any]]) -> list[Document]:
        ids = sorted({(NAMED[name], number) for name, numbers in columns.items() if name in NAMED for number in set(numbers)})
        found = ((kind, number, self._worlds.name(block.head.run_id, block.head.world_id, kind, number)) for kind, number in ids)
        return [{"kind": kind, "id": number, "name": name} for kind, number, name in found if name is not None]

    def _ended(self, batch: Sequence[Taken]) -> Iterator[tuple[Document, Taken]]:
        """The documents of the deals that end in these blocks."""
        for taken in batch:
            ended = list(self._open_deals.take(rows_of(taken.block)))
            earlier = self._read_back(taken.block, [deal for deal in ended if deal.steps is None])
            for deal in ended:
                if steps := deal.steps or earlier[deal.key]:  # none where the block itself was refused
                    yield self._document(deal.key, steps), taken

    def _read_back(self, block: Block, ended: Sequence[Ended]) -> dict[DealKey, list[Row]]:
        """The steps, up to their end, of deals that began before this process saw them; they are all in the store by now."""
        last = {deal.key: deal.last_seq for deal in ended}
        found: dict[DealKey, list[Row]] = {key: [] for key in last}
        if not found:
            return found
        head = block.head
        wanted = {"run_id": head.run_id, "world_id": head.world_id, "deals": {"$in": [key.deal_id for key in found]}}
        for document in self._database["steps"].find(wanted, batch_size=10):
            for row in rows_of_steps(document):
                key = DealKey(row["run_id"], row["world_id"], row["deal_id"])
                if key in found and row["seq"] <= last[key]:
                    found[key].append(row)
        return {key: sorted(rows, key=lambda row: row["seq"]) for key, rows in found.items()}

    def _document(self, key: DealKey, steps: Sequence[Row]) -> Document:
        document = negotiation(key, steps, self._worlds)
        world = self._worlds.find(key.run_id, key.world_id)
        if world is not None:
            for name, step in (("began", document["first_step"]), ("ended", document["last_step"])):
                document[name] = EPOCH + timedelta(microseconds=(world.start_ns + step * world.step_ns) // 1000)
        return document
