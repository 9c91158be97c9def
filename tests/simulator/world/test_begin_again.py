"""A world that begins again in its memory is the world made anew: every scenario, after any course."""

import pytest

from simulator.matching.arrays import BookArrays
from simulator.world.scenario_files import load, names
from simulator.world.world import World


@pytest.mark.parametrize("name", names())
def test_it_is_as_if_made_anew(name: str) -> None:
    scenario = load(name).with_agents(60)
    used, new = World(scenario, 3, 5), World(scenario, 7, 5)
    for _ in used.chunks(60):
        pass
    used.begin_again(7)
    assert used.snapshot() == new.snapshot()
    for world in (used, new):
        for _ in world.chunks(60):
            world.check()
    assert used.snapshot() == new.snapshot()
    assert used.hash() == new.hash() != World(scenario, 3, 5).hash()


def test_cleared_books_are_new_ones_byte_by_byte() -> None:
    scenario = load("trading").with_agents(30)
    world = World(scenario, 0, 1)
    for _ in world.chunks(100):
        pass
    world.arrays.clear()
    new = BookArrays(len(scenario.symbols))
    assert [array.tobytes() for array in world.arrays.args] == [array.tobytes() for array in new.args]
