"""What Kibana asks Elasticsearch for a panel or a saved search, read from the saved object itself."""

from __future__ import annotations

import json
from typing import Any

MEASURES = {"sum": "sum", "average": "avg", "max": "max", "unique_count": "cardinality"}
INTERVAL = "5s"  # Kibana makes one of "auto" that suits the time that is shown
Object = dict[str, Any]


def layer_of(lens: Object) -> Object:
    """The one layer of a panel."""
    (layer,) = lens["attributes"]["state"]["datasourceStates"]["formBased"]["layers"].values()
    return layer


def fields_of(saved: Object) -> set[str]:
    """The fields that an object uses."""
    attributes = saved["attributes"]
    if saved["type"] == "lens":
        return {column["sourceField"] for column in layer_of(saved)["columns"].values()} - {"___records___"}
    if saved["type"] == "search":
        return {*attributes["columns"], *(field for field, _ in attributes["sort"]), *query_of(saved).keys()}
    if saved["type"] == "dashboard":
        return {each["explicitInput"]["fieldName"] for each in json.loads(attributes["controlGroupInput"]["panelsJSON"]).values()}
    return {attributes["timeFieldName"]}


def query_of(search: Object) -> Object:
    """Fields that must have a value by a saved search's query: `name : *` is all that is understood here."""
    text = json.loads(search["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])["query"]["query"]
    names = [part.strip().partition(" : ") for part in text.split(" and ")] if text else []
    assert all(rest == "*" for _, _, rest in names), text
    return {name: "*" for name, _, _ in names}


def request_of(saved: Object) -> Object:
    """The search that shows a panel or a saved search."""
    if saved["type"] == "search":
        exist = [{"exists": {"field": name}} for name in query_of(saved)]
        return {"query": {"bool": {"filter": exist}}, "sort": [{name: order} for name, order in saved["attributes"]["sort"]], "size": 10}
    layer = layer_of(saved)
    columns = [(name, layer["columns"][name]) for name in layer["columnOrder"]]
    metrics = {name: _metric(each) for name, each in columns if not each["isBucketed"] and each["operationType"] != "count"}
    aggs = metrics
    for name, each in reversed([(name, each) for name, each in columns if each["isBucketed"]]):
        order = each["params"].get("orderBy", {}).get("columnId")
        below = aggs if not order or order not in metrics else {**aggs, order: metrics[order]}
        aggs = {name: {**_bucket(each, order if order in metrics else "_count"), **({"aggs": below} if below else {})}}
    return {"size": 0, "track_total_hits": True, "aggs": aggs}


def _bucket(column: Object, order: str) -> Object:
    if column["operationType"] == "date_histogram":
        return {"date_histogram": {"field": column["sourceField"], "fixed_interval": INTERVAL, "min_doc_count": 1}}
    return {"terms": {"field": column["sourceField"], "size": column["params"]["size"], "order": {order: "desc"}}}


def _metric(column: Object) -> Object:
    return {MEASURES[column["operationType"]]: {"field": column["sourceField"]}}


def rows_of(saved: Object, answer: Object) -> list[Any]:
    """What a panel or a saved search shows of an answer: rows with a value in every column."""
    if saved["type"] == "search":
        return [hit["_source"] for hit in answer["hits"]["hits"]]
    columns = layer_of(saved)["columns"]
    found = [(answer["hits"]["total"]["value"], answer.get("aggregations", {}))]
    for name in (name for name in layer_of(saved)["columnOrder"] if columns[name]["isBucketed"]):
        found = [(each["doc_count"], each) for _, level in found for each in level[name]["buckets"]]
    measured = [name for name in columns if not columns[name]["isBucketed"]]
    counted = [name for name in measured if columns[name]["operationType"] == "count"]
    return [level for count, level in found if count and all(name in counted or level[name]["value"] is not None for name in measured)]
