"""The command line: `agora VERB`. Each verb is a module of this package, imported when it is called."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Annotated

import typer

from pipelines.apps.errors import ExitCode, UserError, show_error
from pipelines.apps.lazy import Verb, add_verbs, called

VERBS = [
    Verb(name, f"pipelines.apps.{name}", summary)
    for name, summary in {
        "demo": "The whole flow in two minutes: simulate, learn, stream, reconcile.",
        "simulate": "Run worlds of trading agents and publish every event.",
        "train": "Train agents; every event of the rollouts is published.",
        "evaluate": "Judge what was learned, in markets nobody was trained in.",
        "policy": "Export trained policies, look at them, promote the better ones.",
        "lineage": "Show where a checkpoint comes from, back to its event log.",
        "tune": "Search good settings of a learner or a scripted trader.",
        "stream": "Turn the Kafka topics into Delta tables, once or for ever.",
        "refresh": "Rebuild the gold tables from silver.",
        "tables": "List the tables, show their columns, keep them fast.",
        "check": "Check that the tables hold what they promise.",
        "export": "Write tables as Parquet, CSV or Delta files.",
        "sink": "Bring the topics into a store: Redis, Elasticsearch, MongoDB, Cassandra, SQL.",
        "query": "Ask a store one of the questions that it is good at.",
        "backfill": "Write a range of the Delta tables into a store again.",
        "sql": "Ask the tables a question in SQL.",
        "tail": "Watch the events of a topic.",
        "alerts": "Show what the detectors raised, and what they raise from now on.",
        "detect": "Train detectors of manipulation, and score them against the truth.",
        "dlq": "List, show and replay what could not be read.",
        "top": "Watch the whole flow: events a second at each hop, lag, memory, alerts.",
        "metrics": "Serve the figures of every process to Prometheus.",
        "logs": "Bring the logs of workers into Elasticsearch.",
        "verify": "Prove that a run is complete and equal in every store.",
        "runs": "List the runs of this machine.",
        "chaos": "Kill parts of the whole flow at random, then prove that nothing is lost.",
        "scenarios": "List the markets that can be simulated.",
        "tournament": "Let strategies play against each other, with intervals.",
        "play": "Play against a strategy in the terminal.",
        "catalogue": "Tell the stores of runs, experiments and policies.",
        "seed": "Fill the relational database with rows to try it with.",
        "stack": "Start, stop and inspect the local servers.",
        "airflow": "Run Airflow with the project's DAGs on this machine.",
        "doctor": "Check what this machine needs, with a fix for each lack.",
        "bench": "Measure speed, with the peers beside it.",
        "version": "Print the version.",
    }.items()
]

EPILOG = "Start with: agora demo. Each verb has examples: agora simulate --help"


def build(arguments: Sequence[str]) -> typer.Typer:
    """The command line for these arguments: all verbs by name, the called one imported."""
    app = typer.Typer(
        name="agora",
        no_args_is_help=True,
        invoke_without_command=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        # importing what draws the boxes takes longer than all the rest of this page
        rich_markup_mode="rich" if called(arguments) else None,
        epilog=EPILOG,
    )
    app.callback()(_root)
    return add_verbs(app, VERBS, arguments)


def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
    traceback: Annotated[bool, typer.Option("--traceback", help="Show where an error came from.")] = False,
) -> None:
    """A market laboratory that streams: simulated markets, learning agents, Kafka, Spark and Delta."""
    if version:
        from pipelines.apps.version import version as print_version

        print_version(json=False)
        raise typer.Exit


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; arguments default to the process's own."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        signal.signal(signal.SIGTERM, _terminate)
        return _run(words)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return ExitCode.INTERRUPTED
    except (UserError, ValueError, OSError) as error:
        if "--traceback" in words:
            raise
        show_error(error)
        return ExitCode.USER_ERROR


def _run(words: list[str]) -> int:
    """Parse and run; typer's own errors and Exit become exit codes."""
    try:
        app = build(words)
        if "structlog" in sys.modules:  # which takes longer to import than all the rest: only where the verb needs it
            from pipelines.redaction import log_to_stderr

            log_to_stderr()
        app(words, prog_name="agora", standalone_mode=True)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else ExitCode.DONE if stop.code is None else ExitCode.FAILED
    return ExitCode.DONE


def _terminate(number: int, frame: FrameType | None) -> None:
    """Turn a kill into an orderly end: every finally block runs."""
    raise SystemExit(ExitCode.TERMINATED)


if __name__ == "__main__":
    sys.exit(main())
