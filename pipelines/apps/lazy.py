"""Verbs that are imported only when they are called, so that `agora --help` is there at once.

A verb's module offers one of: `build(arguments) -> typer.Typer` (a group with lazy verbs of its own), `app` (a typer.Typer), or a
function named like the verb or `run`. A verb whose module is not installed is not listed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import NamedTuple

import typer


class Verb(NamedTuple):
    """A verb of a command line."""

    name: str
    module: str
    summary: str


def new_app(summary: str) -> typer.Typer:
    """A group of verbs with this command line's manners: help when called alone, and errors shown by main."""
    return typer.Typer(help=summary, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def called(arguments: Sequence[str]) -> str:
    """The verb that the arguments call, or "". Options before it must be flags: it is the first argument without a dash."""
    return next((word for word in arguments if not word.startswith("-")), "")


def add_verbs(app: typer.Typer, verbs: Sequence[Verb], arguments: Sequence[str]) -> typer.Typer:
    """Register the verbs on app, importing only the one that the arguments call, and return app."""
    name = called(arguments)
    for verb in verbs:
        if find_spec(verb.module) is None:
            continue
        if verb.name == name:
            _add_loaded(app, verb, import_module(verb.module), arguments[arguments.index(name) + 1 :])
        else:
            app.command(verb.name, help=verb.summary)(_not_called)
    return app


def _not_called() -> None:
    """Stands in help for a verb that was not called."""


def _add_loaded(app: typer.Typer, verb: Verb, module: ModuleType, arguments: Sequence[str]) -> None:
    build: Callable[[Sequence[str]], typer.Typer] | None = getattr(module, "build", None)
    inner: typer.Typer | None = build(arguments) if build else getattr(module, "app", None)
    if inner is None:
        function = getattr(module, verb.name, None) or module.run
        app.command(verb.name)(function)
    elif len(inner.registered_commands) == 1 and not (inner.registered_callback or inner.registered_groups):
        command = inner.registered_commands[0]
        command.name = verb.name
        app.registered_commands.append(command)
    else:
        app.add_typer(inner, name=verb.name, help=inner.info.help if isinstance(inner.info.help, str) else verb.summary)
