"""Markets with their seats shared out."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.envs.market.scenario import MarketScenario
from simulator.traders.registry import make_trader
from simulator.traders.trader import Trader
from simulator.training.config import TrainConfig
from simulator.training.judging.sampled import random_actions
from simulator.training.judging.seating import Episode, play
from simulator.world.mechanisms import RoleName

MARKET = TrainConfig(learners=4, scripted=8, episode_steps=20).market()


def noise() -> Trader:
    return make_trader("noise")


def of(market: MarketScenario, *traders: Trader) -> list[Episode]:
    return play(market, traders, seed=5, number=2)


def test_seats_are_shared_out_equally_among_the_same_agents() -> None:
    ((whole,), (first, second)) = of(MARKET, noise()), of(MARKET, noise(), make_trader("market_maker"))
    assert first.seats.shape == second.seats.shape == (2,)
    assert sorted([*first.seats, *second.seats]) == list(whole.seats)
    assert (whole.fundamental == first.fundamental).all() and (first.records == second.records).all()


def test_everybody_meets_the_same_market_until_they_act() -> None:
    (one,), (other,) = of(MARKET, noise()), of(MARKET, random_actions(MARKET.rules, 15, 20))
    assert (one.seats == other.seats).all() and (one.fundamental == other.fundamental).all()
    assert (one.worth[0] == other.worth[0]).all() and (one.worth[-1] != other.worth[-1]).any()


def test_an_episode_is_what_its_accounts_say() -> None:
    (found,) = of(MARKET, noise())
    assert found.worth.shape == found.inventory.shape == (21, 4) and found.fundamental.shape == (21,)
    assert found.scores.tolist() == (found.worth[-1] - found.worth[0]).tolist()
    bought = [found.records[found.records["owner"] == seat]["size"].sum() for seat in found.seats]
    sold = [found.records[found.records["other_owner"] == seat]["size"].sum() for seat in found.seats]
    assert np.subtract(bought, sold, dtype=np.int64).tolist() == found.inventory[-1].tolist()


def test_a_regulator_is_judged_by_the_steadiness_of_its_market() -> None:
    market = TrainConfig(scenario="balanced", role=RoleName.REGULATOR, learners=1, scripted=15, episode_steps=10).market()
    (found,) = of(market, make_trader("regulator"))
    assert found.scores.shape == (1,) and found.scores[0] < 0.0


def test_seats_that_cannot_be_shared_out_are_refused() -> None:
    with pytest.raises(ValueError, match="4 seats cannot be shared out among 3"):
        of(MARKET, noise(), noise(), noise())
