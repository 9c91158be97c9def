"""Who sits where: families of policies, and those who learned nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.envs.market.network import LINEAR
from simulator.envs.market.observation import FEATURES
from simulator.envs.market.types import ActionView
from simulator.traders.registry import make_trader
from simulator.training.checkpoint import POLICY, Draft, Lineage
from simulator.training.config import Algorithm, TrainConfig
from simulator.training.judging.candidates import UNTRAINED, Candidate, check_fit, families
from simulator.training.judging.contestants import Kind, baselines, of_family
from simulator.training.policy import Policy
from simulator.world.mechanisms import RoleName


def config(**changes: Any) -> TrainConfig:
    return TrainConfig(**({"scripted": 8, "episode_steps": 20} | changes))


def policy(settings: TrainConfig, features: int = len(FEATURES)) -> Policy:
    """Of a network of one layer that no one trained."""
    box = settings.action_view is ActionView.BOX
    outputs = 3 if box else 18
    layer = (np.random.default_rng(settings.seed).normal(size=(features, outputs)), np.zeros(outputs), LINEAR)
    return Policy((layer,), settings.action_view, () if box else (outputs,))


def candidate(label: str = "one", untrained: bool = False, **changes: Any) -> Candidate:
    settings = config(**changes)
    return Candidate(label, settings, policy(settings), 100, policy(settings) if untrained else None)


def saved(folder: Path, settings: TrainConfig, untrained: bool = False) -> Path:
    """A checkpoint as a training leaves it."""
    lineage = Lineage(config=settings.as_dict(), seed=settings.seed, code_version="x", steps=100, log_hash="0")
    with Draft(folder) as draft:
        policy(settings).save(draft.folder / POLICY)
        draft.commit(lineage)
    if untrained:
        policy(settings).save(folder.parent / UNTRAINED)
    return folder


def test_a_checkpoint_is_read_with_what_lies_beside_it(tmp_path: Path) -> None:
    settings = config(seed=4)
    found = Candidate.load(saved(tmp_path / "run" / "learner", settings, untrained=True), "run", [1.0, 2.0])
    assert (found.config, found.steps, found.returns) == (settings, 100, (1.0, 2.0))
    assert found.untrained is not None and found.sampled().horizon == 20
    bare = Candidate.load(saved(tmp_path / "bare" / "learner", settings), "bare")
    with pytest.raises(ValueError, match="bare lies without untrained.npz"):
        bare.greedy(untrained=True)


def test_a_checkpoint_that_cannot_play_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no checkpoint in"):
        Candidate.load(tmp_path / "nowhere", "nowhere")
    foreign = saved(tmp_path / "foreign", config())
    policy(config(), features=7).save(foreign / POLICY)
    with pytest.raises(ValueError, match="foreign cannot play: a policy of 7 features"):
        Candidate.load(foreign, "foreign")


def test_checkpoints_that_differ_in_their_seed_are_one_family() -> None:
    ppo, dqn = Algorithm.PPO, Algorithm.DQN
    found = families([candidate("a", seed=1), candidate("b", algorithm=dqn), candidate("c", seed=2)])
    assert {name: [each.label for each in family] for name, family in found.items()} == {"ppo": ["a", "c"], "dqn": ["b"]}
    found = families([candidate("a", steps=5), candidate("b", steps=7, algorithm=ppo)])
    assert list(found) == ["ppo steps=5", "ppo steps=7"]


def test_a_family_plays_greedily_as_it_learned_and_as_it_began() -> None:
    kinds = [each.kind for each in of_family("ppo", [candidate(untrained=True), candidate(untrained=True)])]
    assert kinds == [Kind.POLICY, Kind.SAMPLED, Kind.UNTRAINED]
    (alone,) = of_family("sac", [candidate(algorithm=Algorithm.SAC)])
    assert alone.note == "deterministic: it has continuous actions and is saved without their deviation"
    (alone,) = of_family("dqn", [candidate(algorithm=Algorithm.DQN)])
    assert alone.note == "deterministic: it values actions and has no chances of choosing them"
    with pytest.raises(ValueError, match="play it greedily"):
        candidate(algorithm=Algorithm.DQN).sampled()


def test_traders_are_judged_beside_random_actions_and_whoever_trades_by_itself() -> None:
    found = {each.name: each for each in baselines(config().market())}
    assert next(iter(found)) == "random actions" and {"noise", "market_maker", "arbitrage", "splitter"} <= set(found)
    assert not {"regulator", "buyer", "portfolio", "linked_arbitrage"} & set(found)
    assert "arbitrage" not in {each.name for each in baselines(config(informed=False).market())}


def test_strategies_play_with_the_numbers_of_the_scenario() -> None:
    found = {each.name: each.players[0].parameters for each in baselines(config(scenario="financial_market").market())}
    assert found["noise"] == make_trader("noise", {"market_share": 0.4, "depth": 12}).parameters != make_trader("noise").parameters
    assert found["momentum"] == make_trader("momentum").parameters


def test_other_roles_are_judged_beside_those_of_the_role() -> None:
    def names(role: RoleName) -> list[str]:
        return [each.name for each in baselines(config(scenario="balanced", role=role, scripted=15).market())]

    assert names(RoleName.REGULATOR) == ["random actions", "regulator"]
    assert names(RoleName.SELLER) == ["random actions", "seller", "noise"]


def test_who_does_not_fit_the_market_is_refused() -> None:
    seller = config(scenario="balanced", role=RoleName.SELLER, scripted=15).market()
    with pytest.raises(ValueError, match="one was trained as a trader, these seats are of a seller"):
        check_fit(seller, [candidate()])
    several = config(scenario="multi_market", scripted=25).market()
    with pytest.raises(ValueError, match="one sees 15 features and this market shows 33"):
        check_fit(several, [candidate()])
    check_fit(config().market(), [candidate(), replace(candidate(), label="two")])
