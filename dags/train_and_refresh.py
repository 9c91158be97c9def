"""Train a learner, bring its events into the tables, prove that none is missing, refresh what people query.

What it does, in order; each task is one command of the project, run in the project's own environment:

    stack     agora stack up            starts the local Kafka broker unless it runs (with AGORA_BROKER set: nothing)
    train     agora train ...           trains, publishes every event of the rollouts, saves a checkpoint; gives the run's id
    stream    agora stream --once       reads what is on the topics into bronze and silver, then ends
    verify    agora verify --run ...    compares that run in Kafka, bronze and silver with the simulator's own counts and hashes
    refresh   agora refresh             rebuilds the gold tables from silver

When: daily, one run at a time (a lake has one stream driver). A new DAG starts paused: unpause it, or trigger it by hand.
Parameters: env, algorithm, steps, worlds and seed of the training, and how many new markets judge it; shown in the form of "Trigger DAG".
Results: each task's XCom is the JSON object that its command prints with --json.
Logs: what a command says on standard error stands in the task's log if it fails.
Re-running: every task may be cleared and run again. `train` then makes a new run and leaves the old one; `stream` goes on from its
checkpoint; `verify` changes nothing; `refresh` replaces what it wrote before. To continue a dead training instead of starting anew:
`agora train --resume RUN`, then clear from `stream` on.
Where: AGORA_DATA_DIR and the other settings are taken from the environment of Airflow's worker (.env.example lists them).
"""

import json
from datetime import datetime, timedelta
from pathlib import Path

from airflow.sdk import Param, dag, task

PROJECT = Path(__file__).resolve().parents[1]

COMMANDS = {
    "stack": "agora stack up --json",
    "train": (
        "agora train --env {{ params.env }} --algorithm {{ params.algorithm }} "
        "--steps {{ params.steps }} --worlds {{ params.worlds }} --evaluate {{ params.evaluate }} --seed {{ params.seed }} --json"
    ),
    "stream": "agora stream --once --json",
    "verify": "agora verify --run {{ ti.xcom_pull(task_ids='train')['run_id'] }} --json",
    "refresh": "agora refresh --json",
}

# Airflow takes the last line of the merged output for the result, so standard error goes aside and is shown only when needed.
SHELL = 'said=$(mktemp); trap \'rm -f "$said"\' EXIT; .venv/bin/{command} 2> "$said" || {{ code=$?; cat "$said"; exit $code; }}'


def command_task(name: str, minutes: int):  # type: ignore[no-untyped-def]  # the type of a task is Airflow's own affair
    """A task that runs the command of that name and gives the JSON object in its last line."""

    @task.bash(
        task_id=name,
        cwd=str(PROJECT),
        output_processor=json.loads,
        execution_timeout=timedelta(minutes=minutes),
    )
    def run() -> str:
        return SHELL.format(command=COMMANDS[name])

    return run()


@dag(
    schedule="@daily",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    tags=["agora"],
    doc_md=__doc__,
    params={
        "env": Param("market", type="string", description="The environment to train in"),
        "algorithm": Param("ppo", type="string", description="The learning algorithm"),
        "steps": Param(200_000, type="integer", minimum=1, description="Steps of the training"),
        "worlds": Param(32, type="integer", minimum=1, description="Markets side by side"),
        "evaluate": Param(20, type="integer", minimum=0, description="New markets in which the learner is judged; 0: none"),
        "seed": Param(1, type="integer", minimum=0, description="The root seed: the same seed gives the same run"),
    },
)
def train_and_refresh() -> None:
    """The five commands, one after the other."""
    stack = command_task("stack", minutes=5)
    train = command_task("train", minutes=240)
    stream = command_task("stream", minutes=60)
    verify = command_task("verify", minutes=60)
    refresh = command_task("refresh", minutes=60)
    stack >> train >> stream >> verify >> refresh


train_and_refresh()
