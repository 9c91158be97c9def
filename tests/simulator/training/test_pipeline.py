"""Training from Python: looking changes nothing, stopping anywhere changes nothing, and patience ends."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from simulator.training import cadence as cadence_module
from simulator.training.cadence import Cadence, Progress, Watch, drift, passes
from simulator.training.checkpoint import Checkpoint
from simulator.training.config import TrainConfig
from simulator.training.pipeline import Results, RLTrainingPipeline, create_trading_pipeline
from simulator.training.sb3 import Learner, Rollout
from simulator.training.versions import Versions

pytestmark = pytest.mark.slow

SMALL: dict[str, Any] = {
    "worlds": 2, "scripted": 6, "episode_steps": 24, "rollout_steps": 16, "hidden": (8,), "batch_size": 32, "epochs": 1, "seed": 3,
}  # fmt: skip
CONFIG = TrainConfig(**SMALL, steps=6 * 64)
"""Six rollouts of 16 steps; the two markets end in the second, the third, the fifth and the sixth."""
OFTEN = Cadence(evaluate_every=2, patience=0, markets=2, keep=2)


def pipeline(folder: Path, cadence: Cadence = OFTEN, **options: Any) -> RLTrainingPipeline:
    return RLTrainingPipeline(CONFIG, experiment_name="x", folder=folder, cadence=cadence, checkpoint_every=2, **options)


def parameters(learner: Learner) -> list[bytes]:
    return [tensor.detach().numpy().tobytes() for tensor in learner.model.policy.state_dict().values()]


@pytest.fixture(scope="module")
def bare() -> Learner:
    """The training that nobody looked at."""
    learner = Learner(CONFIG)
    for _ in learner.rollouts():
        pass
    return learner


def test_episodes_are_counted_over_all_markets() -> None:
    assert [CONFIG.ended_after(rollout) for rollout in range(7)] == [0, 0, 2, 4, 4, 6, 8]
    assert [rollout for rollout in range(1, 7) if passes(CONFIG, rollout, 4)] == [3, 6]
    assert CONFIG.episodes == CONFIG.begun_after(6) == 8


def test_evaluations_and_checkpoints_change_nothing_that_is_learned(tmp_path: Path, bare: Learner) -> None:
    heard: list[Rollout] = []
    watched = pipeline(tmp_path, on_rollout=heard.append)
    results = watched.train_blocking()
    assert parameters(watched.learner) == parameters(bare)
    assert results["log_hash"] == bare.env.log_hash()
    assert [episodes for episodes, _ in results["evaluations"]] == [2, 4, 6, 8]
    assert results["best_eval_score"] == max(score for _, score in results["evaluations"])
    assert [rollout.number for rollout in heard if "evaluation/score" in rollout.metrics] == [2, 3, 5, 6]
    best = Checkpoint(Path(results["best_checkpoint"])).lineage.steps
    assert best == {2: 128, 4: 192, 6: 320, 8: 384}[max(results["evaluations"], key=lambda pair: pair[1])[0]]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """What the training comes to when nothing stops it."""
    return pipeline(tmp_path_factory.mktemp("whole")).train_blocking()


@pytest.mark.parametrize("stop", range(1, 6))
def test_stopped_at_any_rollout_it_ends_as_if_it_had_not(tmp_path: Path, bare: Learner, expected: Results, stop: int) -> None:
    for rollout in pipeline(tmp_path).rollouts():
        if rollout.number == stop:
            break
    again = pipeline(tmp_path)
    results = again.train_blocking()
    assert parameters(again.learner) == parameters(bare)
    assert (results["evaluations"], results["log_hash"]) == (expected["evaluations"], expected["log_hash"])
    assert Checkpoint(Path(results["best_checkpoint"])).lineage.steps == Checkpoint(Path(expected["best_checkpoint"])).lineage.steps


def test_awaited_it_lets_others_have_their_turn_and_goes_on_after_a_cancellation(tmp_path: Path, bare: Learner) -> None:
    async def both() -> tuple[int, Any]:
        training, turns = pipeline(tmp_path), 0
        first = asyncio.create_task(training.train())
        while training.learner.done < 3 and not first.done():
            turns += 1
            await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert first.cancelled()
        return turns, (await training.train(), training)

    turns, (results, training) = asyncio.run(both())
    assert turns >= 3
    assert results["steps"] == CONFIG.steps
    assert parameters(training.learner) == parameters(bare)


def test_without_a_better_evaluation_it_stops_and_stays_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cadence_module, "appraise", lambda *_: {"score": 1.0})
    patient = replace(OFTEN, patience=4)
    stopped = pipeline(tmp_path, patient)
    results = stopped.train_blocking()
    assert results["stopped_early"] == "no better evaluation than 1 after 2 episodes in the 4 episodes since"
    assert (results["episodes"], results["steps"], results["best_eval_score"]) == (6, 320, 1.0)
    assert Checkpoint(stopped.versions.best).lineage.steps == 128  # the first of equals
    again = pipeline(tmp_path, patient)
    assert again.train_blocking() == results


def test_the_seed_of_evaluations_is_nobody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = []

    def appraised(config: TrainConfig, policies: Any, seed: int, markets: int) -> dict[str, float]:
        seeds.append(seed)
        return {"score": 0.0}

    monkeypatch.setattr(cadence_module, "appraise", appraised)
    Watch(CONFIG, OFTEN).after(Rollout(2, 128, {}), list)
    assert seeds == [2_000_006]


def test_every_fifty_rollouts_it_says_whether_the_returns_still_move() -> None:
    long, never = TrainConfig(**SMALL, steps=64 * 200), Cadence(evaluate_every=0, patience=0)

    def looked(returns: list[float]) -> list[dict[str, float]]:
        watch = Watch(long, never)
        found = [watch.after(Rollout(n, n, {"rollout/return": value}), list).metrics for n, value in enumerate(returns, 1)]
        assert [n for n, metrics in enumerate(found, 1) if metrics] == [50, 100]
        return [found[49], found[99]]

    assert [metrics["convergence/settled"] for metrics in looked([float(n % 2) for n in range(100)])] == [1.0, 1.0]
    rising = looked([float(n) for n in range(50)] + [7.0] * 50)
    assert rising[0]["convergence/drift"] == pytest.approx(25.0 / (0.5**0.5 * 0.08**0.5))
    assert rising[1] == {"convergence/drift": 0.0, "convergence/settled": 1.0}
    assert drift([1.0, 0.0, 1.0, 0.0]) == 0.0


def test_older_checkpoints_are_kept_and_a_damaged_newest_is_passed_over(tmp_path: Path) -> None:
    whole = pipeline(tmp_path).train_blocking()
    versions = Versions(tmp_path / "x", keep=2)
    assert [path.name for path in versions.older()] == ["384", "320"]
    (versions.newest / "model.zip").unlink()
    (versions.newest / "model.zip").write_bytes(b"PK")
    found = versions.recovered()
    assert found is not None and found.folder == versions.folder / "versions" / "384"
    for path in (*versions.older(), versions.best):
        (path / "resume.bin").unlink()
        (path / "resume.bin").write_bytes(b"\xc1")
    with pytest.raises(ValueError, match="no checkpoint under .* is whole"):
        pipeline(tmp_path)
    assert whole["best_checkpoint"] == str(versions.best)
    assert Versions(tmp_path / "nothing").recovered() is None


def test_another_configuration_is_not_mixed_in(tmp_path: Path) -> None:
    training = pipeline(tmp_path)
    training.train_blocking()
    with pytest.raises(ValueError, match="a training of another configuration; choose another experiment_name"):
        RLTrainingPipeline(replace(CONFIG, gamma=0.5), experiment_name="x", folder=tmp_path)


def test_a_pipeline_by_agents_and_episodes(tmp_path: Path) -> None:
    made = create_trading_pipeline(4, 6, experiment_name="mine", folder=tmp_path, **SMALL)
    assert (made.config.learners, made.config.ended_after(made.config.rollouts), made.config.steps) == (4, 6, 6 * 4 * 24)
    assert (made.cadence.evaluate_every, made.cadence.patience) == (500, 2000)
    custom = create_trading_pipeline(2, 1, folder=tmp_path, preset="custom", gamma=0.9, worlds=16)
    assert (custom.config.learning_rate, custom.config.gamma, custom.experiment_name) == (5e-4, 0.9, "trading")
    with pytest.raises(ValueError, match="there are no curricula; leave it out and set how hard the market is with volatility="):
        create_trading_pipeline(use_curriculum=True)
    with pytest.raises(ValueError, match="unknown training settings stepz"):
        create_trading_pipeline(stepz=3)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"patience": 5, "evaluate_every": 0}, "patience 5 needs evaluations"),
        ({"markets": 0}, "evaluation in 0 markets"),
        ({"keep": -1}, "keep -1 is negative"),
    ],
)
def test_a_cadence_that_makes_no_sense_is_refused(values: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Cadence(**values)


def test_progress_survives_its_file() -> None:
    import msgspec

    progress = Progress(episodes=[2], scores=[0.1], recent=[0.3], stopped="why")
    assert msgspec.json.decode(progress.encode(), type=Progress) == progress
