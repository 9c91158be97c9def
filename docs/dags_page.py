"""Writes docs/dags.md, the manual of all DAGs, from their docstrings; with --check says whether it is up to date."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "dags.md"
HEADING = re.compile(r"\n+(When|Parameters|Results|Logs|Where|Re-running):")
HEAD = """# Airflow: the DAGs

`agora airflow up` runs Airflow on this machine, on the loopback interface, with these DAGs; `agora airflow status` says where, for whom,
and what failed last; `agora airflow down` stops it and leaves no process behind. After a crash `agora airflow up` ends what is left of the
Airflow before and goes on with the tasks that were cut off, within a minute, and nothing is trained, published or promoted twice. Each
task is one command of the project, so that whatever a DAG does can be done by hand. Tasks that keep the processors busy wait for the
pool `cpu`, those that replace parts of the tables for `lake`. A DAG is paused at first. `python docs/dags_page.py` writes this page from
the DAGs.

| DAG | Does | Begins |
|---|---|---|
"""


def dags() -> dict[str, ast.Module]:
    """The DAGs by name."""
    files = {path.stem: path for path in sorted((PROJECT / "dags").glob("*.py")) if path.stem != "bridge"}
    return {name: ast.parse(path.read_text()) for name, path in files.items()}


def schedule(tree: ast.Module) -> str:
    """When a DAG begins, in words."""
    found = next(word.value for node in ast.walk(tree) if isinstance(node, ast.Call) for word in node.keywords if word.arg == "schedule")
    if isinstance(found, ast.List):
        return "by the asset " + ", ".join(f"agora_{asset.id.lower()}" for asset in found.elts if isinstance(asset, ast.Name))
    return found.value.removeprefix("@") if isinstance(found, ast.Constant) and found.value else "by hand"


def spaced(text: str) -> str:
    """A manual with a paragraph for each of its headings."""
    return HEADING.sub(r"\n\n**\1:**", text.strip())


def page() -> str:
    """The whole page."""
    manuals = {name: (ast.get_docstring(tree) or "", schedule(tree)) for name, tree in dags().items()}
    rows = [f"| [{name}](#{name}) | {text.partition(chr(10))[0]} | {when} |\n" for name, (text, when) in manuals.items()]
    parts = [f"\n## {name}\n\n{spaced(text)}\n" for name, (text, _) in manuals.items()]
    return HEAD + "".join(rows) + "".join(parts)


if __name__ == "__main__":
    if "--check" not in sys.argv:
        PAGE.write_text(page())
    elif not PAGE.exists() or PAGE.read_text() != page():
        sys.exit(f"error: {PAGE} is out of date; write it anew with `python docs/dags_page.py`")
