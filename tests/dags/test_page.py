"""The page of all DAGs is what their docstrings say now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def test_the_page_is_up_to_date() -> None:
    done = subprocess.run([sys.executable, "docs/dags_page.py", "--check"], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_page_has_each_dag() -> None:
    text = (PROJECT / "docs" / "dags.md").read_text()
    for dag in (PROJECT / "dags").glob("*.py"):
        assert (f"## {dag.stem}\n" in text) == (dag.stem != "bridge")
