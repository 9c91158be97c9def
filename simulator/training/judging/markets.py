"""The markets that policies are judged in: their own, another scenario, or another mix of agents around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from simulator.envs.market.scenario import MarketScenario
from simulator.traders.registry import strategy
from simulator.training.config import TrainConfig
from simulator.world.scenario import Population
from simulator.world.scenario_files import load

FIRST_SEED = 1_000_003
"""The first seed of the markets, unless another one is asked for."""


def fresh_seeds(first: int, count: int, trained: Sequence[int]) -> list[int]:
    """`count` seeds from the first one on. Raises ValueError where one of them is that of a training: its markets were learned in."""
    if first < 0 or count < 1:
        raise ValueError(f"{count} seeds from {first} on cannot be; begin at 0 or above and ask for at least one")
    seeds = list(range(first, first + count))
    met = sorted(set(seeds) & set(trained))
    if met:
        raise ValueError(
            f"seed {met[0]} is that of a training, whose markets were learned in; begin above {max(trained)} or below {met[0]}"
        )
    return seeds


def market_of(config: TrainConfig, scenario: str = "", mix: Mapping[str, int] | None = None) -> MarketScenario:
    """The market of a training, or the same seats in another scenario, and with other agents around them.

    mix : strategy -> how many agents; their numbers are the scenario's, or where it has none of them their defaults. Raises ValueError
    for an unknown scenario or strategy, and for a scenario without such seats.
    """
    market = config.market() if scenario in ("", config.scenario) else _elsewhere(config, scenario)
    return replace(market, background=mixed(market.background, mix)) if mix else market


def _elsewhere(config: TrainConfig, scenario: str) -> MarketScenario:
    return replace(config.seated(load(scenario), config.scripted), rules=config.market().rules)


def mixed(background: Sequence[Population], mix: Mapping[str, int]) -> tuple[Population, ...]:
    """So many agents of each strategy; money, limits and parameters as the background has them."""
    known = {population.trader: population for population in reversed(background)}
    found = []
    for name, count in mix.items():
        strategy(name)
        if count < 1:
            raise ValueError(f"{count} agents of {name} is fewer than one; leave the strategy out or ask for at least one")
        population = known.get(name) or Population(trader=name, informed=name == "arbitrage")
        found.append(msgspec.structs.replace(population, share=None, count=count))
    return tuple(found)


def read_mix(text: str) -> dict[str, int]:
    """Parse a mix like noise=10,arbitrage=4; raise ValueError for another form.

    >>> read_mix("noise=10, arbitrage=4")
    {'noise': 10, 'arbitrage': 4}
    """
    found: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, count = part.partition("=")
        if not name or not count.isdecimal():
            raise ValueError(f"{part!r} is no strategy with its number of agents; write noise=10,arbitrage=4")
        found[name] = int(count)
    return found
