"""Train a learner, bring its events into the tables, prove that none is missing, refresh what people query.

What it does, in order; each task is one command of the project, run in the project's own environment:

    stack     agora stack up            starts the local Kafka broker unless it runs (with AGORA_BROKER set: nothing)
    train     agora train ...           trains, publishes every event of the rollouts, saves a checkpoint; gives the run's id
    stream    agora stream --once       reads what is on the topics into bronze and silver, then ends
    verify    agora verify --run ...    compares that run in Kafka, bronze and silver with the simulator's own counts and hashes
    refresh   agora refresh             rebuilds the gold tables from silver
    check     agora check               gold keeps its rules and adds up to silver

When: daily, one run at a time (a lake has one stream driver). A new DAG starts paused: unpause it, or trigger it by hand.
Parameters: env, algorithm, steps, worlds and seed of the training, and how many new markets judge it; shown in the form of "Trigger DAG".
Results: each task's XCom is the JSON object that its command prints with --json.
Logs: what a command says on standard error stands in the task's log if it fails.
Re-running: every task may be cleared and run again. `train` has this DAG run for its key: tried again, also after a kill, it goes on with
the same training, or tells its result; `stream` goes on from its checkpoint; `verify` changes nothing; `refresh` replaces what it wrote.
Where: AGORA_DATA_DIR and the other settings are taken from the environment of Airflow's worker (.env.example lists them).
"""

from airflow.sdk import Param, dag
from bridge import CONVENTIONS, CPU, GOLD, LAKE, command

COMMANDS = {
    "stack": "agora stack up --json",
    "train": (
        "agora train --env {{ params.env }} --algorithm {{ params.algorithm }} "
        "--steps {{ params.steps }} --worlds {{ params.worlds }} --evaluate {{ params.evaluate }} --seed {{ params.seed }} "
        '--key "{{ dag.dag_id }} {{ run_id }}" --json'
    ),
    "stream": "agora stream --once --json",
    "verify": "agora verify --run {{ ti.xcom_pull(task_ids='train')['run_id'] }} --json",
    "refresh": "agora refresh --json",
    "check": "agora check --layers gold --json",
}


@dag(
    schedule="@daily",
    tags=["agora", "learning"],
    doc_md=__doc__,
    params={
        "env": Param("market", enum=["market"], description="The environment to train in"),
        "algorithm": Param("ppo", enum=["ppo", "sac", "dqn"], description="The learning algorithm"),
        "steps": Param(200_000, type="integer", minimum=1, description="Steps of the training"),
        "worlds": Param(32, type="integer", minimum=1, description="Markets side by side"),
        "evaluate": Param(20, type="integer", minimum=0, description="New markets in which the learner is judged; 0: none"),
        "seed": Param(1, type="integer", minimum=0, description="The root seed: the same seed gives the same run"),
    },
    **CONVENTIONS,
)
def train_and_refresh() -> None:
    """The commands, one after the other."""
    stack = command(COMMANDS, "stack", minutes=5)().as_setup()
    train = command(COMMANDS, "train", minutes=240, pool=CPU)()
    stream = command(COMMANDS, "stream", minutes=60)()
    verify = command(COMMANDS, "verify", minutes=60)()
    refresh = command(COMMANDS, "refresh", minutes=60, pool=LAKE)()
    stack >> train >> stream >> verify >> refresh >> command(COMMANDS, "check", minutes=30, outlets=[GOLD])()


train_and_refresh()
