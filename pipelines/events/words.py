"""Words for the numbers of events: which columns hold codes and which hold ids that market.worlds names."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Protocol

from pipelines.events.vocabulary import (
    DealStep,
    InterventionKind,
    MessageKind,
    Reason,
    RecordKind,
    Rule,
    Side,
    TimeInForce,
)
from pipelines.events.vocabulary import Protocol as DealProtocol

WORDS: dict[tuple[str, str], type[IntEnum]] = {
    ("orders", "kind"): RecordKind,
    ("orders", "side"): Side,
    ("orders", "reason"): Reason,
    ("orders", "time_in_force"): TimeInForce,
    ("trades", "aggressor"): Side,
    ("messages", "kind"): MessageKind,
    ("negotiations", "kind"): DealStep,
    ("negotiations", "protocol"): DealProtocol,
    ("negotiations", "side"): Side,
    ("interventions", "kind"): InterventionKind,
    ("interventions", "rule"): Rule,
}
"""Columns whose numbers have names of their own."""

NAMED = {
    "symbol": "symbol", "topic": "topic", "agent": "agent", "owner": "agent", "other_owner": "agent",
    "buyer": "agent", "seller": "agent", "sender": "agent", "receiver": "agent",
    "party": "agent", "counterparty": "agent", "regulator": "agent",
}  # fmt: skip
"""Columns that hold ids, and under which kind market.worlds names them."""


class Names(Protocol):
    """What the ids of a world mean."""

    def name(self, run_id: str, world_id: int, kind: str, number: int) -> str | None:
        """The name, or None where there is none."""


def named(event: str, row: dict[str, Any], names: Names) -> dict[str, Any]:
    """The row with words and names for numbers that have one, and the text of a message whose topic has a template."""

    def word(column: str, value: Any) -> Any:
        if (event, column) in WORDS:
            known = WORDS[event, column]
            return known(value).name.lower() if value in set(known) else value
        if column in NAMED and isinstance(value, int):
            return names.name(row["run_id"], row["world_id"], NAMED[column], value) or value
        return value

    found = {column: word(column, value) for column, value in row.items()}
    template = names.name(row["run_id"], row["world_id"], "template", row["topic"]) if event == "messages" else None
    if template is not None and row["kind"] in (MessageKind.PLAIN, MessageKind.GOSSIP):
        found["text"] = template.format_map(found)
    return found
