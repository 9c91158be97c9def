"""`agora alerts`: what the detectors raised, one line an alert."""

from __future__ import annotations

import json as json_text
import time
from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any

import typer

from pipelines.apps.errors import UserError
from pipelines.apps.tail import POLL_SECONDS, put, wanted_by
from pipelines.broker.kafka_log import KafkaLog
from pipelines.events.words import named
from pipelines.kafka_access import Principal
from pipelines.local_stack import stack
from pipelines.ports import EventLog
from pipelines.settings import settings
from pipelines.sinks.worlds import Worlds
from pipelines.workers.readable import last_events, new_events
from pipelines.workers.registry import Registry

app = typer.Typer(add_completion=False)
TOPIC = "market.alerts"
Row = dict[str, Any]


@app.command()
def alerts(
    run: Annotated[str, typer.Option("--run", help="Only those of this run.")] = "",
    kind: Annotated[str, typer.Option("--kind", help="Only those of this kind, e.g. spoofing.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="How many of the last to begin with.")] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new ones until Ctrl-C.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One line of JSON an alert, with all of its evidence.")] = False,
) -> None:
    """Show what the detectors raised: who did what, when, how sure it is, and the last orders in the window.

    Examples:  [bold]agora alerts[/bold]   [bold]agora alerts --follow --kind spoofing[/bold]   [bold]agora alerts --json -n 1[/bold]
    """
    config = settings()
    if run:
        Registry(config.runs_dir).load(run)
    log = KafkaLog(stack.broker(config, Principal.VIEWER))
    try:
        show(log, run, kind, limit, follow, json)
    finally:
        log.close()


def show(log: EventLog, run: str, kind: str, limit: int, follow: bool, json: bool) -> None:
    """Print the last alerts, then new ones as they come if asked to. An alert that was sent again is shown once."""
    names, seen = Worlds(log), set[str]()
    tell: Callable[[Row], str] = as_json if json else line
    found, ends = last_events(log, TOPIC, limit if not kind else 1 << 62, wanted_by(run))
    for row in fresh(found, kind, seen)[-limit:] if limit else []:
        put(tell(named("alerts", row, names)))
    if not seen and not follow:
        raise UserError("no such alert was raised yet", "publish with `agora simulate --to kafka`, then run `agora stream --once`")
    while follow:
        for row in fresh(new_events(log, TOPIC, ends, wanted_by(run)), kind, seen):
            put(tell(named("alerts", row, names)))
        time.sleep(POLL_SECONDS)


def fresh(rows: Any, kind: str, seen: set[str]) -> list[Row]:
    """Those of the kind that were not seen before, which are noted in `seen`."""
    found = []
    for row in rows:
        if kind in ("", row["kind"]) and row["alert_id"] not in seen:
            seen.add(row["alert_id"])
            found.append(row)
    return found


def as_json(row: Row) -> str:
    """All of an alert, its suspects and evidence as plain values."""
    plain = row | {name: json_text.loads(row[name]) for name in ("suspects", "evidence")}
    return json_text.dumps(plain, separators=(",", ":"))


def line(row: Row) -> str:
    """An alert in a line.

    >>> order = {"agent": 7, "what": "accepted", "side": "buy", "size": 20}
    >>> alert = {"step": 31, "kind": "spoofing", "symbol": "AGR", "suspects": "[7]", "score": 0.97, "first_step": 12, "last_step": 30}
    >>> line(alert | {"world_id": 0, "evidence": json_text.dumps({"orders": [order, order | {"what": "cancelled"}]})})
    'world 0  step     31  spoofing           AGR    agents 7  score 0.97  steps 12-30  1 accepted buy (20 lots), 1 cancelled buy (20 lots)'
    """
    suspects = ", ".join(map(str, json_text.loads(row["suspects"])))
    who = f"  agents {suspects}" if suspects else ""
    window = f"steps {row['first_step']}-{row['last_step']}"
    head = f"world {row['world_id']}  step {row['step']:>6}  {row['kind']:<18} {row['symbol']:<5}{who}  score {row['score']:.2f}  {window}"
    return f"{head}  {deeds(json_text.loads(row['evidence']))}".rstrip()


def deeds(evidence: Row) -> str:
    """What the suspects did last, counted; plain figures of an alert without orders."""
    if "orders" not in evidence:
        return ", ".join(f"{name} {value:g}" for name, value in evidence.items() if isinstance(value, int | float))
    counts, lots = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for order in evidence["orders"]:
        counts[order["what"], order["side"]] += 1
        lots[order["what"], order["side"]] += order["size"]
    return ", ".join(f"{count} {what} {side} ({lots[what, side]} lots)" for (what, side), count in counts.items())
