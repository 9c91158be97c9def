"""When an agent acts, what it reacts to, and what it says.

Sources: burstiness, Goh and Barabási, "Burstiness and memory in complex systems", Europhysics Letters 81 (2008), without its bias from few
events; the periodogram's largest share, Fisher, "Tests of significance in harmonic analysis", Proc. R. Soc. A 125 (1929).
"""

from __future__ import annotations

import numpy as np

from pipelines.events.vocabulary import MessageKind
from spark_jobs.clustering.by_agent import Numbers, deviation, mean, ratio, total
from spark_jobs.clustering.trading import PRIOR, taken
from spark_jobs.clustering.window import EVERYBODY, Steps, Window

BIN = 100  # steps: 10 s
HEARD = 3  # steps for which a broadcast is news
LITTLE = 0.05  # of what is usual; it keeps logarithms from running away


def measure(window: Window) -> dict[str, Numbers]:
    """Features by name, each (agents,), NaN where an agent did nothing of the kind."""
    agent, step = active(window)
    return _rhythm(window, agent, step) | _reaction(window, agent, step) | _talk(window)


def active(window: Window) -> tuple[Steps, Steps]:
    """Agents and the steps in which they entered, changed or withdrew an order, each step once, by agent and time."""
    acts = [(window.entered.agent, window.entered.step), *window.changed.values()]
    agent, step = (np.concatenate(part) for part in zip(*acts, strict=True))
    both = np.unique(agent * window.steps + step)
    return both // window.steps, both % window.steps


def _rhythm(window: Window, agent: Steps, step: Steps) -> dict[str, Numbers]:
    count, bins = window.count, max(window.steps // BIN, 2)
    same = agent[1:] == agent[:-1]
    gap, who = np.diff(step)[same].astype(np.float64), agent[1:][same]
    usual, spread = mean(who, count, gap), deviation(who, count, gap)
    acts = np.zeros((count, bins))
    np.add.at(acts, (agent, np.minimum(step * bins // window.steps, bins - 1)), 1.0)
    power = np.abs(np.fft.rfft(acts - acts.mean(1, keepdims=True), axis=1))[:, 1:] ** 2
    return {
        "burstiness": ratio(spread - usual, spread + usual),
        "unevenness": np.log(ratio(acts.std(1), acts.mean(1)) + LITTLE),
        "periodicity": np.log(ratio(power.max(1), power.mean(1))),
    }


def _reaction(window: Window, agent: Steps, step: Steps) -> dict[str, Numbers]:
    found = {}
    for name, steps in (("reaction", 1), ("volatility", 50)):
        move = np.abs(window.moves(steps))
        usual = float(move.mean()) or 1.0
        found[name] = np.log(mean(agent, window.count, move[step]) / usual + LITTLE)
    return found


def _talk(window: Window) -> dict[str, Numbers]:
    talk, count = window.rows["messages"], window.count
    told = (talk["receiver"] == EVERYBODY) & (talk["kind"] != MessageKind.GOSSIP)
    sender, said, value = window.number(talk["sender"][told]), talk["step"][told], np.sign(talk["value_3"][told])
    news, author = np.zeros(window.steps + HEARD + 1), np.full(window.steps + HEARD + 1, -1)
    for later in range(HEARD, 0, -1):  # what was said last is heard
        news[said + later], author[said + later] = value, sender
    agent, step, sign = taken(window.sides)
    heeds = sign * news[step] * (author[step] != agent)
    orders = total(window.entered.agent, count)
    return {
        "talk": np.log1p(10 * ratio(total(sender, count), orders + PRIOR)),
        "heeding": total(agent, count, heeds) / (total(agent, count) + PRIOR),
    }
