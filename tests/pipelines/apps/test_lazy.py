"""A verb may be a function, an app of one command, or a group."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from pipelines.apps.lazy import Verb, add_verbs, called, new_app

VERBS = [Verb("greet", "pretended_verb", "Says hello.")]


def run(monkeypatch: pytest.MonkeyPatch, words: list[str], **offered: Any) -> str:
    """Call the words on an app whose verb `greet` lies in a module that offers these names."""
    module = ModuleType("pretended_verb")
    module.__spec__ = object()  # type: ignore[assignment]
    for name, value in offered.items():
        setattr(module, name, value)
    monkeypatch.setitem(sys.modules, "pretended_verb", module)
    app = new_app("Pretended.")
    app.callback()(lambda: None)
    result = CliRunner().invoke(add_verbs(app, VERBS, words), words)
    assert result.exit_code == 0, result.output
    return result.output


def hello(name: str = "you") -> None:
    """Say hello."""
    print(f"hello {name}")


def one_command() -> typer.Typer:
    app = typer.Typer()
    app.command()(hello)
    return app


def two_commands() -> typer.Typer:
    app = typer.Typer()
    app.command("hello")(hello)
    app.command("goodbye")(hello)
    return app


def test_each_form_of_a_verb(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, ["greet", "--name", "a"], greet=hello) == "hello a\n"
    assert run(monkeypatch, ["greet", "--name", "b"], run=hello) == "hello b\n"
    assert run(monkeypatch, ["greet", "--name", "c"], app=one_command()) == "hello c\n"
    assert run(monkeypatch, ["greet", "hello", "--name", "d"], app=two_commands()) == "hello d\n"


def test_a_group_builds_itself_from_the_words_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []

    def build(words: list[str]) -> typer.Typer:
        seen.append(words)
        return two_commands()

    assert run(monkeypatch, ["greet", "hello"], build=build) == "hello you\n"
    assert seen == [["hello"]]


def test_the_verb_is_the_first_word_without_a_dash() -> None:
    assert called(["--traceback", "greet", "hello"]) == "greet"
    assert called(["--help"]) == ""
