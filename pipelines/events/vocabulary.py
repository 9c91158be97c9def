"""The enums that columns of events refer to, for consumers that must not know the simulator."""

from __future__ import annotations

from simulator.types import Reason, RecordKind, Side, TimeInForce

__all__ = ["Reason", "RecordKind", "Side", "TimeInForce"]
