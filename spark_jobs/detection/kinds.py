"""Which detectors there are, and which candidates each of them looks at."""

from __future__ import annotations

from spark_jobs.detection import bursts, pressure

KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "spoofing": ("pressure", pressure.FEATURES),
    "quote_stuffing": ("bursts", bursts.FEATURES),
}
"""Kind -> field of watch.Found, and the features of its candidates."""
