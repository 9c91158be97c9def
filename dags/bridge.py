"""The bridge from Airflow to the project: a task is one command of the project's command line, run in the project's own environment.

A command prints its result as one line of JSON, which becomes the task's XCom, and ends with an honest exit code. What it says on standard
error is shown in the task's log if it fails. The DAGs import nothing of the project; its commands are strings, which a test checks.
"""

import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import Asset, task

PROJECT = Path(__file__).resolve().parents[1]
OWNER = "agora"
CPU, LAKE = "cpu", "lake"
"""Pools: tasks that keep processors busy, and those that replace parts of the tables; dags/pools.json says how many at a time."""

SILVER = Asset("agora_silver", uri="agora://lake/silver", group="tables")
"""The typed events. A stream that follows tells of it over REST, once per version (AGORA_AIRFLOW_URL)."""
GOLD = Asset("agora_gold", uri="agora://lake/gold", group="tables")
"""What people query."""
POLICIES = Asset("agora_policies", uri="agora://learning/policies", group="learning")
"""Trained policies; an event says which runs."""

RUN_ID = r"^[0-9]{8}-[0-9]{6}-[0-9a-f]{4}$"
NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
NAMES = r"^[A-Za-z0-9][A-Za-z0-9_., -]*$"
"""What a parameter may be: it becomes a part of a command line, so that no sign of the shell is among them."""
RUNS = "{% for run in params.runs %} --run {{ run }}{% endfor %}"
"""The options of a command for the runs that were asked for."""

# Airflow takes the last line of the merged output for the result, so standard error goes aside and is shown only when needed.
SHELL = 'said=$(mktemp); trap \'rm -f "$said"\' EXIT; .venv/bin/{command} 2> "$said" || {{ code=$?; cat "$said"; exit $code; }}'


def command(commands: Mapping[str, str], name: str, *, minutes: int, **options: Any) -> Any:
    """A task, still to be called or expanded, that runs commands[name] and gives the JSON object in its last line.

    In the command, `{{ word }}` is what the task is called or expanded with; options are those of a task of Airflow.
    """

    settings = {"output_processor": json.loads, "cwd": str(PROJECT), "execution_timeout": timedelta(minutes=minutes)}

    @task.bash(task_id=name, **(settings | options))
    def run(**_given: Any) -> str:
        return SHELL.format(command=commands[name])

    return run


def ended_runs(line: str) -> list[str]:
    """Of what `agora runs --json` prints the runs that have ended: the others still write."""
    return list(json.loads(line)["ended"])


def told(*assets: Asset) -> Any:
    """For post_execute: the events of these assets that the task makes say which run they are about."""

    def tell(context: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        for asset in assets:
            context["outlet_events"][asset].extra = {"runs": [result["run_id"]]}

    return tell


def runs_of(events: Mapping[Any, Any]) -> list[str]:
    """The runs that the events which triggered a DAG are about, each once. Raises ValueError for what is no run: it comes from outside."""
    named = [run for happened in events.values() for event in happened for run in event.extra.get("runs", ())]
    wrong = [run for run in named if not (isinstance(run, str) and re.fullmatch(RUN_ID, run))]
    if wrong:
        raise ValueError(f"an asset event names {wrong[0]!r}, which is no run; post ids like 20261121-101500-a1b2")
    return list(dict.fromkeys(named))


def failed(context: Mapping[str, Any]) -> None:
    """Keep a line about a task that failed for good, beside Airflow's own logs: `agora airflow status` shows the last ones."""
    ti = context["ti"]
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"), "dag": ti.dag_id, "run": ti.run_id, "task": ti.task_id,
        "try": ti.try_number, "error": " ".join(str(context.get("exception", "")).split())[-500:],
    }  # fmt: skip
    with (Path(os.environ.get("AIRFLOW_HOME", ".")) / "failures.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")


CONVENTIONS: dict[str, Any] = {
    "start_date": datetime(2026, 1, 1),
    "catchup": False,
    "max_active_runs": 1,  # a lake has one stream driver
    "default_args": {"owner": OWNER, "retries": 1, "retry_delay": timedelta(seconds=30), "on_failure_callback": failed},
}
"""What all DAGs have in common."""
