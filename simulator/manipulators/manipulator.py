"""What manipulators share: the ranges their numbers are drawn from, the numbers of their episodes, and trading that hides them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from simulator import seeding
from simulator.traders.quoting import withdraw_all
from simulator.traders.sizing import affordable, take
from simulator.traders.trader import Trader
from simulator.world.commands import BUY, SELL, cancel, place_limit
from simulator.world.draws import randint, uniform
from simulator.world.jit import both_ways
from simulator.world.view import mid

if TYPE_CHECKING:
    from simulator.world.scenario import Scenario

_AGENTS = 2**32  # numbers of episodes that an agent or a group may use
_GROUPS = 2**52
_HIDDEN_ORDERS = 3  # resting at most, of the trading that hides a manipulator
_REACH = 6  # tick sizes behind the own side's best price


class Range(NamedTuple):
    """From where a number is drawn: evenly, or with every doubling as likely."""

    low: float
    high: float
    log: bool = False

    @property
    def whole(self) -> bool:
        """Whether whole numbers are meant: both ends are."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def at(self, unit: float) -> float:
        """The number at a place in [0, 1) of the range, whose ends are both possible.

        >>> Range(1, 4).at(0.999), Range(1.0, 100.0, log=True).at(0.5)
        (4, 10.0)
        """
        if self.whole and not self.log:
            return int(self.low + unit * (self.high - self.low + 1))
        value = self.low + unit * (self.high - self.low)
        if self.log:
            value = self.low * (self.high / self.low) ** unit
        return round(value) if self.whole else value


class Manipulator(Trader):
    """A trader with a family, which declares its episodes by simulator.world.commands.declare.

    A subclass names its `family`, the RANGES of the parameters of its constructor, and how many act together (MEMBERS). The ranges are
    what detectors are scored on; they were written down before any detector was, and say nothing about one. Detectors learn from WIDER
    instead where a family has such ranges: further numbers and forms, so that what they find is not bound to the one they are scored on.
    """

    RANGES: ClassVar[Mapping[str, Range]] = {}
    WIDER: ClassVar[Mapping[str, Range]] = {}
    MEMBERS: ClassVar[Range] = Range(1, 1)

    @classmethod
    def drawn(cls, seed: int, *path: str | int, wider: bool = False) -> dict[str, float]:
        """Parameters by chance, each from its range or the wider one; the same for the same seed and path."""
        generator, ranges = seeding.generator(seed, "manipulator", *path), {**cls.RANGES, **(cls.WIDER if wider else {})}
        return {name: found.at(float(generator.random())) for name, found in ranges.items()}

    @classmethod
    def seat(cls, scenario: Scenario, members: int, parameters: Mapping[str, float]) -> dict[str, Any]:
        """Further fields of the Population that a group with these parameters becomes, such as its role and production; here none.

        By them it gets what it needs of a scenario, e.g. the business of a seller; `parameters` among them take the place of those drawn.
        """
        return {}


@both_ways
def own_episode(view: Any, count: int) -> int:
    """Return the number of an agent's episode `count`, which no other agent uses."""
    return view.agent * _AGENTS + count  # type: ignore[no-any-return]


@both_ways
def shared_episode(view: Any, count: int) -> int:
    """Return the number of episode `count` of the agent's whole population."""
    return _GROUPS + view.trader_type * _AGENTS + count  # type: ignore[no-any-return]


@both_ways
def hide(view: Any, commands: Any, rate: float, size: int) -> None:
    """With a chance of `rate`, trade as anybody does: up to `size` lots by a market order or one that rests; inventory is worked off.

    Orders that rested for long go first. To be called between episodes only, after `withdraw_all` at the end of each.
    """
    if uniform(view) >= rate or view.halted:
        return
    side = BUY if uniform(view) < 0.5 else SELL
    if abs(view.inventory) > 2 * size:
        side = SELL if view.inventory > 0 else BUY
    lots = randint(view, 1, size + 1) * view.lot_size
    if view.open_orders >= _HIDDEN_ORDERS:
        cancel(commands, view.orders[0].order_id)
    elif uniform(view) < 0.5:
        take(view, commands, side, lots)
    elif affordable(view, side, lots) > 0:
        place_limit(commands, side, behind(view, side, randint(view, 0, _REACH)), affordable(view, side, lots))


@both_ways
def behind(view: Any, side: int, ticks: int) -> int:
    """Return the legal price `ticks` tick sizes behind the best price of a side; below zero ahead of it, never at or through the other."""
    tick = view.tick_size
    if side == BUY:
        best = view.best_bid if view.best_bid > 0 else int(mid(view)) // tick * tick - tick
        price = best - ticks * tick
        if view.best_ask > 0:
            price = min(price, view.best_ask - tick)
    else:
        best = view.best_ask if view.best_ask > 0 else int(mid(view)) // tick * tick + tick
        price = max(best + ticks * tick, view.best_bid + tick)
    return max(price, tick)  # type: ignore[no-any-return]


@both_ways
def other(side: int) -> int:
    """Return the other side."""
    return SELL if side == BUY else BUY


@both_ways
def gained(view: Any, side: int, before: float) -> int:
    """Return the lots that the inventory has moved in the direction of `side` since it was `before`."""
    moved: int = view.inventory - int(before)
    return moved if side == BUY else -moved


__all__ = ["Manipulator", "Range", "behind", "gained", "hide", "other", "own_episode", "shared_episode", "withdraw_all"]
