"""A conversation with the tables: a prompt with history, statements of several lines, names completed by the tab key."""

from __future__ import annotations

import re
import readline
from collections.abc import Callable, Iterator
from pathlib import Path

from pipelines.apps.errors import UserError, show_error
from pipelines.apps.sql.engines import Engine, check_question, known_tables
from pipelines.settings import Settings

REMEMBERED = 1000  # statements
STATEMENT = re.compile(r"""(?:'[^']*'|"[^"]*"|`[^`]*`|--[^\n]*|/\*.*?\*/|[^;])+""", re.DOTALL)
LEAVE = ("exit", "quit", r"\q")
HELP = r"""A statement ends with a semicolon, on this line or a later one. \d lists the tables, \d NAME shows a table's columns;
each has a view, as silver.trades_named. Tab completes names, arrow keys bring back statements, Ctrl-C drops what was typed, \q leaves."""


def statements(text: str) -> list[str]:
    """The statements of a text, apart at their semicolons; those in quotes and comments separate nothing."""
    return [found for part in STATEMENT.findall(text) if (found := part.strip())]


def converse(chosen: Settings, engine: Engine, answered: Callable[[str], None], ask: Callable[[str], str] = input) -> None:
    """Ask for statements and have them answered until the user leaves. What is wrong with one is shown, and the next is asked for."""
    names = list(known_tables(chosen.lake_dir))
    history = chosen.data_dir / "sql_history"
    _remember(history)
    readline.set_completer(_completer([*names, *(f"{name}_named" for name in names)]))
    readline.set_completer_delims(" \t\n,()=<>")
    readline.parse_and_bind("tab: complete")
    print(HELP)
    try:
        for statement in _typed(engine, ask):
            _answer(statement, answered)
    finally:
        readline.write_history_file(history)


def _answer(statement: str, answered: Callable[[str], None]) -> None:
    try:
        if statement.startswith("\\d"):
            _describe(statement[2:].strip())
        elif statement.startswith("\\"):
            print(HELP)
        else:
            answered(check_question(statement))
    except (UserError, ValueError) as error:
        show_error(error)
    except KeyboardInterrupt:
        print("stopped")


def _typed(engine: Engine, ask: Callable[[str], str]) -> Iterator[str]:
    """Statements as they are typed, until the end of input or a word that leaves. A line that begins with a backslash is one by itself."""
    lines: list[str] = []
    while True:
        try:
            line = ask(f"{engine}> " if not lines else f"{' ' * len(engine)}| ").rstrip()
        except KeyboardInterrupt:
            print()
            lines = []
            continue
        except EOFError:
            print()
            return
        if not lines and line.strip().rstrip(";").lower() in LEAVE:
            return
        if not lines and line.lstrip().startswith("\\"):
            yield line.strip()
        elif line or lines:
            lines.append(line)
            if line.endswith(";"):
                yield "\n".join(lines)
                lines = []


def _describe(name: str) -> None:
    from pipelines.apps.tables.listing import listed
    from pipelines.apps.tables.show import show

    show(name, json=False) if name else listed(labels=False, json=False)


def _remember(history: Path) -> None:
    history.parent.mkdir(parents=True, exist_ok=True)
    readline.set_history_length(REMEMBERED)
    if history.exists():
        readline.read_history_file(history)


def _completer(names: list[str]) -> Callable[[str, int], str | None]:
    def completed(text: str, state: int) -> str | None:
        found = [name for name in names if name.startswith(text.lower())]
        return found[state] if state < len(found) else None

    return completed
