"""Train agents: one training for each scenario, algorithm and seed, then into the tables, each proven complete.

What it does, in order:

    stack     agora stack up            starts the local Kafka broker unless it runs
    grid      -                         every combination of the scenarios, algorithms and seeds asked for
    train     agora train ...           one mapped task a combination: trains, publishes the rollouts, saves a checkpoint
    stream    agora stream --once       reads what is on the topics into bronze and silver
    verify    agora verify --run ...    one mapped task a training: compares Kafka, bronze and silver with what the learner counted
    check     agora check               silver keeps its rules

When: by hand, or by your own schedule. After each `verify` the assets agora_policies and agora_silver have an event with the
training's run, on which evaluate_and_register judges it and batch_analytics looks at its rollouts.
Parameters: lists of scenarios, algorithms and seeds; steps, worlds; how many new markets judge each learner (0: none).
Results: the XComs of `train`, one an index, are what `agora train --json` prints: run_id, checkpoint, returns.
Re-running: clear what you like. Each training has the DAG run and its combination for its key: tried again, also after a kill of the
task or of the scheduler, it goes on from its last checkpoint, or tells its result; nothing is trained or published twice.
One at a time by the pool `cpu`; give the pool more slots on a larger machine (Admin, Pools).
"""

from itertools import product

from airflow.sdk import Param, dag, task
from bridge import CONVENTIONS, CPU, NAME, POLICIES, SILVER, command, told

COMMANDS = {
    "stack": "agora stack up --json",
    "train": (
        "agora train --scenario {{ scenario }} --algorithm {{ algorithm }} --seed {{ seed }} --steps {{ params.steps }} "
        "--worlds {{ params.worlds }} --evaluate {{ params.evaluate }} "
        '--key "{{ dag.dag_id }} {{ run_id }} {{ scenario }} {{ algorithm }} {{ seed }}" --json'
    ),
    "stream": "agora stream --once --json",
    "verify": "agora verify --run {{ run }} --json",
    "check": "agora check --layers silver --json",
}


@task
def grid(params: dict[str, list[str]]) -> list[dict[str, str]]:
    """What is trained, as the arguments of `train`."""
    names = ("scenario", "algorithm", "seed")
    return [dict(zip(names, each, strict=True)) for each in product(*(params[f"{name}s"] for name in names))]


def run_of(result: dict[str, str]) -> str:
    """The run that a command tells of."""
    return result["run_id"]


@dag(
    schedule=None,
    tags=["agora", "learning"],
    doc_md=__doc__,
    params={
        "scenarios": Param(["trading"], type="array", minItems=1, items={"type": "string", "pattern": NAME}, description="Markets"),
        "algorithms": Param(["ppo"], type="array", minItems=1, items={"enum": ["ppo", "sac", "dqn"]}, description="Learning algorithms"),
        "seeds": Param([1, 2, 3, 4, 5], type="array", minItems=1, items={"type": "integer", "minimum": 0}, description="Root seeds"),
        "steps": Param(200_000, type="integer", minimum=1, description="Steps of each training"),
        "worlds": Param(32, type="integer", minimum=1, description="Markets side by side"),
        "evaluate": Param(20, type="integer", minimum=0, description="New markets in which each learner is judged"),
    },
    **CONVENTIONS,
)
def train_agents() -> None:
    """Mapped trainings, one stream, mapped proofs."""
    stack = command(COMMANDS, "stack", minutes=5)().as_setup()
    train = command(COMMANDS, "train", minutes=600, pool=CPU).expand_kwargs(grid())
    stream = command(COMMANDS, "stream", minutes=60)()
    proof = command(COMMANDS, "verify", minutes=60, outlets=[SILVER, POLICIES], post_execute=told(SILVER, POLICIES))
    verify = proof.expand(run=train.map(run_of))
    stack >> train >> stream >> verify >> command(COMMANDS, "check", minutes=30)()


train_agents()
