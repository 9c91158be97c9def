"""Learning together: joint steps per second of QMIX, MAPPO and MADDPG in markets, and how near they come to known answers.

A joint step is one step of one market for all its learners, acting, playing, remembering and learning included, in the processor's time
of one core.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.envs.games.matching import Matching
from simulator.envs.games.two_step import PAYOFFS, TwoStep
from simulator.envs.joint import Joint
from simulator.training.joint_learner import JointLearner, episode_return
from simulator.training.joint_presets import (
    MARKET_WORLDS,
    MATCHING_WORLDS,
    TWO_STEP_WORLDS,
    market_maddpg,
    market_mappo,
    market_qmix,
    matching,
    two_step,
)
from simulator.training.maddpg import Maddpg
from simulator.training.mappo import Mappo
from simulator.training.market_joint import trading_market
from simulator.training.qmix import Mixing, Qmix

_ENDLESS = 10**9  # joint steps: the configuration's schedules stay where they begin
_EPISODE = 1024  # steps of a market
_WARM_UP, _MEASURED = 160, _EPISODE  # steps of all worlds; what is measured has one beginning of each market in it
_GAMMA = 0.99  # of the two-step game
_WATCHED = 256  # games of matching

FIRST_STEP = np.array([[_GAMMA * 7.0] * 2, [_GAMMA * 8.0] * 2])
"""What the first choices of the two-step game are worth: 6.93 and 7.92."""


def speeds(repeats: int = 3, learners: int = 3) -> dict[str, float]:
    """Joint steps per second of processor time: the best of some turns, of which other work on the machine can only take more."""
    steps = _ENDLESS
    made: dict[str, Callable[[], JointLearner[Any]]] = {
        "qmix": lambda: Qmix(market_qmix(steps=steps), trading_market(MARKET_WORLDS, learners, episode_steps=_EPISODE)),
        "mappo": lambda: Mappo(market_mappo(steps=steps), trading_market(MARKET_WORLDS, learners, episode_steps=_EPISODE)),
        "maddpg": lambda: Maddpg(market_maddpg(steps=steps), trading_market(MARKET_WORLDS, learners, episode_steps=_EPISODE)),
    }
    return {f"{name}_steps_per_second": round(max(_rates(make(), repeats))) for name, make in made.items()}


def _rates(learner: JointLearner[Any], repeats: int) -> list[float]:
    iterations, found = learner.iterations(), []
    for turn in range(repeats + 1):
        start, before = time.process_time(), learner.steps
        while learner.steps < before + learner.env.worlds * (_MEASURED if turn else _WARM_UP):
            next(iterations)
        found.append((learner.steps - before) / (time.process_time() - start))
    return found[1:]


def two_step_answers(seed: int) -> dict[str, float]:
    """Largest error of QMIX's table of the two-step game, and the return that greedy VDN comes to there."""
    learned = Qmix(two_step(Mixing.QMIX, seed), TwoStep(TWO_STEP_WORLDS)).train()
    expected = np.concatenate([FIRST_STEP[None], PAYOFFS])
    state = np.eye(3, dtype=np.float32)
    found = learned.team_values(Joint(np.repeat(state[:, None], 2, axis=1), state))
    safe = Qmix(two_step(Mixing.VDN, seed), TwoStep(TWO_STEP_WORLDS)).train()
    return {
        "qmix_two_step_error": round(float(np.abs(found - expected).max()), 4),
        "vdn_two_step_return": episode_return(safe, TwoStep(1)),
    }


def matching_answer(seed: int) -> dict[str, float]:
    """Return of an episode of ten steps of matching, played greedily by MADDPG; the best there is is zero."""
    learned = Maddpg(matching(seed), Matching(MATCHING_WORLDS, seed)).train()
    return {"maddpg_matching_return": round(episode_return(learned, Matching(_WATCHED, seed + 1_000_000)), 4)}


def figures(seeds: int = 5) -> dict[str, float]:
    """All figures; the worst of some seeds where the answer is known."""
    rows = [two_step_answers(seed) | matching_answer(seed) for seed in range(seeds)]
    return speeds() | {
        "qmix_two_step_error": max(row["qmix_two_step_error"] for row in rows),
        "vdn_two_step_return": max((row["vdn_two_step_return"] for row in rows), key=lambda found: abs(found - 7.0)),
        "maddpg_matching_return": min(row["maddpg_matching_return"] for row in rows),
    }
