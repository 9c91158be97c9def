"""A stream that reads one run alone, for a lake of its own: where it begins, what it takes, and that the lake remains that run's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pyspark.sql import DataFrame

MARGIN = timedelta(minutes=5)
"""By how much the clocks of who plays and of the broker may differ."""


def beginning(run: str) -> dict[str, str]:
    """Where Spark's Kafka source begins: at the first record, or shortly before the run began, whose id says when."""
    if not run:
        return {"startingOffsets": "earliest"}
    began = datetime.strptime(run[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC) - MARGIN
    return {"startingTimestamp": str(int(1000 * began.timestamp())), "startingOffsetsByTimestampStrategy": "latest"}


def taken(records: DataFrame, run: str) -> DataFrame:
    """All records, or those of the run: each key begins with the run's id."""
    return records.where(records.key.cast("string").startswith(f"{run}/")) if run else records


def keep_to(checkpoint: Path, run: str) -> None:
    """Remember which run a stream reads alone. Raises ValueError if it began otherwise: what it passed over would be missing unseen."""
    path = checkpoint / "run"
    before = path.read_text() if path.exists() else ""
    begun = (checkpoint / "spark").exists()
    if begun and before != run:
        raise ValueError(
            f"the stream of {checkpoint} has read {f'run {before} alone' if before else 'all runs'} so far and goes on so; "
            "give another AGORA_DATA_DIR for another lake"
        )
    if run and not begun:
        checkpoint.mkdir(parents=True, exist_ok=True)
        path.write_text(run)
