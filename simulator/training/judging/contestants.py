"""Who is judged in a market: the policies, and beside them in the same seats those that learned nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any

from simulator.envs.market.scenario import OFFICES, MarketScenario
from simulator.traders.registry import STRATEGIES, make_trader
from simulator.traders.trader import Trader
from simulator.training.judging.candidates import Candidate
from simulator.training.judging.sampled import random_actions
from simulator.world.mechanisms import RoleName

_ELSEWHERE = {*(role.value for role in RoleName), "linked_arbitrage", "portfolio"}
"""Strategies of a role, and those that need an account in several symbols."""

_ON_SIGNAL = {"arbitrage"}
"""Strategies that do nothing where the fundamental value is not shown."""


class Kind(Enum):
    """What somebody is."""

    POLICY = "policy"  # trained, does the likeliest
    SAMPLED = "sampled policy"  # trained, draws its actions
    UNTRAINED = "untrained"
    RANDOM = "random actions"
    SCRIPTED = "scripted"


@dataclass(frozen=True)
class Contestant:
    """Somebody who takes the learners' seats: of a family of policies one player for each training run, otherwise one."""

    name: str
    kind: Kind
    players: tuple[Trader, ...]
    labels: tuple[str, ...] = ()
    note: str = ""


def of_family(name: str, family: Sequence[Candidate]) -> Iterator[Contestant]:
    """A family greedily, then as it learned, then before it learned, as far as its checkpoints allow."""
    labels, why = tuple(candidate.label for candidate in family), family[0].only_greedy
    note = f"deterministic: it {why}" if why else ""
    yield Contestant(name, Kind.POLICY, tuple(candidate.greedy() for candidate in family), labels, note)
    if not why:
        yield Contestant(f"{name} (sampled)", Kind.SAMPLED, tuple(candidate.sampled() for candidate in family), labels)
    if all(candidate.untrained for candidate in family):
        yield Contestant(f"{name} (untrained)", Kind.UNTRAINED, tuple(candidate.greedy(untrained=True) for candidate in family), labels)


def baselines(market: MarketScenario, tuned: Mapping[str, Mapping[str, Any]] = MappingProxyType({})) -> Iterator[Contestant]:
    """Random actions, and the scripted strategies of the role, with the scenario's parameters where it has them.

    tuned : strategy -> parameters found by a search, with which it takes part once more.
    """
    blind = random_actions(market.rules, len(market.features), market.horizon, market.role)
    yield Contestant("random actions", Kind.RANDOM, (blind,))
    for name, parameters in _strategies(market).items():
        yield Contestant(name, Kind.SCRIPTED, (make_trader(name, parameters),))
    for name, parameters in tuned.items():
        yield Contestant(f"{name} (tuned)", Kind.SCRIPTED, (make_trader(name, parameters),))


def _strategies(market: MarketScenario) -> dict[str, Mapping[str, Any]]:
    known: dict[str, Mapping[str, Any]] = {}
    for population in market.background:
        known.setdefault(population.trader, population.parameters)
    if market.role is RoleName.TRADER:
        informed = market.informed if market.seats is None else market.seats.informed
        names = [name for name in STRATEGIES if name not in _ELSEWHERE and (informed or name not in _ON_SIGNAL)]
    else:
        names = list(dict.fromkeys(population.trader for population in market.background if population.role is market.role))
        names += [name for name in (market.role.value, "noise") if name in STRATEGIES and name not in names]
        names = [name for name in names if name != "noise" or market.role not in OFFICES]
    return {name: known.get(name, {}) for name in names}
