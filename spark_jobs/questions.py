"""Whether a text that Spark SQL understands only asks."""

from __future__ import annotations

from typing import Any

from pyspark.sql import SparkSession

CHANGES = ("InsertIntoStatement", "DeleteFromTable", "UpdateTable", "MergeIntoTable")
"""Parts of a plan that change a table. They may stand behind FROM or WITH, so that the first word of a text does not tell."""


def changes_tables(session: SparkSession, query: str) -> bool:
    """Whether the text would change a table, by Spark's own parser. Raises ParseException for what it does not understand."""
    return _changes(session._jsparkSession.sessionState().sqlParser().parsePlan(query))


def _changes(plan: Any) -> bool:
    children = plan.children()
    return plan.getClass().getSimpleName() in CHANGES or any(_changes(children.apply(place)) for place in range(children.size()))
