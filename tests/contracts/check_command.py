"""What holds for every command that a file of ours mentions: the command line understands it."""

from __future__ import annotations

from collections.abc import Sequence

from typer.main import get_command

from pipelines.apps.main import build


def check_command(words: Sequence[str]) -> None:
    """Parse the words after `agora` as the command line would, without running anything; raises what typer complains of."""
    parser = get_command(build(words))
    context = parser.make_context("agora", list(words))
    while getattr(parser, "commands", None):
        name, parser, rest = parser.resolve_command(context, [*context._protected_args, *context.args])  # type: ignore[attr-defined]
        context = parser.make_context(name, list(rest), parent=context)
