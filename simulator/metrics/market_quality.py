"""How good a market was to trade in: spread, depth at the touch, balance of the order flow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.types import RECORD, RecordKind, Side


@dataclass(frozen=True)
class Liquidity:
    """Means over the steps in which both sides of the book were quoted."""

    spread_ticks: float
    relative_spread: float  # spread over mid
    touch_lots: float  # lots at best bid and best ask together
    quoted_share: float  # share of steps with both sides


def mid_price(best_bid: ArrayLike, best_ask: ArrayLike) -> NDArray[np.float64]:
    """Mean of the touch in ticks, NaN where a side is empty (0).

    >>> mid_price([99, 0], [102, 101]).tolist()
    [100.5, nan]
    """
    bid, ask = np.asarray(best_bid, dtype=np.float64), np.asarray(best_ask, dtype=np.float64)
    return np.where((bid > 0) & (ask > 0), (bid + ask) / 2.0, np.nan)


def liquidity(ticks: NDArray[np.void]) -> Liquidity:
    """Liquidity of one symbol from its TICK records (other kinds are ignored).

    All zero when no step had both sides.
    """
    rows = _of_kind(ticks, RecordKind.TICK)
    quoted = rows[(rows["order_id"] > 0) & (rows["other_id"] > 0)]
    if quoted.size == 0:
        return Liquidity(0.0, 0.0, 0.0, 0.0)
    spread = (quoted["other_id"] - quoted["order_id"]).astype(np.float64)
    return Liquidity(
        spread_ticks=float(spread.mean()),
        relative_spread=float((spread / mid_price(quoted["order_id"], quoted["other_id"])).mean()),
        touch_lots=float((quoted["owner"].astype(np.float64) + quoted["other_owner"]).mean()),
        quoted_share=quoted.size / rows.size,
    )


def order_flow_balance(trades: NDArray[np.void]) -> float:
    """Lots bought less lots sold by aggressors, over all lots, from TRADE records: in [-1, 1], 0 without a trade.

    Source: the imbalance of signed volume of Chordia, Roll and Subrahmanyam (2002).
    """
    rows = _of_kind(trades, RecordKind.TRADE)
    signed = np.where(rows["side"] == Side.BUY, 1.0, -1.0) * rows["size"]
    total = float(rows["size"].sum(dtype=np.float64))
    return float(signed.sum()) / total if total > 0.0 else 0.0


def _of_kind(records: NDArray[np.void], kind: RecordKind) -> NDArray[np.void]:
    if records.dtype != RECORD:
        raise ValueError(f"records of dtype {records.dtype} are not the log's records; pass an array of simulator.types.RECORD")
    return np.asarray(records[records["kind"] == kind])
