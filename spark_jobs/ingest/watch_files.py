"""Files with what the fast lane knows of each series between two batches: a task writes one, the journal says where each series lies.

A file is on the disk before its task reports; one that no entry of the journal names any more is removed. So a batch that is repeated
starts from what the first try started from, and a restart in the middle of an episode goes on in the middle of it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from spark_jobs.detection.kept import SymbolWatch, packed, unpacked
from spark_jobs.ingest.durable import write_durably

MOST_SERIES = 4096  # that are kept; those that were touched last
TTL = 20_000  # batches without an order after which a series is forgotten


class WatchAt(msgspec.Struct, frozen=True):
    """Where the state of a series lies, and the batch that touched it last."""

    file: str
    at: int
    size: int
    batch: int = -1


class WatchFiles:
    """The states of series in a folder.

    Parameters
    ----------
    folder : of the files, which is made when the first is written.
    places : where each series lies.
    """

    def __init__(self, folder: Path, places: Mapping[str, WatchAt]) -> None:
        self.folder, self.places = folder, places

    def load(self, series: str, symbol: int) -> SymbolWatch | None:
        """What was kept of a series; None if nothing was, or if another version of the product kept it."""
        place = self.places.get(series)
        if place is None:
            return None
        with (self.folder / place.file).open("rb") as file:
            file.seek(place.at)
            return unpacked(file.read(place.size), symbol)

    def save(self, touched: Mapping[str, SymbolWatch]) -> dict[str, WatchAt]:
        """Write the series that were touched to one file; where each of them lies then. One that grew too large is not among them."""
        states = {series: data for series, kept in touched.items() if (data := packed(kept))}
        if not states:
            return {}
        name, places, at = f"{uuid.uuid4()}.watch", {}, 0
        for series, data in states.items():
            places[series] = WatchAt(name, at, len(data))
            at += len(data)
        self.folder.mkdir(parents=True, exist_ok=True)
        write_durably(self.folder / name, b"".join(states.values()))
        return places


def kept_places(before: Mapping[str, WatchAt], touched: Iterable[Mapping[str, WatchAt]], batch: int) -> dict[str, WatchAt]:
    """Where series lie after a batch: the newest MOST_SERIES of those that were touched within TTL batches."""
    places = dict(before)
    for found in touched:
        places.update({series: msgspec.structs.replace(place, batch=batch) for series, place in found.items()})
    fresh = sorted((series for series in places if places[series].batch > batch - TTL), key=lambda series: (-places[series].batch, series))
    return {series: places[series] for series in fresh[:MOST_SERIES]}


def sweep(folder: Path, named: Iterable[str]) -> None:
    """Remove the files of a folder that are not among those named."""
    wanted = set(named)
    for path in folder.glob("*.watch"):
        if path.name not in wanted:
            path.unlink()
