"""Arguments of questions: typed, complete, known."""

from __future__ import annotations

import pytest

from pipelines.sinks.question import Question

QUESTION = Question("Rows of an agent.", lambda client, **given: [given], {"run": str, "agent": int}, {"limit": 20, "kind": ""})


def test_arguments_get_their_types_and_defaults() -> None:
    assert QUESTION.arguments({"run": "7", "agent": "3", "limit": "5"}) == {"run": "7", "agent": 3, "limit": 5, "kind": ""}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"run": "x"}, r"agent is missing; the question takes: run=\.\.\. agent=\.\.\. \[limit=20\] \[kind=\]"),
        ({"run": "x", "agent": "3", "colour": "red"}, "'colour' is no argument of this question"),
        ({"run": "x", "agent": "three"}, "agent='three' is no int"),
    ],
)
def test_other_arguments_are_refused_with_what_can_be_given(given: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        QUESTION.arguments(given)
