"""What packages are worth: weighed issues, items that go together, a price with a quantity; the same in every batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.bargaining.package_draws import additive, utilities_of
from simulator.bargaining.package_goods import Goods, PriceAndQuantity, Tastes, Weighed, price_and_quantity
from simulator.bargaining.packages import PackageRules
from simulator.bargaining.several_issues import nash_outcome


def test_utilities_are_shares_and_their_own_in_every_negotiation() -> None:
    rules = PackageRules(issues=(6, 4, 2), parties=3)
    table = additive(rules, seed=1)
    assert table.shape == (48, 3) and 0 <= table.min() < table.max() <= 1
    assert table.max(axis=0).tolist() == pytest.approx([1, 1, 1])
    assert table[rules.package((5, 3, 1)), 0] == pytest.approx(1) and table[rules.package((0, 0, 0)), 1] == pytest.approx(1)
    assert np.array_equal(additive(rules, 1), table) and not np.array_equal(additive(rules, 1, 1), table)


def test_favourites_differ_and_are_worth_one() -> None:
    table = additive(PackageRules(issues=(50, 1), parties=4), 3, goods=Weighed(tastes=Tastes.FAVOURITES))
    assert len(set(table.argmax(axis=0).tolist())) == 4 and table.max(axis=0).tolist() == pytest.approx([1] * 4)


def test_weights_are_spread_evenly_over_the_simplex() -> None:
    tables = utilities_of(PackageRules(issues=(2, 2, 2)), Weighed(), 5, 20_000)
    weights = tables[:, [4, 2, 1], 0]  # of the packages that have one item alone
    assert weights.sum(axis=1) == pytest.approx(1)
    assert weights.mean(axis=0) == pytest.approx([1 / 3] * 3, abs=0.01)
    assert weights.var(axis=0) == pytest.approx([1 / 18] * 3, abs=0.002)  # of Dirichlet(1, 1, 1)
    assert abs(np.corrcoef(weights[:, 0], tables[:, 4, 1])[0, 1]) < 0.02  # what one likes says nothing of the other


def test_items_are_worth_more_together() -> None:
    rules = PackageRules(issues=(2, 2, 2))
    apart, together = additive(rules, 1)[:, 0], additive(rules, 1, goods=Weighed(synergy=2))[:, 0]
    assert apart[7] == pytest.approx(apart[4] + apart[2] + apart[1])
    assert together[0] == 0 and together[7] == pytest.approx(1)
    for one, two in ((1, 2), (1, 4), (2, 4)):
        assert together[one | two] > together[one] + together[two] + 1e-6
    singles = together[1] + together[2] + together[4]
    assert singles == pytest.approx(1 / 3)  # one third of the weight lies on items and two on pairs
    assert np.array_equal(additive(PackageRules(issues=(5,)), 1, goods=Weighed(synergy=2)), additive(PackageRules(issues=(5,)), 1))


@pytest.mark.parametrize("goods", [Weighed(synergy=1), Weighed(tastes=Tastes.FAVOURITES), PriceAndQuantity()])
def test_a_negotiation_is_the_same_in_every_batch(goods: Goods) -> None:
    rules = PackageRules(issues=(7, 5))
    many = utilities_of(rules, goods, 3, 50)
    alone = np.concatenate([utilities_of(rules, goods, 3, 1, number) for number in range(50)])
    assert np.array_equal(many, alone) and len(np.unique(many[:, 0, 0] + many[:, -1, 1] + many[:, 9, 0])) > 40
    assert not np.array_equal(many, utilities_of(rules, goods, 4, 50))


def test_price_and_quantity_have_the_quantity_that_leaves_most_to_both() -> None:
    prices, quantities = np.linspace(10, 60, 51), np.arange(1.0, 11)
    gains = price_and_quantity(prices, quantities, cost=10, value=60, satiation=10)
    best = int(gains.sum(axis=1).argmax())
    assert quantities[best % len(quantities)] == 5  # where 60 - 10 q is the cost
    chosen = nash_outcome(gains, outside=[0, 0])
    assert chosen is not None and quantities[chosen % len(quantities)] == 5
    assert gains[chosen].tolist() == pytest.approx([gains[best].sum() / 2] * 2, rel=0.05)


def test_gains_are_shares_of_the_largest_joint_one() -> None:
    rules = PackageRules(issues=(3, 2))
    certain = PriceAndQuantity(prices=(10, 30), quantities=(1, 2), cost=(10, 10), value=(30, 30), satiation=(10, 10))
    gains = [[0, 15], [0, 20], [10, 5], [20, 0], [20, -5], [40, -20]]  # 20 is most, from two units
    assert utilities_of(rules, certain, 1, 1)[0] == pytest.approx(np.array(gains) / 20)
    drawn = utilities_of(PackageRules(issues=(13, 10)), PriceAndQuantity(), 1, 200).sum(axis=2)
    assert drawn.max(axis=1) == pytest.approx(1) and len(np.unique(drawn.argmax(axis=1))) > 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cost": (30.0, 10.0)}, "cost from 30.0 to 10.0 is no range"),
        ({"value": (20.0, 90.0)}, "may leave nothing to share"),
        ({"quantities": (0.0, 9.0)}, "0.0 units may leave nothing"),
    ],
)
def test_goods_that_leave_nothing_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PriceAndQuantity(**change)
    with pytest.raises(ValueError, match="2 issues and 3 parties cannot agree on price and quantity"):
        utilities_of(PackageRules(parties=3), PriceAndQuantity(), 1, 1)
    with pytest.raises(ValueError, match="0 negotiations"):
        utilities_of(PackageRules(), Weighed(), 1, 0)
    with pytest.raises(ValueError, match=r"synergy -1.0 is not in 0\.\.1000"):
        Weighed(synergy=-1.0)
    with pytest.raises(TypeError, match=r"write Tastes\('opposed'\)"):
        Weighed(tastes="opposed")  # type: ignore[arg-type]
