"""How rumours go from neighbour to neighbour, on tiny markets with scripted agents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.types import MessageKind, Reason, RecordKind
from simulator.world.acts import whisper
from simulator.world.commands import Commands
from simulator.world.layout import Array
from simulator.world.looking import letter_of
from simulator.world.mechanisms import Alliances, Gossip
from simulator.world.view import View
from simulator.world.world import World
from tests.simulator.world.markets import TINY, Decide, agent_of, at_steps, log_of, nothing, only, scripted

TOPIC, VALUE = 2, 777


def says(value: int = VALUE) -> Decide:
    return lambda view, commands: whisper(commands, TOPIC, value)


def rumours(records: Array) -> Array:
    """Return the messages by which rumours went on."""
    found = only(records, RecordKind.MESSAGE)
    return found[found["reason"] == MessageKind.GOSSIP]


def certain(**fields: Any) -> Gossip:
    """Gossip without chance: everybody tells in every step, and the value stays."""
    return Gossip(**{"neighbours": 1, "period": 1, "chance": 1.0, "keep": 0.1, "distortion": 0.0, **fields})


def test_a_rumour_reaches_a_neighbour_weaker_and_one_hop_further() -> None:
    world = scripted(at_steps(s0=says()), nothing, gossip=certain())
    teller, hearer = agent_of(world, 0), agent_of(world, 1)
    found = rumours(log_of(world, 5))
    names = ("step", "owner", "other_owner", "price", "size", "remaining", "order_id", "other_id")
    assert [tuple(int(row[name]) for name in names) for row in found] == [
        (0, teller, hearer, TOPIC, 1, 10_000, VALUE, teller),  # a period and a hop, each leaves a tenth
        (1, teller, hearer, TOPIC, 1, 1_000, VALUE, teller),
    ]
    world.check()


def test_who_hears_a_rumour_knows_it_and_has_a_letter() -> None:
    seen: list[Any] = []

    def listen(view: View, commands: Commands) -> None:
        letter = letter_of(view, 0)
        if view.step == 1:
            seen.append((letter.kind, letter.sender, letter.topic, letter.value_1, letter.value_2, letter.value_3, letter.value_4))
            seen.append((view.rumour_topic, view.rumour_value, view.rumour_hops, view.rumour_origin, view.rumour_strength > 0))

    world = scripted(at_steps(s0=says()), listen, gossip=certain(keep=0.9))
    teller = agent_of(world, 0)
    log_of(world, 2)
    letter = (int(MessageKind.GOSSIP), teller, TOPIC, 1, 810_000, VALUE, teller)
    assert seen == [letter, (TOPIC, VALUE, 1, teller, True)]


def test_a_rumour_fades_and_is_forgotten_below_a_hundredth() -> None:
    strengths: list[int] = []

    def remember(view: View, commands: Commands) -> None:
        strengths.append(view.rumour_strength)
        if view.step == 0:
            whisper(commands, TOPIC, VALUE)

    world = scripted(remember, nothing, gossip=certain(keep=0.5, chance=0.0))
    assert len(rumours(log_of(world, 9))) == 0
    assert strengths == [0, 500_000, 250_000, 125_000, 62_500, 31_250, 15_625, 0, 0]


def test_a_rumour_goes_along_the_edges_to_all_who_can_be_reached() -> None:
    world = scripted(at_steps(s0=says()), *[nothing] * 19, gossip=certain(neighbours=3, keep=1.0), message_topics=("a", "b", "c"))
    origin, neighbours = agent_of(world, 0), world.parties.neighbours.reshape(20, 3)
    reached, edge = {origin}, [origin]
    while edge:
        edge = sorted({int(other) for teller in edge for other in neighbours[teller]} - reached)
        reached |= set(edge)
    found = rumours(log_of(world, 60))
    assert all(row["other_owner"] in neighbours[row["owner"]] for row in found)
    assert {int(agent) for agent in found["other_owner"]} | {origin} == reached
    assert len(reached) > 10
    assert (neighbours != np.arange(20)[:, None]).all()
    hops = {origin: 0}
    for row in found:
        assert row["size"] == hops[int(row["owner"])] + 1
        hops.setdefault(int(row["other_owner"]), int(row["size"]))
    assert max(hops.values()) >= 2
    assert set(found["order_id"].tolist()) == {VALUE}


@pytest.mark.parametrize("value", [VALUE, -5, 0, 2**31 + 7, -(2**40)])
def test_without_distortion_the_value_stays(value: int) -> None:
    found = rumours(log_of(scripted(at_steps(s0=says(value)), *[nothing] * 5, gossip=certain(keep=0.9)), 20))
    assert set(found["order_id"].tolist()) == {value}
    assert found["size"].max() > 2


def test_with_distortion_every_hop_changes_the_value_by_as_much_as_it_says() -> None:
    def again(view: View, commands: Commands) -> None:
        whisper(commands, TOPIC, 100_000)

    found = rumours(log_of(scripted(again, nothing, gossip=certain(distortion=0.1)), 1000))
    first = found[found["size"] == 1]["order_id"] / 100_000
    assert len(first) >= 1000
    assert (first.mean(), first.std()) == (pytest.approx(1.0, abs=0.01), pytest.approx(0.1, abs=0.01))


def test_the_chance_says_how_often_a_rumour_is_passed_on() -> None:
    def again(view: View, commands: Commands) -> None:
        whisper(commands, TOPIC, VALUE)

    found = rumours(log_of(scripted(again, nothing, gossip=certain(chance=0.3)), 2000))
    assert len(found[found["size"] == 1]) == pytest.approx(600, rel=0.1)


def test_rumours_go_on_once_in_a_period() -> None:
    world = scripted(at_steps(s0=says()), nothing, gossip=certain(period=5, keep=0.9))
    assert set(rumours(log_of(world, 30))["step"].tolist()) == {4, 9, 14, 19, 24, 29}


def test_a_stronger_rumour_takes_the_place_of_a_weaker_one() -> None:
    def known(rival_step: str) -> int:
        world = scripted(at_steps(s0=says(1)), at_steps(**{rival_step: says(2)}), gossip=certain(keep=0.5))
        log_of(world, 5)
        return int(world.parties.parties["rumour_value"][agent_of(world, 0)])

    assert known("s4") == 2
    assert known("s9") == 1


@pytest.mark.parametrize("alliances", [None, Alliances()])
def test_without_gossip_nobody_whispers(alliances: Alliances | None) -> None:
    world = scripted(at_steps(s0=says()), nothing, alliances=alliances)
    records = log_of(world, 20)
    assert only(records, RecordKind.REJECTED)["reason"].tolist() == [Reason.SWITCHED_OFF]
    assert len(rumours(records)) == 0
    assert world.parties.parties["rumour_strength"].tolist() == [0, 0]


def test_one_agent_has_nobody_to_tell() -> None:
    records = log_of(scripted(at_steps(s0=says()), gossip=Gossip()), 20)
    assert only(records, RecordKind.REJECTED)["reason"].tolist() == [Reason.SWITCHED_OFF]


def test_gossip_is_the_same_in_memory_that_must_grow_and_goes_on_from_a_snapshot() -> None:
    def world(**fields: Any) -> World:
        return scripted(at_steps(s0=says(), s7=says(8)), *[nothing] * 9, gossip=Gossip(period=2), **fields)

    whole = world()
    log_of(whole, 40)
    for cut in (1, 8, 23):
        first, second = world(capacity=TINY), world()
        log_of(first, cut)
        second.restore(first.snapshot())
        log_of(second, 40 - cut)
        assert second.hash() == whole.hash()
    assert whole.next_seq > 30
