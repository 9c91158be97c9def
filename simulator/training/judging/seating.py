"""Playing one market with traders put into the learners' seats, and keeping what is needed to judge them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from simulator.envs.market.roles import steadiness
from simulator.envs.market.scenario import LEARNER, OFFICER, TICK_VALUE, MarketScenario
from simulator.traders.registry import make_trader
from simulator.traders.trader import Trader
from simulator.types import RECORD, RecordKind
from simulator.world.accounts import values
from simulator.world.looking import Fields
from simulator.world.mechanisms import RoleName
from simulator.world.scenario import Scenario
from simulator.world.world import World

_PART = "part"
_KEPT = (RecordKind.TRADE, RecordKind.NEGOTIATION)


@dataclass(frozen=True)
class Episode:
    """One market as one part of its seats lived it.

    seats (seats,) agents' numbers; scores (seats,) what each earned, in currency, or of a regulator the steadiness of its market;
    worth (steps + 1, seats) mark-to-market value, in currency; inventory (steps + 1, seats) lots; fundamental (steps + 1,) ticks, of
    the first seat's symbol; records (n,) RECORD: all trades and negotiations of the market.
    """

    seats: NDArray[np.int64]
    scores: NDArray[np.float64]
    worth: NDArray[np.float64]
    inventory: NDArray[np.float64]
    fundamental: NDArray[np.float64]
    records: NDArray[np.void]

    def part(self, mine: NDArray[np.bool_]) -> Episode:
        """The same market as some of its seats (seats,) lived it."""
        return replace(self, seats=self.seats[mine], scores=self.scores[mine], worth=self.worth[:, mine], inventory=self.inventory[:, mine])


def play(market: MarketScenario, traders: Sequence[Trader], seed: int, number: int) -> list[Episode]:
    """Play market `number` of a seed with the learners' seats shared out equally among traders; one Episode for each.

    Whoever sits there, the market is the same until they act: the same agents, fundamental value and streams of chance. Raises
    ValueError for seats that cannot be shared out so.
    """

    def seated(name: str, parameters: Mapping[str, Any]) -> Any:
        return traders[parameters[_PART]] if name in (LEARNER, OFFICER) else make_trader(name, parameters)

    world = World(shared_out(market.world(), len(traders)), number, seed, seated)
    watched = _watched(world, market.horizon, market.role is RoleName.REGULATOR)
    part_of = world.agents["trader_type"][world.outside]
    return [watched.part(part_of == part) for part in range(len(traders))]


def shared_out(scenario: Scenario, parts: int) -> Scenario:
    """The scenario with its first population, the seats, cut into equal parts that know their number."""
    seats, *others = scenario.populations
    count = seats.count or 0
    if parts < 1 or count < parts or count % parts:
        raise ValueError(f"{count} seats cannot be shared out among {parts}; choose a number of learners that {parts} divides")
    cut = [msgspec.structs.replace(seats, count=count // parts, parameters={_PART: part}) for part in range(parts)]
    return msgspec.structs.replace(scenario, populations=(*cut, *others))


def _watched(world: World, horizon: int, regulated: bool) -> Episode:
    """Play to the horizon and keep what all seats lived."""
    seats = world.outside
    symbols = world.agents["symbol"][seats]
    worth, inventory, steadied = np.empty((horizon + 1, len(seats))), np.empty((horizon + 1, len(seats))), np.zeros(len(seats))
    fundamental, kept = np.empty(horizon + 1), list[bytes]()
    while True:
        step = world.step
        worth[step] = values(world.agents, world.markets)[seats] * (0.5 * TICK_VALUE)
        inventory[step], fundamental[step] = world.agents["inventory"][seats], world.symbols["value"][symbols[0]]
        if step == horizon:
            break
        kept.append(world.advance(1).records.tobytes())
        if regulated:
            steadied += [steadiness(Fields(world.markets[symbol])) for symbol in symbols]
    records = np.frombuffer(b"".join(kept), RECORD)
    scores = steadied if regulated else worth[-1] - worth[0]
    return Episode(seats, scores, worth, inventory, fundamental, records[np.isin(records["kind"], _KEPT)])
