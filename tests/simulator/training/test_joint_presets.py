"""Presets fit what they are for."""

from simulator.envs.games.matching import Matching
from simulator.envs.games.two_step import TwoStep
from simulator.training import joint_presets as presets
from simulator.training.maddpg import Maddpg
from simulator.training.mappo import Mappo
from simulator.training.market_joint import trading_market
from simulator.training.qmix import Mixing, Qmix


def test_presets_fit_what_they_are_for() -> None:
    assert Qmix(presets.two_step(Mixing.VDN, seed=4), TwoStep(2)).config.seed == 4
    assert Maddpg(presets.matching(seed=4), Matching(2)).config.seed == 4
    markets = trading_market(2, 2, scripted=4, episode_steps=4)
    for learner in (Qmix(presets.market_qmix(), markets), Mappo(presets.market_mappo(), markets), Maddpg(presets.market_maddpg(), markets)):
        assert learner.act(markets.reset().observations).shape == (2, 2)
