"""Bring the runs of a range of days into gold, and into a store, once more. Safe after newer days: nothing of another run is touched.

    stack     agora stack up --with     starts the store unless it runs or lies elsewhere
    runs      agora runs                the published runs that were begun in the range
    refresh   agora refresh --run       one mapped task a run: its gold rows are replaced
    fill      agora backfill            one mapped task a run: its events go into the store; what is there already stays one
    verify    agora verify --stores     one mapped task a run: the store's counts and hashes equal the simulator's
    check     agora check               gold keeps its rules and adds up to silver

When: by hand: for a store that was emptied, for days that a store was away, for gold after a change of what is computed.
Parameters: first day, the day after the last (UTC), and the store: sql, mongodb, elasticsearch or cassandra.
Results: `runs` lists the runs; `fill` says how many rows went into the store, `verify` that they are the right ones.
Re-running: harmless, in any order of ranges: gold is replaced run by run, and a store knows each event by its id. A run is picked by the
day on which it was begun, which never changes.
"""

from airflow.sdk import Param, dag
from bridge import CONVENTIONS, DAY, LAKE, command, ended_runs

COMMANDS = {
    "stack": "agora stack up --with {{ 'postgres' if params.store == 'sql' else params.store }} --json",
    "runs": "agora runs --from {{ params.first }} --to {{ params.end }} --published --json",
    "refresh": "agora refresh --run {{ run }} --json",
    "fill": "agora backfill {{ params.store }} --run {{ run }} --json",
    "verify": "agora verify --run {{ run }} --stores {{ params.store }} --json",
    "check": "agora check --layers gold --json",
}


@dag(
    schedule=None,
    tags=["agora", "tables"],
    doc_md=__doc__,
    params={
        "first": Param("2026-01-01", type="string", pattern=DAY, description="The first day (UTC)"),
        "end": Param("2026-01-02", type="string", pattern=DAY, description="The day after the last"),
        "store": Param("sql", enum=["sql", "mongodb", "elasticsearch", "cassandra"], description="Which store is filled"),
    },
    **CONVENTIONS,
)
def backfill() -> None:
    """Each run by itself, so that one that fails is tried again alone."""
    stack = command(COMMANDS, "stack", minutes=10)().as_setup()
    ended = command(COMMANDS, "runs", minutes=10, output_processor=ended_runs)()
    refresh = command(COMMANDS, "refresh", minutes=60, pool=LAKE, max_active_tis_per_dag=1).expand(run=ended)
    fill = command(COMMANDS, "fill", minutes=120, max_active_tis_per_dag=1).expand(run=ended)
    verify = command(COMMANDS, "verify", minutes=60, max_active_tis_per_dag=1).expand(run=ended)
    stack >> refresh >> fill >> verify >> command(COMMANDS, "check", minutes=60)()


backfill()
