"""Configurations that were tuned: for games whose answers are known, and for the market that `agora train` learns in."""

from __future__ import annotations

from simulator.training.exploration import Fading
from simulator.training.maddpg import Acting, MaddpgConfig
from simulator.training.mappo import MappoConfig
from simulator.training.networks import Sharing
from simulator.training.qmix import Mixing, QmixConfig

TWO_STEP_WORLDS = MATCHING_WORLDS = 64
"""Worlds side by side that the two presets below count on."""


def two_step(mixing: Mixing = Mixing.QMIX, seed: int = 0) -> QmixConfig:
    """The two-step game as in the paper: every choice at random, so that all joint choices are seen as often; discount 0.99."""
    return QmixConfig(
        mixing=mixing,
        seed=seed,
        steps=TWO_STEP_WORLDS * 1000,
        gamma=0.99,
        epsilon=Fading(1.0, 1.0, 0),
        memory=8192,
        warm_up=512,
        update_every=1,
        batch=128,
        learning_rate=3e-3,
        learning_rate_end=1e-5,
    )


def matching(seed: int = 0) -> MaddpgConfig:
    """Two agents whose numbers must add up."""
    return MaddpgConfig(
        seed=seed,
        steps=MATCHING_WORLDS * 1000,
        warm_up=1024,
        update_every=2,
        batch=256,
        noise=Fading(0.3, 0.0, MATCHING_WORLDS * 800),
    )


MARKET_WORLDS = 128
"""Markets side by side that the presets below count on, of three learners each."""


def market_qmix(mixing: Mixing = Mixing.QMIX, seed: int = 0, steps: int = 200_000) -> QmixConfig:
    """A team of informed traders, rewarded for what they earn on average."""
    return QmixConfig(mixing=mixing, seed=seed, steps=steps, update_every=1, batch=512, epsilon=Fading(1.0, 0.05, 100_000))


def market_mappo(seed: int = 0, steps: int = 300_000) -> MappoConfig:
    """Informed traders, each rewarded for what it earns itself."""
    return MappoConfig(seed=seed, steps=steps)


def market_maddpg(seed: int = 0, steps: int = 400_000) -> MaddpgConfig:
    """Informed traders, each with its own reward and critic. They choose: cut into orders, numbers have no slope for an actor to follow."""
    return MaddpgConfig(
        acting=Acting.DISCRETE,
        seed=seed,
        steps=steps,
        sharing=Sharing.SHARED,
        gamma=0.9,
        polyak=0.01,
        update_every=1,
        batch=128,
        clip_norm=10.0,
        logit_weight=1e-2,
    )
