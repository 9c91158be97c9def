"""Fill Elasticsearch from the tables once more, run by run, and prove that it has every event.

    stack     agora stack up --with elasticsearch   starts it unless it runs or lies elsewhere
    runs      agora runs                            the published runs of the range of days
    fill      agora backfill elasticsearch          one mapped task a run
    verify    agora verify --stores elasticsearch   one mapped task a run: counts and hashes equal the simulator's

When: by hand: after an index was lost or its mapping changed. In daily life `agora sink elasticsearch --follow` keeps it up to date.
Parameters: first day and the day after the last (UTC).
Results: `fill` says how many documents, `verify` that they are the right ones.
Re-running: harmless; a document is known by its event's id.
"""

from airflow.sdk import Param, dag
from bridge import CONVENTIONS, DAY, command, ended_runs

COMMANDS = {
    "stack": "agora stack up --with elasticsearch --json",
    "runs": "agora runs --from {{ params.first }} --to {{ params.end }} --published --json",
    "fill": "agora backfill elasticsearch --run {{ run }} --json",
    "verify": "agora verify --run {{ run }} --stores elasticsearch --json",
}


@dag(
    schedule=None,
    tags=["agora", "stores"],
    doc_md=__doc__,
    params={
        "first": Param("2026-01-01", type="string", pattern=DAY, description="The first day (UTC)"),
        "end": Param("2100-01-01", type="string", pattern=DAY, description="The day after the last"),
    },
    **CONVENTIONS,
)
def rebuild_search() -> None:
    """Each run by itself."""
    stack = command(COMMANDS, "stack", minutes=10)().as_setup()
    ended = command(COMMANDS, "runs", minutes=10, output_processor=ended_runs)()
    fill = command(COMMANDS, "fill", minutes=120, max_active_tis_per_dag=1).expand(run=ended)
    stack >> fill >> command(COMMANDS, "verify", minutes=60, max_active_tis_per_dag=1).expand(run=ended)


rebuild_search()
