"""Make the gold tables anew from silver.

    refresh   agora refresh    minutes, agents' features and groups, novelty, deals, alerts
    check     agora check      gold keeps its rules and adds up to silver

When: daily, beside batch_analytics, which does the same for new runs at once: what a changed program computes
otherwise reaches old runs here.
Parameters: runs (empty: all).
Results: rows by table; when the check has passed, the asset agora_gold has a new event.
Re-running: harmless; the rows of each run are replaced in one commit, and readers see the old ones until then.
"""

from airflow.sdk import Param, dag
from bridge import CONVENTIONS, GOLD, LAKE, RUN_ID, RUNS, command

COMMANDS = {
    "refresh": f"agora refresh{RUNS} --json",
    "check": f"agora check --layers gold{RUNS} --json",
}


@dag(
    schedule="@daily",
    tags=["agora", "tables"],
    doc_md=__doc__,
    params={"runs": Param([], type="array", items={"type": "string", "pattern": RUN_ID}, description="Only these runs")},
    **CONVENTIONS,
)
def refresh_gold() -> None:
    """Refresh, then check."""
    command(COMMANDS, "refresh", minutes=240, pool=LAKE)() >> command(COMMANDS, "check", minutes=60, outlets=[GOLD])()


refresh_gold()
