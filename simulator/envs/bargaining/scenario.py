"""How a negotiation begins: the rules, who sees what, and how finely prices are cut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from simulator.bargaining.rules import Rules

CONFIG_KEYS = ("max_rounds", "supplier_val", "retailer_val")


@dataclass(frozen=True, kw_only=True)
class BargainingScenario:
    """A supplier and a retailer who do not know what the goods are worth to the other one."""

    rules: Rules = field(default_factory=Rules)
    """The game."""
    rich: bool = False
    """Whether a party sees its own value, its belief and the course of the offers, or the five numbers of the plain game."""
    buckets: int = 21
    """Prices that the discrete forms of an action choose from, evenly from the lowest to the highest."""
    learn: float = 0.3
    """How far a belief moves towards each offer of the other one."""
    settle: float = 0.1
    """Share of its variance that an offer takes away."""

    def __post_init__(self) -> None:
        if self.buckets < 2:
            raise ValueError(f"{self.buckets} buckets leave no choice of prices; give at least 2")
        for name in ("learn", "settle"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} {getattr(self, name)} is not a share; give 0..1")


def from_config(config: Mapping[str, Any]) -> BargainingScenario:
    """The plain game with max_rounds, supplier_val or retailer_val of one's own; a valuation is then certain.

    Raises ValueError for another key, or a value that the rules do not allow.
    """
    if unknown := sorted(set(config) - set(CONFIG_KEYS)):
        raise ValueError(f"config has no {', '.join(unknown)}; it takes {', '.join(CONFIG_KEYS)}, or pass a BargainingScenario")
    given: dict[str, Any] = {"offers": config["max_rounds"]} if "max_rounds" in config else {}
    given |= {name: (config[f"{name}_val"],) * 2 for name in ("supplier", "retailer") if f"{name}_val" in config}
    try:
        return BargainingScenario(rules=msgspec.convert(given, Rules))
    except msgspec.ValidationError as error:
        raise ValueError(f"config {dict(config)} does not make a game: {error}; change it") from None
