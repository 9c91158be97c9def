"""Training in a worker: published once each, however often it dies, and what it came to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from pipelines.events.codec import decode
from pipelines.events.from_simulator import BlockRule
from pipelines.events.layout import RECORD_TYPES
from pipelines.testing import Crash, MemoryLog
from pipelines.workers.checkpoint import BadCheckpoint
from pipelines.workers.experiments.record import Recorder
from pipelines.workers.job import Finished, Learned, Message
from pipelines.workers.reconcile.proof import Proof, prove
from pipelines.workers.reconcile.report import Sources
from pipelines.workers.registry import Registry, RunRecord
from pipelines.workers.run_config import to_builtins
from pipelines.workers.train_config import TrainResult, TrainRunConfig
from pipelines.workers.training import Training
from simulator.training import cadence
from simulator.training.config import TrainConfig

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 21, 10, 15, tzinfo=UTC)
TINY = TrainConfig(steps=96, worlds=2, learners=1, scripted=4, episode_steps=20, rollout_steps=12, batch_size=12, epochs=1, hidden=(4,))
"""Four rollouts of twelve steps; markets end within the second and the fourth, and the last ones end early."""


class Place:
    """A data folder with one training in it."""

    def __init__(
        self, folder: Path, to: str = "kafka", checkpoint_rollouts: int = 1, evaluate: int = 2, training: TrainConfig = TINY, **rest: int
    ) -> None:
        self.folder, self.registry, self.log = folder, Registry(folder / "runs"), MemoryLog()
        config = TrainRunConfig(
            training=training.as_dict(), to=to, block=BlockRule(events=40, steps=5), checkpoint_rollouts=checkpoint_rollouts,
            evaluate=evaluate, **rest,
        )  # fmt: skip
        self.record: RunRecord = self.registry.create(
            NOW, kind="train", config=to_builtins(config), seed=0, worlds=training.episodes, code_version="x"
        )
        self.heard: list[Message] = []
        self.stop_after = 1000
        self.recorders: list[Recorder] = []

    def train(self) -> bool:
        log = self.log if self.record.config["to"] == "kafka" else None
        return Training(self.record, self.registry, self.folder / "checkpoints", log, self.heard.append, self._stop, self.recorders).run()

    def _stop(self) -> bool:
        return sum(isinstance(message, Learned) for message in self.heard) >= self.stop_after

    def result(self) -> TrainResult:
        return msgspec.json.decode(self.registry.training_path(self.record.run_id).read_bytes(), type=TrainResult)

    def proof(self) -> Proof:
        return prove(self.registry, self.record, Sources(self.log, None, ("kafka",)), False, lambda text: None)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A training that nothing happened to."""
    place = Place(tmp_path_factory.mktemp("whole"))
    assert place.train()
    return place


def outcome(place: Place) -> tuple[str, dict[str, int], dict[str, str], dict[str, dict[str, float]]]:
    result = place.result()
    return result.log_hash, result.events, result.hashes, result.evaluation


def test_everything_is_published_and_told(whole: Place) -> None:
    proof = whole.proof()
    assert proof.differences == []
    assert set(proof.events) == {*RECORD_TYPES, "worlds", "labels", "metrics"}
    assert all(row["simulator"] == row["kafka"] for row in proof.events.values())
    assert proof.events["labels"]["kafka"] == TINY.episodes * 5
    assert proof.events["metrics"]["kafka"] > TINY.rollouts
    assert [message.update for message in whole.heard if isinstance(message, Learned)] == [1, 2, 3, 4]
    assert isinstance(whole.heard[-1], Finished)
    assert set(whole.result().evaluation) == {"trained", "untrained", "noise"}


@pytest.mark.parametrize("checkpoint_rollouts", [1, 3])
def test_a_training_that_crashes_anywhere_goes_on_to_the_same_end(tmp_path: Path, whole: Place, checkpoint_rollouts: int) -> None:
    sent = whole.log.sent().acknowledged
    for number, crash_at in enumerate(range(3, sent, max(1, sent // 6))):
        place = Place(tmp_path / str(number), checkpoint_rollouts=checkpoint_rollouts)
        place.log.crash_at = crash_at
        with pytest.raises(Crash):
            place.train()
        place.log.crash_at = crash_at + 70
        try:
            place.train()
        except Crash:
            place.log.crash_at = None
            assert place.train()
        assert outcome(place) == outcome(whole)
        proof = place.proof()
        assert proof.differences == [] and proof.duplicates_dropped == 0


@pytest.mark.parametrize("stop_after", [1, 2, 3, 4])
def test_a_stopped_training_goes_on_to_the_same_end(tmp_path: Path, whole: Place, stop_after: int) -> None:
    place = Place(tmp_path, checkpoint_rollouts=100)
    place.stop_after = stop_after
    assert place.train() is (stop_after == TINY.rollouts)
    place.stop_after = 1000
    assert place.train()
    assert outcome(place) == outcome(whole)
    assert place.proof().differences == []


def test_what_is_not_published_comes_to_the_same_end(tmp_path: Path, whole: Place) -> None:
    place = Place(tmp_path, to="none")
    assert place.train()
    assert outcome(place)[0] == outcome(whole)[0]
    assert place.registry.unfinished(place.record) == []
    assert place.log.sent().acknowledged == 0


def test_a_checkpoint_without_its_other_half_is_named(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.stop_after = 1
    place.train()
    (path,) = (tmp_path / "checkpoints").glob("streams-*.checkpoint")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BadCheckpoint, match="is damaged"):
        place.train()
    path.unlink()
    with pytest.raises(BadCheckpoint, match="is missing beside .*learner; remove .* to train from the start"):
        place.train()


def measured(place: Place, prefix: str) -> list[tuple[int, str]]:
    """Which figures of that name were published, and at which update."""
    log = place.log
    records = [record for partition in range(log.partitions("training.metrics")) for record in log.read("training.metrics", partition)]
    blocks = [decode(record.value, record.headers).columns for record in records]
    return [(int(u), n) for block in blocks for u, n in zip(block["update"], block["name"], strict=True) if n.startswith(prefix)]


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The same training, evaluated whenever a market has ended."""
    place = Place(tmp_path_factory.mktemp("evaluated"), evaluate_every=2, keep=1)
    assert place.train()
    return place


def test_evaluations_change_nothing_and_are_published(evaluated: Place, whole: Place) -> None:
    result = evaluated.result()
    assert result.log_hash == whole.result().log_hash
    assert [{name: figures for name, figures in result.evaluation.items() if name != "best"}] == [whole.result().evaluation]
    assert [update for update, name in measured(evaluated, "evaluation/score")] == [2, 4]
    assert set(result.evaluation) == {"trained", "untrained", "best", "noise"}
    assert evaluated.proof().differences == []
    checkpoints = evaluated.folder / "checkpoints"
    assert Path(result.best_checkpoint) == checkpoints / "best" and (checkpoints / "best" / "policy.npz").exists()
    assert [path.name for path in (checkpoints / "versions").iterdir()] == ["96"]
    assert [path.name for path in checkpoints.glob("streams-*")] == ["streams-96.checkpoint"]


@pytest.mark.parametrize("crash", [0.2, 0.5, 0.8])
def test_an_evaluated_training_that_crashes_goes_on_to_the_same_end(tmp_path: Path, evaluated: Place, crash: float) -> None:
    place = Place(tmp_path, checkpoint_rollouts=3, evaluate_every=2, keep=1)
    place.log.crash_at = int(evaluated.log.sent().acknowledged * crash)
    with pytest.raises(Crash):
        place.train()
    place.log.crash_at = None
    assert place.train()
    assert outcome(place) == outcome(evaluated)
    assert place.result().best_eval_score == evaluated.result().best_eval_score
    assert place.proof().differences == []


def test_impatience_ends_a_training_early_and_everything_is_still_proven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(run_id: str, result: object) -> None:
        raise Crash(run_id)

    monkeypatch.setattr(cadence, "appraise", lambda *_: {"score": 1.0})
    place = Place(tmp_path, evaluate=1, training=replace(TINY, steps=192), evaluate_every=2, patience=2)
    monkeypatch.setattr(place.registry, "store_training", crash)
    with pytest.raises(Crash):
        place.train()
    monkeypatch.undo()
    assert place.train()  # it had stopped, and does not learn again
    result = place.result()
    assert (result.rollouts, result.steps, result.worlds, place.record.worlds) == (4, 96, 6, 10)
    assert result.stopped_early == "no better evaluation than 1 after 2 episodes in the 2 episodes since"
    assert measured(place, "stopped_early") == [(4, "stopped_early")]
    assert place.proof().differences == []


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="patience 3 needs evaluations"):
        TrainRunConfig(training={}, patience=3)
    with pytest.raises(ValueError, match="every 3 episodes needs markets"):
        TrainRunConfig(training={}, evaluate_every=3, evaluate=0)
    with pytest.raises(ValueError, match="experiment '../x' is no name"):
        TrainRunConfig(training={}, experiment="../x")
    with pytest.raises(ValueError, match="destination 'csv' is none of kafka, none"):
        TrainRunConfig(training={}, to="csv")
    with pytest.raises(ValueError, match="every 0 rollouts"):
        TrainRunConfig(training={}, checkpoint_rollouts=0)
