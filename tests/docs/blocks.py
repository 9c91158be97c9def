"""The code on the project's pages, and which commands a shell would run in it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHELLS = ("bash", "sh")
TITLE = re.compile(r'title="(.+?)"')
ENDS, PARTS = "\x1e", "\x1f"
RECORDING = f"""\
exec 3>> commands
record() {{ local IFS='{PARTS}'; printf '%s{ENDS}' "$*" >&3; }}
agora() {{ record agora "$@"; }}
command_not_found_handle() {{ record "$@"; echo something; }}
"""
"""What a script is read after: each command writes its words down at once, as those of a pipe run together, and those that are not ours
say something, as $(...) wants."""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: its language, the file that it is to be saved as (or ""), and its text."""

    language: str
    title: str
    text: str


def blocks(markdown: str) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    for token in MarkdownIt().parse(markdown):
        if token.type == "fence":
            title = TITLE.search(token.info)
            yield Block(token.info.split(" ")[0], title[1] if title else "", token.content)


def is_shell(block: Block) -> bool:
    """Whether a block is for a shell; one without a language is if it begins with a command of ours."""
    return block.language in SHELLS or (not block.language and block.text.startswith(("agora ", "make ")))


def commands(script: str, folder: Path) -> list[list[str]]:
    """The words of every command that a script would run. A real shell reads it, in an empty folder where no program is found."""
    (folder / "commands").unlink(missing_ok=True)
    shell = ["/bin/bash", "--norc", "--noprofile", "-c", RECORDING + script]
    ran = subprocess.run(shell, cwd=folder, env={"PATH": "/nowhere"}, capture_output=True, text=True, timeout=60, check=False)
    assert "syntax error" not in ran.stderr, f"{ran.stderr}\n{script}"
    return [command.split(PARTS) for command in (folder / "commands").read_text().split(ENDS)[:-1]]
