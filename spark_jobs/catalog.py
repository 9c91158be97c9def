"""All tables of the lake in flow order."""

from __future__ import annotations

from pipelines.events.topics import TOPICS
from pipelines.places import Place, is_table
from spark_jobs.bronze import dead_letters, events
from spark_jobs.gold import agent_clusters, agent_features, agent_novelty, alerts, market_minutes, negotiations
from spark_jobs.silver.tables import LABEL_TABLES, QUARANTINE, SILVER
from spark_jobs.table import Table

BRONZE = events.TABLE
GOLD: tuple[Table, ...] = (
    market_minutes.TABLE,
    alerts.TABLE,
    agent_features.TABLE,
    agent_clusters.TABLE,
    agent_novelty.TABLE,
    negotiations.TABLE,
)
TABLES: tuple[Table, ...] = (BRONZE, dead_letters.TABLE, *SILVER, QUARANTINE, *GOLD)

MARKET_TOPICS: tuple[str, ...] = tuple(topic.name for topic in TOPICS if topic.event != "labels")
LABEL_TOPICS: tuple[str, ...] = tuple(topic.name for topic in TOPICS if topic.event == "labels")


def table(name: str) -> Table:
    """The table of that name; ValueError with the known names otherwise."""
    for candidate in (*TABLES, *LABEL_TABLES):
        if candidate.name == name:
            return candidate
    raise ValueError(f"unknown table {name!r}; known: {', '.join(known.name for known in (*TABLES, *LABEL_TABLES))}")


def downstream(of: Table) -> list[Table]:
    """The tables that are made from one."""
    return [candidate for candidate in (*TABLES, *LABEL_TABLES) if of.name in candidate.upstream]


def exists(lake: Place, known: Table) -> bool:
    """Whether a lake has the table."""
    return is_table(known.path(lake))


def present(lake: Place) -> list[Table]:
    """The tables that exist in a lake."""
    return [candidate for candidate in TABLES if exists(lake, candidate)]


__all__ = ["BRONZE", "GOLD", "LABEL_TABLES", "LABEL_TOPICS", "MARKET_TOPICS", "QUARANTINE", "SILVER", "TABLES", "present", "table"]
