"""The tape of a symbol and what its agents held, from fills."""

from __future__ import annotations

import numpy as np

from pipelines.events.vocabulary import Reason
from spark_jobs.detection.tape import holdings_of, tape_of
from tests.spark_jobs.watching import BUY, SELL, filled, placed, rows

FILLS = [
    placed(1, 4, SELL, 101, 9, 2),
    filled(1, 4, 2, 7, BUY, 3, 2) | {"price": 101},
    filled(1, 4, 3, 8, BUY, 2, 2) | {"price": 102},
    filled(5, 8, 6, 7, SELL, 2, 4) | {"price": 99},
    filled(8, 7, 9, 4, BUY, 5, 6) | {"price": 100, "reason": int(Reason.UNCROSSED)},
]  # in the auction 7 sells to 4


def test_the_tape_adds_up_by_step() -> None:
    tape = tape_of(rows(*FILLS), 8)
    assert tape.volume.tolist() == [0, 0, 5, 5, 7, 7, 12, 12] and tape.flow.tolist() == [0, 0, 5, 5, 3, 3, 3, 3]
    assert tape.price.tolist() == [101, 101, 102, 102, 99, 99, 100, 100], "before the first fill it is the first one's"
    assert tape.moved(2, 4) == -3 / tape.change[4] and tape.change.min() == 1.0
    assert tape.usual_volume(7) == 100 * 12 / 8 and tape.usual_volume(0) == 1.0


def test_everybody_holds_what_they_bought_less_what_they_sold() -> None:
    found = holdings_of(rows(*FILLS))
    seven, eight, four = (found.of(agent) for agent in (7, 8, 4))
    assert (seven.steps.tolist(), seven.position.tolist()) == ([2, 4, 6], [3, 1, -4])
    assert seven.taken.tolist() == [3, 1, 1], "in an auction nobody takes"
    assert (seven.bought.tolist(), seven.sold.tolist()) == ([3, 3, 3], [0, 2, 7])
    assert eight.position.tolist() == [2, 4] and four.position.tolist() == [-3, -5, 0]
    assert [seven.at(seven.position, step) for step in (1, 2, 5, 6, 99)] == [0, 3, 1, -4, -4]
    assert seven.between(seven.position, 2, 6) == -7


def test_who_never_traded_holds_nothing() -> None:
    nobody = holdings_of(rows(*FILLS)).of(3)
    assert nobody.at(nobody.position, 5) == 0 and len(nobody.steps) == 0
    assert tape_of(rows(), 3).volume.tolist() == [0, 0, 0] and np.all(tape_of(rows(), 3).price == 0)
