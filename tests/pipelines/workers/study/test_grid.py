"""What a grid may say."""

from __future__ import annotations

import pytest

from pipelines.workers.study.grid import named, parsed, points


def test_values_have_the_types_of_their_settings() -> None:
    found = parsed(["gamma=0.9,1", "epochs=2,4", "hidden=64,32x16", "algorithm=ppo,dqn"])
    assert found == {"gamma": [0.9, 1], "epochs": [2, 4], "hidden": [[64], [32, 16]], "algorithm": ["ppo", "dqn"]}


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["gamma"], "names no values; write NAME=VALUE"),
        (["gamma="], "names no values"),
        (["gama=0.9"], "unknown training settings gama; known: env"),
        (["epochs=many"], "do not fit: Expected `int`, got `str`"),
        (["epochs=0"], "epochs 0 is not positive"),
        (["gamma=0.9,0.9"], "has a value twice"),
        (["gamma=0.9", "gamma=0.8"], "gamma is given twice; put all its values into one --grid"),
        (["seed=1,2"], "seed is no axis of a grid; use --seeds"),
    ],
)
def test_what_is_no_grid_is_refused_with_its_rule(texts: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parsed(texts)


def test_a_grid_without_an_axis_is_one_point() -> None:
    assert points({}) == [{}]
    assert len(points({"a": [1, 2], "b": [1, 2, 3]})) == 6
    assert named({}) == ""
