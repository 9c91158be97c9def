"""Writes docker/kibana from `pipelines.sinks.kibana_views`, in the form that Kibana 9 imports: `python -m pipelines.sinks.kibana_objects`.

Each file stands alone: data views, panels (Lens), saved searches and one dashboard, as lines of JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.events.declarations import EVENT_TYPES
from pipelines.sinks.elasticsearch_indices import TYPES, alias, properties
from pipelines.sinks.kibana_views import DASHBOARDS, TIME, Chart, Dashboard, Measure, Metric, Panel, Search

FOLDER = Path(__file__).resolve().parents[2] / "docker" / "kibana"
LAYER = "events"
NO_QUERY = {"query": "", "language": "kuery"}
NO_FIELD = "___records___"  # what Kibana counts when it counts documents
WIDTH = 48  # of Kibana's grid
VERSIONS = {"index-pattern": "7.11.0", "search": "7.9.3", "lens": "8.9.0", "dashboard": "8.7.0"}
"""The form in which each type is written here; Kibana brings older forms up to its own when it imports them."""
PANEL_VERSION = "8.11.0"

Object = dict[str, Any]


def saved(kind: str, name: str, attributes: Object, references: list[Object]) -> Object:
    """A saved object of Kibana."""
    versions = {"coreMigrationVersion": "8.8.0", "typeMigrationVersion": VERSIONS[kind]}
    return {"type": kind, "id": name, "attributes": attributes, "references": references, "managed": False, **versions}


def packed(value: Any) -> str:
    """JSON within JSON, as Kibana keeps what it does not index."""
    return json.dumps(value, separators=(",", ":"))


def reference(kind: str, target: str, name: str) -> Object:
    """How an object names another one."""
    return {"type": kind, "id": target, "name": name}


def data_view(event: str) -> Object:
    """All indices of a type under the type's alias."""
    name = alias(event)
    return saved("index-pattern", name, {"title": name, "name": name, "timeFieldName": TIME}, [])


def lens(panel: Panel) -> Object:
    """A panel."""
    columns = {f"by_{number}": bucket(panel, field) for number, field in enumerate(panel.by)}
    columns |= {f"metric_{number}": measured(metric) for number, metric in enumerate(panel.metrics)}
    layer = {"columns": columns, "columnOrder": list(columns), "incompleteColumns": {}}
    state = {
        "datasourceStates": {"formBased": {"layers": {LAYER: layer}}}, "visualization": drawn(panel.chart, list(columns), len(panel.by)),
        "query": NO_QUERY, "filters": [], "internalReferences": [], "adHocDataViews": {},
    }  # fmt: skip
    kinds = {Chart.TABLE: "lnsDatatable", Chart.FIGURE: "lnsMetric"}
    attributes = {"title": panel.title, "visualizationType": kinds.get(panel.chart, "lnsXY"), "state": state}
    return saved(
        "lens",
        f"agora-{panel.name}",
        attributes,
        [reference("index-pattern", alias(panel.event), f"indexpattern-datasource-layer-{LAYER}")],
    )


def bucket(panel: Panel, field: str) -> Object:
    """A column that divides the events."""
    common = {"label": field, "sourceField": field, "isBucketed": True}
    if field == TIME:
        every = {"interval": "auto", "includeEmptyRows": False, "dropPartials": False}
        return {**common, "dataType": "date", "operationType": "date_histogram", "scale": "interval", "params": every}
    order = {"orderBy": {"type": "column", "columnId": "metric_0"}, "orderDirection": "desc", "size": panel.top}
    params = {**order, "otherBucket": False, "missingBucket": False, "parentFormat": {"id": "terms"}}
    return {**common, "dataType": data_type(panel.event, field), "operationType": "terms", "scale": "ordinal", "params": params}


def data_type(event: str, field: str) -> str:
    """What Kibana calls the type of a field whose values make buckets."""
    known = properties(EVENT_TYPES[event]) if event in EVENT_TYPES else {}
    return "number" if known.get(field, {}).get("type") in TYPES.values() else "string"


def measured(metric: Metric) -> Object:
    """A column that measures the events of a bucket."""
    field = NO_FIELD if metric.measure is Measure.COUNT else metric.field
    common = {"label": metric.label, "customLabel": True, "dataType": "number", "isBucketed": False, "scale": "ratio"}
    return {**common, "operationType": str(metric.measure), "sourceField": field, "params": {"emptyAsNull": True}}


def drawn(chart: Chart, columns: list[str], buckets: int) -> Object:
    """How the columns are drawn."""
    if chart is Chart.TABLE:
        return {"layerId": LAYER, "layerType": "data", "columns": [{"columnId": name} for name in columns]}
    if chart is Chart.FIGURE:
        return {"layerId": LAYER, "layerType": "data", "metricAccessor": columns[0]}
    layer = {"layerId": LAYER, "layerType": "data", "seriesType": str(chart), "xAccessor": columns[0], "accessors": columns[buckets:]}
    split = {"splitAccessor": columns[1]} if buckets > 1 else {}
    return {
        "preferredSeriesType": str(chart),
        "legend": {"isVisible": True, "position": "right"},
        "valueLabels": "hide",
        "layers": [layer | split],
    }


def search(saved_search: Search) -> Object:
    """A saved search."""
    link = "kibanaSavedObjectMeta.searchSourceJSON.index"
    source = {"query": {"query": saved_search.query, "language": "kuery"}, "filter": [], "indexRefName": link}
    attributes = {
        "title": saved_search.title, "description": "", "columns": list(saved_search.columns), "sort": [[TIME, "desc"]],
        "kibanaSavedObjectMeta": {"searchSourceJSON": packed(source)},
    }  # fmt: skip
    return saved("search", f"agora-{saved_search.name}", attributes, [reference("index-pattern", alias(saved_search.event), link)])


def placed(dashboard: Dashboard) -> Iterator[tuple[str, str, Object]]:
    """Each panel and search with its place on the page: (type, id, place)."""
    x = y = tallest = 0
    figures = [panel for panel in dashboard.panels if panel.chart is Chart.FIGURE]
    sizes = {panel.name: (WIDTH // len(figures), 6) if panel in figures else (WIDTH // 2, 14) for panel in dashboard.panels}
    parts = [("lens", part.name, sizes[part.name]) for part in dashboard.panels]
    for kind, name, (width, height) in [*parts, *(("search", part.name, (WIDTH, 18)) for part in dashboard.searches)]:
        if x + width > WIDTH:
            x, y = 0, y + tallest
        tallest = height
        yield kind, f"agora-{name}", {"x": x, "y": y, "w": width, "h": height}
        x += width


def page(dashboard: Dashboard) -> Object:
    """A dashboard."""
    parts = list(enumerate(placed(dashboard)))
    panels = [
        {
            "version": PANEL_VERSION, "type": kind, "gridData": {**place, "i": str(number)}, "panelIndex": str(number),
            "embeddableConfig": {"enhancements": {}}, "panelRefName": f"panel_{number}",
        }
        for number, (kind, _, place) in parts
    ]  # fmt: skip
    attributes = {
        "title": dashboard.title, "description": dashboard.doc, "panelsJSON": packed(panels), "controlGroupInput": controls(dashboard),
        "optionsJSON": packed({"useMargins": True, "syncColors": True, "syncCursor": True, "hidePanelTitles": False}),
        "timeRestore": True, "timeFrom": "now-30d", "timeTo": "now+30d", "refreshInterval": {"pause": True, "value": 60_000},
        "kibanaSavedObjectMeta": {"searchSourceJSON": packed({"query": NO_QUERY, "filter": []})},
    }  # fmt: skip
    view = alias(dashboard.panels[0].event)
    references = [reference(kind, name, f"{number}:panel_{number}") for number, (kind, name, _) in parts]
    references += [reference("index-pattern", view, f"controlGroup_{field}:optionsListDataView") for field in dashboard.controls]
    return saved("dashboard", f"agora-{dashboard.name}-page", attributes, references)


def controls(dashboard: Dashboard) -> Object:
    """The choices above a page."""
    panels = {
        field: {
            "order": number, "width": "medium", "grow": True, "type": "optionsListControl",
            "explicitInput": {"id": field, "fieldName": field, "title": field, "enhancements": {}},
        }
        for number, field in enumerate(dashboard.controls)
    }  # fmt: skip
    respected = dict.fromkeys(("ignoreFilters", "ignoreQuery", "ignoreTimerange", "ignoreValidations"), False)
    style = {"controlStyle": "oneLine", "chainingSystem": "HIERARCHICAL"}
    return {**style, "panelsJSON": packed(panels), "ignoreParentSettingsJSON": packed(respected)}


def objects(dashboard: Dashboard) -> list[Object]:
    """All that a dashboard needs, what is referred to before what refers."""
    events = dict.fromkeys([part.event for part in dashboard.panels] + [part.event for part in dashboard.searches])
    return [*map(data_view, events), *map(lens, dashboard.panels), *map(search, dashboard.searches), page(dashboard)]


def files() -> dict[str, str]:
    """Every generated file by its name in docker/kibana."""
    return {f"{each.name}.ndjson": "".join(packed(part) + "\n" for part in objects(each)) for each in DASHBOARDS}


def main() -> None:
    """Write them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
