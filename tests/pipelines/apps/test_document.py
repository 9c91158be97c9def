"""The pages of commands say what the command line says."""

from __future__ import annotations

import pytest

from pipelines.apps.document import page, pages
from pipelines.apps.main import VERBS


def test_every_verb_has_a_page_and_no_page_has_a_terminals_markup() -> None:
    found = pages()
    assert set(found) == {"commands/index.md"} | {f"commands/{verb.name}.md" for verb in VERBS}
    assert all(f"({verb.name}.md)" in found["commands/index.md"] for verb in VERBS)
    assert not [path for path, text in found.items() if "[bold]" in text or "Examples:" in text]


def test_a_page_holds_the_verbs_below_with_their_options() -> None:
    found = page("dlq")
    assert "## `agora dlq replay`" in found and "* `--rate <float range>`" in found
    assert "```sh\nagora dlq replay --all --dry-run\n" in found
    assert "* `replay`: Put a record back onto its topic, as it was or corrected, once for all consumers that wait for it" in found


@pytest.mark.parametrize("verb", ["simulate", "version"])
def test_a_page_begins_with_the_verb(verb: str) -> None:
    assert page(verb).startswith(f"# `agora {verb}`\n\n")
