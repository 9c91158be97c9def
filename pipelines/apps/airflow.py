"""`agora airflow up|status|down`: Airflow with the project's DAGs on this machine."""

from __future__ import annotations

import json as json_text
from typing import Annotated, Any

import typer

from pipelines.apps.lazy import new_app
from pipelines.local_stack.airflow_server import USER, AirflowServer
from pipelines.settings import settings

app = new_app("Run Airflow with the project's DAGs on this machine.")
Json = Annotated[bool, typer.Option("--json", help="One compact line of JSON.")]
LAST = 5


@app.command()
def up(json: Json = False) -> None:
    """Start Airflow on the loopback interface, on SQLite, four tasks at a time, and wait until all its parts are well.

    The commands of its DAGs see this data folder and these settings. New DAGs are paused: switch them on in the web page, or trigger one.

    Examples:  [bold]agora airflow up[/bold]   [bold]AGORA_AIRFLOW_PORT=8080 agora airflow up --json[/bold]
    """
    server = AirflowServer(settings())
    server.start()
    _show(server, json)


@app.command()
def status(json: Json = False) -> None:
    """Show where Airflow is, how it is, and which tasks failed last. The exit code is 1 unless it runs and all its parts are well.

    Examples:  [bold]agora airflow status[/bold]
    """
    server = AirflowServer(settings())
    if _show(server, json) != "running":
        raise typer.Exit(1)


@app.command()
def down(json: Json = False) -> None:
    """Stop Airflow and what its tasks run: no process is left. Its runs and their logs are kept.

    What a task did is not lost: a new try goes on with it.

    Examples:  [bold]agora airflow down[/bold]
    """
    stopped = AirflowServer(settings()).stop()
    if json:
        print(json_text.dumps({"stopped": stopped}, separators=(",", ":")))
    else:
        print("stopped Airflow" if stopped else "nothing was running")


def _show(server: AirflowServer, json: bool) -> str:
    process = server.process.find()
    state = "stopped" if process is None else "running" if server.ready() else "starting"
    failures = _failures(server)
    if json:
        told = {
            "state": state, "url": f"http://{server.address}" if server.address else "", "user": USER,
            "password_file": str(server.password_file), "process_id": process.pid if process else None,
            "memory_mib": server.process.memory() >> 20, "version": server.version, "folder": str(server.folder), "failures": failures,
        }  # fmt: skip
        print(json_text.dumps(told, separators=(",", ":")))
        return state
    print(f"airflow  {server.version}  {state}" + (f"  http://{server.address}" if server.address else ""))
    if process:
        print(f"user {USER}, password in {server.password_file}; process {process.pid}, {server.process.memory() >> 20} MiB")
    for failure in failures:
        print(f"failed  {failure['at']}  {failure['dag']}.{failure['task']} of {failure['run']}: {failure['error']}")
    return state


def _failures(server: AirflowServer) -> list[dict[str, Any]]:
    """The tasks that failed last for good."""
    try:
        lines = server.failures.read_text().splitlines()
    except FileNotFoundError:
        return []
    return [json_text.loads(line) for line in lines[-LAST:]]
