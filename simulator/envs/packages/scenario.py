"""How a negotiation over packages begins: the rules, and what the parties negotiate over."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.bargaining.package_goods import Goods, PriceAndQuantity, Tastes, Weighed, check_goods
from simulator.bargaining.packages import PackageRules


@dataclass(frozen=True, kw_only=True)
class PackageScenario:
    """Parties who know only their own utilities. Raises ValueError for goods that do not fit the rules."""

    rules: PackageRules = field(default_factory=PackageRules)
    """Issues, parties, rounds, and what waiting costs."""
    goods: Goods = field(default_factory=Weighed)
    """What packages are worth to whom."""

    def __post_init__(self) -> None:
        check_goods(self.goods, self.rules)


def price_and_quantity(prices: int = 13, quantities: int = 10, rounds: int = 20, delta: float = 1.0) -> PackageScenario:
    """A supplier (party_0) and a retailer (party_1) agree on a price and a quantity, each of so many choices."""
    rules = PackageRules(issues=(prices, quantities), rounds=rounds, delta=delta)
    return PackageScenario(rules=rules, goods=PriceAndQuantity())


def bundle(items: int = 4, parties: int = 2, synergy: float = 1.0, rounds: int = 20, delta: float = 1.0) -> PackageScenario:
    """Items to share out: choice 1 gives one to the first party and 0 to the others; worth more together by the synergy."""
    rules = PackageRules(issues=(2,) * items, parties=parties, rounds=rounds, delta=delta)
    return PackageScenario(rules=rules, goods=Weighed(synergy=synergy))


def group(parties: int = 3, issues: tuple[int, ...] = (11, 5), rounds: int = 20, delta: float = 1.0) -> PackageScenario:
    """Three or more who each have favourites, and must all agree."""
    rules = PackageRules(issues=issues, parties=parties, rounds=rounds, delta=delta)
    return PackageScenario(rules=rules, goods=Weighed(tastes=Tastes.FAVOURITES))
