"""Every command on a page is one: ours are understood by the command line, others name a target, file or module that is there."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from pipelines.apps import document
from tests.contracts.check_command import check_command
from tests.docs.blocks import PAGES, ROOT, Block, blocks, commands, is_shell
from tests.docs.playing import script
from tests.docs.smaller import NOT_RUN, SMALLER

TEXTS = {str(path.relative_to(ROOT)): path.read_text() for path in PAGES} | document.pages()
SCRIPTS = {name: "".join(block.text for block in blocks(text) if is_shell(block)) for name, text in TEXTS.items()}
OURS = re.compile(r"^agora ", re.MULTILINE)


@pytest.mark.parametrize("name", [name for name, script in SCRIPTS.items() if script])
def test_commands_of_a_page_are_understood(name: str, tmp_path: Path) -> None:
    found = commands(SCRIPTS[name], tmp_path)
    assert len(OURS.findall(SCRIPTS[name])) <= sum(words[0] == "agora" for words in found), "a shell does not reach all of them"
    for words in found:
        check(words)


def check(words: list[str]) -> None:
    """AssertionError or what the command line complains of, if a command cannot work."""
    match words:
        case ["agora", *rest]:
            if "--help" not in rest:
                check_command(rest)
        case ["make", target, *_]:
            assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), f"the Makefile has no target {target}"
        case ["python", "-m", module, *_]:
            assert find_spec(module), f"there is no module {module}"
        case ["python", file, *_] if file.endswith(".py"):
            titled = {block.title for text in TEXTS.values() for block in blocks(text)}
            assert (ROOT / file).is_file() or file in titled, f"there is no file {file}"


def test_every_page_of_the_first_hour_is_followed_by_a_test() -> None:
    followed = "".join((ROOT / "tests" / name).read_text() for name in ("docs/test_pages.py", "flow/test_tutorials.py"))
    pages = ["README.md", "docs/quick_start.md", *(f"docs/tutorials/{path.name}" for path in (ROOT / "docs" / "tutorials").glob("*.md"))]
    assert len(pages) >= 5 and {*SMALLER, *NOT_RUN} <= set(pages)
    for page in pages:
        assert f'play("{page}"' in followed, f"no test follows {page}"


def test_only_what_is_named_is_run_smaller_or_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SMALLER, "page", {"--steps 9999": "--steps 9"})
    monkeypatch.setitem(NOT_RUN, "page", {"make test ": "it runs this test"})
    shown = "make test   # all\nagora simulate --steps 9999\nagora top\n"
    assert script("page", [Block("sh", "", shown)]) == "agora simulate --steps 9\nagora top\n"
    for gone, message in (("make test   # all\n", "no command 'make test '"), ("--steps 9999", "does not say '--steps 9999'")):
        with pytest.raises(AssertionError, match=message):
            script("page", [Block("sh", "", shown.replace(gone, ""))])


@pytest.mark.parametrize("line", ["agora simulate --wolrds 4", "agora stack sideways", "make everything", "python gone.py"])
def test_a_command_that_is_none_is_found(line: str, tmp_path: Path) -> None:
    [words] = commands(line, tmp_path)
    with pytest.raises(Exception, match=r"wolrds|sideways|everything|gone"):
        check(words)


def test_a_shell_reads_what_it_would_run(tmp_path: Path) -> None:
    script = """
    for seed in 1 2; do agora train --seed $seed; done   # a comment with an apostrophe's end
    RUN=$(ls .agora/runs | tail -n 1) && agora sql "SELECT 1
      AS one" | agora tail trades > /dev/null
    """
    found = commands(script, tmp_path)
    assert [words for words in found if words[0] == "agora" and words[1] == "train"] == [
        ["agora", "train", "--seed", each] for each in "12"
    ]
    assert ["ls", ".agora/runs"] in found and ["agora", "sql", "SELECT 1\n      AS one"] in found
    assert ["agora", "tail", "trades"] in found
