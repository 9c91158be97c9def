"""What Kibana shows: dashboards of panels and saved searches over the indices of `pipelines.sinks.elasticsearch_indices`.

`python -m pipelines.sinks.kibana_objects` writes them to docker/kibana, from where Kibana imports them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

TIME = "@timestamp"


class Chart(StrEnum):
    """How a panel draws its rows: the first bucket along the axis, the second as colours."""

    BARS = "bar_stacked"
    LINES = "line"
    RANKING = "bar_horizontal"
    TABLE = "table"
    FIGURE = "figure"


class Measure(StrEnum):
    """What is computed of the events of a bucket; the names are Kibana's."""

    COUNT = "count"
    SUM = "sum"
    AVERAGE = "average"
    MAX = "max"
    UNIQUE = "unique_count"


@dataclass(frozen=True)
class Metric:
    """A measure of a field, with the words that stand beside it."""

    label: str
    measure: Measure = Measure.COUNT
    field: str = ""


@dataclass(frozen=True)
class Panel:
    """One panel.

    Parameters
    ----------
    name : unique among all; part of the saved object's id.
    event : the type whose events it counts.
    by : fields that make the buckets, outermost first; @timestamp gives intervals of time, others the `top` most frequent values.
    """

    name: str
    title: str
    event: str
    chart: Chart
    metrics: tuple[Metric, ...]
    by: tuple[str, ...] = ()
    top: int = 10


@dataclass(frozen=True)
class Search:
    """A saved search: the columns of events, the latest first; `query` in Kibana's query language."""

    name: str
    title: str
    event: str
    columns: tuple[str, ...]
    query: str = ""


@dataclass(frozen=True)
class Dashboard:
    """A page: panels two in a row, figures four, the searches below; `controls` are fields to choose values of."""

    name: str
    title: str
    doc: str
    panels: tuple[Panel, ...]
    searches: tuple[Search, ...]
    controls: tuple[str, ...] = ("run_id", "world_id", "symbol_name")


EVENTS, LOTS = Metric("Trades"), Metric("Lots", Measure.SUM, "size")
TICKS = Metric("Ticks", Measure.AVERAGE, "price")
MESSAGES, ALERTS = Metric("Messages"), Metric("Alerts")

MARKET = Dashboard(
    "market",
    "Agora: market activity",
    "What is traded, by whom, at which prices",
    (
        Panel("trades", "Trades", "trades", Chart.FIGURE, (EVENTS,)),
        Panel("lots", "Lots traded", "trades", Chart.FIGURE, (LOTS,)),
        Panel("buyers", "Agents that bought", "trades", Chart.FIGURE, (Metric("Buyers", Measure.UNIQUE, "buyer"),)),
        Panel("symbols", "Symbols", "trades", Chart.FIGURE, (Metric("Symbols", Measure.UNIQUE, "symbol_name"),)),
        Panel("volume", "Volume by symbol", "trades", Chart.BARS, (LOTS,), (TIME, "symbol_name")),
        Panel("price", "Average price by symbol", "trades", Chart.LINES, (TICKS,), (TIME, "symbol_name")),
        Panel("aggressors", "Who came to whom", "trades", Chart.BARS, (LOTS,), (TIME, "aggressor_name")),
        Panel("top_buyers", "Largest buyers", "trades", Chart.RANKING, (LOTS,), ("buyer",)),
        Panel("pairs", "Who trades with whom", "trades", Chart.TABLE, (EVENTS, LOTS), ("buyer", "seller")),
    ),
    (Search("tape", "The tape", "trades", ("symbol_name", "price", "size", "buyer", "seller", "aggressor_name", "run_id", "world_id")),),
)

TALK = Dashboard(
    "messages",
    "Agora: messages",
    "Who talks to whom about what",
    (
        Panel("messages", "Messages", "messages", Chart.FIGURE, (MESSAGES,)),
        Panel("talkers", "Agents that talk", "messages", Chart.FIGURE, (Metric("Senders", Measure.UNIQUE, "sender"),)),
        Panel("topics", "Messages by topic", "messages", Chart.BARS, (MESSAGES,), (TIME, "topic_name")),
        Panel("kinds", "Messages by kind", "messages", Chart.BARS, (MESSAGES,), (TIME, "kind_name")),
        Panel("busiest", "Busiest talkers", "messages", Chart.RANKING, (MESSAGES,), ("sender",)),
        Panel("who_whom", "Who messages whom about what", "messages", Chart.TABLE, (MESSAGES,), ("sender", "receiver", "topic_name")),
    ),
    (
        Search("said", "Messages in words", "messages", ("sender", "receiver", "topic_name", "text", "run_id", "world_id"), "text : *"),
        Search("all_messages", "All messages", "messages", ("sender", "receiver", "kind_name", "topic_name", "symbol_name", "value_3")),
    ),
)

WATCH = Dashboard(
    "alerts",
    "Agora: alerts",
    "What the detectors raised",
    (
        Panel("alerts", "Alerts", "alerts", Chart.FIGURE, (ALERTS,)),
        Panel("suspects", "Agents suspected", "alerts", Chart.FIGURE, (Metric("Suspects", Measure.UNIQUE, "suspect"),)),
        Panel("alert_kinds", "Alerts by kind", "alerts", Chart.BARS, (ALERTS,), (TIME, "kind")),
        Panel("alert_symbols", "Alerts by symbol", "alerts", Chart.BARS, (ALERTS,), (TIME, "symbol_name")),
        Panel("scores", "Scores by kind", "alerts", Chart.TABLE, (ALERTS, Metric("Highest score", Measure.MAX, "score")), ("kind",)),
        Panel("most_suspected", "Most suspected agents", "alerts", Chart.RANKING, (ALERTS,), ("suspect",)),
    ),
    (Search("raised", "Alerts raised", "alerts", ("kind", "symbol_name", "suspects", "score", "first_step", "last_step", "evidence")),),
)

LINES = Metric("Lines")
LOGS = Dashboard(
    "logs",
    "Agora: logs",
    "What the product's own processes said, in the time of the machine",
    (
        Panel("lines", "Lines", "logs", Chart.FIGURE, (LINES,)),
        Panel("processes", "Files", "logs", Chart.FIGURE, (Metric("Files", Measure.UNIQUE, "file"),)),
        Panel("levels", "Lines by level", "logs", Chart.BARS, (LINES,), (TIME, "level")),
        Panel("workers", "Lines by run and worker", "logs", Chart.TABLE, (LINES,), ("run_id", "worker", "level")),
    ),
    (Search("log", "The log", "logs", ("level", "event", "run_id", "worker", "file")),),
    controls=("run_id", "level"),
)

DASHBOARDS = (MARKET, TALK, WATCH, LOGS)
