"""Features of like size: each less its mean and over its deviation, as random play shows them before anything is learned.

A market in which prices move little shows features of a hundredth, beside an inventory of order one; a network learns from the large ones
first. The numbers are fixed for the whole training, so that a policy and its checkpoint mean the same in every rollout, and an exported
policy has them in its first layer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor

from simulator import seeding
from simulator.envs.market.rows import MarketRows
from simulator.training.config import TrainConfig

_MARKETS = 16
_LEAST = 0.01  # deviation: a feature that hardly moves is not blown up


class Standardised(BaseFeaturesExtractor):
    """The first layer of a network: (n, features) -> (n, features).

    Parameters
    ----------
    space : of the observations.
    mean, deviation : (features,).
    """

    mean: torch.Tensor
    factor: torch.Tensor

    def __init__(self, space: Any, mean: NDArray[np.float64], deviation: NDArray[np.float64]) -> None:
        super().__init__(space, len(mean))
        self.register_buffer("mean", torch.as_tensor(mean, dtype=torch.float32))
        self.register_buffer("factor", torch.as_tensor(1.0 / deviation, dtype=torch.float32))

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        """Shift and scale."""
        return (observations - self.mean) * self.factor


def spread_of_features(config: TrainConfig) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and deviation (features,) of what learners see who act at random for an episode; a function of the configuration alone."""
    market = config.market()
    rows = MarketRows(market, seeding.stream(config.seed, "standardise") >> 1, _MARKETS)
    rng, orders = seeding.generator(config.seed, "standardise", "actions"), market.rules.orders
    seen = np.empty((market.horizon, len(rows.observations), len(market.features)))
    for step in range(market.horizon):
        rows.play(orders[rng.integers(0, len(orders), len(rows.observations))])
        seen[step] = rows.observations
    flat = seen.reshape(-1, len(market.features))
    return flat.mean(axis=0), np.maximum(flat.std(axis=0), _LEAST)
