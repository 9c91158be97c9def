"""The cells of the notebook that need no JVM; all of it runs in tests/flow/test_tables.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.notebooks.cells import NOTEBOOKS, cells, execute
from tests.spark_jobs.lakes import Bench
from tests.spark_jobs.records import block, kafka, trades


def test_it_reads_the_lake_without_spark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = [{"seq": 0, "start_ns": 0, "step_ns": 100_000_000, "kind": "symbol", "id": 0, "name": "WHEAT"}]
    Bench(tmp_path).batch(0, [kafka((block("worlds", world), 0))], [kafka((trades(1, 2, 700), 0))])
    monkeypatch.setenv("AGORA_DATA_DIR", str(tmp_path))
    without_spark = [cell for cell in cells("lake.ipynb") if "spark" not in cell]
    found: dict[str, Any] = execute(without_spark)
    assert found["rows"].num_rows == 3
    assert found["minutes"]["lots"].tolist() == [10, 5]
    assert found["minutes"]["symbol_name"].tolist() == ["WHEAT", "WHEAT"]


def test_it_is_kept_without_outputs() -> None:
    for cell in json.loads((NOTEBOOKS / "lake.ipynb").read_text())["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None
