"""`agora query STORE NAME key=value`: useful questions to a store, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
import typer
from rich.table import Table

from pipelines.apps.errors import UserError
from pipelines.apps.grid import table_console
from pipelines.settings import settings
from pipelines.sinks.question import Question
from pipelines.workers.stores import NAMES, connected, questions

app = typer.Typer(add_completion=False)


@app.command()
def query(
    store: Annotated[str, typer.Argument(metavar="|".join(NAMES), help="Which store.")],
    name: Annotated[str, typer.Argument(help="Which question; left out: lists them.")] = "",
    given: Annotated[list[str] | None, typer.Argument(metavar="KEY=VALUE...", help="What the question needs.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False,
) -> None:
    """Ask a store one of the questions that it is good at.

    Examples:  [bold]agora query redis[/bold]   [bold]agora query redis book run=RUN world=0 symbol=0[/bold]
    [bold]agora query mongodb negotiations run=RUN agent=3 --json[/bold]
    """
    known = questions(store)
    if not name:
        show_questions(store, known, json)
        return
    if name not in known:
        raise UserError(f"{store} has no question {name!r}", f"choose among {', '.join(known)}")
    arguments = known[name].arguments(pairs(given or ()))
    with connected(settings(), store) as client:
        rows = list(known[name].answer(client, **arguments))
    print(msgspec.json.encode({"rows": rows}, enc_hook=str).decode()) if json else show_rows(rows)


def pairs(words: Sequence[str]) -> dict[str, str]:
    """Arguments by name from words like `run=2026`. Raises UserError for another word.

    >>> pairs(["symbol=ABC", "text=a=b"])
    {'symbol': 'ABC', 'text': 'a=b'}
    """
    found = {}
    for word in words:
        key, equal, value = word.partition("=")
        if not (key and equal):
            raise UserError(f"{word!r} is no KEY=VALUE", "write it like world=0")
        found[key] = value
    return found


def show_questions(store: str, known: Mapping[str, Question], json: bool) -> None:
    """Print what can be asked."""
    if json:
        listed = [{"name": name, "doc": each.doc, "needs": list(each.needs), "takes": dict(each.takes)} for name, each in known.items()]
        print(msgspec.json.encode({"questions": listed}).decode())
        return
    for name, question in known.items():
        usage = " ".join([*(f"{key}=..." for key in question.needs), *(f"[{key}={value}]" for key, value in question.takes.items())])
        print(f"agora query {store} {name} {usage}\n    {question.doc}")


def show_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows as a table."""
    if not rows:
        print("no rows")
        return
    names = dict.fromkeys(name for row in rows for name in row)
    table = Table(*names, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(shown(row.get(name)) for name in names))
    table_console().print(table)


def shown(value: Any) -> str:
    """A value in a cell."""
    if isinstance(value, (dict, list, tuple)):
        return msgspec.json.encode(value, enc_hook=str).decode()
    return "" if value is None else str(value)
