"""The reference of the command line as Markdown pages, one a verb, written from the command line itself when the site is built."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import typer
from typer.cli import get_docs_for_click
from typer.main import get_command

from pipelines.apps.main import VERBS, build

EXAMPLES = re.compile(r"^Examples:(.*?)(?=\n\n)", re.DOTALL | re.MULTILINE)
EXAMPLE = re.compile(r"\[bold\](.*?)\[/bold\]", re.DOTALL)

INDEX = """\
# Commands

Written from the command line itself: what stands here is what `agora VERB --help` says.

Settings are environment variables or a file `.env`. `--json` prints one compact line on standard output; logs go to standard error.

| Exit code | Means |
|---|---|
| 0 | done |
| 1 | a check failed: something differs, or does not answer |
| 2 | you can mend it: the message says how |
| 130 | stopped by Ctrl-C |

| Verb | Does |
|---|---|
"""


def pages() -> dict[str, str]:
    """Every page by its path in the site."""
    rows = [f"| [`agora {verb.name}`]({verb.name}.md) | {verb.summary} |" for verb in VERBS]
    return {"commands/index.md": INDEX + "\n".join(rows) + "\n"} | {f"commands/{verb.name}.md": page(verb.name) for verb in VERBS}


def page(verb: str) -> str:
    """The page of a verb, with all of its own verbs."""
    context = typer.Context(get_command(build([])), info_name="agora")
    return _examples_as_code(get_docs_for_click(obj=command((verb,)), ctx=context, call_prefix="agora"))


def command(path: Sequence[str]) -> Any:
    """The command at a path such as ("stack", "up"), with everything below it imported."""
    found: Any = get_command(build(path))
    for word in path:
        found = found.commands[word]
    for name in list(getattr(found, "commands", {})):
        found.commands[name] = command((*path, name))
    found.short_help = (found.help or "").split("\n\n")[0].replace("\n", " ")  # a list of verbs does not cut it off then
    return found


def _examples_as_code(text: str) -> str:
    """The examples of a help text, one a line."""
    return EXAMPLES.sub(lambda found: "\n".join(["```sh", *EXAMPLE.findall(found[1]), "```"]), text)
