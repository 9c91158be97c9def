"""Keep the tables fast: small files put together, old ones removed. A dry run, unless told otherwise.

    maintain  agora tables maintain    what would be done to each table, or with `apply` does it
    check     agora check              nothing that a table promises was lost

When: weekly as a dry run, whose result says how many files there are to put together and to remove. Trigger it with `apply` to do it.
Parameters: apply (false): whether tables are changed.
Results: a report on each table.
Re-running: harmless. A stream may go on meanwhile: it only appends, and no file is removed that a reader may still need.
"""

from airflow.sdk import Param, dag
from bridge import CONVENTIONS, LAKE, command

COMMANDS = {
    "maintain": "agora tables maintain {{ '--apply' if params.apply else '--dry-run' }} --json",
    "check": "agora check --json",
}


@dag(
    schedule="@weekly",
    tags=["agora", "tables"],
    doc_md=__doc__,
    params={"apply": Param(False, type="boolean", description="Change the tables, instead of telling what would be done")},
    **CONVENTIONS,
)
def maintain_tables() -> None:
    """Maintain, then check."""
    command(COMMANDS, "maintain", minutes=240, pool=LAKE)() >> command(COMMANDS, "check", minutes=60)()


maintain_tables()
