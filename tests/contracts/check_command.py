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
        left = [*context._protected_args, *context.args]
        if not left and parser.invoke_without_command:  # type: ignore[attr-defined]
            return
        name, parser, rest = parser.resolve_command(context, left)  # type: ignore[attr-defined]
        context = parser.make_context(name, list(rest), parent=context)
