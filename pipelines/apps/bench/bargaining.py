"""`agora bench bargaining`: rounds of negotiation per second, played by scripted negotiators and stepped through the batch environments.

A round is one party's turn. Peers: the same negotiations through PettingZoo's interface one at a time, measured in the same run, and
what NegMAS 0.16 does with bilateral offers and a cap of 100 rounds on a machine of this kind (3,800 a second).
"""

from __future__ import annotations

import json as json_text
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from simulator import seeding
from simulator.bargaining.draws import begin
from simulator.bargaining.negotiators.registry import make_negotiator
from simulator.bargaining.packages import PackageRules
from simulator.bargaining.playing import Match
from simulator.bargaining.rules import ActionType, Rules
from simulator.envs.bargaining.batch import BargainingBatch
from simulator.envs.bargaining.env import BargainingEnv
from simulator.envs.bargaining.scenario import BargainingScenario
from simulator.envs.packages.batch import PackageBatch
from simulator.envs.packages.scenario import PackageScenario

NEGMAS = 3_800.0
CAP = 100  # offers
NEGOTIATIONS = 50_000
BATCH_TURNS = 100
EPISODES = 40
PACKAGE_NEGOTIATIONS = 4_096
PACKAGES = PackageRules(issues=(11, 5), parties=3, rounds=CAP)


def run(json: bool = False, repeats: int = 5) -> dict[str, Any]:
    """Play negotiations and count rounds per second of processor time.

    Examples:  [bold]agora bench bargaining --json[/bold]
    """
    if repeats < 1:
        raise ValueError(f"{repeats} repeats is fewer than one; ask for at least one")
    rates: dict[str, Callable[[], float]] = {"played": played, "batch": stepped, "packages": stepped_packages, "pettingzoo": one_at_a_time}
    turns = [{name: rate() for name, rate in rates.items()} for _ in range(repeats + 1)][1:]  # the first one compiles
    middle = {name: median(turn[name] for turn in turns) for name in rates}
    result = {
        "figures": {
            "rounds_per_second": round(middle["played"]),
            "batch_rounds_per_second": round(middle["batch"]),
            "package_rounds_per_second": round(middle["packages"]),
        },
        "peers": {"pettingzoo_rounds_per_second": round(middle["pettingzoo"]), "negmas_published_rounds_per_second": NEGMAS},
        "ratios": {
            "played_to_negmas": round(middle["played"] / NEGMAS),
            "batch_to_negmas": round(middle["batch"] / NEGMAS),
            "batch_to_pettingzoo": round(median(turn["batch"] / turn["pettingzoo"] for turn in turns)),
        },
    }
    print(json_text.dumps(result, separators=(",", ":") if json else None, indent=None if json else 2))
    return result


def played() -> float:
    """Scripted negotiators to the end, compiled."""
    match = Match(Rules(offers=CAP), make_negotiator("boulware"), make_negotiator("tit_for_tat"))
    rows = begin(match.rules, 1, NEGOTIATIONS)
    start = time.process_time()
    match.play(rows)
    return match.turns / (time.process_time() - start)


def stepped() -> float:
    """Through the batch environment: prices from outside, observations for both parties, the next negotiation where one is over."""
    batch, turns = BargainingBatch(BargainingScenario(rules=Rules(offers=CAP), rich=True), NEGOTIATIONS // 10), 0
    chance = seeding.generator(1, "bench", "bargaining")
    kinds = np.full(batch.count, int(ActionType.COUNTER))
    start = time.process_time()
    for _ in range(BATCH_TURNS):
        kinds[:] = np.where(chance.random(batch.count) < 0.02, ActionType.ACCEPT, ActionType.COUNTER)
        batch.step(kinds, 10_000 * chance.random(batch.count))
        turns += batch.count
        batch.reset()
    return turns / (time.process_time() - start)


def stepped_packages() -> float:
    """Packages among three through the batch environment: offers from outside, observations for all, the next one where one is over."""
    batch, turns = PackageBatch(PackageScenario(rules=PACKAGES), PACKAGE_NEGOTIATIONS), 0
    chance = seeding.generator(1, "bench", "packages")
    start = time.process_time()
    for _ in range(BATCH_TURNS):
        kinds = np.where(chance.random(batch.count) < 0.1, ActionType.ACCEPT, ActionType.COUNTER)
        batch.step(kinds, chance.integers(0, PACKAGES.packages, batch.count))
        turns += batch.count
        batch.reset()
    return turns / (time.process_time() - start)


def one_at_a_time() -> float:
    """Through PettingZoo's dictionaries."""
    env, turns = BargainingEnv(scenario=BargainingScenario(rules=Rules(offers=CAP), rich=True)), 0
    action = {"action_type": int(ActionType.COUNTER), "price": np.array([5000.0], np.float32)}
    start = time.process_time()
    for episode in range(EPISODES):
        env.reset(seed=episode)
        while env.agents:
            env.step(dict.fromkeys(env.agents, action))
            turns += 1
    return turns / (time.process_time() - start)
