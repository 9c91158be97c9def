"""Who follows an agent's excursions: the same one each time, or many."""

from __future__ import annotations

import numpy as np
import pytest

from spark_jobs.detection.followers import FADES, KNOWN, RECENT
from spark_jobs.detection.watch import Watch
from tests.spark_jobs.test_excursions import MARKET, of, raised, rest, take
from tests.spark_jobs.watching import BUY, SELL, Row, rows

APART = 400  # steps between excursions


def excursion(followers: list[tuple[int, int]], step: int) -> list[Row]:
    """Agent 7 buys, others take so many lots on its side, and it sells all."""
    others = [row for agent, lots in followers for row in take(agent, BUY, 102, lots, step + 2)]
    return [*take(7, BUY, 101, 20, step), *others, *take(7, SELL, 101, 20, step + 4)]


def test_who_took_most_behind_a_run_is_its_follower() -> None:
    (found,) = of(7, raised(excursion([(8, 6), (9, 2)], 20)))
    assert found["follower_share"] == pytest.approx(6 / 8)
    assert found["follower_usual"] == pytest.approx(6 / 48), "of all that was traded by then"
    assert found["following"] == pytest.approx(8 / (48 * 5 / 25)), "in five steps of twenty-five"
    assert (found["follower_before"], found["follower_tie"], found["most_followed"]) == (-1.0, 0.0, -1.0)


def test_whoever_follows_each_time_is_tied_to_the_agent() -> None:
    found = of(7, raised(*(excursion([(8, 6)], 20 + APART * number) for number in range(4))))
    assert [each["follower_before"] for each in found] == [-1.0, *(pytest.approx(1.0) for _ in range(3))]
    assert [each["most_followed"] for each in found] == [-1.0, *(pytest.approx(1.0) for _ in range(3))]
    ties = [each["follower_tie"] for each in found]
    assert ties == sorted(ties) and ties[3] > ties[2] > ties[1] > 0.0


def test_one_follower_after_the_other_is_no_tie() -> None:
    found = of(7, raised(*(excursion([(8 + number, 6)], 20 + APART * number) for number in range(4))))
    assert [each["follower_tie"] for each in found] == [0.0] * 4
    assert found[3]["follower_before"] == 0.0
    assert found[3]["most_followed"] == pytest.approx(1 / (1 + FADES + FADES**2)), "the newest counts most"


def test_who_takes_on_the_other_side_or_before_the_run_does_not_follow() -> None:
    before, against = take(8, BUY, 101, 50, 18), take(9, SELL, 99, 50, 22)
    (found,) = of(7, raised(before, take(7, BUY, 101, 20, 20), against, take(10, BUY, 102, 3, 22), take(7, SELL, 101, 20, 24)))
    assert found["follower_share"] == 1.0 and found["follower_usual"] == pytest.approx(3 / 143)


def test_who_rests_does_not_follow() -> None:
    (found,) = of(7, raised(take(7, BUY, 101, 20, 20), rest(8, BUY, 101, 5, 22), take(7, SELL, 101, 20, 24)))
    assert found["following"] == found["follower_share"] == found["follower_usual"] == 0.0


def test_the_least_frequent_follower_is_forgotten() -> None:
    """One follows twice, then more others than are remembered once each: the one that came first of them is gone, the frequent one not."""
    order = [8, 8, *range(20, 20 + KNOWN), 8, 20]
    found = of(7, raised(*(excursion([(agent, 6)], 20 + APART * number) for number, agent in enumerate(order))))
    assert found[-2]["follower_before"] > 0.0 and found[-1]["follower_before"] == 0.0


def test_takes_beyond_those_remembered_are_left_out() -> None:
    many = [row for number in range(RECENT) for row in take(9 + number % 2, BUY, 102, 1, 21 + number // 100)]
    (found,) = of(7, raised(take(7, BUY, 101, 20, 20), take(8, BUY, 102, 5000, 21), many, take(7, SELL, 101, 20, 50)))
    assert found["follower_share"] == 0.5, "the large one came before the remembered ones"


def test_sums_of_one_candidate_do_not_stay() -> None:
    watch = Watch()
    watch.feed(rows(*MARKET, *excursion([(8, 6), (9, 2)], 20)))
    assert watch.known is not None and not np.any(watch.known.agents.takers["lots"])
