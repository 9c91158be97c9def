"""`agora dlq`: records that the stream could not read, one by one, and back onto their topics."""

from __future__ import annotations

import json as json_text
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.apps.errors import UserError
from pipelines.apps.lazy import new_app
from pipelines.broker.kafka_log import KafkaLog
from pipelines.events.topics import topic_named
from pipelines.kafka_access import Principal
from pipelines.local_stack import stack
from pipelines.ports import EventLog
from pipelines.settings import settings
from pipelines.workers.filed_letters import Filed, letters, readable, replay_all

app = new_app("List, show and replay what could not be read.")
Json = Annotated[bool, typer.Option("--json", help="One compact line of JSON.")]
Place = Annotated[str, typer.Argument(metavar="TOPIC:PARTITION:OFFSET", help="Which record, as `agora dlq list` names it.")]
DUMPED = 256  # bytes of a value that are shown


@app.command("list")
def list_letters(
    everything: Annotated[bool, typer.Option("--all", help="Also what was replayed already.")] = False,
    json: Json = False,
) -> None:
    """List the records that could not be read, with the reason.

    Examples:  [bold]agora dlq list[/bold]   [bold]agora dlq list --all --json[/bold]
    """
    with opened() as log:
        found = [filed for filed in letters(log) if everything or filed.open]
    if json:
        print(json_text.dumps({"dead_letters": [summary(filed) for filed in found]}, separators=(",", ":")))
        return
    for filed in found:
        state = f"waits for {', '.join(filed.open)}" if filed.open else "replayed"
        print(f"{filed.letter.place}  {state}  {filed.letter.reason}  {filed.letter.detail}")
    if not found:
        print("no dead letters")


@app.command()
def show(place: Place, json: Json = False) -> None:
    """Show one record: its headers, why it was refused, and how its bytes begin.

    Examples:  [bold]agora dlq show market.orders:0:17[/bold]
    """
    with opened() as log:
        filed = find(log, place)
    origin = filed.letter.origin
    shown = summary(filed) | {
        "key": origin.key.decode(errors="replace"),
        "headers": {name: value.decode(errors="backslashreplace") for name, value in origin.headers},
        "bytes": len(origin.value),
        "value": origin.value[:DUMPED].hex(),
    }
    if json:
        print(json_text.dumps(shown, separators=(",", ":")))
    else:
        print("\n".join(f"{name:10} {value}" for name, value in shown.items()))


@app.command()
def replay(
    place: Annotated[str, typer.Argument(metavar="TOPIC:PARTITION:OFFSET", help="Which record; left out with --all.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every open record that can be read now.")] = False,
    value: Annotated[Path | None, typer.Option("--value", help="A file with the corrected bytes.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent, and send nothing.")] = False,
    rate: Annotated[float, typer.Option("--rate", min=0, help="Records a second at most; 0: as fast as it goes.")] = 100.0,
    json: Json = False,
) -> None:
    """Put a record back onto its topic, as it was or corrected, once for all consumers that wait for it, and for what is parked behind it.

    Examples:  [bold]agora dlq replay --all --dry-run[/bold]   [bold]agora dlq replay market.orders:0:17 --value fixed.bin[/bold]
    """
    if bool(place) == everything:
        raise UserError("name one record or give --all")
    if everything and value:
        raise UserError("--value corrects one record; name it")
    corrected = value.read_bytes() if value else None
    with opened(Principal.AUDITOR if dry_run else Principal.ADMIN) as log:
        chosen = [filed for filed in letters(log) if filed.open] if everything else [find(log, place)]
        if dry_run:
            judged = [(filed.letter.place, why) for filed, why in readable(chosen, corrected)]
            sent, left = [name for name, why in judged if not why], {name: why for name, why in judged if why}
        else:
            sent, left = replay_all(log, chosen, corrected, rate)
    if place and left:
        raise UserError(f"{place} still cannot be read: {left[place]}", "correct its bytes and give them with --value FILE")
    if json:
        print(json_text.dumps({"replayed": [] if dry_run else sent, "would_replay": sent, "left": left}, separators=(",", ":")))
        return
    done = "would replay" if dry_run else "replayed"
    print(f"{done} {len(sent)}: {', '.join(sent) or 'none'}{'' if dry_run else '; consumers take them with their next batch'}")
    for name, why in left.items():
        print(f"left {name}: {why}")


@app.command()
def mirror(json: Json = False) -> None:
    """Copy all dead letters into the Delta table bronze.dead_letters, bytes included, so that they outlive the topics and can be asked.

    Examples:  [bold]agora dlq mirror && agora sql "SELECT reason, count(*) FROM bronze.dead_letters GROUP BY reason"[/bold]
    """
    from spark_jobs.bronze import dead_letters as table

    with opened() as log:
        count = table.replace(settings().lake_dir, [as_row(filed) for filed in letters(log)])
    print(json_text.dumps({"rows": count}) if json else f"bronze.dead_letters has {count} rows")


def as_row(filed: Filed) -> dict[str, Any]:
    """One letter for the table."""
    origin = filed.letter.origin
    return {
        "topic": origin.topic, "partition": origin.partition, "offset": origin.offset, "timestamp": 1000 * origin.timestamp_ms,
        "reason": filed.letter.reason, "detail": filed.letter.detail, "open": filed.open, "replayed": filed.replayed,
        "key": origin.key, "value": origin.value, "headers": [{"key": name, "value": value} for name, value in origin.headers],
    }  # fmt: skip


@contextmanager
def opened(principal: Principal = Principal.AUDITOR) -> Iterator[EventLog]:
    """The log of the settings' broker."""
    log = KafkaLog(stack.broker(settings(), principal))
    try:
        yield log
    finally:
        log.close()


def find(log: EventLog, place: str) -> Filed:
    """The dead letter of that place. Raises UserError if there is none."""
    topic_named(place.partition(":")[0])
    for filed in letters(log):
        if filed.letter.place == place:
            return filed
    raise UserError(f"no dead letter of {place!r}", "see `agora dlq list --all`")


def summary(filed: Filed) -> dict[str, Any]:
    """One letter for people and for JSON."""
    letter = filed.letter
    return {
        "place": letter.place,
        "reason": letter.reason,
        "detail": letter.detail,
        "open": filed.open,
        "replayed": filed.replayed,
    }
