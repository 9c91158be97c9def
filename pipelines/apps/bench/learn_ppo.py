"""How fast PPO learns in a market of twenty agents, with and without publishing, and how soon it is as good as the defaults.

The peer is Stable-Baselines3's PPO with its defaults, on the same market through the same environment. Times are the processor's, of which
other work on the machine can only take more; one thread is used, so an idle machine's clock shows the same.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from stable_baselines3 import PPO

from pipelines.broker.admin import create_topics
from pipelines.broker.kafka_log import KafkaLog
from pipelines.local_stack import stack
from pipelines.ports import EventLog
from pipelines.settings import settings
from pipelines.workers.learning import Learning
from pipelines.workers.train_config import TrainRunConfig
from pipelines.workers.training import Training
from simulator.training.config import TrainConfig
from simulator.training.evaluate import earnings, player
from simulator.training.judging.statistics import interquartile_mean, interval
from simulator.training.policy import export_policy
from simulator.training.presets import preset
from simulator.training.randomness import Randomness
from simulator.training.sb3 import Learner
from simulator.training.seats import Seats
from simulator.training.vectorise import MarketVecEnv

MARKET: dict[str, Any] = {"learners": 1, "scripted": 19, "episode_steps": 1000}
"""One learner among nineteen scripted agents of the scenario `trading`."""

JUDGED = 2_000_003  # added to the seed for the markets of the score
EPISODES = 40
LONGEST = 10  # times as many steps as the defaults get


def fast(**changes: Any) -> TrainConfig:
    """The preset that is measured, in the market of this benchmark."""
    return TrainConfig(**preset("fast", **(MARKET | changes)))


def speed(turns: int = 5, rollouts: int = 6) -> dict[str, float]:
    """Environment steps per second, learning included; the best turn."""
    config = fast()
    size = config.slots * config.rollout_steps
    learner, rates = Learner(replace(config, steps=size * (1 + turns * rollouts))), []
    course = learner.rollouts()
    next(course)  # warms up
    for _ in range(turns):
        began = time.process_time()
        for _ in range(rollouts):
            next(course)
        rates.append(size * rollouts / (time.process_time() - began))
    return {"ppo_steps_per_second": round(max(rates))}


def published(turns: int = 3, steps: int = 393_216) -> tuple[dict[str, float], float]:
    """Steps per second with every event published and without, in turns; and the median of the ratios."""
    rates: dict[str, list[float]] = {"kafka": [], "none": []}
    with tempfile.TemporaryDirectory(prefix="agora-bench-") as folder:
        chosen = settings().apart(Path(folder))
        with stack.running(chosen) as broker:
            create_topics(broker, chosen.kafka_partitions)
            for turn in range(turns + 1):
                for to, found in rates.items():
                    log = KafkaLog(broker) if to == "kafka" else None
                    rate = _trained(chosen, fast(steps=steps, seed=turn), log)
                    if turn:  # the first warms up
                        found.append(rate)
    ratio = median(one / other for one, other in zip(rates["kafka"], rates["none"], strict=True))
    return {f"ppo_run_steps_per_second_{to}": round(max(found)) for to, found in rates.items()}, round(ratio, 3)


def _trained(chosen: Any, config: TrainConfig, log: EventLog | None) -> float:
    """Steps per second of a whole training run, checkpoints and the last acknowledgement included."""
    asked = TrainRunConfig(training=config.as_dict(), to="kafka" if log else "none", evaluate=0, checkpoint_rollouts=1000)
    run = Learning.begin(chosen, config, asked, datetime.now(UTC))
    folder = chosen.checkpoints_dir / run.record.run_id
    training = Training(run.record, run.registry, folder, log, tell=lambda _: None, should_stop=lambda: False)
    began = time.process_time()
    training.run()
    rate = config.rollouts * config.slots * config.rollout_steps / (time.process_time() - began)
    if log is not None:
        log.close()
    return rate


def time_to_score(seeds: Sequence[int], steps: int, tell: Callable[[dict[str, float]], None]) -> dict[str, Any]:
    """How many times sooner, and in what share of the steps, the preset earns what the defaults earn after `steps` steps.

    Both are judged by what their greedy policies earn in the same forty markets that nobody learns in; judging is not timed. `tell` is
    called with each seed's figures as they come.
    """
    found = []
    for seed in seeds:
        found.append(_race(seed, steps))
        tell(found[-1])
    parts = {"ppo_time_to_score": [one["sooner"] for one in found], "ppo_samples_to_score": [one["steps"] / steps for one in found]}
    return {
        "ratios": {name: round(interquartile_mean(values), 3) for name, values in parts.items()},
        "intervals": {name: [round(end, 3) for end in interval(values)[1:]] for name, values in parts.items()},
        "peers": {"stable_baselines3_defaults": found},
    }


def _race(seed: int, steps: int) -> dict[str, float]:
    wanted, seconds = _defaults(seed, steps)
    learner = Learner(fast(seed=seed, steps=LONGEST * steps))
    needed, score = 0.0, float("-inf")
    began = time.process_time()
    for _ in learner.rollouts():
        needed += time.process_time() - began
        score = _score(learner.config, learner.policy(), seed)
        began = time.process_time()
        if score >= wanted:
            break
    sooner = seconds / needed if score >= wanted else 0.0  # never within ten times the steps
    return {"seed": seed, "defaults_score": round(wanted, 2), "defaults_s": round(seconds, 1), "score": round(score, 2),
            "seconds": round(needed, 1), "steps": learner.steps, "sooner": round(sooner, 2)}  # fmt: skip


def _defaults(seed: int, steps: int) -> tuple[float, float]:
    """Score and seconds of Stable-Baselines3's PPO as it comes, in one market."""
    config = TrainConfig(**(MARKET | {"worlds": 1, "seed": seed}))
    env = MarketVecEnv(config.market(), 1, config.action_view, seed)
    with Randomness().used():  # one thread
        model = PPO("MlpPolicy", Seats(env), seed=seed, device="cpu")
        began = time.process_time()
        model.learn(steps)
        seconds = time.process_time() - began
    return _score(config, export_policy(model, config.action_view), seed), seconds


def _score(config: TrainConfig, policy: Any, seed: int) -> float:
    return earnings(config.market(), player(config, policy), seed + JUDGED, EPISODES).middle
