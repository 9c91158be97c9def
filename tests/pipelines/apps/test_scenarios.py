"""agora scenarios: the list, one in full, and what it prints can be simulated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.apps.scenarios import app
from simulator.world.scenario_files import load


def run(*words: str) -> str:
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_all_scenarios_are_listed() -> None:
    (line,) = run("--json").splitlines()
    known = {scenario["name"]: scenario for scenario in json.loads(line)["scenarios"]}
    assert {"trading", "reference"} <= set(known)
    assert sum(known["trading"]["populations"].values()) == known["trading"]["agents"]
    assert "trading" in run()


def test_what_show_prints_is_a_scenario_file_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(run("show", "trading", "--agents", "50"))
    assert load(path) == load("trading").with_agents(50)


def test_an_unknown_scenario_is_answered_with_the_names() -> None:
    with pytest.raises(ValueError, match="scenario 'tradng' is unknown; choose one of .*trading"):
        run("show", "tradng")
