"""Which lake the verbs of `agora tables` speak of, and the tables that are in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pipelines.apps.errors import UserError
from pipelines.places import Place
from pipelines.settings import Settings
from spark_jobs.catalog import BRONZE, TABLES, exists
from spark_jobs.stream import LABELS, MARKET
from spark_jobs.table import Table


class Lake(NamedTuple):
    """A place with its tables, and the folder of the journal of the stream that writes them."""

    place: Place
    tables: tuple[Table, ...]
    journal: Path


def lake_of(chosen: Settings, labels: bool, names: Sequence[str] = ()) -> Lake:
    """The lake of the market, or that of ground truth, with the tables that it has, or with those named.

    Raises UserError if there are none.
    """
    stream = LABELS if labels else MARKET
    folder = stream.lake_dir(chosen)
    declared = (BRONZE, *LABELS.tables) if labels else TABLES
    there = tuple(table for table in declared if exists(folder, table))
    if not there:
        raise UserError(f"{folder} holds no tables yet", f"fill them with `agora stream --once{' --labels' * labels}`")
    unknown = sorted(set(names) - {table.name for table in there})
    if unknown:
        raise UserError(f"the lake has no table {', '.join(unknown)}", f"it has {', '.join(table.name for table in there)}")
    chosen_ones = tuple(table for table in there if not names or table.name in names)
    return Lake(folder, chosen_ones, stream.checkpoint(chosen) / "journal")
