"""Many markets as one vector environment: slots, ends of episodes, series, records, snapshots."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecMonitor

from simulator.envs.market.env import MarketEnv
from simulator.envs.market.scenario import MarketScenario, among
from simulator.envs.market.types import ActionView
from simulator.training.vectorise import Answer, MarketVecEnv
from simulator.world.digest import Digest, run_hash
from simulator.world.scenario_files import load
from simulator.world.world import Chunk, World

SCENARIO = among(load("trading"), 8, learners=2, informed=True, horizon=6)


def vector(worlds: int = 3, seed: int = 5, **settings: Any) -> MarketVecEnv:
    return MarketVecEnv(SCENARIO, worlds, ActionView.DISCRETE, seed, **settings)


def step(env: MarketVecEnv, move: NDArray[Any]) -> Answer:
    """A step with the types that this environment answers, of the many that its base class allows."""
    env.step_async(move)
    return env.step_wait()


def actions(steps: int, slots: int) -> NDArray[np.int64]:
    return np.random.default_rng(1).integers(0, 32, (steps, slots))


class Log:
    """Keeps what an observer is told."""

    def __init__(self) -> None:
        self.digests: dict[int, Digest] = {}
        self.seqs: dict[int, int] = {}
        self.ends: list[tuple[int, str]] = []

    def began(self, world: World) -> None:
        self.digests[world.world_id], self.seqs[world.world_id] = Digest(world.digest.chains), world.next_seq

    def played(self, world: World, chunk: Chunk) -> None:
        assert chunk.first_seq == self.seqs[world.world_id]
        self.seqs[world.world_id] += len(chunk.records)
        self.digests[world.world_id].update(chunk.records, chunk.first_seq)

    def ended(self, world: World) -> None:
        assert self.digests[world.world_id].hash() == world.hash()
        self.ends.append((world.world_id, world.hash()))


def test_a_slot_is_a_learner_of_a_market_of_the_series() -> None:
    env, moves = vector(), actions(6, 6)
    seen = [env.reset(), *(step(env, move)[0] for move in moves[:5])]
    single = MarketEnv(SCENARIO, view=ActionView.DISCRETE)
    for world in range(3):  # the n-th reset of one series is the n-th market
        rows = slice(2 * world, 2 * world + 2)
        assert (seen[0][rows] == single.reset_batch(5 if world == 0 else None)).all()
        for number in range(5):
            assert (seen[number + 1][rows] == single.step_batch(moves[number][rows]).observations).all()


def test_a_horizon_is_a_truncation_with_the_last_observation_and_the_return() -> None:
    env, moves = vector(), actions(6, 6)
    env.reset()
    rewards: list[NDArray[np.float32]] = []
    for move in moves[:5]:
        _, reward, dones, infos = step(env, move)
        rewards.append(reward)
        assert not dones.any()
        assert infos == [{}] * 6
    first_of_next, reward, dones, infos = step(env, moves[5])
    assert dones.all()
    assert all(info["TimeLimit.truncated"] for info in infos)
    assert [info["episode"]["l"] for info in infos] == [6] * 6
    assert [info["episode"]["r"] for info in infos] == pytest.approx(np.sum([*rewards, reward], axis=0).tolist(), abs=1e-4)
    assert all(info["terminal_observation"][14] == pytest.approx(1.0) for info in infos)  # the clock of the seventh step
    assert not np.array_equal(infos[0]["terminal_observation"], first_of_next[0])
    assert np.array_equal(first_of_next, env.running.observations)
    assert [world.world_id for world in env.running.worlds] == [3, 4, 5]


def test_the_same_seed_gives_the_same_series_whatever_happened_before() -> None:
    def played(env: MarketVecEnv) -> bytes:
        return env.reset().tobytes() + b"".join(part.tobytes() for move in actions(9, 6) for part in step(env, move)[:3])

    env = vector()
    first = played(env)
    assert played(env) == first
    assert played(vector(seed=6)) != first
    other = vector(seed=6)
    other.seed(5)
    assert played(other) == first


def test_an_observer_is_told_every_record_once_and_in_order() -> None:
    log = Log()
    env = vector(observer=log)
    env.reset()
    for number, move in enumerate(actions(15, 6)):
        env.step(move)
        if number % 4 == 0:
            env.flush()
    assert [world for world, _ in log.ends] == [0, 1, 2, 3, 4, 5]
    env.flush()
    assert env.log_hash() == run_hash([*(found for _, found in log.ends), *(log.digests[world].hash() for world in (6, 7, 8))])


def test_what_is_observed_does_not_change_what_happens() -> None:
    hashes = []
    for observer in (None, Log()):
        env = vector(observer=observer)
        env.reset()
        for move in actions(8, 6):
            env.step(move)
        hashes.append(env.log_hash())
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_snapshot_goes_on_as_if_nothing_had_been(cut: int) -> None:
    moves, straight = actions(9, 6), vector()
    straight.reset()
    for move in moves[:cut]:
        observations = step(straight, move)[0]
    other, log = vector(seed=0), Log()
    other.observer = log
    assert (other.restore(straight.snapshot()) == observations).all()
    for move in moves[cut:]:
        expected, found = step(straight, move), step(other, move)
        assert (expected[0] == found[0]).all()
        assert (expected[1] == found[1]).all()
        assert [info.get("episode") for info in expected[3]] == [info.get("episode") for info in found[3]]
    other.flush()
    assert other.log_hash() == straight.log_hash()


def test_a_snapshot_of_another_width_is_refused() -> None:
    env = vector()
    env.reset()
    with pytest.raises(ValueError, match="3 worlds does not fit 2"):
        vector(worlds=2).restore(env.snapshot())


def test_wrappers_of_stable_baselines_fit_around_it() -> None:
    env = VecMonitor(MarketVecEnv(MarketScenario(horizon=4), 2, ActionView.BOX))
    env.reset()
    for _ in range(4):
        *_, infos = env.step(np.zeros((2, 3), np.float32))
    assert infos[0]["episode"]["l"] == 4


def test_slots_are_no_environments_of_their_own() -> None:
    env = vector()
    assert env.get_attr("worlds", 1) == [3]
    assert env.env_is_wrapped(VecMonitor) == [False] * 6
    with pytest.raises(ValueError, match="cannot be set"):
        env.set_attr("worlds", 4)
    with pytest.raises(ValueError, match="cannot be called"):
        env.env_method("reset")
    with pytest.raises(ValueError, match="0 worlds is not positive"):
        vector(worlds=0)
