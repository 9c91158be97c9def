"""What holds for every DAG: which there are, and that each keeps the conventions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import BundleDagBag

pytestmark = pytest.mark.airflow

NAMES = [
    "backfill", "batch_analytics", "evaluate_and_register", "export_lake", "maintain_tables", "rebuild_search", "refit_detectors",
    "refresh_gold", "simulate_and_publish", "stack_smoke", "train_agents", "train_and_refresh",
]  # fmt: skip
WRITES = {
    "simulate": "verify", "train": "verify", "stream": "verify", "refresh": "check", "fill": "verify", "catalogue": "verify",
    "promote": "check", "refit": "check", "maintain": "check", "export": "verify", "letters": "check_letters",
}  # fmt: skip
"""Each task that writes, and the one that looks at what it wrote."""
READS = {"stack", "folder", "runs", "grid", "asked", "kinds", "drift", "market", "answer", "down", "remove", *WRITES.values()}
HEAVY = {"train", "simulate", "promote", "refit"}
UNSAFE = "a; rm -rf /"


def tasks(dags: BundleDagBag) -> Iterator[tuple[Any, Any]]:
    """Each task with its DAG."""
    return ((dag, task) for dag in dags.dags.values() for task in dag.tasks)


def test_exactly_these_are_read_without_an_error(dags: BundleDagBag) -> None:
    assert dags.import_errors == {}
    assert sorted(dags.dag_ids) == NAMES


def test_each_has_a_manual_tags_and_one_run_at_a_time(dags: BundleDagBag) -> None:
    for dag in dags.dags.values():
        for word in ("When:", "Parameters:", "Re-running:"):
            assert word in (dag.doc_md or ""), f"{dag.dag_id} does not say {word}"
        assert "agora" in dag.tags and len(dag.tags) > 1
        assert not dag.catchup and dag.max_active_runs == 1


def test_each_task_has_an_owner_a_second_try_and_says_when_it_fails(dags: BundleDagBag) -> None:
    for dag, task in tasks(dags):
        assert task.owner == "agora", (dag.dag_id, task.task_id)
        assert task.retries >= 1, (dag.dag_id, task.task_id)
        assert task.partial_kwargs["on_failure_callback"] if task.is_mapped else task.on_failure_callback, (dag.dag_id, task.task_id)


def test_a_task_is_told_of_by_its_manual(dags: BundleDagBag) -> None:
    for dag, task in tasks(dags):
        assert re.search(rf"^    {task.task_id}\b", dag.doc_md, re.MULTILINE), f"the manual of {dag.dag_id} lacks {task.task_id}"


def test_what_is_written_is_checked_afterwards(dags: BundleDagBag) -> None:
    assert {task.task_id for _, task in tasks(dags)} == WRITES.keys() | READS, "say of a new task whether it writes, and what checks that"
    for dag, task in tasks(dags):
        if check := WRITES.get(task.task_id):
            after = {found.task_id for found in task.get_flat_relatives(upstream=False)}
            assert check in after, f"nothing checks what {dag.dag_id}.{task.task_id} writes"


def test_heavy_work_waits_for_its_pool(dags: BundleDagBag) -> None:
    pools = json.loads((Path(dags.bundle_path) / "pools.json").read_text())
    for dag, task in tasks(dags):
        pool = task.partial_kwargs.get("pool", "default_pool") if task.is_mapped else task.pool
        assert pool in pools or pool == "default_pool"
        if task.task_id in HEAVY:
            assert pool == "cpu", (dag.dag_id, task.task_id)


def test_servers_are_set_up_and_those_of_the_smoke_test_torn_down(dags: BundleDagBag) -> None:
    for dag, task in tasks(dags):
        if task.task_id == "stack":
            assert task.is_setup, dag.dag_id
    smoke = dags.dags["stack_smoke"]
    assert {task.task_id for task in smoke.tasks if task.is_teardown} == {"down", "remove"}


def test_assets_join_the_dags(dags: BundleDagBag) -> None:
    listens = {dag.dag_id: {asset.uri for asset in dag.timetable.asset_condition.objects} for dag in dags.dags.values()
               if getattr(dag.timetable, "asset_condition", None)}  # fmt: skip
    assert listens == {"batch_analytics": {"agora://lake/silver"}, "evaluate_and_register": {"agora://learning/policies"}}
    makes: dict[str, set[str]] = {}
    for dag, task in tasks(dags):
        for outlet in task.partial_kwargs.get("outlets", ()) if task.is_mapped else task.outlets:
            makes.setdefault(outlet.uri, set()).add(dag.dag_id)
    assert makes["agora://lake/silver"] == {"simulate_and_publish", "train_agents"}
    assert makes["agora://learning/policies"] == {"train_agents"}


def texts(dags: BundleDagBag) -> Iterator[tuple[str, dict[str, Any]]]:
    """The name and schema of each parameter that is or holds text."""
    for dag in dags.dags.values():
        for name in dag.params:
            schema = dag.params.get_param(name).schema
            inner = schema.get("items", schema)
            if inner.get("type") == "string" or "enum" in inner:
                yield f"{dag.dag_id}.{name}", inner


def test_no_parameter_takes_signs_of_the_shell(dags: BundleDagBag) -> None:
    found = dict(texts(dags))
    assert "simulate_and_publish.scenario" in found and "export_lake.tables" in found
    for name, schema in found.items():
        if "enum" in schema:
            assert UNSAFE not in schema["enum"]
        else:
            assert not re.search(schema["pattern"], UNSAFE), f"{name} takes {UNSAFE!r}"
            assert not re.search(schema["pattern"], "$(reboot)"), name


def test_every_parameter_says_what_it_is(dags: BundleDagBag) -> None:
    for dag in dags.dags.values():
        for name in dag.params:
            assert dag.params.get_param(name).description, f"{dag.dag_id}.{name}"
