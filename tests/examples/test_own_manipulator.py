"""The manipulator of the example plays in a market from its file, and its episodes become labels."""

from __future__ import annotations

from pathlib import Path

import pytest

import examples.own_manipulator as example
from pipelines.apps.errors import UserError
from pipelines.apps.own_traders import counted, with_own
from pipelines.events.declarations import LABELS
from pipelines.workers.opening import open_world
from pipelines.workers.run_config import SimulateConfig
from simulator.world.scenario import to_builtins
from simulator.world.scenario_files import load

FILE = str(Path(example.__file__))


def test_its_episodes_become_labels_of_its_family() -> None:
    scenario = with_own(load("trading").with_agents(20), ["noise=3"], [f"{FILE}:Ramping=2"], seed=4)
    assert scenario.agents == 25
    world = open_world(SimulateConfig(scenario=to_builtins(scenario), steps=3000), 4, 0, None)
    assert world.episodes() == []
    for _ in world.advance(3000):
        pass
    rows = world.episodes()
    kinds = {row["agent"]: row["value"] for row in world.labels()}
    assert rows and {row["kind"] for row in rows} == {"ramping"} and {kinds[row["agent"]] for row in rows} == {"ramping"}
    assert {row["value"] for row in rows} >= {"consummated", "attempted"}
    assert all(set(row) == {column.name for column in LABELS.all_columns} - {"seq"} for row in rows)
    assert all(0 <= row["first_step"] < row["last_step"] < 3000 for row in rows if row["value"] != "begun")
    assert len({row["episode"] for row in rows}) == len(rows)


def test_files_are_named_by_their_whole_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(FILE).parent)
    assert counted("own_manipulator.py:Ramping=2") == (f"{FILE}:Ramping", 2)
    assert counted("examples.own_manipulator:Ramping") == ("examples.own_manipulator:Ramping", 1)


@pytest.mark.parametrize(
    ("traders", "manipulators", "message"),
    [
        (["nobody=2"], [], "there is no strategy nobody"),
        (["gone.py:Nobody"], [], "gone.py:Nobody cannot be imported"),
        ([], ["noise=2"], "noise names no family"),
        (["noise=many"], [], "is no number of traders"),
        (["noise=0"], [], "is no number of traders"),
        ([f"{FILE}:Gone"], [], "cannot be imported"),
    ],
)
def test_what_cannot_play_is_refused(traders: list[str], manipulators: list[str], message: str) -> None:
    with pytest.raises((ValueError, UserError), match=message):
        with_own(load("trading"), traders, manipulators, seed=1)


def test_asking_twice_seats_more_of_other_numbers() -> None:
    scenario = with_own(load("trading"), [], ["spoofing=1", "spoofing=1"], seed=1)
    assert scenario.populations[-1].parameters != scenario.populations[-2].parameters
    assert scenario == with_own(load("trading"), [], ["spoofing=2"], seed=1)


def test_a_file_that_fails_is_told_as_such(tmp_path: Path) -> None:
    file = tmp_path / "broken.py"
    file.write_text("class Broken(Nobody): ...")
    with pytest.raises(ValueError, match=r"cannot be imported \(NameError"):
        with_own(load("trading"), [f"{file}:Broken"], [], seed=1)
