"""From a checkpoint back to its log: the links that agree, and a link that was changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from pipelines.apps.lineage import app
from pipelines.apps.policy import shown
from pipelines.workers.lineage import chain_of
from pipelines.workers.policy_play import chosen_policy, policy_maker, with_learners
from pipelines.workers.registry import Registry
from simulator.training.exported import export_checkpoint
from simulator.world.scenario_files import load
from tests.pipelines.workers.test_training import Place


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, Path]:
    """A finished training, and its newest checkpoint in a folder that has the run's id."""
    place = Place(tmp_path_factory.mktemp("data"), to="none", evaluate=0)
    assert place.train()
    own = place.folder / "checkpoints" / place.record.run_id
    own.mkdir()
    shutil.move(place.folder / "checkpoints" / "learner", own / "learner")
    return place, own / "learner"


def test_each_link_of_a_finished_run_agrees(trained: tuple[Place, Path]) -> None:
    place, folder = trained
    chain = chain_of(folder, place.registry)
    assert (chain.run_id, chain.log_hash, chain.run_hash) == (place.record.run_id, place.result().log_hash, place.result().log_hash)
    assert chain.differences == []
    assert chain.agreements == [
        "the configuration",
        "the seed",
        "the hash that the run stored",
        "the hashes of the run's 6 worlds, combined",
    ]
    assert chain.changed["hidden"] == "[4]" and "gamma" not in chain.changed


def test_a_changed_link_is_named(trained: tuple[Place, Path], tmp_path: Path) -> None:
    place, folder = trained
    runs = tmp_path / "runs"
    shutil.copytree(place.registry.runs_dir, runs)
    registry = Registry(runs)
    registry.store_training(place.record.run_id, msgspec.structs.replace(place.result(), log_hash="00"))
    assert chain_of(folder, registry).differences == ["the hash that the run stored", "the hashes of the run's 6 worlds, combined"]


def test_an_exported_policy_finds_its_run_and_plays(trained: tuple[Place, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, folder = trained
    file = tmp_path / "trader.npz"
    export_checkpoint(folder, file)
    assert chain_of(file, place.registry).run_id == place.record.run_id
    assert chain_of(file, Registry(tmp_path / "elsewhere")).run_id == ""
    assert (shown(file).features, shown(file).layers, shown(file).steps) == (15, ["15-4 tanh", "4-18 linear"], 96)
    scenario = load("trading").with_agents(12)
    assert with_learners(scenario, file) == with_learners(scenario, folder)
    assert policy_maker(chosen_policy(file))("noise", {}) is not None
    monkeypatch.setenv("AGORA_DATA_DIR", str(place.folder))
    said = CliRunner().invoke(app, [str(folder)])
    assert said.exit_code == 0 and f"run         {place.record.run_id}" in said.output
