"""Simulate markets, publish every event, bring them into the tables, prove that none is missing.

What it does, in order; each task is one command of the project:

    stack     agora stack up            starts the local Kafka broker unless it runs (with AGORA_BROKER set: nothing)
    simulate  agora simulate ...        plays the markets and publishes their events
    stream    agora stream --once       reads what is on the topics into bronze and silver, then ends
    verify    agora verify --run ...    compares the run in Kafka, bronze and silver with the simulator's own counts and hashes
    check     agora check               the silver rows of the run: keys complete and unique, rows possible

When: hourly, one run at a time. A new DAG starts paused: unpause it, or trigger it by hand. When `verify` has passed, the asset
agora_silver has a new event, and batch_analytics begins.
Parameters: the scenario (`agora scenarios` lists them), how many agents, steps and worlds, and the seed.
Results: the XCom of each task is the JSON object that its command prints. The run's id is that of `simulate`.
Re-running: every task may be cleared at any time. `simulate` has this DAG run for its key: tried again, also after a kill, it goes
on with the same simulation, or tells its result if that has ended; nothing is played or published twice. The rest repeats harmlessly.
"""

from airflow.sdk import Param, dag
from bridge import CONVENTIONS, CPU, NAME, SILVER, command, told

COMMANDS = {
    "stack": "agora stack up --json",
    "simulate": (
        "agora simulate --scenario {{ params.scenario }} --agents {{ params.agents }} --steps {{ params.steps }} "
        '--worlds {{ params.worlds }} --seed {{ params.seed }} --to kafka --key "{{ dag.dag_id }} {{ run_id }}" --json'
    ),
    "stream": "agora stream --once --json",
    "verify": "agora verify --run {{ ti.xcom_pull(task_ids='simulate')['run_id'] }} --json",
    "check": "agora check --layers silver --run {{ ti.xcom_pull(task_ids='simulate')['run_id'] }} --json",
}


@dag(
    schedule="@hourly",
    tags=["agora", "market"],
    doc_md=__doc__,
    params={
        "scenario": Param("trading", type="string", pattern=NAME, description="The market, by its name"),
        "agents": Param(100, type="integer", minimum=1, description="Agents in each market"),
        "steps": Param(20_000, type="integer", minimum=1, description="Steps of each market"),
        "worlds": Param(2, type="integer", minimum=1, description="Markets side by side"),
        "seed": Param(1, type="integer", minimum=0, description="The root seed: the same seed gives the same run"),
    },
    **CONVENTIONS,
)
def simulate_and_publish() -> None:
    """The five commands, one after the other."""
    stack = command(COMMANDS, "stack", minutes=5)().as_setup()
    simulate = command(COMMANDS, "simulate", minutes=240, pool=CPU)()
    stream = command(COMMANDS, "stream", minutes=60)()
    verify = command(COMMANDS, "verify", minutes=60, outlets=[SILVER], post_execute=told(SILVER))()
    stack >> simulate >> stream >> verify >> command(COMMANDS, "check", minutes=30)()


simulate_and_publish()
