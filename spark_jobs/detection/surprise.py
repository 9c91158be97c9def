"""By how much what was counted is more than chance would have it."""

from __future__ import annotations

import math

from spark_jobs.detection.compiled import part


def surprise(count: float, even: float) -> float:
    """Nats by which a count is more than the one expected (above 0); 0 where it is not. The rate of Poisson's large deviations."""
    return count * math.log(count / even) - count + even if count > even else 0.0


surprise_in_kernel = part(surprise)
"""The same for compiled parts."""
