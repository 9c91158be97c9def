"""Writes docs/tables_reference.md from the declarations of the tables: `python -m spark_jobs.document`."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from spark_jobs.catalog import LABEL_TABLES, TABLES, downstream
from spark_jobs.schemas import spark_type
from spark_jobs.table import Table

PAGE = Path(__file__).parents[1] / "docs" / "tables_reference.md"
INTRODUCTION = """# Tables, column by column

Written from the declarations in spark_jobs by `python -m spark_jobs.document`; do not edit. `agora tables show NAME` prints the same.
How they are asked and kept fast: [tables](tables.md).

A step is 100 ms of simulated time unless the scenario says otherwise. Ids of symbols, agents and topics have their names in
silver.worlds; the view beside each table, `TABLE_named`, joins them.
"""


def type_name(kind: pa.DataType) -> str:
    """The type as SQL calls it."""
    return str(spark_type(kind).simpleString())


def chapter(table: Table) -> str:
    """The page's chapter on one table."""
    behind = ", ".join(each.name for each in downstream(table))
    facts = [f"Key: {', '.join(table.key)}.", f"Made from: {', '.join(table.upstream)}."]
    facts += [f"Goes into: {behind}."] * bool(behind)
    facts += [f"Partitioned by {', '.join(table.partition_by)}."] * bool(table.partition_by)
    facts += [f"Clustered by {', '.join(table.cluster_by)}."] * bool(table.cluster_by)
    lines = [f"## {table.name}", "", table.doc, " ".join(facts), "", "| Column | Type | Unit | Meaning |", "|---|---|---|---|"]
    for field in table.schema:
        told = table.columns[field.name]
        lines.append(f"| {field.name} | {type_name(field.type)} | {told.unit} | {told.meaning} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *(chapter(table) for table in (*TABLES, *LABEL_TABLES))])


if __name__ == "__main__":
    PAGE.write_text(page())
