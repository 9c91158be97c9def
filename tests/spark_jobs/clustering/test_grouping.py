"""Groups of planted kinds, their numbers from window to window, and what is said of them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from spark_jobs.clustering.cards import cards
from spark_jobs.clustering.features import FEATURES
from spark_jobs.clustering.grouping import FEWEST, group
from spark_jobs.clustering.naming import Names

WIDTH = len(FEATURES)
SIZES = (40, 12, 8, 5)


def planted(seed: int, kinds: int = 4, noise: float = 0.3) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Features of kinds that lie apart, and the kind of each row."""
    centres = np.random.default_rng(42).normal(0, 2, (len(SIZES), WIDTH))[:kinds]
    kind = np.repeat(np.arange(kinds), SIZES[:kinds])
    return centres[kind] + np.random.default_rng(seed).normal(0, noise, (len(kind), WIDTH)), kind


@pytest.mark.parametrize("kinds", [1, 2, 3, 4])
def test_kinds_are_found_however_many_there_are(kinds: int) -> None:
    features, kind = planted(1, kinds)
    groups = group(features)
    assert groups.labels.tolist() == kind.tolist()  # both by size
    assert len(groups.centres) == kinds
    if kinds > 1:
        assert groups.fit.min() > 0.5


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_crowd_that_is_alike_does_not_fall_apart(seed: int) -> None:
    assert set(group(np.random.default_rng(seed).normal(0, 1, (100, WIDTH))).labels.tolist()) == {0}


def test_the_order_of_rows_says_nothing_even_where_distances_are_equal() -> None:
    for seed in range(20):
        features = np.random.default_rng(seed).integers(0, 3, (40, WIDTH)).astype(np.float64)
        features[:, 3:] = 0.0
        order = np.random.default_rng(seed + 100).permutation(len(features))
        assert group(features[order]).labels.tolist() == group(features).labels[order].tolist()


def test_who_is_like_nobody_goes_to_the_nearest_and_fits_badly() -> None:
    features, _ = planted(1)
    features[0] = 0.7 * features[0] + 0.3 * features[50]
    groups = group(features)
    assert groups.labels[0] == 0
    assert groups.fit[0] < groups.fit[1:40].min()


def test_missing_features_count_as_usual() -> None:
    features, kind = planted(1)
    features[kind == 0, 0] = np.nan
    features[:, 1] = np.nan
    assert group(features).labels.tolist() == kind.tolist()


@pytest.mark.parametrize("rows", [np.zeros((0, WIDTH)), np.ones((20, WIDTH)), planted(1)[0][: FEWEST - 1]])
def test_where_nothing_can_be_told_apart_there_is_one_group(rows: NDArray[np.float64]) -> None:
    assert group(rows).labels.tolist() == [0] * len(rows)


def test_groups_keep_their_numbers_when_their_sizes_change() -> None:
    names = Names()
    features, kind = planted(1)
    assert names.of(group(features)).tolist() == [0, 1, 2, 3]
    later, _ = planted(2)
    fewer = np.flatnonzero((kind > 0) | (np.arange(len(kind)) < 6))  # the largest kind is now one of the smallest
    groups = group(later[fewer])
    assert names.of(groups)[groups.labels].tolist() == kind[fewer].tolist()


def test_a_new_group_gets_a_new_number_and_a_lost_one_comes_back() -> None:
    names = Names()
    features, kind = planted(1)
    some = np.flatnonzero(kind != 1)
    first, second, third = group(features[some]), group(features), group(features[some])
    assert names.of(first)[first.labels].tolist() == np.array([0, -1, 1, 2])[kind[some]].tolist()
    assert names.of(second)[second.labels].tolist() == np.array([0, 3, 1, 2])[kind].tolist()
    assert names.of(third)[third.labels].tolist() == np.array([0, 3, 1, 2])[kind[some]].tolist()


def test_a_card_says_what_is_different() -> None:
    features = np.zeros((30, WIDTH))
    features[:10, 1] = 1.0
    features[10:, 6] = np.nan
    labels = np.repeat([0, 1], [10, 20])
    told = cards(features, labels, np.full(WIDTH, 0.5))
    assert told[0] == "uses market orders (market_share 1.00, others 0.00)"
    assert told[1] == "hardly uses market orders (market_share 0.00, others 1.00)"
    assert cards(np.zeros((4, WIDTH)), np.zeros(4, np.int64), np.ones(WIDTH)) == {0: "nothing sets them apart"}
