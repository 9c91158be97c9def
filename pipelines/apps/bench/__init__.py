"""`agora bench NAME`: how fast it is, with the peers measured beside it in the same run.

`reference` and `realism` judge the markets themselves, `clustering` the groups of agents.

Each benchmark is a module of this package with a function `run(json: bool)`. With --json it prints one line: an object with
`figures` (rates with their unit in the key), `peers` (the same for what it is compared with) and `ratios` (figure by peer).
"""

from __future__ import annotations

from collections.abc import Sequence

import typer

from pipelines.apps.lazy import Verb, add_verbs, new_app

BENCHMARKS = [
    Verb(name, f"{__name__}.{name}", summary)
    for name, summary in {
        "core": "The matching core and the world, against bourse.",
        "world": "Whole markets, small and large.",
        "env": "Environment steps, through PettingZoo and in batches.",
        "bargaining": "Rounds of negotiation, played and in batches.",
        "scaleout": "The same trainings with one worker and with two.",
        "learn": "Learning: steps per second, time to a score, answers that theory knows.",
        "publish": "Events encoded and sent to Kafka, and their size on its disk.",
        "ingest": "Kafka to bronze and silver, against JSON one event a record.",
        "detection": "The stream with its detectors: events a second, and how soon an alert is out.",
        "sinks": "Kafka into each store, beside the same writes one by one; and how long a run takes to verify.",
        "capacity": "What a million events cost at each hop, and how that grows.",
        "tables": "One question before and after maintenance, with the stream running.",
        "latency": "From an event published to its typed row visible.",
        "reference": "How often the reference run ends as its source says.",
        "clustering": "How well groups of agents that behave alike agree with their strategies.",
        "realism": "How far markets show what real ones show: tails, storms, memory, impact.",
        "coldstart": "From an empty folder to the first commit.",
    }.items()
]


def build(arguments: Sequence[str]) -> typer.Typer:
    """The group of benchmarks, with the called one imported."""
    return add_verbs(new_app("Measure speed, with the peers beside it."), BENCHMARKS, arguments)
