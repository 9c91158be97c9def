"""`agora seed`: fill the relational database with rows to try it with."""

from __future__ import annotations

import json as json_text
from typing import Annotated

import typer

from pipelines.local_stack import stack
from pipelines.settings import settings

app = typer.Typer(add_completion=False)


@app.command()
def seed(json: Annotated[bool, typer.Option("--json", help="One compact line of JSON.")] = False) -> None:
    """Fill the relational database with demo rows: a small market's negotiations, and trainings with metrics and policies.

    The market is really played; the trainings are made up, and say so. Repeating it changes nothing, and what the sinks wrote stays.

    Examples:  [bold]agora seed[/bold]   [bold]AGORA_DATABASE_URL=sqlite:////tmp/try.db agora seed[/bold]
    """
    from pipelines.sinks.sql_catalogue import add_events, catalogue
    from pipelines.sinks.worlds import Worlds
    from pipelines.workers import demo_rows

    address = stack.database_url(settings())
    log, result, config = demo_rows.demo_market()
    written = {
        "runs": catalogue(address, demo_rows.run_rows(result, config)),
        "policies": catalogue(address, policies=demo_rows.policy_rows()),
        "negotiation_log": add_events(address, demo_rows.negotiations_of(log), Worlds(log)),
        "metrics": add_events(address, demo_rows.metrics_of_trainings(), Worlds(log)),
    }
    if json:
        print(json_text.dumps(written, separators=(",", ":")))
    else:
        print("\n".join(f"{table}: {count} demo rows" for table, count in written.items()))
