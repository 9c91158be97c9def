"""`agora bench world`: agent steps per second of whole markets, small and large, with every mechanism of a scenario switched on.

The peer is the same market with few agents: what an agent costs must not grow with their number.
"""

from __future__ import annotations

import json as json_text
import time
from statistics import median
from typing import Any

import msgspec

from simulator.run import run_world, worlds_of
from simulator.world.moves import REGIMES, Storms
from simulator.world.scenario import CircuitBreaker, PriceBand, Scenario, Session
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
    turns = [[agent_steps_per_second(agents) for agents in SIZES] for _ in range(repeats + 1)][1:]  # the first one compiles
    rates = {f"agent_steps_per_second_{agents}": round(median(turn[place] for turn in turns)) for place, agents in enumerate(SIZES)}
    result = {
        "figures": rates,
        "peers": {},
        "ratios": {"cost_per_agent_1000_to_40": round(median(small / large for small, large in turns), 2)},
    }
    print(json_text.dumps(result, separators=(",", ":") if json else None, indent=None if json else 2))
    return result


def agent_steps_per_second(agents: int) -> float:
    """Play one market, its records made and hashed, and dropped."""
    (world,) = worlds_of(full_market(agents), SEED, 1)
    steps = AGENT_STEPS // agents
    begin = time.process_time()
    for _ in run_world(world, steps):
        pass
    return steps * agents / (time.process_time() - begin)


def full_market(agents: int) -> Scenario:
    """The trading market with storms and regimes in its value, trading days with call auctions, a price band and a circuit breaker."""
    trading = load("trading").with_agents(agents)
    moves = {"storms": Storms(), "loading": 0.5, "regimes": tuple(REGIMES)}
    symbols = tuple(
        msgspec.structs.replace(symbol, fundamental=msgspec.structs.replace(symbol.fundamental, **moves)) for symbol in trading.symbols
    )
    return msgspec.structs.replace(trading, symbols=symbols, circuit_breaker=CircuitBreaker(), session=Session(), price_band=PriceBand())
