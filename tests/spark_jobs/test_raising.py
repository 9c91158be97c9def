"""Alerts of pairs and rings: one for each episode, whoever of them is seen first."""

from __future__ import annotations

import numpy as np
import pytest

from spark_jobs.detection.raising import Raiser

EVENTS = {
    "one pair": ([(1, 2, 10), (2, 1, 15), (1, 2, 20)], [10]),
    "a ring whose members are seen in turn": ([(1, 2, 10), (2, 3, 15), (3, 4, 20), (4, 5, 25)], [10]),
    "another pair at the same time": ([(1, 2, 10), (7, 8, 15)], [10, 15]),
    "a later episode": ([(1, 2, 10), (2, 1, 15), (1, 2, 100)], [10, 100]),
}


def told(events: list[tuple[int, int, int]], kind: str = "wash_trading") -> list[int]:
    candidates = np.array([(earlier, later, step, step + 1) for earlier, later, step in events], np.float64)
    return [each.first_step for each in Raiser(kind, 0).of_scored(candidates, np.ones(len(events)), 0.5)]


@pytest.mark.parametrize(("events", "expected"), EVENTS.values(), ids=EVENTS)
def test_an_episode_is_told_once(events: list[tuple[int, int, int]], expected: list[int]) -> None:
    assert told(events) == expected


def test_those_who_were_suspects_together_count_as_one() -> None:
    known = [(1, 2, 10), (2, 3, 15), (3, 4, 20)]
    assert told([*known, (1, 2, 200), (3, 4, 205)]) == [10, 200]
    assert told([(1, 2, 200), (3, 4, 205)]) == [200, 205]


def test_those_who_were_suspects_together_by_chance_do_not() -> None:
    often = [(one, one + 1, step) for step in range(0, 1000, 100) for one in (1, 7)]
    by_chance = [(2, 8, 1100)]
    assert told([*often, *by_chance, (1, 2, 2000), (7, 8, 2005)])[-2:] == [2000, 2005]


def test_a_pause_is_long_beside_the_usual_ones() -> None:
    slow = [(1, 2, step) for step in range(10, 130, 20)]
    quick = [(1, 2, step) for step in range(90, 114, 4)]
    assert told([*slow, (1, 2, 150)]) == [10], "40 steps are two of its pauses"
    assert told([*quick, (1, 2, 150)]) == [90, 150]


def test_irregular_pauses_end_an_episode_later_than_regular_ones() -> None:
    regular, uneven = range(0, 132, 12), (0, 16, 20, 38, 44, 60)
    assert told([(1, 2, step) for step in (*regular, 156)]) == [0, 156]
    assert told([(1, 2, step) for step in (*uneven, 100)]) == [0]


def test_who_acts_on_a_beat_begins_anew_off_it() -> None:
    """Every eight steps or a multiple: 16 later it goes on, 18 later it is another episode; three steps, less than a beat, are chance."""
    timed = (0, 8, 16, 32, 40, 48, 56)
    assert told([(1, 2, step) for step in (*timed, 72, 80)]) == [0]
    assert told([(1, 2, step) for step in (*timed, 74, 82)]) == [0, 74]
    assert told([(1, 2, step) for step in (*timed, 59, 72)]) == [0]


def test_who_keeps_no_beat_may_pause_longer() -> None:
    uneven = (0, 30, 35, 74, 84, 127, 150)
    assert told([(1, 2, step) for step in (*uneven, 230)]) == [0]
    assert told([(1, 2, step) for step in (*uneven[:3], 115)]) == [0, 115]
    assert told([(1, 2, step) for step in (*uneven, 300)]) == [0, 300]


def test_what_is_unlikely_keeps_an_episode_going_and_begins_none() -> None:
    """Four steps apart, then sixty: a candidate of a low score between them is enough, but not one of others or of next to none."""
    steps = [*range(0, 24, 4), 50, 80]

    def begins(score: float, pair: tuple[int, int] = (1, 2)) -> list[int]:
        pairs = [(1, 2)] * 6 + [pair, (1, 2)]
        candidates = np.array([(*each, step, step + 1) for each, step in zip(pairs, steps, strict=True)], np.float64)
        scores = np.array([0.9] * 6 + [score, 0.9])
        return [each.first_step for each in Raiser("wash_trading", 0).of_scored(candidates, scores, 0.5)]

    assert begins(0.04) == begins(0.3, (1, 8)) == begins(0.3, (8, 9)) == begins(0.3) == [0, 80]
    steps[-2:] = 38, 52
    assert (begins(0.3), begins(0.04), begins(0.3, (1, 8))) == ([0], [0, 52], [0, 52])


def test_what_follows_at_once_is_told_once() -> None:
    assert told([(1, 0, 10), (1, 0, 12), (1, 0, 16)], "spoofing") == [10, 16]
    assert told([(1, 0, 10), (1, 0, 20), (1, 0, 32)], "quote_stuffing") == [10, 32]


def test_without_a_pause_each_window_is_told() -> None:
    assert told([(1, 2, 10), (1, 2, 11), (1, 2, 14)], "cartel") == [10, 11, 14]


def test_a_candidate_tells_when_all_of_its_suspect_are_sure_enough_together() -> None:
    candidates = np.array([(agent, 0, step, step + 1) for agent, step in ((1, 10), (1, 20), (2, 30), (3, 40), (2, 50))], np.float64)
    scores = np.array([0.6, 0.8, 0.95, 0.4, 0.6])
    found = Raiser("marking_the_close", 0, sure=0.9).of_scored(candidates, scores, 0.5)
    assert [(set(each.agents), each.first_step) for each in found] == [({1}, 20), ({2}, 30), ({2}, 50)]
    assert [each.first_step for each in Raiser("marking_the_close", 0).of_scored(candidates, scores, 0.5)] == [10, 20, 30, 50]


def named(events: list[tuple[int, int, int]]) -> list[list[int]]:
    candidates = np.array([(one, two, step, step + 1) for one, two, step in events], np.float64)
    raiser = Raiser("pump_and_dump", 0)
    return [sorted(each.agents) for each in raiser.of_scored(candidates, np.ones(len(events)), 0.5)]


def test_who_was_a_suspect_with_the_same_ones_often_is_named_with_them() -> None:
    """One and two are told of; two and three are suspects meanwhile, which tells nothing new. The fourth alert names all three."""
    together = [(one, one + 1, 100 * episode) for episode in range(4) for one in (1, 2)]
    assert named(together) == [[1, 2], [1, 2], [1, 2], [1, 2, 3]]


def test_who_was_a_suspect_with_them_once_is_not() -> None:
    assert named([(1, 2, 0), (1, 3, 1), (1, 2, 100), (1, 2, 200), (1, 2, 300)])[-1] == [1, 2]


def test_a_suspect_alone_is_no_accomplice_of_others() -> None:
    assert named([(1, 1, 100 * episode) for episode in range(5)]) == [[1]] * 5
