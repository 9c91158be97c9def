"""Writes docs/events.md and docs/schemas from the declarations: `python -m pipelines.events.document`."""

from __future__ import annotations

import json
from pathlib import Path

from pipelines.events.columns import Encoding
from pipelines.events.declarations import EVENT_TYPES, EventType, Sequence
from pipelines.events.evolution import check_published, published
from pipelines.events.schema import avro_schema, fingerprint

DOCS = Path(__file__).resolve().parents[2] / "docs"

PLAIN_CONSUMER = """\
import io, itertools, json, sys
import fastavro
from kafka import KafkaConsumer

schema = fastavro.parse_schema(json.load(open("docs/schemas/trades_v1.avsc")))
for record in KafkaConsumer("market.trades", bootstrap_servers=sys.argv[1], auto_offset_reset="earliest", consumer_timeout_ms=5000):
    block = fastavro.schemaless_reader(io.BytesIO(record.value), schema)
    block |= {name.removesuffix("_delta"): list(itertools.accumulate(block[name])) for name in block if name.endswith("_delta")}
    for row in zip(block["seq"], block["step"], block["symbol"], block["price"], block["size"]):
        print(block["run_id"], block["world_id"], *row)
"""

INTRODUCTION = f"""\
# Events

Written from pipelines/events/declarations.py by `python -m pipelines.events.document`; do not edit.

One Kafka record is one Avro record: a block of events of one type from one world, with one array per column. Its schema
is in docs/schemas; fields that end in `_delta` hold differences, so that a cumulative sum gives the column. Every event
is a row (run_id, world_id, seq) with the simulated step and the columns below.

| Field | Avro type | Meaning |
|---|---|---|
| run_id | string | the run |
| world_id | int | the world within the run |
| epoch | int | the world's life: higher after each restart |
| prev_seq | long | last seq of this world on this topic before the block, -1 if none |
| *columns* | array | one per column, all of one length; empty in a fence, which only announces its epoch |

| Kafka header | Value |
|---|---|
| fingerprint | 8 bytes, CRC-64-AVRO of the schema's canonical form, little-endian |
| count, first_seq, last_seq | decimal text; of a fence, count is 0 and both are prev_seq |
| crc | decimal text, CRC-32 of the value |
| begins_with | 8 bytes each: fingerprints of the earlier versions that the columns begin with; absent where there are none |

The key is `run_id/world_id`; all blocks of a world lie in one partition of a topic. A record may lie on a topic twice
after a fault, and blocks of a dead process may follow a fence. To take each event once, keep a mark (the last seq taken)
per run, world and topic: take a block when prev_seq is the mark, drop it when its last seq is at or below the mark, set
it aside when prev_seq is above the mark, and drop blocks of a lower epoch than the highest seen. `pipelines.events.marks`
does that.

## Versions

A type only grows: a version adds columns at the end, each with a default. So whoever knows an earlier schema reads a later block
with it and stops before the rest (`begins_with` says that this may be done), and whoever knows a later one reads an earlier
block and takes the defaults (`each` in the schema). Every version that was published stays in docs/schemas. On a broker the topic
`agora.schemas` holds them; whoever begins to publish compares, and is refused if a column that was published is gone, or has
another name, type or place.

## A plain consumer

Run it with the broker's address (`agora stack status` shows it):

```python
{PLAIN_CONSUMER}```
"""

SEQUENCES = {
    Sequence.WORLD: "seq counts in the world's own event log, together with all types of which this is said",
    Sequence.OWN: "seq counts in a sequence of this topic alone",
    Sequence.NONE: "seq counts within a block only; rows have an id of their own",
}


def chapter(event: EventType) -> str:
    """The page's chapter on one event type."""
    lines = [
        f"## {event.name}, version {event.version}",
        "",
        f"{event.doc} Topic `{event.topic.name}`; fingerprint `{fingerprint(event).hex()}`; {SEQUENCES[event.sequence]}.",
        "",
        "| Column | Type | Unit | Meaning | On the wire |",
        "|---|---|---|---|---|",
    ]
    for column in event.all_columns:
        wire = "differences" if column.encoding is Encoding.DELTA else "as it is"
        lines.append(f"| {column.name} | {column.type} | {column.unit} | {column.doc} | {wire} |")
    return "\n".join([*lines, *_earlier(event)]) + "\n"


def _earlier(event: EventType) -> list[str]:
    """What the earlier versions lack."""
    lines = []
    for version in event.versions[:-1]:
        later = ", ".join(f"{column.name} (read as {column.default})" for column in event.columns if column.since > version.version)
        lines += ["", f"Version {version.version}, fingerprint `{fingerprint(version).hex()}`, lacks {later}."]
    return lines


def page() -> str:
    """The whole of docs/events.md."""
    return "\n".join([INTRODUCTION, *(chapter(event) for event in EVENT_TYPES.values())])


def files() -> dict[str, str]:
    """Every generated file by its path under docs/."""
    versions = [version for event in EVENT_TYPES.values() for version in event.versions]
    schemas = {f"schemas/{event.name}_v{event.version}.avsc": json.dumps(avro_schema(event), indent=2) for event in versions}
    return {"events.md": page()} | {path: text + "\n" for path, text in schemas.items()}


def main() -> None:
    """Write them all. Raises evolution.Breaking, with nothing written, if a declaration contradicts a schema that was published."""
    check_published(published(path.read_bytes()) for path in (DOCS / "schemas").glob("*.avsc"))
    for path, text in files().items():
        target = DOCS / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


if __name__ == "__main__":
    main()
