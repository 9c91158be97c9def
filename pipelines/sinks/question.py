"""Useful questions to a store, by name: what `agora query STORE NAME key=value` can ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Question:
    """One question.

    Parameters
    ----------
    doc : what it answers, in one line.
    answer : (client, **arguments) -> rows; values of arguments reach the store as bound parameters only.
    needs : arguments that must be given, with their types: str or int.
    takes : arguments that may be left out, with their defaults.
    """

    doc: str
    answer: Callable[..., Iterable[Mapping[str, Any]]]
    needs: Mapping[str, type] = field(default_factory=dict)
    takes: Mapping[str, Any] = field(default_factory=dict)

    def arguments(self, given: Mapping[str, str]) -> dict[str, Any]:
        """The arguments from text. Raises ValueError with the value, the rule and what can be given."""
        usage = " ".join([*(f"{name}=..." for name in self.needs), *(f"[{name}={value}]" for name, value in self.takes.items())])
        known = dict(self.needs) | {name: type(value) for name, value in self.takes.items()}
        if foreign := sorted(set(given) - set(known)):
            raise ValueError(f"{foreign[0]!r} is no argument of this question; it takes: {usage}")
        if lacking := sorted(set(self.needs) - set(given)):
            raise ValueError(f"{lacking[0]} is missing; the question takes: {usage}")
        found = dict(self.takes)
        for name, text in given.items():
            try:
                found[name] = known[name](text)
            except ValueError:
                raise ValueError(f"{name}={text!r} is no {known[name].__name__}; the question takes: {usage}") from None
        return found
