"""Evaluation: put a trader in the learners' seats of markets that nobody was trained in, and look at what it earns there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator import seeding
from simulator.envs.market.roles import steadiness
from simulator.envs.market.scenario import LEARNER, OFFICER, TICK_VALUE, MarketScenario
from simulator.traders.registry import make_trader
from simulator.traders.trader import Trader
from simulator.training.config import TrainConfig
from simulator.training.player import PolicyTrader
from simulator.training.policy import Policy
from simulator.world.accounts import values
from simulator.world.looking import Fields
from simulator.world.mechanisms import RoleName
from simulator.world.world import World

_TRIMMED = 0.25  # of each end: what is left is the interquartile mean
_RESAMPLES = 2000


@dataclass(frozen=True)
class Earnings:
    """What a trader earned per episode and seat, in currency; of a regulator, how steady its market was."""

    profits: NDArray[np.float64]  # (episodes, seats)

    @property
    def mean(self) -> float:
        """Mean over episodes and seats."""
        return float(self.profits.mean())

    @property
    def middle(self) -> float:
        """Interquartile mean over episodes."""
        return interquartile_mean(self.profits.mean(axis=1))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Bootstrap interval of `middle` over episodes."""
        return bootstrap_interval(self.profits.mean(axis=1), level)

    def beats(self, other: Earnings) -> bool:
        """Whether it earned more in the same episodes, beyond chance: the whole interval of the difference lies above zero.

        Raises ValueError for other episodes.
        """
        if self.profits.shape[0] != other.profits.shape[0]:
            raise ValueError(f"{self.profits.shape[0]} and {other.profits.shape[0]} episodes do not pair; evaluate both in the same ones")
        return bootstrap_interval(self.profits.mean(axis=1) - other.profits.mean(axis=1))[0] > 0.0


def earnings(market: MarketScenario, trader: Trader, seed: int, episodes: int, first: int = 0) -> Earnings:
    """Let `trader` decide for all learners of `episodes` markets; the same seed gives every trader the same markets, `first` and on.

    Raises ValueError for fewer than one episode.
    """
    if episodes < 1:
        raise ValueError(f"{episodes} episodes is fewer than one; ask for at least one")
    return Earnings(np.stack([_episode(market, trader, seed, number) for number in range(first, first + episodes)]))


def _episode(market: MarketScenario, trader: Trader, seed: int, number: int) -> NDArray[np.float64]:
    def seated(name: str, parameters: Mapping[str, Any]) -> Any:
        return trader if name in (LEARNER, OFFICER) else make_trader(name, parameters)

    world = World(market.world(), number, seed, seated)
    if market.role is RoleName.REGULATOR:
        return _kept_steady(world, market.horizon)
    began = values(world.agents, world.markets)[world.outside]
    for _ in world.chunks(market.horizon):
        pass
    return np.asarray((values(world.agents, world.markets)[world.outside] - began) * (0.5 * TICK_VALUE))


def _kept_steady(world: World, horizon: int) -> NDArray[np.float64]:
    """The return of each regulator: the steadiness of its market, summed over the episode."""
    total = np.zeros(len(world.outside))
    while world.step < horizon:
        world.advance(1)
        total += [steadiness(Fields(world.markets[symbol])) for symbol in world.agents["symbol"][world.outside]]
    return total


def compare(config: TrainConfig, policies: Mapping[str, Policy], seed: int, episodes: int = 40) -> dict[str, Earnings]:
    """Earnings of each policy, and of a scripted one by its name, in the same seats of the same markets.

    That is the noise trader, or what the scenario's own agents of the role do. Regulators earn nothing: theirs is the market's steadiness.
    """
    market = config.market()
    found = {name: earnings(market, player(config, policy), seed, episodes) for name, policy in policies.items()}
    alike = [population for population in market.background if population.role is config.role and market.seats]
    name, parameters = (alike[0].trader, alike[0].parameters) if alike else ("noise", {})
    return found | {name: earnings(market, make_trader(name, parameters), seed, episodes)}


def player(config: TrainConfig, policy: Policy) -> PolicyTrader:
    """A policy as a trader of the market that it was trained in."""
    market = config.market()
    return PolicyTrader(policy, market.rules, market.horizon, market.role)


def interquartile_mean(numbers: ArrayLike) -> float:
    """Mean of the middle half (Agarwal et al., 2021, "Deep reinforcement learning at the edge of the statistical precipice").

    >>> interquartile_mean([0, 1, 3, 1000])
    2.0
    """
    ordered = np.sort(np.asarray(numbers, dtype=np.float64))
    cut = int(_TRIMMED * len(ordered))
    return float(ordered[cut : len(ordered) - cut].mean())


def bootstrap_interval(numbers: ArrayLike, level: float = 0.95) -> tuple[float, float]:
    """Percentile interval of the interquartile mean over resamples of `numbers`, always the same for the same numbers."""
    found = np.asarray(numbers, dtype=np.float64)
    drawn = seeding.generator(0, "bootstrap").integers(0, len(found), (_RESAMPLES, len(found)))
    ordered, cut = np.sort(found[drawn], axis=1), int(_TRIMMED * len(found))
    middles = ordered[:, cut : len(found) - cut].mean(axis=1)
    low, high = np.quantile(middles, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return float(low), float(high)
