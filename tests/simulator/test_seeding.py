"""Streams are functions of seed and name alone."""

from __future__ import annotations

import numpy as np
import pytest

from simulator import seeding
from simulator.world.draws import random_word
from simulator.world.view import example_view


def test_the_same_name_gives_the_same_stream_and_others_differ() -> None:
    names: list[tuple[int, tuple[str | int, ...]]] = [
        (1, ("world", 0)),
        (1, ("world", 1)),
        (2, ("world", 0)),
        (1, ("world", "0")),
        (1, ("world0",)),
        (1, ("world", 0, "agent")),
    ]
    starts = [seeding.stream(seed, *path) for seed, path in names]
    assert len(set(starts)) == len(starts)
    assert starts == [seeding.stream(seed, *path) for seed, path in names]


def test_a_stream_starts_where_it_always_did() -> None:
    assert seeding.stream(1, "world", 0, "agent", 7) == 276800606234446975


def test_splitmix_gives_the_published_words() -> None:
    state, words = 1234567, []
    for _ in range(3):
        state, word = seeding.next_word(state)
        words.append(word)
    assert words == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_agents_draw_from_the_same_generator() -> None:
    view = example_view(seed=1234567)
    assert random_word(view) == 6457827717110365317


def test_a_permutation_holds_every_number_once_and_depends_on_the_seed() -> None:
    one, other = seeding.permutation(50, 1, "x"), seeding.permutation(50, 2, "x")
    assert sorted(one) == sorted(other) == list(range(50))
    assert one != other
    assert seeding.permutation(0, 1, "x") == []


def test_numpy_generators_agree() -> None:
    assert np.array_equal(seeding.generator(3, "a").integers(0, 1000, 8), seeding.generator(3, "a").integers(0, 1000, 8))


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_out_of_range_is_refused_with_the_range(seed: int) -> None:
    with pytest.raises(ValueError, match=f"seed {seed} is not in 0..9223372036854775807"):
        seeding.stream(seed, "x")


@pytest.mark.parametrize("seed", [1.5, "1", True])
def test_a_seed_that_is_no_whole_number_is_refused(seed: object) -> None:
    with pytest.raises(TypeError, match="is not a whole number"):
        seeding.stream(seed, "x")  # type: ignore[arg-type]
