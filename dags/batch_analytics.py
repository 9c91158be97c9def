"""Analyse what came into the tables: gold of the runs that are new, its rules, the market in figures.

What it does, in order:

    runs           -                   the runs that the events of the asset tell of, or those of the parameter; none: all
    refresh        agora refresh       makes their gold tables anew: minutes, agents' features and groups, novelty, deals, alerts
    check          agora check         gold keeps its rules and adds up to silver
    market         agora sql           trend, volatility, spread and volume of each run and symbol, from gold.market_minutes
    letters        agora dlq mirror    what could not be read, into the table bronze.dead_letters
    check_letters  agora check         each of them is there once

When: by the asset agora_silver: after each proven simulation, and whenever a stream that follows tells of a new version of silver
(`agora stream --follow` with AGORA_AIRFLOW_URL set). Events that come while it runs are taken together by the next run.
Parameters: runs (empty: those that are new).
Results: `market` gives columns and rows; `check` how many rows each table has. When it has passed, the asset agora_gold has a new event.
Re-running: harmless; gold is replaced run by run.
"""

from airflow.sdk import Param, dag, task
from bridge import CONVENTIONS, GOLD, LAKE, RUN_ID, SILVER, command, runs_of

COMMANDS = {
    "refresh": "agora refresh{% for run in ti.xcom_pull(task_ids='runs') %} --run {{ run }}{% endfor %} --json",
    "check": "agora check --layers gold{% for run in ti.xcom_pull(task_ids='runs') %} --run {{ run }}{% endfor %} --json",
    "market": (
        "agora sql --engine duckdb --limit 1000 --json "
        '"SELECT run_id, symbol, count(*) AS minutes, sum(volume) AS volume, '
        "arg_min(open, minute) AS first_price, arg_max(close, minute) AS last_price, "
        "avg(realised_volatility) AS volatility, avg(spread) AS spread "
        'FROM gold.market_minutes GROUP BY run_id, symbol ORDER BY run_id DESC, symbol"'
    ),
    "letters": "agora dlq mirror --json",
    "check_letters": "agora check bronze.dead_letters --json",
}


@task
def runs(params: dict[str, list[str]], triggering_asset_events=None) -> list[str]:  # type: ignore[no-untyped-def]  # Airflow's own type
    """The runs that are looked at; none means all."""
    return params["runs"] or runs_of(triggering_asset_events or {})


@dag(
    schedule=[SILVER],
    tags=["agora", "tables"],
    doc_md=__doc__,
    params={"runs": Param([], type="array", items={"type": "string", "pattern": RUN_ID}, description="Runs; empty: those that are new")},
    **CONVENTIONS,
)
def batch_analytics() -> None:
    """Refresh, check, then look; what could not be read comes last."""
    refresh = command(COMMANDS, "refresh", minutes=120, pool=LAKE)()
    check = command(COMMANDS, "check", minutes=30, outlets=[GOLD])()
    market, letters = command(COMMANDS, "market", minutes=10)(), command(COMMANDS, "letters", minutes=10)()
    runs() >> refresh >> check >> market >> letters >> command(COMMANDS, "check_letters", minutes=10)()


batch_analytics()
