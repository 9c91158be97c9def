"""Prove that this machine can do the whole flow: a small run in a folder of its own, from simulator to an answer in SQL.

    folder    -                      a new folder, so that nothing of yours is touched
    stack     agora stack up         (setup) a broker of its own
    simulate  agora simulate         one small market, published
    stream    agora stream --once    that run alone into bronze, silver and gold
    verify    agora verify           every event is there, counts and hashes equal
    refresh   agora refresh          gold once more
    check     agora check            every table keeps its rules
    answer    agora sql              a question to gold
    down      agora stack down       (teardown) the broker is stopped
    remove    -                      (teardown) the folder is removed, whatever happened

When: after an installation or an update, by hand; daily if you like to know early.
Parameters: steps of the market.
Results: `answer` gives the rows. With AGORA_BROKER set that broker is used, so that its topics hold the small run, too; of the others
nothing is read, so that it takes no longer where much is published.
Re-running: harmless; each DAG run has a folder of its own.
"""

import shutil
import tempfile

from airflow.sdk import Param, dag, task
from bridge import CONVENTIONS, CPU, command

COMMANDS = {
    "stack": "agora stack up --json",
    "simulate": 'agora simulate --steps {{ params.steps }} --agents 40 --to kafka --key "{{ run_id }}" --json',
    "stream": "agora stream --once --run {{ ti.xcom_pull(task_ids='simulate')['run_id'] }} --json",
    "verify": "agora verify --json",
    "refresh": "agora refresh --json",
    "check": "agora check --json",
    "answer": 'agora sql --engine duckdb "SELECT symbol, sum(volume) AS volume FROM gold.market_minutes GROUP BY symbol" --json',
    "down": "agora stack down --json",
}
STEPS = ("simulate", "stream", "verify", "refresh", "check", "answer")
FOLDER = "{{ ti.xcom_pull(task_ids='folder') }}"
OWN = {"env": {"AGORA_DATA_DIR": FOLDER, "AGORA_LAKE": f"{FOLDER}/lake"}, "append_env": True, "minutes": 30}


@task
def folder() -> str:
    """Where this DAG run has its data."""
    return tempfile.mkdtemp(prefix="agora-smoke-")


@task
def remove(path: str) -> None:
    """Leave nothing behind."""
    shutil.rmtree(path, ignore_errors=True)


@dag(
    schedule=None,
    tags=["agora", "health"],
    doc_md=__doc__,
    params={"steps": Param(1_000, type="integer", minimum=1, description="Steps of the market")},
    **CONVENTIONS,
)
def stack_smoke() -> None:
    """Set up, the flow, tear down."""
    made = folder()
    gone = remove(made)
    stack, down = command(COMMANDS, "stack", **OWN)(), command(COMMANDS, "down", **OWN)()
    last = stack
    for name in STEPS:
        step = command(COMMANDS, name, pool=CPU, **OWN)()
        last >> step
        last = step
    last >> down >> gone
    made.as_setup() >> stack.as_setup()
    down.as_teardown(setups=stack)
    gone.as_teardown(setups=made)


stack_smoke()
