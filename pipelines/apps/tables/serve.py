"""`agora tables serve`: the tables for Spark Connect clients, and over JDBC and ODBC for BI tools."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated

import typer

from pipelines.apps.errors import UserError
from pipelines.apps.sql.engines import known_tables
from pipelines.apps.stream import stop_on_signals
from pipelines.local_stack.ports import HOST, holder, is_free
from pipelines.places import folder_of
from pipelines.settings import Settings, settings

app = typer.Typer(add_completion=False)
CONNECT, THRIFT = 15002, 10000


@app.command()
def serve(
    connect: Annotated[int, typer.Option("--connect", help="Port for Spark Connect; 0: none.")] = CONNECT,
    thrift: Annotated[int, typer.Option("--thrift", help="Port for JDBC and ODBC (HiveServer2's protocol); 0: none.")] = THRIFT,
) -> None:
    """Serve all tables and their views on this machine until Ctrl-C. A question sees what the stream has committed until then.

    Clients connect to sc://127.0.0.1:15002 or jdbc:hive2://127.0.0.1:10000, without a password: whoever can reach the port can read and
    change the tables. So only this machine can; bring others in through a tunnel of yours.

    Examples:  [bold]agora tables serve[/bold]   [bold]agora tables serve --connect 0 --thrift 10001[/bold]
    """
    ports = {name: port for name, port in (("connect", connect), ("thrift", thrift)) if port}
    if not ports:
        raise UserError("nothing is to be served", "give --connect or --thrift a port")
    chosen = settings()
    lake = folder_of(chosen.lake_dir, "Spark", "ask DuckDB: agora sql --engine duckdb")
    names = known_tables(lake)
    for name, port in ports.items():
        if not is_free(port):
            raise UserError(f"port {port} is in use by {holder(port)}", f"choose another one with --{name}")
    stop = stop_on_signals()
    _serve(chosen, lake, list(names), ports, stop)


def _serve(chosen: Settings, lake: Path, names: list[str], ports: dict[str, int], stop: threading.Event) -> None:
    from spark_jobs import session as sessions
    from spark_jobs.serving import connect_options, start_thrift
    from spark_jobs.views import register

    options = connect_options(HOST, ports["connect"]) if "connect" in ports else {}
    session = sessions.build(chosen, "agora-tables", quick=False, **options)
    register(session, lake, names)
    if "thrift" in ports:
        start_thrift(session, HOST, ports["thrift"])
    for name, address in (("connect", f"sc://{HOST}:"), ("thrift", f"jdbc:hive2://{HOST}:")):
        if name in ports:
            print(f"{len(names)} tables and their views at {address}{ports[name]}", flush=True)
    stop.wait()
    session.stop()
