"""All steps that MongoDB holds of a run, for comparing them with the other stores."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.events.block import Columns, columns_of
from pipelines.events.declarations import event_type
from pipelines.events.topics import CONSUMERS
from pipelines.sinks.mongodb_store import connect, database_of, errors_of

AT_ONCE = 4  # documents, up to 65,536 events each


class MongodbReader:
    """Reads steps back.

    Parameters
    ----------
    address : as of the sink.
    """

    events = CONSUMERS["mongodb"]

    def __init__(self, address: str) -> None:
        self.address = address

    def rows(self, event: str, run_id: str) -> Iterator[tuple[int, Columns]]:
        """World and columns, each world's together and in the order of seq.

        The ids are asked for first, and then few documents by their ids: the local stand-in keeps in memory whatever it answers.
        """
        with errors_of(self.address), connect(self.address) as client:
            steps = database_of(client)["steps"]
            found = sorted(
                (int(world), int(seq), key) for key in steps.distinct("_id", {"run_id": run_id}) for _, world, seq in [key.split("/")]
            )
            for start in range(0, len(found), AT_ONCE):
                ids = [key for _, _, key in found[start : start + AT_ONCE]]
                documents = {document["_id"]: document for document in steps.find({"_id": {"$in": ids}})}
                for key in ids:
                    yield documents[key]["world_id"], columns_of(event_type(event), documents[key]["events"])

    def close(self) -> None:
        """Nothing is kept open: each reading has a connection of its own."""
