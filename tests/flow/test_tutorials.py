"""The pages of the first hour that need servers, followed by a shell."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.playing import play

pytestmark = pytest.mark.flow


def test_the_readme_keeps_what_it_promises(tmp_path: Path) -> None:
    said = play("README.md", tmp_path / "project")
    assert "reconciled" in said and "complete and equal everywhere" in said
    assert "symbol" in said.rpartition("complete and equal")[2], "the tables gave no answer after the proof"


def test_the_quick_start_gets_through(tmp_path: Path) -> None:
    said = play("docs/quick_start.md", tmp_path / "project")
    assert "complete and equal everywhere" in said and "symbol" in said.rpartition("complete and equal")[2]
    assert "is complete in Kafka and in every table" in said, "the sample data did not get through"
    assert list((tmp_path / "project" / "results" / "charts").iterdir())


def test_the_analyst_gets_through(tmp_path: Path) -> None:
    said = play("docs/tutorials/analyst.md", tmp_path / "project")
    assert "spoofing" in said and "cancelled" in said
    assert "recall" in said.partition("silver.labels")[2], "nothing was scored after the labels were read"
    assert "spoofing" in (tmp_path / "project" / "report.html").read_text()


def test_the_engineer_gets_through(tmp_path: Path) -> None:
    said = play("docs/tutorials/engineer.md", tmp_path / "project")
    assert "complete and equal everywhere" in said and "none twice" in said
    counted = re.search(r"([\d,]+) lots in 2 worlds.*?│\s*(\d+)\s*│", said, re.DOTALL)
    assert counted and counted[1].replace(",", "") == counted[2], "the consumer counts other lots than the table"
