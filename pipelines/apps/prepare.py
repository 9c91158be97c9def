"""`agora prepare PART...`: make what servers elsewhere need before the first event comes."""

from __future__ import annotations

import json as json_text
from collections.abc import Callable
from functools import partial
from typing import Annotated, TypeVar

import typer
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from pipelines.apps.errors import UserError
from pipelines.broker.contract import prepare as prepare_broker
from pipelines.broker.kafka_log import KafkaLog
from pipelines.kafka_access import Principal, sink_principal
from pipelines.local_stack import stack
from pipelines.settings import Settings, settings
from pipelines.sinks import kibana_import
from pipelines.workers.stores import NAMES, open_sink

app = typer.Typer(add_completion=False)
PAUSE_S = 1.0
AWAY = (ConnectionError, TimeoutError)
_Made = TypeVar("_Made")


@app.command()
def prepare(
    parts: Annotated[list[str], typer.Argument(metavar=f"topics|kibana|{'|'.join(NAMES)}...", help="What to make ready.")],
    patience: Annotated[float, typer.Option("--patience", min=0, help="Seconds that a server may take until it answers.")] = 60.0,
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Make topics, a store's tables and indices, and Kibana's dashboards where they lack. Repeating it changes nothing.

    Workers and sinks make what they need themselves; this is for who wants it there before, as containers do.

    Examples:  [bold]agora prepare topics[/bold]   [bold]agora prepare elasticsearch kibana --patience 120[/bold]
    """
    config = settings()
    known: dict[str, Callable[[Settings], str]] = {"topics": topics, "kibana": kibana, **{name: partial(store, name) for name in NAMES}}
    unknown = sorted(set(parts) - known.keys())
    if unknown:
        raise UserError(f"{unknown[0]!r} cannot be prepared", f"choose among {', '.join(known)}")
    done = {part: patiently(patience, partial(known[part], config)) for part in parts}
    print(json_text.dumps(done, separators=(",", ":")) if json else "\n".join(f"{part}: {said}" for part, said in done.items()))


def patiently(seconds: float, action: Callable[[], _Made]) -> _Made:
    """Do it, again and again while the server does not answer."""
    return Retrying(retry=retry_if_exception_type(AWAY), wait=wait_fixed(PAUSE_S), stop=stop_after_delay(seconds), reraise=True)(action)


def topics(config: Settings) -> str:
    """The topics and their dead-letter topics, with the schemas of what is published on them."""
    return f"{len(prepare_broker(stack.broker(config, Principal.ADMIN), config.kafka_partitions))} created"


def kibana(config: Settings) -> str:
    """Data views, panels, searches and dashboards."""
    if not config.kibana_url:
        raise UserError("no Kibana is set", "set AGORA_KIBANA_URL to http://user:password@host:5601")
    return f"{kibana_import.load(config.kibana_url)} objects"


def store(name: str, config: Settings) -> str:
    """Tables, templates or keys of a store, as its sink makes them."""
    log = KafkaLog(stack.broker(config, sink_principal(name)))
    sink = open_sink(config, name, log)
    try:
        sink.open()
    finally:
        sink.close()
        log.close()
    return "ready"
