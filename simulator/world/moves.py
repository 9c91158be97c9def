"""How a fundamental value moves, as data: the walk, its storms and its regimes (what they do: fundamental.py)."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from simulator.world.layout import COMPONENTS

Share = Annotated[float, Meta(ge=0, le=1)]


class Storms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How calm and stormy times follow each other: components that are high or low, each drawn anew at its own rate.

    The mean variance stays what `volatility` says, because high and low multiply it by 1 + spread and 1 - spread.
    """

    components: Annotated[int, Meta(ge=1, le=8)] = 6
    """How many; with more of them the memory of the volatility is longer."""

    spread: Share = 0.5
    """How far high and low lie apart."""

    slowest: Annotated[float, Meta(ge=1)] = 20_000.0
    """Mean steps between two draws of the slowest component."""

    ratio: Annotated[float, Meta(ge=1)] = 3.0
    """How many times as often each next component is drawn."""

    def draws(self) -> list[float]:
        """Return each component's chance of being drawn in a step, the slowest first."""
        return [min(1.0, self.ratio**component / self.slowest) for component in range(self.components)]


class Regime(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time of one kind, until another one begins."""

    name: str

    volatility: Annotated[float, Meta(ge=0)] = 1.0
    """By what the deviation of a step's move is multiplied."""

    jumps: Annotated[float, Meta(ge=0)] = 1.0
    """By what the chance of a jump is multiplied."""

    drift: float = 0.0
    """Ticks by which the value moves in each step beside that."""

    duration: Annotated[float, Meta(ge=1)] = 5_000.0
    """Mean steps until it ends; how long it lasts says nothing about how long it will."""


REGIMES = {
    regime.name: regime
    for regime in (
        Regime(name="calm", volatility=0.5, duration=10_000),
        Regime(name="volatile", volatility=2.0, jumps=3.0, duration=3_000),
        Regime(name="crisis", volatility=4.0, jumps=10.0, drift=-0.2, duration=500),
    )
}
"""Those that a scenario may just name."""


class Seasons(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A level that comes and goes: the value is pulled back to the initial price x (1 + height x wave(step / period + phase)).

    The wave is nearly a sine (within 0.002) with a period of 1.
    """

    period: Annotated[float, Meta(gt=0)]
    """Steps from one high to the next."""

    height: Annotated[float, Meta(ge=0, lt=1)] = 0.05
    """How far the level moves away from the initial price, as a share of it."""

    phase: Share = 0.0
    """Where in the period the market begins; a quarter is the high."""


class Fundamental(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a symbol's fundamental value moves: pulled back to the initial price, with jumps.

    Each step: value += reversion x (initial price - value) + volatility x z, and with jump_probability jump_size x z more,
    where z is nearly normal with deviation 1; the first z is loading x factor + sqrt(1 - loading^2) x its own.
    """

    reversion: Share = 0.001
    """Share of the distance to the initial price that is made up each step."""

    volatility: Annotated[float, Meta(ge=0)] = 2.0
    """Deviation of a step's move, in ticks."""

    jump_probability: Share = 0.0
    """Chance of a jump in a step."""

    jump_size: Annotated[float, Meta(ge=0)] = 0.0
    """Deviation of a jump, in ticks."""

    loading: Annotated[float, Meta(ge=-1, le=1)] = 0.0
    """Correlation of its moves with a factor that all symbols share; two symbols' moves correlate by the product of their loadings."""

    storms: Storms | None = None
    """How the volatility changes over time; without, it is always the same."""

    seasons: Seasons | None = None
    """How the level to which it is pulled back comes and goes; without, that is always the initial price."""

    regimes: tuple[Regime | str, ...] = ()
    """The market begins in the first of them; when one ends, each other is as likely to follow. A single one stays."""

    def __post_init__(self) -> None:
        """Check the regimes. Raises ValueError."""
        names = [regime if isinstance(regime, str) else regime.name for regime in self.regimes]
        unknown = [regime for regime in self.regimes if isinstance(regime, str) and regime not in REGIMES]
        if unknown:
            raise ValueError(f"regime {unknown[0]} is unknown; choose one of {', '.join(REGIMES)}, or describe one of your own")
        if len(set(names)) < len(names) or len(names) > COMPONENTS:
            raise ValueError(f"regimes {', '.join(names)} are more than {COMPONENTS}, or one of them appears twice; change the list")

    def described(self) -> list[Regime]:
        """Return the regimes, those that are only named as they are described in REGIMES; without any, one that changes nothing."""
        return [REGIMES[regime] if isinstance(regime, str) else regime for regime in self.regimes] or [Regime(name="")]
