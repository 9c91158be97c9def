"""Excursions of a position as candidates."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.events.vocabulary import Reason
from spark_jobs.detection.excursions import FEATURES, GAPS, LARGE, LONGEST, QUICK, SLOW, SPARE
from spark_jobs.detection.watch import Watch
from tests.spark_jobs.watching import BUY, SELL, Row, filled, placed, rows, taken

CROWD = 50  # agents from here on rest, one order each
MARKET = [placed(1, CROWD, BUY, 99, 5), placed(2, CROWD, SELL, 101, 5)]


def raised(*given: list[Row]) -> list[dict[str, float]]:
    names = ("agent", "side", "first", "last", *FEATURES)
    found = Watch().feed(rows(*MARKET, *(row for deal in given for row in deal)))
    return [dict(zip(names, row, strict=True)) for row in found.excursions.tolist()]


def take(agent: int, side: int, price: int, size: int, step: int) -> list[Row]:
    """Somebody's order rests, and the agent takes it."""
    resting = 1000 * step + 10 * agent + side
    return [
        placed(resting, CROWD, 1 - side, price, size, step), taken(resting + 5, agent, side, size, step),
        filled(resting, CROWD, resting + 5, agent, side, size, step) | {"price": price},
    ]  # fmt: skip


def rest(agent: int, side: int, price: int, size: int, step: int) -> list[Row]:
    """The agent's order rests, and somebody takes it."""
    resting = 1000 * step + 10 * agent + side
    return [
        placed(resting, agent, side, price, size, step), taken(resting + 5, CROWD + 1, 1 - side, size, step),
        filled(resting, agent, resting + 5, CROWD + 1, 1 - side, size, step) | {"price": price},
    ]  # fmt: skip


def of(agent: int, found: list[dict[str, float]]) -> list[dict[str, float]]:
    return [each for each in found if each["agent"] == agent]


def test_a_burst_and_the_way_back_are_described() -> None:
    burst = [row for step in (20, 21, 22) for row in take(7, BUY, 101 + step - 20, 8, step)]
    half, whole = of(7, raised(burst, take(8, BUY, 106, 12, 30), rest(7, SELL, 107, 12, 34), take(7, SELL, 105, 12, 36)))
    assert (half["side"], half["first"], half["last"], whole["last"]) == (BUY, 21, 34, 36)
    assert (half["duration"], half["takes"], half["back_share"], half["back_steps"], half["back_active"]) == (3, 3, 0.5, 1, 0.0)
    assert (whole["back_share"], whole["back_steps"], whole["back_active"], whole["waited"]) == (1.0, 3, 0.5, 12)
    assert half["market_share"] == 1.0 and half["prepared"] == 0.0
    assert half["followers"] == pytest.approx((12 + 12) / 24), "who took the agent's own order took its side, too"
    assert half["gain"] > whole["gain"] > 0.0 and half["further"] < half["gain"]
    assert half["impact"] == pytest.approx(3 / 2, rel=0.1), "from a mid of 100 to 103, in spreads of 2"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([take(7, BUY, 101, 8, 20), take(7, BUY, 102, 8, 21)], "nothing is given back"),
        ([take(7, BUY, 101, 8, 20), take(7, BUY, 102, 8, 21), rest(7, SELL, 103, 7, 30)], "less than half is given back"),
        ([take(7, BUY, 101, 2, 20), take(7, SELL, 99, 2, 30)], "one small order is no run"),
        ([rest(7, BUY, 99, 30, 20), rest(7, SELL, 101, 30, 30)], "a maker takes nothing"),
        (
            [take(7, BUY, 101, 8, 20), take(7, BUY, 102, 8, 21), take(7, SELL, 101, 16, 22 + LONGEST[SLOW])],
            "it was held for long",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_no_candidate(given: list[list[Row]], why: str) -> None:
    assert of(7, raised(*given)) == []


def test_one_large_order_is_a_run() -> None:
    (found,) = of(7, raised(take(7, SELL, 99, int(LARGE * 40), 20), take(7, BUY, 98, 20, 30)))
    assert (found["side"], found["takes"], found["back_share"]) == (SELL, 1, 1.0)


def test_a_pause_begins_another_run() -> None:
    apart = [take(7, BUY, 101, 8, 20), take(7, BUY, 101, 8, 21 + GAPS[QUICK])]
    assert of(7, raised(*apart, rest(7, SELL, 102, 8, 40)))[0]["takes"] == 1
    together = [take(7, BUY, 101, 8, 20), take(7, BUY, 101, 8, 20 + GAPS[QUICK])]
    assert of(7, raised(*together, rest(7, SELL, 102, 8, 40)))[0]["takes"] == 2


def slow_burst(pause: int) -> list[list[Row]]:
    """Three orders with pauses between them, and one that gives all of it back."""
    return [take(7, BUY, 101 + trade, 8, 20 + pause * trade) for trade in range(3)] + [take(7, SELL, 104, 24, 30 + 2 * pause)]


def test_a_slow_burst_is_one_run() -> None:
    quick, slow = of(7, raised(*slow_burst(GAPS[SLOW])))
    assert (quick["takes"], quick["size_to_touch"]) == (1, pytest.approx(slow["size_to_touch"] / 3))
    assert (slow["takes"], slow["duration"], slow["back_share"], slow["first"]) == (3, 2 * GAPS[SLOW] + 1, 1.0, 20 + GAPS[SLOW])
    assert slow["largest"] == pytest.approx(1 / 3) and slow["position_left"] == 0.0
    assert slow["rate_to_market"] == pytest.approx(24 / 81 / (48 / 111)), "so far two dozen lots each way in 111 steps"


def test_a_burst_that_is_slower_than_that_is_none() -> None:
    assert [each["takes"] for each in of(7, raised(*slow_burst(GAPS[SLOW] + 1)))] == [1]


def test_what_both_paces_see_is_told_once() -> None:
    assert [each["takes"] for each in of(7, raised(*slow_burst(GAPS[QUICK])))] == [3]


def test_the_way_back_from_a_slow_burst_may_come_later() -> None:
    burst = [take(7, BUY, 101, 8, 20), take(7, BUY, 102, 8, 21)]
    assert of(7, raised(*burst, take(7, SELL, 101, 16, 21 + LONGEST[QUICK])))
    assert of(7, raised(*burst, take(7, SELL, 101, 16, 21 + LONGEST[SLOW])))
    assert not of(7, raised(*burst, take(7, SELL, 101, 16, 22 + LONGEST[SLOW])))


def test_an_old_position_does_not_swallow_a_burst() -> None:
    """A hundred lots short, it sells some more, and then bursts the other way and back."""
    short = [rest(7, SELL, 101, 100, 10), *(take(7, SELL, 99, 5, step) for step in (20, 21))]
    found = of(7, raised(*short, take(7, BUY, 101, 20, 30), take(7, BUY, 102, 20, 31), take(7, SELL, 103, 40, 40)))
    assert BUY in {each["side"] for each in found}


def test_what_was_built_before_is_given_back_as_well() -> None:
    """Ten lots by resting, twenty by taking, thirty sold at once: the rest of the sale begins nothing."""
    burst = [*take(7, BUY, 101, 10, 20), *take(7, BUY, 102, 10, 21)]
    exits = [take(7, SELL, 103, 15, step) for step in (30, 31)]
    found = of(7, raised(rest(7, BUY, 99, 10, 15), burst, *exits, take(7, BUY, 101, 30, 60)))
    assert [each["side"] for each in found] == [BUY, BUY] and found[0]["prepared"] == pytest.approx(0.5, rel=0.1)


def test_more_than_all_is_a_run_of_its_own() -> None:
    """Twenty bought, sixty sold, sixty bought: two excursions, one each way."""
    burst = [*take(7, BUY, 101, 10, 20), *take(7, BUY, 102, 10, 21)]
    found = of(7, raised(burst, take(7, SELL, 101, 60, 30), take(7, BUY, 100, 60, 40)))
    assert [(each["side"], each["back_share"] >= 1.0) for each in found] == [(BUY, True), (SELL, True)]
    assert found[1]["size_to_touch"] / found[0]["size_to_touch"] == pytest.approx((60 - 20 * (1 + SPARE)) / 20, rel=0.1)


def test_earlier_excursions_are_remembered() -> None:
    def trip(at: int) -> list[Row]:
        return [*take(7, BUY, 101, 8, at), *take(7, BUY, 102, 8, at + 1), *rest(7, SELL, 103, 16, at + 5)]

    first, second = of(7, raised(trip(20), trip(400)))
    assert (first["earlier_rate"], first["earlier_share"], first["since_earlier"]) == (0.0, 0.0, 10_000.0)
    assert second["earlier_rate"] == pytest.approx(1000 / 406) and second["earlier_takes"] == 2
    assert second["earlier_share"] == pytest.approx(16 / 32) and second["since_earlier"] == 400 - 25
    assert second["size_to_own"] == 1.0 and first["size_to_own"] == 16


def test_an_auction_takes_nothing() -> None:
    row = {"price": 101, "reason": int(Reason.UNCROSSED)}
    auction = [filled(1, CROWD, 2, 7, BUY, 5, step) | row for step in (20, 21, 22)]
    watch = Watch()
    watch.feed(rows(*MARKET, *auction))
    assert watch.known is not None and watch.known.touch["volume"][0] == 15 and watch.known.touch["flow"][0] == 0
    assert watch.known.agents.round_trips["taken"][7].tolist() == [0, 0]
    assert watch.known.agents.excursions["position"][7].tolist() == [15, 15]


def test_both_parties_of_a_fill_may_come_to_their_candidate_in_a_block_of_one_row() -> None:
    """Each sells what the other buys, having done the reverse before."""
    before = [row for step in (20, 21) for row in (*take(7, BUY, 101, 8, step), *take(8, SELL, 99, 8, step))]
    last = [placed(90, 8, BUY, 100, 16, 30), taken(91, 7, SELL, 16, 30), filled(90, 8, 91, 7, SELL, 16, 30) | {"price": 100}]
    watch = Watch()
    watch.feed(rows(*MARKET, *before, *last[:2]))
    assert np.sort(watch.feed(rows(last[2])).excursions[:, 0]).tolist() == [7, 8]
