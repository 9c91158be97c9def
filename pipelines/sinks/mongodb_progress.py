"""How far the documents are, kept in MongoDB beside them without transactions.

One document holds version, offsets and the marks that the last batch changed: whoever raises the version replaces it in one operation.
The changed marks are then copied to one document each. A crash in between is mended when the store is opened: the copy is made again.
"""

from __future__ import annotations

from typing import Any

import msgspec
from pymongo import UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError

from pipelines.events.marks import Mark
from pipelines.events.progress import Batch, Progress
from pipelines.ports import Superseded
from pipelines.sinks.mongodb_store import not_taken

HEAD = "mongodb"


class MongodbProgress:
    """The progress of the sink in the collections `progress` and `marks`."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._heads, self._marks = database["progress"], database["marks"]
        self._now = Progress()

    def read(self) -> Progress:
        """What the store has; the changed marks are copied where that is not done."""
        head = self._heads.find_one({"_id": HEAD})
        if head is None:
            try:
                self._heads.insert_one({"_id": HEAD, "version": 0, "offsets": [], "marks": []})
            except DuplicateKeyError:
                return self.read()
            head = {"version": 0, "offsets": [], "marks": []}
        self._copy(head["version"], head["marks"])
        kept = {row["_id"]: row["mark"] for row in self._marks.find({})} | dict(head["marks"])
        offsets = {(topic, partition): offset for topic, partition, offset in head["offsets"]}
        marks = {name: msgspec.json.decode(mark, type=Mark) for name, mark in kept.items()}
        self._now = Progress(head["version"], offsets, marks)
        return self._now

    def check(self, batch: Batch) -> None:
        """Raise Superseded if the store's version is not the batch's."""
        head = self._heads.find_one({"_id": HEAD}, {"version": 1}) or {"version": "none"}
        if head["version"] != batch.version:
            raise Superseded(f"the batch follows version {batch.version}, the store has {head['version']}")

    def advance(self, batch: Batch) -> None:
        """Make the batch's progress, if the store's version is still the batch's."""
        after = self._now.after(batch)
        offsets = [[topic, partition, offset] for (topic, partition), offset in after.offsets.items()]
        marks = [[name, msgspec.json.encode(mark).decode()] for name, mark in batch.marks.items()]
        change = {"$set": {"version": after.version, "offsets": offsets, "marks": marks}}
        if self._heads.find_one_and_update({"_id": HEAD, "version": batch.version}, change) is None:
            self.check(batch)
            raise Superseded(f"the store lost its progress after version {batch.version}")
        self._copy(after.version, marks)
        self._now = after

    def _copy(self, version: int, marks: list[list[str]]) -> None:
        """One document for each changed mark; one that is newer already stays, and the insert that replaces it fails as a duplicate."""
        changes = [
            UpdateOne({"_id": name, "version": {"$lt": version}}, {"$set": {"version": version, "mark": mark}}, upsert=True)
            for name, mark in marks
        ]
        try:
            if changes:
                self._marks.bulk_write(changes, ordered=False)
        except BulkWriteError as error:
            if not_taken(error):
                raise
