"""A third set of manipulators, held out: written from cases and literature alone, by somebody who had seen no detector."""

from __future__ import annotations

from simulator.manipulators.manipulator import Manipulator
from tests.spark_jobs.newcomers.colluding import COLLUDING
from tests.spark_jobs.newcomers.pumping import PUMPING
from tests.spark_jobs.newcomers.running import RUNNING
from tests.spark_jobs.newcomers.vouching import VOUCHING
from tests.spark_jobs.newcomers.washing import WASHING

NEWCOMERS: dict[str, tuple[type[Manipulator], ...]] = {
    "cartel": COLLUDING,
    "front_running": RUNNING,
    "sybil_reputation": VOUCHING,
    "pump_and_dump": PUMPING,
    "wash_trading": WASHING,
}
SCENARIOS = {"cartel": "surveillance_deals", "sybil_reputation": "surveillance_deals"}

__all__ = ["NEWCOMERS", "SCENARIOS"]
