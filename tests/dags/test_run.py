"""The DAG runs from end to end, with the real commands on a real broker and real tables."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

PROJECT = Path(__file__).parents[2]
pytestmark = [pytest.mark.airflow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="session")
def dags() -> DagBag:
    from airflow.utils.db import initdb

    initdb()
    return DagBag(PROJECT / "dags")


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("AGORA_DATA_DIR", str(tmp_path))
    yield tmp_path
    subprocess.run([PROJECT / ".venv" / "bin" / "agora", "stack", "down"], check=True)


def test_every_dag_is_read(dags: DagBag) -> None:
    assert dags.import_errors == {}
    assert dags.dag_ids == ["train_and_refresh"]


def test_train_and_refresh(dags: DagBag, data_dir: Path) -> None:
    run = dags.get_dag("train_and_refresh").test(run_conf={"steps": 512, "worlds": 2, "evaluate": 0, "seed": 3})
    assert run.state == "success"
    assert (data_dir / "lake" / "gold" / "market_minutes" / "_delta_log").is_dir()
