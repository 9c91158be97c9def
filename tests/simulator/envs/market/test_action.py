"""The three forms of an action mean the same."""

import numpy as np
import pytest

from simulator.envs.market.acting import NO_QUOTE, distances
from simulator.envs.market.action import ActionRules
from simulator.envs.market.types import QUOTE, ActionView, OrderType

RULES = ActionRules(offsets=(-1, 0), sizes=(1, 5, 10))


def test_the_discrete_view_has_every_order_that_differs_once() -> None:
    orders = RULES.orders.tolist()
    assert len(orders) == 1 + 2 * 3 + 2 * 2 * 3 + 1
    assert len({tuple(row) for row in orders}) == len(orders)
    assert orders[0] == [OrderType.HOLD, 0, 0]
    assert orders[-1] == [OrderType.CANCEL_ALL, 0, 0]
    assert RULES.space(ActionView.DISCRETE).n == len(orders)  # type: ignore[attr-defined]


def test_discrete_numbers_are_looked_up() -> None:
    assert RULES.resolve(ActionView.DISCRETE, np.array([2, 18])).tolist() == [[OrderType.MARKET_BUY, 0, 5], [OrderType.LIMIT_SELL, 0, 10]]


def test_multi_discrete_chooses_buckets() -> None:
    assert RULES.resolve(ActionView.MULTI_DISCRETE, np.array([[3, 0, 2], [1, 1, 0]])).tolist() == [[3, -1, 10], [1, 0, 1]]


def test_box_is_cut_into_equal_intervals_and_its_ends_belong_to_them() -> None:
    actions = np.array([[-1.0, -1.0, -1.0], [1.0, 1.0, 1.0], [-0.001, 0.0, 0.3], [7.0, -7.0, 0.34]])
    assert RULES.resolve(ActionView.BOX, actions).tolist() == [[0, -1, 1], [5, 0, 10], [2, 0, 5], [5, -1, 10]]


def test_every_sample_of_every_space_is_an_order() -> None:
    for view in ActionView:
        space = RULES.space(view)
        space.seed(1)
        orders = RULES.resolve(view, np.array([space.sample() for _ in range(200)]))
        assert set(orders[:, 0]) == set(range(6))
        assert set(orders[orders[:, 0] == OrderType.MARKET_BUY, 2]) == {1, 5, 10}


@pytest.mark.parametrize(
    ("view", "action"), [(ActionView.DISCRETE, [20]), (ActionView.DISCRETE, [-1]), (ActionView.MULTI_DISCRETE, [[0, 2, 0]])]
)
def test_choices_that_do_not_exist_are_refused(view: ActionView, action: list[int]) -> None:
    with pytest.raises(ValueError, match="lies outside"):
        RULES.resolve(view, np.array(action))


def test_empty_buckets_and_sizes_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="must each have a bucket"):
        ActionRules(offsets=())
    with pytest.raises(ValueError, match="size -5 is not positive"):
        ActionRules(sizes=(1, -5))


def test_quotes_are_every_two_distances_and_each_alone_in_the_discrete_view() -> None:
    rules = ActionRules(offsets=(-1, 0), sizes=(1, 5, 10), quotes=(1, 4))
    added = rules.orders.tolist()[len(RULES.orders) - 1 : -1]
    sides = (1, 4, NO_QUOTE)
    assert added == [[QUOTE, distances(bid, ask), size] for bid in sides for ask in sides for size in (1, 5, 10)][:-3]
    assert rules.orders.tolist()[: len(RULES.orders) - 1] == RULES.orders.tolist()[:-1]
    assert rules.space(ActionView.MULTI_DISCRETE) == RULES.space(ActionView.MULTI_DISCRETE)
    with pytest.raises(ValueError, match="hold a distance that is none"):
        ActionRules(quotes=(2, -1))
