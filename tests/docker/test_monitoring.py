"""Prometheus asks where `agora metrics` answers, and every figure that it or a panel of Grafana names is one that is exported."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from pipelines.apps.metrics import Figures
from pipelines.sinks.batch_writer import Figures as SinkFigures
from pipelines.sinks.status import StatusFile, lock
from tests.docker.composed import PROJECT, services
from tests.pipelines.apps.test_top import seen

GRAFANA, PROMETHEUS = PROJECT / "docker" / "grafana", PROJECT / "docker" / "prometheus"
BOARD: dict[str, Any] = json.loads((GRAFANA / "dashboards" / "flow.json").read_text())
CONFIG: dict[str, Any] = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
RULES: list[dict[str, Any]] = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"][0]["rules"]
OWN = {"up"}  # what Prometheus adds
PANELS = {panel["title"]: [target["expr"] for target in panel["targets"]] for panel in BOARD["panels"]}
QUERIES = {**PANELS, **{rule["alert"]: [rule["expr"]] for rule in RULES}}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The labels of every sample of the exporter by its name."""
    folder: Path = tmp_path_factory.mktemp("data")
    found: dict[str, set[str]] = {}
    with lock(folder / "sinks", "redis"):
        StatusFile(folder / "sinks", "redis").tell(SinkFigures(events=8, batches=1, behind={("market.ticks", 0): 7}))
        registry = CollectorRegistry()
        registry.register(Figures(seen(folder)))
        for family in registry.collect():
            for sample in family.samples:
                found.setdefault(sample.name, set()).update(sample.labels)
    return found


@pytest.mark.parametrize("title", QUERIES)
def test_every_figure_that_is_asked_for_is_exported(title: str, exported: dict[str, set[str]]) -> None:
    for query in QUERIES[title]:
        names = set(re.findall(r"\b(agora_\w+|up)\b(?=[{\[ )]|$)", query))
        assert names and names <= exported.keys() | OWN, query
        assert set(re.findall(r"(\w+)=~?\"", query)) <= {label for name in names & exported.keys() for label in exported[name]} | {"job"}


def test_every_figure_is_on_the_board(exported: dict[str, set[str]]) -> None:
    asked = " ".join(query for queries in PANELS.values() for query in queries)
    assert [name for name in exported if name not in asked] == []


def test_legends_name_labels_that_are_there(exported: dict[str, set[str]]) -> None:
    for panel in BOARD["panels"]:
        for target in panel["targets"]:
            labels = {label for name, has in exported.items() if name in target["expr"] for label in has}
            assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= labels


def test_panels_have_places_of_their_own_on_the_page() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken and all(x < 24 for x, _ in cells)
        taken |= cells
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])


def test_prometheus_asks_where_the_figures_are() -> None:
    exporter = services()["metrics"]
    (job,) = [job for job in CONFIG["scrape_configs"] if job["job_name"] == "agora"]
    (target,) = job["static_configs"][0]["targets"]
    assert target == "metrics:9464" and exporter["ports"][0].endswith(":9464") and "0.0.0.0" in exporter["command"]
    assert [PROMETHEUS / name for name in CONFIG["rule_files"]] == [PROMETHEUS / "alerts.yml"]


def test_grafana_finds_its_source_and_its_board_where_they_are_mounted() -> None:
    (source,) = yaml.safe_load((GRAFANA / "provisioning" / "datasources" / "prometheus.yml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090" and {panel["datasource"]["uid"] for panel in BOARD["panels"]} == {source["uid"]}
    (provider,) = yaml.safe_load((GRAFANA / "provisioning" / "dashboards" / "agora.yml").read_text())["providers"]
    mounted = dict(volume.split(":")[:2] for volume in services()["grafana"]["volumes"])
    assert mounted["./docker/grafana/dashboards"] == provider["options"]["path"]
    assert mounted["./docker/grafana/provisioning"] == "/etc/grafana/provisioning"


def test_every_rule_says_what_to_do() -> None:
    assert all({"summary", "do"} <= rule["annotations"].keys() for rule in RULES)
