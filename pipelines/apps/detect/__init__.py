"""`agora detect`: train detectors of manipulation, score them against the truth, and show what they found."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from pipelines.apps.lazy import Verb, add_verbs, new_app

VERBS = [
    Verb(name, f"{__name__}.{name}", summary)
    for name, summary in {
        "train": "Make a detector's model from simulated runs.",
        "score": "Precision, recall and delay on runs that nothing was learned from, or on a recorded one.",
        "drift": "Whether detectors still see what they learned from.",
        "refit": "Train a detector anew, and take it if it is better beyond doubt.",
        "models": "Which model is used for each kind.",
        "pairs": "Who belongs together in a run, and how well cartels are told by that.",
        "report": "One page about what was found in a recorded run.",
        "pictures": "Episodes that were found and missed, drawn.",
    }.items()
]


def build(arguments: Sequence[str]) -> typer.Typer:
    """The group of verbs, with the called one imported."""
    return add_verbs(new_app("Train detectors of manipulation, score them against the truth, and show what they found."), VERBS, arguments)
