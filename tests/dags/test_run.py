"""Each DAG runs from end to end with small parameters, with the real commands on real servers: one laboratory for all."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import BundleDagBag

PROJECT = Path(__file__).parents[2]
MODELS = PROJECT / "spark_jobs" / "detection" / "models"
BLUNT = """
import sys
from dataclasses import replace
from pathlib import Path
from spark_jobs.detection.models import model_path, read_model

place = Path(sys.argv[1])
place.parent.mkdir(exist_ok=True)
replace(read_model(model_path(place.stem), place.stem), threshold=1.0).save(place)
"""
"""Puts the product's model in a place, made so that it finds nothing."""
LOST = """
import sys
from deltalake import DeltaTable
from pipelines.settings import settings
from spark_jobs.catalog import GOLD, exists

lake = settings().lake_dir
for table in GOLD:
    if exists(lake, table):
        DeltaTable(str(table.path(lake))).delete(f"run_id = '{sys.argv[1]}'")
"""
"""Takes a run out of gold."""
KINDS = ["spoofing", "marking_the_close"]
"""In the laboratory's market there is no day, so that nothing is seen of the second."""
pytestmark = [pytest.mark.airflow, pytest.mark.timeout(1800)]


class Lab:
    """Runs DAGs and commands with one data folder."""

    def __init__(self, dags: BundleDagBag, folder: Path) -> None:
        self.dags, self.folder = dags, folder

    def run(self, name: str, **conf: Any) -> Any:
        """A DAG run to its end, which must be a good one."""
        run = self.dags.get_dag(name).test(run_conf=conf)
        assert run.state == "success", {ti.task_id: ti.state for ti in run.get_task_instances() if ti.state != "success"}
        return run

    def agora(self, *words: str) -> Any:
        """What a command prints as JSON."""
        command = [PROJECT / ".venv" / "bin" / "agora", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=self.environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    @property
    def environment(self) -> dict[str, str]:
        """What commands see."""
        return os.environ | {"AGORA_DATA_DIR": str(self.folder), "AGORA_RESULTS_DIR": str(self.folder / "results")}

    def python(self, program: str, *words: object) -> None:
        """Run a program with the project's packages."""
        subprocess.run([PROJECT / ".venv" / "bin" / "python", "-c", program, *words], cwd=PROJECT, check=True, env=self.environment)

    def contents(self) -> dict[str, list[str]]:
        """For each silver and gold table and each run in it, the number of rows and a figure that any other value in any row changes."""
        logs = [path for layer in ("silver", "gold") for path in self.folder.glob(f"lake/{layer}/*/_delta_log")]
        tables = sorted(f"{path.parts[-3]}.{path.parts[-2]}" for path in logs)
        each = "SELECT '{0}' AS name, run_id, count(*) AS rows, sum(hash(t)) AS figure FROM {0} t GROUP BY run_id"
        query = " UNION ALL ".join(each.format(name) for name in tables)
        found = self.agora("sql", "--engine", "duckdb", "--limit", "1000", query, "--json")["rows"]
        return {f"{name} {run}": [str(rows), str(figure)] for name, run, rows, figure in found}

    def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        found: dict[str, int] = self.agora("check", "--json")["rows"]
        return found

    def runs(self) -> list[str]:
        """The runs that there are."""
        found: list[str] = self.agora("runs", "--json")["runs"]
        return found


@pytest.fixture(scope="module")
def lab(dags: BundleDagBag, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A laboratory in which a market was simulated and a policy trained."""
    made = Lab(dags, tmp_path_factory.mktemp("lab"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in made.environment.items():
            patch.setenv(name, value)
        made.run("simulate_and_publish", agents=40, steps=900, worlds=1, seed=3)
        yield made
        subprocess.run([PROJECT / ".venv" / "bin" / "agora", "stack", "down"], check=True, env=made.environment)


@pytest.fixture(autouse=True)
def _own_settings() -> None:
    """The laboratory's settings are meant to be seen."""


def xcom(run: Any, task: str, index: int = -1) -> Any:
    """What a task of a DAG run gave."""
    found = next(ti for ti in run.get_task_instances() if ti.task_id == task and ti.map_index == index)
    return found.xcom_pull(task_ids=task, map_indexes=index)


def test_simulate_and_publish_filled_the_tables(lab: Lab) -> None:
    assert len(lab.runs()) == 1
    assert lab.rows()["silver.trades"] > 0


def test_trainings_are_mapped_judged_and_decided_once(lab: Lab) -> None:
    lab.run("train_agents", scenarios=["trading"], algorithms=["ppo"], seeds=[3, 4], steps=256, worlds=2, evaluate=0)
    trained = lab.runs()[:2]
    run = lab.run("evaluate_and_register", runs=trained, seeds=1, episodes=2)
    again = lab.run("evaluate_and_register", runs=trained, seeds=1, episodes=2)
    for index in (0, 1):
        assert xcom(run, "promote", index)["candidate"] in trained
        assert xcom(run, "promote", index) == xcom(again, "promote", index)


def test_gold_is_the_same_however_often_it_is_made(lab: Lab) -> None:
    lab.run("batch_analytics")
    before = lab.contents()
    assert {f"{table} {run}" for table in ("silver.trades", "gold.market_minutes") for run in lab.runs()} <= before.keys()
    lab.run("refresh_gold")
    lab.run("batch_analytics", runs=lab.runs()[:1])
    assert lab.contents() == before


def test_an_older_range_is_filled_after_a_newer_one(lab: Lab) -> None:
    *newer, older = lab.runs()
    path = lab.folder / "runs" / older / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"created": "2020-01-01T23:59:59+00:00"}))
    before = lab.contents()
    first = lab.run("backfill", first="2020-01-02", end="2100-01-01", store="mongodb")
    assert xcom(first, "runs") == newer
    assert lab.contents() == before

    lab.python(LOST, older)
    assert lab.contents() == {name: found for name, found in before.items() if not (name.startswith("gold.") and name.endswith(older))}
    second = lab.run("backfill", first="2020-01-01", end="2020-01-02", store="mongodb")
    assert xcom(second, "runs") == [older]
    assert lab.contents() == before
    for run in newer:
        lab.agora("verify", "--run", run, "--stores", "mongodb", "--json")


def test_tables_are_handed_on(lab: Lab) -> None:
    run = lab.run("export_lake", tables=["silver.trades"], format="parquet")
    (exported,) = xcom(run, "export")["exported"]
    assert exported["rows"] == lab.rows()["silver.trades"]
    assert (Path(exported["folder"]) / "part-0.parquet").exists()


def test_maintenance_is_a_dry_run_and_loses_nothing(lab: Lab) -> None:
    before = lab.contents()
    lab.run("maintain_tables")
    lab.run("maintain_tables", apply=True)
    assert lab.contents() == before


def test_search_is_rebuilt(lab: Lab) -> None:
    lab.run("rebuild_search")


def test_train_and_refresh(lab: Lab) -> None:
    lab.run("train_and_refresh", steps=256, worlds=2, evaluate=0, seed=3)


def test_what_has_drifted_is_refitted_and_taken_only_if_it_is_better(lab: Lab) -> None:
    own, taken = MODELS / "spoofing.npz", lab.folder / "models" / "spoofing.npz"
    before = own.read_bytes()
    small = {"kinds": KINDS, "reference": 1, "runs": 4, "held_out": 2, "judged": 2, "precision": 0.5}
    first = lab.run("refit_detectors", **small)
    assert [xcom(first, "drift", index)["drifted"] for index in (0, 1)] == [True, False]
    assert xcom(first, "kinds") == ["spoofing"]
    assert not taken.exists()
    lab.python(BLUNT, taken)
    second = lab.run("refit_detectors", **small | {"kinds": ["spoofing"]})

    assert [xcom(run, "refit", 0)["promoted"] for run in (first, second)] == [False, True]
    assert [xcom(run, "refit", 0)["opponent"] == "the product's own" for run in (first, second)] == [True, False]
    with closing(sqlite3.connect(lab.folder / "agora.db")) as database:
        recorded = database.execute("SELECT decision FROM promotions WHERE place = 'detector/spoofing' ORDER BY number").fetchall()
    assert recorded == [(xcom(run, "refit", 0)["decision"],) for run in (first, second)]
    assert lab.agora("detect", "models", "--json")["models"]["spoofing"] == {"model": str(taken), "promoted": True}
    assert own.read_bytes() == before


def test_the_smoke_test_leaves_nothing_behind(lab: Lab) -> None:
    run = lab.run("stack_smoke", steps=200)
    assert xcom(run, "answer")["rows"]
    assert not Path(xcom(run, "folder")).exists()
