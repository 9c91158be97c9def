"""The command line: its verbs, and how it ends."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from pipelines.apps import lazy, main
from pipelines.apps.errors import UserError


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Puts a function behind the verb `version`."""

    def put(function: Callable[[], None]) -> None:
        module = ModuleType("pipelines.apps.version")
        module.run = function  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "pipelines.apps.version", module)
        monkeypatch.setattr(lazy, "find_spec", lambda name: object() if name == "pipelines.apps.version" else None)

    return put


def test_help_lists_the_verbs_and_imports_none_of_them(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pipelines.apps.stack", raising=False)
    assert main.main(["--help"]) == 0
    assert "Start, stop and inspect the local servers." in capsys.readouterr().out
    assert "pipelines.apps.stack" not in sys.modules


def test_a_verb_without_a_module_is_not_listed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lazy, "find_spec", lambda name: None if name.endswith(".stack") else object())
    main.main(["--help"])
    listed = capsys.readouterr().out
    assert "  doctor" in listed
    assert "  stack" not in listed


def test_version_is_printed_as_a_verb_an_option_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["version"]) == main.main(["--version"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == lines[1]
    assert lines[0].startswith("agora 0.")
    assert main.main(["version", "--json"]) == 0
    assert capsys.readouterr().out.startswith('{"agora":"0.')


@pytest.mark.parametrize("words", [[], ["no-such-verb"], ["--no-such-option"], ["stack", "sideways"], ["bench", "nothing"]])
def test_what_is_not_understood_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(words) == 2


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (UserError("run 7 is unknown", "list them with `agora verify`"), "error: run 7 is unknown; list them with `agora verify`\n"),
        (ValueError("price 7 is [bold]not[/bold] a\nmultiple of 5"), "error: price 7 is [bold]not[/bold] a multiple of 5\n"),
        (OSError(28, "No space left on device"), "error: [Errno 28] No space left on device\n"),
    ],
)
def test_what_a_user_can_mend_is_one_line_and_2(
    error: Exception, line: str, verb: Callable[[Callable[[], None]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    def run() -> None:
        raise error

    verb(run)
    assert main.main(["version"]) == 2
    assert capsys.readouterr() == ("", line)
    with pytest.raises(type(error)):
        main.main(["--traceback", "version"])


def test_ctrl_c_ends_with_130_and_a_kill_with_143(verb: Callable[[Callable[[], None]], None]) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    verb(interrupted)
    assert main.main(["version"]) == 130
    with pytest.raises(SystemExit, match="143"):
        main._terminate(15, None)


def test_a_fault_of_the_program_keeps_its_traceback(verb: Callable[[Callable[[], None]], None]) -> None:
    def run() -> None:
        raise KeyError("a bug")

    verb(run)
    with pytest.raises(KeyError):
        main.main(["version"])


def test_the_stack_reports_a_stopped_broker_with_1(empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["stack", "status", "--json"]) == 1
    assert capsys.readouterr().out.startswith('{"servers":[{"name":"kafka","state":"stopped"')
    assert main.main(["stack", "down", "--json"]) == 0
    assert capsys.readouterr().out == '{"stopped":[]}\n'
    assert list(empty_folder.iterdir()) == []
