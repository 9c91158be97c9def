"""Each command of a DAG is one that the command line understands."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, StrictUndefined

from tests.contracts.check_command import check_command

FOLDER = Path(__file__).parents[2] / "dags"
DAGS = [path for path in sorted(FOLDER.glob("*.py")) if path.stem != "bridge"]
RUN = "20260101-000000-abcd"
MAPPED = {"run": RUN, "scenario": "trading", "algorithm": "ppo", "seed": 1, "kind": "spoofing"}
"""What the mapped tasks are expanded with."""


def constants(tree: ast.Module) -> dict[str, Any]:
    """What a file assigns to names in capitals, as far as it needs nothing but such names and those of the bridge."""
    known = {} if tree is BRIDGE else constants(BRIDGE)
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper():
            try:
                known[node.targets[0].id] = eval(compile(ast.Expression(node.value), "dag", "eval"), {"__builtins__": {}}, dict(known))
            except NameError:
                continue
    return known


BRIDGE = ast.parse((FOLDER / "bridge.py").read_text())


def commands_of(dag: Path) -> dict[str, str]:
    """What the DAG file assigns to COMMANDS, read without Airflow."""
    found: dict[str, str] = constants(ast.parse(dag.read_text())).get("COMMANDS", {})
    return found


def params_of(dag: Path) -> dict[str, Any]:
    """The defaults of the DAG's parameters."""
    calls = (node for node in ast.walk(ast.parse(dag.read_text())) if isinstance(node, ast.Call))
    return {
        key.value: eval(compile(ast.Expression(value.args[0]), "dag", "eval"), {"__builtins__": {}}, constants(ast.parse(dag.read_text())))
        for call in calls
        for word in call.keywords
        if word.arg == "params" and isinstance(word.value, ast.Dict)
        for key, value in zip(word.value.keys, word.value.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(value, ast.Call)
    }


class Told:
    """Stands for what tasks before have given: a result with a run, and runs."""

    def xcom_pull(self, task_ids: str) -> Any:
        return [RUN] if task_ids == "runs" else {"run_id": RUN}


def variants(params: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The defaults, then the same with yes for no and with runs named."""
    yield params
    yield params | {name: True for name, value in params.items() if value is False} | ({"runs": [RUN]} if params.get("runs") == [] else {})


def check(command: str, params: dict[str, Any]) -> None:
    """Fill the command in as Airflow does and check it."""
    known = {"params": params, "ti": Told(), "dag": {"dag_id": "a_dag"}, "run_id": "manual__2026-11-21T10:15:00+00:00", **MAPPED}
    program, *words = shlex.split(Environment(undefined=StrictUndefined).from_string(command).render(known))
    assert program == "agora"
    check_command(words)


@pytest.mark.parametrize("dag", DAGS, ids=[dag.stem for dag in DAGS])
def test_every_command_is_understood(dag: Path) -> None:
    commands = commands_of(dag)
    assert commands
    for command in commands.values():
        for params in variants(params_of(dag)):
            check(command, params)


@pytest.mark.parametrize("command", ["agora train --no-such-option", "agora nothing", "agora stack sideways", "agora stack up --steps 3"])
def test_a_wrong_command_would_be_noticed(command: str) -> None:
    with pytest.raises(Exception, match="No such"):
        check(command, {})


@pytest.mark.parametrize("dag", DAGS, ids=[dag.stem for dag in DAGS])
def test_every_command_gives_json(dag: Path) -> None:
    assert all("--json" in command for command in commands_of(dag).values())


@pytest.mark.parametrize("dag", DAGS, ids=[dag.stem for dag in DAGS])
def test_a_dag_is_thin_and_knows_nothing_of_ours(dag: Path) -> None:
    text = dag.read_text()
    assert text.count("\n") <= 120
    assert imported(text) <= {"airflow.sdk", "bridge", "itertools", "shutil", "tempfile", "typing"}


def test_the_bridge_knows_nothing_of_ours() -> None:
    assert imported((FOLDER / "bridge.py").read_text()) <= {
        "airflow.sdk", "collections.abc", "datetime", "json", "os", "pathlib", "re", "typing",
    }  # fmt: skip


def imported(text: str) -> set[str]:
    """The modules that a file imports."""
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [[node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names] for node in nodes]
    return {name for each in names for name in each}
