"""Letters and messages: what arrives, what is kept, what is written down, and which kinds are the world's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.types import MessageKind, RecordKind
from simulator.world.commands import EVERYBODY, Commands, message, tell
from simulator.world.looking import letter_of
from simulator.world.scenario import Limits, Symbol
from simulator.world.view import View
from simulator.world.world import World
from tests.simulator.world.dealing import STILL, at_once, do, mailbox, refusals, seats
from tests.simulator.world.markets import TINY, Decide, at_steps, kinds_of, log_of, nothing, only, scripted

SENDER, READER = seats(2)
CHATTY = Limits(messages=300)


def talk(*scripts: Decide, **scenario: Any) -> World:
    return scripted(*scripts, **({"symbols": (STILL,), "limits": CHATTY} | scenario))


def read_by(script: Decide, steps: int = 2, **scenario: Any) -> list[list[tuple[int, ...]]]:
    """Return what lies in the reader's mailbox in each step while the sender plays a script."""
    seen: list[list[tuple[int, ...]]] = []
    world = talk(script, lambda view, commands: seen.append(mailbox(view)), **scenario)
    log_of(world, steps)
    world.check()
    return seen


def test_four_numbers_arrive_in_the_next_step_and_stand_in_the_record() -> None:
    script = at_steps(s1=do(tell, READER, 5, 200, 1, -2, 2**50, -(2**60)))
    seen: list[Any] = []
    world = talk(script, lambda view, commands: seen.append(mailbox(view)))
    log = log_of(world, 3)
    assert seen == [[], [], [(1, SENDER, 5, 200, 1, -2, 2**50, -(2**60))]]
    assert kinds_of(log) == ["MESSAGE"]
    fields = ["owner", "other_owner", "price", "reason", "size", "remaining", "order_id", "other_id"]
    assert log[0][fields].item() == (SENDER, READER, 5, 200, 1, -2, 2**50, -(2**60))
    world.check()


def test_the_first_two_numbers_and_the_topic_are_clipped_to_what_a_record_holds() -> None:
    high, low = 2**31 - 1, -(2**31)
    assert read_by(at_steps(s0=do(tell, READER, 2**40, 0, 2**31, -(2**63), 2**63 - 1, -(2**63))))[1] == [
        (0, SENDER, high, MessageKind.PLAIN, high, low, 2**63 - 1, -(2**63))
    ]


def test_a_message_of_one_number_is_a_letter_with_that_number_in_the_third_place() -> None:
    assert read_by(at_steps(s0=do(message, READER, 1, 77, 19)))[1] == [(0, SENDER, 1, 19, 0, 0, 77, 0)]


def test_eight_letters_are_kept_and_the_ninth_takes_the_place_of_the_oldest() -> None:
    letters = at_once(*(do(tell, READER, 0, 0, 0, 0, number, 0) for number in range(9)))
    seen = read_by(at_steps(s0=letters, s1=do(tell, READER, 0, 0, 0, 0, 9, 0)), 3)
    assert [[letter[6] for letter in box] for box in seen] == [[], list(range(1, 9)), list(range(2, 10))]


def test_letters_are_found_by_their_number() -> None:
    seen: list[int] = []

    def look(view: View, commands: Commands) -> None:
        if view.step == 1:
            seen.extend([view.letters, *(letter_of(view, number).value_3 for number in range(1, 10))])

    letters = at_once(*(do(message, READER, 0, 100 + number) for number in range(10)))
    log_of(talk(at_steps(s0=letters), look), 2)
    assert seen == [10, 109, *range(102, 110)]


@pytest.mark.parametrize("receiver", [0, 1])
def test_everybody_has_a_mailbox_of_its_own(receiver: int) -> None:
    boxes: dict[int, list[Any]] = {}

    def look(view: View, commands: Commands) -> None:
        if view.agent == SENDER and view.step == 0:
            message(commands, seats(2)[receiver], 0, 1)
        boxes[view.agent] = mailbox(view)

    log_of(talk(look, look), 2)
    assert [len(boxes[seat]) for seat in seats(2)] == [1 - receiver, receiver]


@pytest.mark.parametrize("kind", [*range(1, 16), -1, 256, 2**40])
def test_kinds_that_are_the_worlds_own_are_refused(kind: int) -> None:
    world = talk(at_steps(s0=at_once(do(message, READER, 0, 1, kind), do(tell, EVERYBODY, 0, kind, 1, 2, 3, 4))), nothing)
    log = log_of(world, 1)
    assert refusals(log) == [(SENDER, "INVALID_KIND")] * 2
    assert kinds_of(log) == ["REJECTED"] * 2
    assert world.agents["letters"].tolist() == world.agents["messages"].tolist() == [0, 0]
    assert world.markets["broadcasts"].tolist() == [0]
    world.check()


@pytest.mark.parametrize("kind", [0, 16, 255])
def test_other_kinds_are_delivered(kind: int) -> None:
    assert read_by(at_steps(s0=do(message, READER, 0, 1, kind)))[1] == [(0, SENDER, 0, kind, 0, 0, 1, 0)]


@pytest.mark.parametrize("receiver", [2, -2, 2**40, -(2**63)])
def test_a_letter_to_nobody_is_refused(receiver: int) -> None:
    world = talk(at_steps(s0=do(tell, receiver, 0, 0, 1, 2, 3, 4)), nothing)
    assert refusals(log_of(world, 1)) == [(SENDER, "UNKNOWN_RECEIVER")]
    assert world.agents["letters"].tolist() == [0, 0]


def test_letters_beyond_the_limit_of_messages_are_not_delivered() -> None:
    letters = at_once(*(do(tell, READER, 0, 0, 0, 0, number, 0) for number in range(5)))
    assert [letter[6] for letter in read_by(at_steps(s0=letters), limits=Limits(messages=3))[1]] == [0, 1, 2]


def test_a_broadcast_stands_on_the_board_of_its_topic_and_is_no_letter() -> None:
    boards: list[Any] = []

    def look(view: View, commands: Commands) -> None:
        boards.append((view.board.tolist(), view.letters, view.broadcasts))

    says = at_once(do(message, EVERYBODY, 0, 11), do(tell, EVERYBODY, 7, 16, 1, 2, -3, 4), do(message, EVERYBODY, 0, 12))
    symbols = (STILL, Symbol(name="B"))
    populations: dict[int, dict[str, Any]] = {0: {"symbols": ("A",)}, 1: {"symbols": ("B",)}}
    world = talk(at_steps(s0=says), look, symbols=symbols, populations=populations)
    log = log_of(world, 2)
    assert boards == [([0] * 8, 0, 0), ([12, 0, 0, 0, 0, 0, 0, -3], 0, 3)]
    assert np.array_equal(world.markets["board"][0], world.markets["board"][1])
    assert log[1][["other_owner", "price", "reason", "size", "remaining", "order_id", "other_id"]].item() == (-1, 7, 16, 1, 2, -3, 4)
    world.check()


@pytest.mark.parametrize("topic", [-1, 8, 2**31 - 1, -(2**31), 2**60])
def test_a_broadcast_on_a_topic_without_a_place_leaves_the_board_as_it_is(topic: int) -> None:
    world = talk(at_steps(s0=do(message, EVERYBODY, topic, 5)), nothing)
    log = log_of(world, 1)
    assert kinds_of(log) == ["MESSAGE"]
    assert not world.markets["board"].any()
    assert world.markets["broadcast_value"].tolist() == [5]


def test_mailboxes_survive_a_snapshot_and_need_no_more_memory_than_they_find() -> None:
    def writes(view: View, commands: Commands) -> None:
        for number in range(view.step):
            tell(commands, READER, view.step, 16, number, -number, 10 * number, 0)

    boxes: list[list[Any]] = [[], [], []]
    worlds = [
        talk(writes, lambda view, commands, box=box: box.append(mailbox(view)), capacity=capacity)  # type: ignore[misc]
        for box, capacity in zip(boxes, (TINY, TINY, TINY._replace(ring_records=500)), strict=True)
    ]
    whole, first, second = worlds
    log = log_of(whole, 6)
    head = log_of(first, 4)
    second.restore(first.snapshot())
    assert np.array_equal(np.concatenate([head, log_of(second, 2)]), log)
    assert len(only(log, RecordKind.MESSAGE)) == 15
    assert boxes[1] + boxes[2] == boxes[0]
    assert second.snapshot() == whole.snapshot()


def test_a_hundred_agents_talk_at_once() -> None:
    def speak(view: View, commands: Commands) -> None:
        message(commands, EVERYBODY, 0, view.agent)
        message(commands, (view.agent + 1) % 100, 1, view.agent)

    world = scripted(*[at_steps(s0=speak)] * 100, limits=Limits(messages=2))
    told = only(log_of(world, 2), RecordKind.MESSAGE)
    assert len(told) == 200 and world.agents["letters"].tolist() == [1] * 100
    first = world.parties.letters[np.arange(100) * 8]
    assert first["sender"].tolist() == [(agent - 1) % 100 for agent in range(100)]
    assert world.markets["broadcasts"][0] == 100
