"""What is computed for every two agents at once: matrices (n, n) of agents by agents, symmetric, of any diagonal."""

from __future__ import annotations

import numpy as np

from spark_jobs.detection.columns import Array

_LITTLE = 1e-9


def excess(count: Array, even: Array) -> Array:
    """Nats by which counts differ from those expected, below 0 where they are fewer (the rate of Poisson's large deviations)."""
    even = np.maximum(even, _LITTLE)
    nats = np.where(count > 0, count * np.log(np.maximum(count, _LITTLE) / even), 0.0) - count + even
    return np.asarray(np.sign(count - even) * nats)


def tie(count: Array, usual: float = 3.0) -> Array:
    """Nats by which two have more to do with each other than `usual` times the even share of the one who has more to do."""
    each = count.sum(axis=1)
    return excess(count, usual * highest(each) / max(len(count) - 1, 1))


def lowest(each: Array) -> Array:
    """Of a number (n,) of every agent, that of the one of two that has less."""
    return np.asarray(np.minimum(each[:, None], each[None, :]))


def highest(each: Array) -> Array:
    """And of the one that has more."""
    return np.asarray(np.maximum(each[:, None], each[None, :]))


def beside_own(pairs: Array) -> Array:
    """How far two stand out among all pairs of either, in deviations; of the one for whom it is less."""
    apart = ~np.eye(len(pairs), dtype=bool)
    count = np.maximum(apart.sum(axis=1), 1)
    mean = np.where(apart, pairs, 0.0).sum(axis=1) / count
    spread = np.sqrt(np.where(apart, (pairs - mean[:, None]) ** 2, 0.0).sum(axis=1) / count)
    out = (pairs - mean[:, None]) / np.maximum(spread, _LITTLE)[:, None]
    return np.asarray(np.minimum(out, out.T))


def likeness(numbers: Array, there: Array) -> Array:
    """Correlation of what agents did (n, times), beside what those who were `there` did at the same time and the agent's own mean."""
    crowd = np.where(there, numbers, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
    rest = np.where(there, numbers - crowd, 0.0)
    rest = np.where(there, rest - (rest.sum(axis=1) / np.maximum(there.sum(axis=1), 1))[:, None], 0.0)
    squares, weights = rest * rest, there.astype(np.float64)
    return np.asarray(rest @ rest.T / np.maximum(np.sqrt((squares @ weights.T) * (weights @ squares.T)), _LITTLE))


def cosine(rows: Array) -> Array:
    """Cosines of the angles between rows (n, m); 0 where one is all 0."""
    length = np.maximum(np.sqrt((rows * rows).sum(axis=1)), _LITTLE)
    return np.asarray(rows @ rows.T / length[:, None] / length[None, :])
