"""Evaluation: put a trader in the learners' seats of markets that nobody was trained in, and look at what it earns there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.envs.market.scenario import MarketScenario
from simulator.traders.registry import make_trader
from simulator.traders.trader import Trader
from simulator.training.config import TrainConfig
from simulator.training.judging.seating import play
from simulator.training.judging.statistics import interquartile_mean, interval
from simulator.training.player import PolicyTrader
from simulator.training.policy import Policy


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
        found = interval(self.profits.mean(axis=1), level=level)
        return found.low, found.high

    def beats(self, other: Earnings) -> bool:
        """Whether it earned more in the same episodes, beyond chance: the whole interval of the difference lies above zero.

        Raises ValueError for other episodes.
        """
        if self.profits.shape[0] != other.profits.shape[0]:
            raise ValueError(f"{self.profits.shape[0]} and {other.profits.shape[0]} episodes do not pair; evaluate both in the same ones")
        return interval(self.profits.mean(axis=1) - other.profits.mean(axis=1)).above_zero


def earnings(market: MarketScenario, traders: Trader | Sequence[Trader], seed: int, episodes: int, first: int = 0) -> Earnings:
    """Let a trader decide for all learners of `episodes` markets from number `first` on, or several for equal parts of them.

    The same seed gives every trader the same markets. Raises ValueError for fewer than one episode.
    """
    if episodes < 1:
        raise ValueError(f"{episodes} episodes is fewer than one; ask for at least one")
    seated = [traders] if isinstance(traders, Trader) else traders
    played = [play(market, seated, seed, number) for number in range(first, first + episodes)]
    return Earnings(np.stack([np.concatenate([part.scores for part in parts]) for parts in played]))


def compare(config: TrainConfig, policies: Mapping[str, Sequence[Policy]], seed: int, episodes: int = 40) -> dict[str, Earnings]:
    """Earnings of each policy, or of those that share the seats, and of a scripted one by its name, in the same seats of the same markets.

    The scripted one is the noise trader, or what the scenario's own agents of the role do. Regulators earn nothing: theirs is the
    market's steadiness.
    """
    market = config.market()
    found = {name: earnings(market, [player(config, policy) for policy in seated], seed, episodes) for name, seated in policies.items()}
    alike = [population for population in market.background if population.role is config.role and market.seats]
    name, parameters = (alike[0].trader, alike[0].parameters) if alike else ("noise", {})
    return found | {name: earnings(market, make_trader(name, parameters), seed, episodes)}


def player(config: TrainConfig, policy: Policy) -> PolicyTrader:
    """A policy as a trader of the market that it was trained in."""
    market = config.market()
    return PolicyTrader(policy, market.rules, market.horizon, market.role)
