"""The enums that columns of events refer to, for consumers that must not know the simulator."""

from __future__ import annotations

from simulator.types import DealStep, InterventionKind, MessageKind, Protocol, Reason, RecordKind, Rule, Side, TimeInForce

__all__ = ["DealStep", "InterventionKind", "MessageKind", "Protocol", "Reason", "RecordKind", "Rule", "Side", "TimeInForce"]
