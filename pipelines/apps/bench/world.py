"""`agora bench world`: agent steps per second of whole markets, small and large, with every mechanism of a scenario switched on.

The peer is the same market with few agents: what an agent and an event cost must not grow with their number.
"""

from __future__ import annotations

import json as json_text
import time
from statistics import median
from typing import Any

import msgspec

from simulator.run import run_world, worlds_of
from simulator.world.moves import REGIMES, Fundamental, Storms
from simulator.world.scenario import CircuitBreaker, Population, PriceBand, Scenario, Session
from simulator.world.scenario_files import load

SIZES = (40, 1000)
AGENT_STEPS = 4_000_000  # of a measurement
SEED = 1


def run(json: bool = False, repeats: int = 5) -> dict[str, Any]:
    """Play markets of 40 and of 1,000 agents and count agent steps per second of processor time.

    Examples:  [bold]agora bench world --json[/bold]
    """
    if repeats < 1:
        raise ValueError(f"{repeats} repeats is fewer than one; ask for at least one")
    turns = [[measured(agents) for agents in SIZES] for _ in range(repeats + 1)][1:]  # the first one compiles
    rates = {f"agent_steps_per_second_{agents}": round(median(turn[place][0] for turn in turns)) for place, agents in enumerate(SIZES)}
    busy = {f"events_per_agent_step_{agents}": round(turns[0][place][1], 3) for place, agents in enumerate(SIZES)}
    by_agent = median(small / large for (small, _), (large, _) in turns)
    by_event = median(small * few / (large * many) for (small, few), (large, many) in turns)
    result = {
        "figures": {**rates, **busy},
        "peers": {},
        "ratios": {"cost_per_agent_1000_to_40": round(by_agent, 2), "cost_per_event_1000_to_40": round(by_event, 2)},
    }
    print(json_text.dumps(result, separators=(",", ":") if json else None, indent=None if json else 2))
    return result


def measured(agents: int) -> tuple[float, float]:
    """Play one market, its records made and hashed, and dropped: agent steps per second, and events per agent step."""
    (world,) = worlds_of(full_market(agents), SEED, 1)
    steps = AGENT_STEPS // agents
    begin = time.process_time()
    for _ in run_world(world, steps):
        pass
    return steps * agents / (time.process_time() - begin), world.next_seq / (steps * agents)


def full_market(agents: int) -> Scenario:
    """The scenario `balanced`, which has every role and mechanism, with all that a book and a value can have besides.

    That is storms, regimes and linked values, trading days with call auctions, a price band and a circuit breaker; some agents know
    the value, some talk to everybody.
    """
    balanced = load("balanced").with_agents(agents)
    moves = Fundamental(storms=Storms(), loading=0.5, regimes=tuple(REGIMES))
    symbols = tuple(msgspec.structs.replace(symbol, fundamental=moves) for symbol in balanced.symbols)
    informed = Population(trader="arbitrage", share=0.1, informed=True, inventory=50, activity=0.25)
    talking = Population(trader="momentum", share=0.1, inventory=50, parameters={"activity": 0.2, "talk": 0.5})
    others = tuple(msgspec.structs.replace(population, share=0.8 * (population.share or 0)) for population in balanced.populations)
    breaker, band = CircuitBreaker(move=0.3, pause=50), PriceBand(width=0.2)
    return msgspec.structs.replace(
        balanced, symbols=symbols, populations=(*others, informed, talking), circuit_breaker=breaker, session=Session(), price_band=band
    )
