"""Mailboxes: the last letters that each agent received."""

from __future__ import annotations

from simulator.matching.compiled import inlined, u8
from simulator.world.layout import Array, Row
from simulator.world.party_rows import LETTERS


@inlined
def deliver(
    letters: Array, to: Row, step: int, sender: int, topic: int, kind: int, value_1: int, value_2: int, value_3: int, value_4: int
) -> None:
    """Put a letter into an agent's mailbox, in the place of the oldest one; it can be read from the next step on."""
    letter = letters[u8(to.agent * LETTERS + to.letters % LETTERS)]
    letter.step = step
    letter.sender = sender
    letter.topic = topic
    letter.kind = kind
    letter.value_1 = value_1
    letter.value_2 = value_2
    letter.value_3 = value_3
    letter.value_4 = value_4
    to.letters = to.letters + 1
