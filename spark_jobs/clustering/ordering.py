"""How an agent places, changes and leaves its orders.

Sources: order-to-trade and cancellation ratios, Hagströmer and Nordén, "The diversity of high-frequency traders", Journal of Financial
Markets 16 (2013); size and lifetime as in Kirilenko, Kyle, Samadi and Tuzun, "The flash crash", Journal of Finance 72 (2017).
"""

from __future__ import annotations

import numpy as np

from spark_jobs.clustering.by_agent import Numbers, deviation, mean, median, ratio, total
from spark_jobs.clustering.window import Window

MINUTE = 600  # steps


def measure(window: Window) -> dict[str, Numbers]:
    """Features by name, each (agents,), NaN where an agent did nothing of the kind."""
    return _entered(window) | _kept(window) | _both_sides(window)


def _entered(window: Window) -> dict[str, Numbers]:
    new, count = window.entered, window.count
    orders, size = total(new.agent, count), new.size.astype(np.float64)
    usual = float(np.median(size)) if len(size) else 1.0
    return {
        "order_rate": np.log1p(orders * MINUTE / window.steps),
        "market_share": ratio(total(new.agent, count, new.immediate), orders),
        "order_size": np.log(mean(new.agent, count, size) / usual),
        "size_dispersion": ratio(deviation(new.agent, count, size), mean(new.agent, count, size)),
    }


def _kept(window: Window) -> dict[str, Numbers]:
    count, resting = window.count, window.resting
    orders, rested = total(window.entered.agent, count), total(resting.agent, count)
    cancelled, modified = (total(window.changed[name][0], count) for name in ("cancelled", "modified"))
    away = resting.sign * (window.seen_mids[resting.step] - resting.price) / window.spread
    return {
        "cancel_share": np.minimum(ratio(cancelled, rested), 1.0),
        "modify_share": ratio(modified, orders + modified),
        "lifetime": np.log1p(median(resting.agent, count, (window.ends - resting.step).astype(np.float64))),
        "distance": mean(resting.agent, count, away),
        "distance_dispersion": deviation(resting.agent, count, away),
    }


def _both_sides(window: Window) -> dict[str, Numbers]:
    """Walk through the begins and ends of all orders of an agent; after its last end nothing of it is open."""
    resting, count = window.resting, window.count
    agent, step = np.concatenate([resting.agent] * 2), np.concatenate([resting.step, window.ends])
    buys, sells = (np.concatenate([resting.sign == sign, -1 * (resting.sign == sign)]) for sign in (1, -1))
    order = np.lexsort((step, agent))
    agent, step, bids, offers = agent[order], step[order], np.cumsum(buys[order]), np.cumsum(sells[order])
    lasting = np.diff(step, append=0) * (bids + offers > 0)
    some = total(agent, count, lasting)
    return {
        "two_sided": ratio(total(agent, count, lasting * ((bids > 0) & (offers > 0))), some),
        "open_orders": np.log1p(ratio(total(agent, count, lasting * (bids + offers)), some)),
    }
