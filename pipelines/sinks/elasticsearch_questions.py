"""Useful questions to Elasticsearch. Values of arguments are parameters of the query's own structure, never parts of a text.

Times are simulated, in UTC. `world` is a number within the run; left empty, all worlds of the run are asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from elasticsearch import Elasticsearch

from pipelines.sinks.elasticsearch_indices import alias
from pipelines.sinks.question import Question

Row = dict[str, Any]
MOST = 1000  # partners, symbols or topics told apart


def _of(run: str, world: str, **wanted: Any) -> list[Row]:
    """Filters for a run, a world and fields; empty values filter nothing."""
    fields = {"run_id": run, "world_id": world, **wanted}
    return [{"term": {name: value}} for name, value in fields.items() if value != ""]


def _hits(client: Elasticsearch, event: str, query: Row, limit: int, fields: tuple[str, ...], first: tuple[str, ...] = ()) -> Iterator[Row]:
    order: list[Any] = [*first, {"@timestamp": "desc"}, {"seq": "desc"}]
    found = client.search(index=alias(event), query=query, size=limit, sort=order, source_includes=["@timestamp", *fields])
    for hit in found["hits"]["hits"]:
        source = hit["_source"]
        yield {"time": source["@timestamp"], **{name: source.get(name) for name in fields}}


def _buckets(client: Elasticsearch, event: str, filters: list[Row], aggs: Mapping[str, Any]) -> Row:
    found = client.search(index=alias(event), size=0, query={"bool": {"filter": filters}}, aggs=dict(aggs))
    return dict(found["aggregations"])


def _terms(field: str, size: int, **below: Any) -> Row:
    return {"terms": {"field": field, "size": size}, **({"aggs": below} if below else {})}


def who_messaged_whom(client: Elasticsearch, run: str, world: str, symbol: str, limit: int) -> list[Row]:
    """Pairs of agents by how many messages went from one to the other, with what they were about."""
    about = _terms("symbol_name", MOST, topic=_terms("topic_name", MOST))
    pairs = _terms("sender", limit, receiver=_terms("receiver", limit, about=about))
    found = _buckets(client, "messages", _of(run, world, symbol_name=symbol), {"sender": pairs})
    rows = [
        {"sender": sender["key"], "receiver": receiver["key"], "symbol": each["key"], "topic": topic["key"], "messages": topic["doc_count"]}
        for sender in found["sender"]["buckets"]
        for receiver in sender["receiver"]["buckets"]
        for each in receiver["about"]["buckets"]
        for topic in each["topic"]["buckets"]
    ]
    return sorted(rows, key=lambda row: -row["messages"])[:limit]


def messages_with(client: Elasticsearch, words: str, run: str, world: str, limit: int) -> Iterator[Row]:
    """Messages that say all of these words, those that fit best first."""
    match = {"match": {"text": {"query": words, "operator": "and"}}}
    query = {"bool": {"must": [match], "filter": _of(run, world)}}
    fields = ("run_id", "world_id", "seq", "sender", "receiver", "topic_name", "text")
    return _hits(client, "messages", query, limit, fields, ("_score",))


def trades_of(client: Elasticsearch, run: str, agent: int, world: str, limit: int) -> Iterator[Row]:
    """The latest trades of an agent, on either side."""
    sides = [{"term": {"buyer": agent}}, {"term": {"seller": agent}}]
    query = {"bool": {"filter": _of(run, world), "should": sides, "minimum_should_match": 1}}
    return _hits(client, "trades", query, limit, ("world_id", "seq", "symbol_name", "price", "size", "buyer", "seller", "aggressor_name"))


def volume_by_minute(client: Elasticsearch, run: str, world: str, symbol: str) -> list[Row]:
    """Trades, lots, and the lowest and highest price (ticks) of each symbol in each minute in which it was traded."""
    measured = {"lots": {"sum": {"field": "size"}}, "low": {"min": {"field": "price"}}, "high": {"max": {"field": "price"}}}
    minutes = {"date_histogram": {"field": "@timestamp", "fixed_interval": "1m", "min_doc_count": 1}}
    symbols = {"aggs": {"symbol": _terms("symbol_name", MOST, **measured)}}
    found = _buckets(client, "trades", _of(run, world, symbol_name=symbol), {"minute": {**minutes, **symbols}})
    return [
        {
            "minute": minute["key_as_string"], "symbol": each["key"], "trades": each["doc_count"],
            **{name: int(each[name]["value"]) for name in measured},
        }
        for minute in found["minute"]["buckets"]
        for each in minute["symbol"]["buckets"]
    ]  # fmt: skip


def alerts_by_kind(client: Elasticsearch, run: str, world: str) -> list[Row]:
    """How often each kind of alert was raised, the highest score, and when the first and the last one was."""
    times = {"first": {"min": {"field": "@timestamp"}}, "last": {"max": {"field": "@timestamp"}}}
    found = _buckets(client, "alerts", _of(run, world), {"kind": _terms("kind", MOST, score={"max": {"field": "score"}}, **times)})
    return [
        {
            "kind": kind["key"], "alerts": kind["doc_count"], "highest_score": kind["score"]["value"],
            **{name: kind[name]["value_as_string"] for name in times},
        }
        for kind in found["kind"]["buckets"]
    ]  # fmt: skip


def alerts_about(client: Elasticsearch, run: str, agent: int, world: str, limit: int) -> Iterator[Row]:
    """The latest alerts that suspect an agent."""
    query = {"bool": {"filter": _of(run, world, suspect=agent)}}
    return _hits(client, "alerts", query, limit, ("world_id", "kind", "symbol_name", "score", "suspects", "evidence", "alert_id"))


def busiest_talkers(client: Elasticsearch, run: str, world: str, limit: int) -> list[Row]:
    """Who sent most messages, to how many others, and about what most often."""
    told = {"partners": {"cardinality": {"field": "receiver"}}, "topic": _terms("topic_name", 1)}
    found = _buckets(client, "messages", _of(run, world), {"sender": _terms("sender", limit, **told)})
    return [
        {
            "sender": sender["key"], "messages": sender["doc_count"], "partners": sender["partners"]["value"],
            "topic": next((topic["key"] for topic in sender["topic"]["buckets"]), None),
        }
        for sender in found["sender"]["buckets"]
    ]  # fmt: skip


RUN, WHERE, LIMITED = {"run": str}, {"world": ""}, {"world": "", "limit": 20}
QUESTIONS: dict[str, Question] = {
    "who_messaged_whom": Question("who messaged whom about what, the busiest first", who_messaged_whom, RUN, {**LIMITED, "symbol": ""}),
    "messages_with": Question("messages that say these words", messages_with, {"words": str}, {"run": "", **LIMITED}),
    "trades_of": Question("the latest trades of an agent", trades_of, {**RUN, "agent": int}, LIMITED),
    "volume_by_minute": Question("trades, lots and price range of each symbol by minute", volume_by_minute, RUN, {**WHERE, "symbol": ""}),
    "alerts_by_kind": Question("alerts of each kind, with the highest score", alerts_by_kind, RUN, WHERE),
    "alerts_about": Question("the latest alerts that suspect an agent", alerts_about, {**RUN, "agent": int}, LIMITED),
    "busiest_talkers": Question("who sends most messages", busiest_talkers, RUN, LIMITED),
}
"""By name, as `agora query search NAME key=value` asks them."""
