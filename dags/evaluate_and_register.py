"""Judge trained policies against the incumbent, and promote one only if it is better beyond doubt.

What it does, in order:

    runs       -                        the trainings that triggered it, or those of the parameter
    catalogue  agora catalogue          tells the relational database of all runs and policies
    verify     agora catalogue          none of them is missing there, and each policy is the one of its file
    promote    agora policy promote     one mapped task a training, one after the other: seats it and the incumbent of its scenario and
                                        role in the same new markets; it is promoted if the whole 95 % interval of the difference in
                                        profit lies above zero. Without an incumbent it must beat who learned nothing in the same way.
    check      agora policy incumbents  each incumbent's file is there and unchanged

When: after train_agents, by the asset agora_policies; or by hand with run ids.
Parameters: runs (empty: those of the events that triggered it); how many seeds of markets, and markets of each.
Results: `promote` gives the decision: promoted or not, the difference with its interval, against whom. Every decision is a row of the table
promotions; `agora policy incumbents` lists who holds a place, and the policies lie in policies/ of the data folder, where
`agora simulate --policy` takes them.
Re-running: harmless. The same candidate against the same incumbent in the same markets is one decision, made once: a second try, also after
a kill, tells what was decided.
"""

from airflow.sdk import Param, dag, task
from bridge import CONVENTIONS, CPU, POLICIES, RUN_ID, command, runs_of

COMMANDS = {
    "catalogue": "agora catalogue --to sql --json",
    "verify": "agora catalogue --to sql --check --json",
    "promote": "agora policy promote {{ run }} --seeds {{ params.seeds }} --episodes {{ params.episodes }} --json",
    "check": "agora policy incumbents --json",
}


@task
def runs(params: dict[str, list[str]], triggering_asset_events=None) -> list[str]:  # type: ignore[no-untyped-def]  # Airflow's own type
    """The trainings that are judged."""
    return params["runs"] or runs_of(triggering_asset_events or {})


@dag(
    schedule=[POLICIES],
    tags=["agora", "learning"],
    doc_md=__doc__,
    params={
        "runs": Param([], type="array", items={"type": "string", "pattern": RUN_ID}, description="Trainings; empty: those that are new"),
        "seeds": Param(5, type="integer", minimum=1, description="Seeds of markets"),
        "episodes": Param(10, type="integer", minimum=1, description="Markets of each seed"),
    },
    **CONVENTIONS,
)
def evaluate_and_register() -> None:
    """Judge one after the other, since each may become the incumbent of the next."""
    catalogue = command(COMMANDS, "catalogue", minutes=10)()
    promote = command(COMMANDS, "promote", minutes=120, pool=CPU, max_active_tis_per_dag=1).expand(run=runs())
    catalogue >> command(COMMANDS, "verify", minutes=10)() >> promote >> command(COMMANDS, "check", minutes=5)()


evaluate_and_register()
