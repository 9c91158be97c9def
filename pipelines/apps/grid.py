"""Where tables are printed: as wide as the terminal, and uncut into a file or a pipe."""

from __future__ import annotations

from rich.console import Console

_WIDE = 400


def table_console() -> Console:
    """A console on standard output."""
    console = Console()
    if not console.is_terminal:
        console.width = _WIDE
    return console
