"""Kibana's saved objects: as generated, whole, and only with fields that there are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipelines.events.declarations import event_type
from pipelines.events.topics import CONSUMERS
from pipelines.sinks.elasticsearch_indices import alias, properties
from pipelines.sinks.elasticsearch_logs import LOGS, PROPERTIES
from pipelines.sinks.kibana_objects import FOLDER, WIDTH, files
from pipelines.sinks.kibana_views import DASHBOARDS
from tests.pipelines.sinks.lens_query import fields_of, layer_of

FILES = sorted(files())


def objects(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files()[name].splitlines()]


@pytest.mark.parametrize("name", FILES)
def test_files_are_as_generated(name: str) -> None:
    assert (FOLDER / name).read_text() == files()[name], "run: python -m pipelines.sinks.kibana_objects"


def test_there_is_no_other_file() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.ndjson")) == FILES


@pytest.mark.parametrize("name", FILES)
def test_every_reference_is_in_the_same_file_before_it(name: str) -> None:
    seen: set[tuple[str, str]] = set()
    for each in objects(name):
        assert {(to["type"], to["id"]) for to in each["references"]} <= seen
        assert (each["type"], each["id"]) not in seen
        seen.add((each["type"], each["id"]))


@pytest.mark.parametrize("name", FILES)
def test_every_panel_of_a_page_names_its_reference(name: str) -> None:
    page = objects(name)[-1]
    named = {reference["name"] for reference in page["references"]}
    panels = json.loads(page["attributes"]["panelsJSON"])
    assert {f"{panel['panelIndex']}:{panel['panelRefName']}" for panel in panels} <= named
    assert len(panels) == len([each for each in objects(name) if each["type"] in ("lens", "search")])


@pytest.mark.parametrize("name", FILES)
def test_panels_lie_beside_each_other_within_the_page(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(objects(name)[-1]["attributes"]["panelsJSON"]):
        place = panel["gridData"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken and place["x"] + place["w"] <= WIDTH
        taken |= cells


@pytest.mark.parametrize("name", FILES)
def test_every_field_is_in_the_mappings(name: str) -> None:
    known = {alias(event): properties(event_type(event)).keys() for event in CONSUMERS["elasticsearch"]}
    known[alias(LOGS)] = PROPERTIES.keys()
    for each in objects(name):
        views = {to["id"] for to in each["references"] if to["type"] == "index-pattern"} or {each["attributes"]["title"]}
        for view in views:
            assert fields_of(each) <= known[view], each["id"]


def test_panels_draw_the_columns_that_they_have() -> None:
    for each in (each for name in FILES for each in objects(name) if each["type"] == "lens"):
        columns, drawn = set(layer_of(each)["columns"]), json.dumps(each["attributes"]["state"]["visualization"])
        assert all(f'"{column}"' in drawn for column in columns), each["id"]


def test_names_are_unique() -> None:
    names = [part.name for page in DASHBOARDS for part in (*page.panels, *page.searches)]
    assert len(names) == len(set(names))
