"""In which markets policies are judged."""

from __future__ import annotations

import pytest

from simulator.training.config import TrainConfig
from simulator.training.judging.markets import fresh_seeds, market_of, mixed, read_mix

CONFIG = TrainConfig(scripted=10, episode_steps=40)


def test_the_markets_of_a_training_are_never_those_of_its_judgement() -> None:
    assert fresh_seeds(7, 3, [0, 6, 10]) == [7, 8, 9]
    with pytest.raises(ValueError, match="seed 8 is that of a training"):
        fresh_seeds(7, 3, [0, 8])
    with pytest.raises(ValueError, match="0 seeds from 7"):
        fresh_seeds(7, 0, [])


def test_another_scenario_keeps_the_seats_and_their_actions() -> None:
    market = market_of(CONFIG, "financial_market")
    assert (market.learners, market.position_limit, market.horizon, market.informed) == (2, 30, 40, True)
    assert market.rules == CONFIG.market().rules
    assert market.fundamental.storms is not None and sum(each.count or 0 for each in market.background) == 10
    assert market_of(CONFIG, "trading") == market_of(CONFIG) == CONFIG.market()


def test_another_mix_has_the_numbers_of_the_scenario() -> None:
    background = market_of(CONFIG, mix=read_mix("market_maker=3, random_trader=2")).background
    assert [(each.trader, each.count) for each in background] == [("market_maker", 3), ("random_trader", 2)]
    assert background[0].parameters["half_spread"] == 3 and background[1].parameters == {}
    with pytest.raises(ValueError, match="there is no strategy nobody"):
        mixed([], {"nobody": 1})
    with pytest.raises(ValueError, match="0 agents of noise"):
        mixed([], {"noise": 0})
    with pytest.raises(ValueError, match="'noise' is no strategy with its number"):
        read_mix("noise")
