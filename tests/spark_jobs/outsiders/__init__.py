"""A second set of manipulators and honest traders that no detector was trained on, written from cases and literature alone."""

from __future__ import annotations

from simulator.manipulators.manipulator import Manipulator
from tests.spark_jobs.outsiders.closing import CLOSING
from tests.spark_jobs.outsiders.colluding import COLLUDING
from tests.spark_jobs.outsiders.honest import HONEST
from tests.spark_jobs.outsiders.igniting import IGNITING
from tests.spark_jobs.outsiders.pumping import PUMPING
from tests.spark_jobs.outsiders.running import RUNNING
from tests.spark_jobs.outsiders.spoofing import SPOOFING
from tests.spark_jobs.outsiders.stuffing import STUFFING
from tests.spark_jobs.outsiders.vouching import VOUCHING
from tests.spark_jobs.outsiders.washing import WASHING

OUTSIDERS: dict[str, tuple[type[Manipulator], ...]] = {
    "spoofing": SPOOFING,
    "quote_stuffing": STUFFING,
    "wash_trading": WASHING,
    "momentum_ignition": IGNITING,
    "pump_and_dump": PUMPING,
    "marking_the_close": CLOSING,
    "front_running": RUNNING,
    "cartel": COLLUDING,
    "sybil_reputation": VOUCHING,
}
SCENARIOS = {"marking_the_close": "surveillance_days", "cartel": "surveillance_deals", "sybil_reputation": "surveillance_deals"}
"""In what the kinds play; all others in surveillance."""

__all__ = ["HONEST", "OUTSIDERS", "SCENARIOS"]
