"""Hand tables on as plain files: Parquet, CSV, or Delta tables by themselves.

    check     agora check      the tables keep their rules: what is wrong is not handed on
    export    agora export     each table into a folder of its name, which is replaced when all of it is written
    verify    agora export     what lies there now has the rows of the table's version that it was made of

When: daily, of all gold tables as Parquet; by hand for others.
Parameters: tables (empty: all of gold), format (parquet, csv, delta), runs (empty: all).
Results: for each table its folder, rows, and the version of the Delta table, which also lie beside the files as _export.json.
Where: the folder `exports` of the data folder.
Re-running: harmless; the same version gives the same rows.
"""

from airflow.sdk import Param, dag
from bridge import CONVENTIONS, NAME, RUN_ID, RUNS, command

COMMANDS = {
    "check": "agora check --json",
    "export": f"agora export {{{{ params.tables | join(' ') }}}} --format {{{{ params.format }}}}{RUNS} --json",
    "verify": f"agora export {{{{ params.tables | join(' ') }}}} --format {{{{ params.format }}}}{RUNS} --check --json",
}


@dag(
    schedule="@daily",
    tags=["agora", "tables"],
    doc_md=__doc__,
    params={
        "tables": Param([], type="array", items={"type": "string", "pattern": NAME}, description="Tables; empty: all of gold"),
        "format": Param("parquet", enum=["parquet", "csv", "delta"], description="What is written"),
        "runs": Param([], type="array", items={"type": "string", "pattern": RUN_ID}, description="Only these runs"),
    },
    **CONVENTIONS,
)
def export_lake() -> None:
    """Check, export, compare."""
    check, export = command(COMMANDS, "check", minutes=60)(), command(COMMANDS, "export", minutes=240)()
    check >> export >> command(COMMANDS, "verify", minutes=60)()


export_lake()
