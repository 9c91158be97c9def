"""The trading day as surveillance sees it: its call auctions, and what the market did before them.

A call auction that follows continuous trading counts as a closing one: an opening one follows the end of a day, or nothing. A market
without auctions gives no public sign of its close.
"""

from __future__ import annotations

import numpy as np

from spark_jobs.detection.columns import Row
from spark_jobs.detection.compiled import part

WINDOW = 60.0  # steps after which a lot traded of late counts for a third of one

DAY = np.dtype(
    [
        ("step", "f8"), ("since", "f8"), ("began", "f8"), ("closing", "f8"), ("price", "f8"), ("left", "f8"), ("slow_mid", "f8"),
        ("mid", "f8"), ("move", "f8"), ("volume", "f8"), ("volume_step", "f8"), ("entered", "f8"), ("auction", "f8"), ("closes", "f8"),
    ],
    align=True,
)  # fmt: skip
"""The last step; when continuous trading began (-1 in a call); when the call began, and 1 if it is a closing one; the auction's price, and
its lots still to come; the mid of late, that as the call began, and how far that was from the one of late; lots traded of late, as of a
step; lots entered in the call, and traded in it; closing auctions so far."""


@part
def on_step(day: Row, now: Row) -> None:
    """A new step; the mid is that as of its begin."""
    if day.since >= 0.0:
        weight = 1.0 if day.slow_mid == 0.0 else 1.0 - np.exp((day.step - now.step) / WINDOW)
        day.slow_mid += weight * (now.mid - day.slow_mid)
    day.step = now.step


@part
def on_volume(day: Row, step: float, lots: float) -> None:
    """Lots traded; what was before fades up to the step."""
    day.volume = day.volume * np.exp((day.volume_step - step) / WINDOW) + lots
    day.volume_step = step


@part
def on_call(day: Row, now: Row) -> None:
    """A call auction begins: a closing one, if there was continuous trading before."""
    day.closing = 1.0 if 0.0 <= day.since < now.step - 1.0 else 0.0
    day.began, day.since, day.entered = now.step, -1.0, 0.0
    day.mid, day.move = now.mid, now.mid - day.slow_mid
    on_volume(day, now.step, 0.0)


@part
def on_uncross(day: Row, now: Row, price: int, lots: int) -> None:
    """It ends at a price (0 where nothing crosses), at which so many lots are about to trade."""
    day.price = price if price > 0 else day.mid
    day.left = day.auction = lots
    day.since, day.slow_mid = now.step, 0.0
