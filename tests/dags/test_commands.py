"""Each command of a DAG is one that the command line understands."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest

from tests.contracts.check_command import check_command

DAGS = sorted((Path(__file__).parents[2] / "dags").glob("*.py"))
SAMPLES = {
    "params.env": "market",
    "params.algorithm": "ppo",
    "params.steps": "10",
    "params.worlds": "1",
    "params.evaluate": "0",
    "params.seed": "1",
}


def commands_of(dag: Path) -> dict[str, str]:
    """What the DAG file assigns to COMMANDS, read without Airflow."""
    for node in ast.parse(dag.read_text()).body:
        if isinstance(node, ast.Assign) and [target.id for target in node.targets if isinstance(target, ast.Name)] == ["COMMANDS"]:
            found: dict[str, str] = ast.literal_eval(node.value)
            return found
    return {}


def check(command: str) -> None:
    """Fill the command's parameters with samples and check it."""
    filled = re.sub(r"\{\{ *(.*?) *\}\}", lambda match: SAMPLES.get(match[1], "20260101-000000-abcd"), command)
    program, *words = shlex.split(filled)
    assert program == "agora"
    check_command(words)


@pytest.mark.parametrize("dag", DAGS, ids=[dag.stem for dag in DAGS])
def test_every_command_is_understood(dag: Path) -> None:
    commands = commands_of(dag)
    assert commands
    for command in commands.values():
        check(command)


@pytest.mark.parametrize("command", ["agora train --no-such-option", "agora nothing", "agora stack sideways", "agora stack up --steps 3"])
def test_a_wrong_command_would_be_noticed(command: str) -> None:
    with pytest.raises(Exception, match="No such"):
        check(command)


@pytest.mark.parametrize("dag", DAGS, ids=[dag.stem for dag in DAGS])
def test_a_dag_is_thin_and_knows_nothing_of_ours(dag: Path) -> None:
    text = dag.read_text()
    assert text.count("\n") <= 120
    imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {
        name for node in imports for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    }
    assert names <= {"airflow.sdk", "json", "datetime", "pathlib"}
