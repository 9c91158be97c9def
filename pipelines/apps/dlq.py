"""`agora dlq`: records that the stream could not read, one by one, and back onto their topics."""

from __future__ import annotations

import json as json_text
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from pipelines.apps.errors import UserError
from pipelines.apps.lazy import new_app
from pipelines.broker.kafka_log import KafkaLog
from pipelines.events.block import DecodeError, WireRecord
from pipelines.events.codec import decode
from pipelines.events.dead_letters import DeadLetter, dig_up
from pipelines.events.topics import dead_letter_topics, topic_named
from pipelines.local_stack.stack import broker_address
from pipelines.ports import EventLog
from pipelines.settings import settings

app = new_app("List, show and replay what could not be read.")
Json = Annotated[bool, typer.Option("--json", help="One compact line of JSON.")]
Place = Annotated[str, typer.Argument(metavar="TOPIC:PARTITION:OFFSET", help="Which record, as `agora dlq list` names it.")]
SETTLED = "settled"
"""Header of a note on a dead-letter topic: the record of that place was replayed."""
DUMPED = 256  # bytes of a value that are shown


class Filed(NamedTuple):
    """A dead letter, once however often it was sent, and whether it was replayed."""

    letter: DeadLetter
    replayed: bool


@app.command("list")
def list_letters(
    everything: Annotated[bool, typer.Option("--all", help="Also what was replayed already.")] = False,
    json: Json = False,
) -> None:
    """List the records that could not be read, with the reason.

    Examples:  [bold]agora dlq list[/bold]   [bold]agora dlq list --all --json[/bold]
    """
    with opened() as log:
        found = [filed for filed in letters(log) if everything or not filed.replayed]
    if json:
        print(json_text.dumps({"dead_letters": [summary(filed) for filed in found]}, separators=(",", ":")))
        return
    for filed in found:
        state = "replayed" if filed.replayed else "open"
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
    json: Json = False,
) -> None:
    """Put a record back onto its topic, as it was or corrected. The stream then takes it, and what was parked behind it.

    Examples:  [bold]agora dlq replay market.orders:0:17[/bold]   [bold]agora dlq replay market.orders:0:17 --value fixed.bin[/bold]
    """
    if bool(place) == everything:
        raise UserError("name one record or give --all")
    if everything and value:
        raise UserError("--value corrects one record; name it")
    corrected = value.read_bytes() if value else None
    with opened() as log:
        chosen = [filed for filed in letters(log) if not filed.replayed] if everything else [find(log, place)]
        sent, left = replay_all(log, [filed.letter for filed in chosen], corrected)
    if place and left:
        raise UserError(f"{place} still cannot be read: {left[place]}", "correct its bytes and give them with --value FILE")
    if json:
        print(json_text.dumps({"replayed": sent, "left": left}, separators=(",", ":")))
        return
    print(f"replayed {len(sent)}: {', '.join(sent) or 'none'}; the stream takes them with its next batch")
    for name, why in left.items():
        print(f"left {name}: {why}")


@contextmanager
def opened() -> Iterator[EventLog]:
    """The log of the settings' broker."""
    log = KafkaLog(broker_address(settings()))
    try:
        yield log
    finally:
        log.close()


def letters(log: EventLog) -> Iterator[Filed]:
    """All dead letters of all topics, in the order in which they came."""
    for name in dead_letter_topics():
        yield from _of_topic(log, name)


def _of_topic(log: EventLog, name: str) -> Iterator[Filed]:
    found: dict[str, DeadLetter] = {}
    settled: set[str] = set()
    for partition in range(log.partitions(name)):
        for record in log.read(name, partition):
            note = dict(record.headers).get(SETTLED)
            if note is not None:
                settled.add(note.decode())
            else:
                letter = dig_up(record)
                found.setdefault(letter.place, letter)
    for place, letter in found.items():
        yield Filed(letter, place in settled)


def find(log: EventLog, place: str) -> Filed:
    """The dead letter of that place. Raises UserError if there is none."""
    topic_named(place.partition(":")[0])
    for filed in letters(log):
        if filed.letter.place == place:
            return filed
    raise UserError(f"no dead letter of {place!r}", "see `agora dlq list --all`")


def replay_all(log: EventLog, chosen: list[DeadLetter], value: bytes | None = None) -> tuple[list[str], dict[str, str]]:
    """Send those that can be read now; which were sent, and why the others were not."""
    sent: list[str] = []
    left: dict[str, str] = {}
    for letter in chosen:
        record = letter.replay(value)
        try:
            decode(record.value, record.headers)
        except DecodeError as error:
            left[letter.place] = str(error)
            continue
        log.send(record)
        log.send(_settled(letter))
        sent.append(letter.place)
    log.flush()
    return sent, left


def _settled(letter: DeadLetter) -> WireRecord:
    topic = topic_named(letter.origin.topic).dead_letters(letter.consumer)
    return WireRecord(topic, letter.place.encode(), b"", ((SETTLED, letter.place.encode()),))


def summary(filed: Filed) -> dict[str, Any]:
    """One letter for people and for JSON."""
    letter = filed.letter
    return {
        "place": letter.place,
        "reason": letter.reason,
        "detail": letter.detail,
        "consumer": letter.consumer,
        "replayed": filed.replayed,
    }
