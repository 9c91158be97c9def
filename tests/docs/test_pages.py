"""What the pages promise: the site is built without a warning, and what they show in Python and to the researcher works."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, blocks
from tests.docs.playing import play


@pytest.mark.slow
def test_site_is_built_without_a_warning_or_a_broken_link(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False, env={"NO_MKDOCS_2_WARNING": "1"})
    assert built.returncode == 0 and not built.stderr, built.stderr
    text = {path.relative_to(tmp_path / "site").as_posix(): path.read_text() for path in (tmp_path / "site").rglob("*.html")}
    assert {"index.html", "commands/stack.html", "source/examples/custom_trader.py.html", "project/changelog.html"} <= set(text)
    assert "--patience" in text["commands/sink.html"]
    for name, page in text.items():
        assert "<p>|" not in page, f"{name} has a row that is outside of its table"
        for before in ('src="http', "src='http", 'rel="stylesheet" href="http'):
            assert before not in page, f"{name} loads something from the network"


@pytest.mark.parametrize("page", ["README.md", "docs/tutorials/researcher.md"])
def test_python_of_a_page_runs(page: str) -> None:
    code = [block.text for block in blocks((ROOT / page).read_text()) if block.language == "python" and not block.title]
    assert code
    for text in code:
        exec(compile(text, page, "exec"), {})


@pytest.mark.slow
def test_the_researcher_gets_through(tmp_path: Path) -> None:
    said = play("docs/tutorials/researcher.md", tmp_path / "project")
    assert said.count("pullback") >= 2 and "trend_follower" in said
    made = {path.name for path in (tmp_path / "project").iterdir()}
    assert {"judged.html", "learned.npz", "five_worlds.json", "results"} <= made
