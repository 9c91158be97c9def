"""What a user chooses by name, several separated by commas."""

from __future__ import annotations

from collections.abc import Iterable

from pipelines.apps.errors import UserError


def names_in(text: str) -> tuple[str, ...]:
    """The names, without blanks.

    >>> names_in("redis, sql,")
    ('redis', 'sql')
    """
    return tuple(name.strip() for name in text.split(",") if name.strip())


def chosen_in(text: str, known: Iterable[str], what: str, beside: str = "") -> tuple[str, ...]:
    """The names; UserError for an unknown one, or for none. `beside` says what else may be chosen."""
    names, there = names_in(text), list(known)
    unknown = sorted(set(names) - set(there))
    if unknown or not names:
        raise UserError(f"{what} {unknown[0] if unknown else ''!r} is unknown", f"choose among {', '.join(there)}{beside}")
    return names


def stores_in(text: str, known: Iterable[str], beside: str = "") -> tuple[str, ...]:
    """The names of stores, likewise."""
    return chosen_in(text, known, "store", beside)
