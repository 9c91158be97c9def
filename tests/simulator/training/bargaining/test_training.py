"""Trainings from configuration to judgement: an ultimatum that each algorithm must solve, determinism, the folder."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.bargaining.rules import Party
from simulator.envs.bargaining.types import ActionView
from simulator.training.bargaining.judge import Verdict
from simulator.training.bargaining.learner import BargainingLearner
from simulator.training.bargaining.objective import Objective
from simulator.training.bargaining.train_config import Algorithm, BargainingTrainConfig, Seats
from simulator.training.bargaining.training import train
from simulator.training.checkpoint import Checkpoint
from simulator.training.policy import Policy

pytestmark = pytest.mark.slow

ULTIMATUM = {
    "offers": 1, "answer_last": True, "first_round": 0, "discount": "none", "speed_bonus": 0, "walk_away": 0, "timeout": 0,
    "low": 0, "high": 10, "supplier": [0, 0], "retailer": [10, 10],
}  # fmt: skip
"""A retailer by fixed price takes whatever leaves it something: of the prices 0, 2, .. 10 the best is 8."""

SMALL: dict[str, Any] = {"rules": ULTIMATUM, "buckets": 6, "hidden": [16], "learning_rate": 5e-3, "opponent": "fixed_price"}
ON_POLICY = SMALL | {"steps": 8_192, "negotiations": 128, "rollout_steps": 4, "batch_size": 128}
OFF_POLICY = SMALL | {"steps": 3_072, "negotiations": 32, "rollout_steps": 8, "batch_size": 128, "epochs": 16}


def config(**values: Any) -> BargainingTrainConfig:
    return BargainingTrainConfig.from_dict(values)


@pytest.mark.parametrize(
    "settings",
    [
        ON_POLICY | {"algorithm": "ppo"},
        ON_POLICY | {"algorithm": "ppo", "view": "multi_discrete"},
        OFF_POLICY | {"algorithm": "dqn"},
        ON_POLICY | {"algorithm": "q_learning"},
    ],
)
def test_each_algorithm_finds_the_best_ultimatum(settings: dict[str, Any]) -> None:
    told = train(config(seats="supplier", seed=1, **settings)).exact()
    assert told is not None
    assert (told.price, told.deals, told.subgame_gain) == (8.0, 1.0, 0.0)


def test_a_continuous_action_comes_near_the_best_ultimatum() -> None:
    settings = OFF_POLICY | {"hidden": [32]}
    untrained, trained = (train(config(seats="supplier", algorithm="sac", **(settings | {"steps": steps}))) for steps in (1, 3_072))
    assert trained.negotiated(200).supplier_payoff.value > untrained.negotiated(200).supplier_payoff.value + 0.5
    assert trained.exact() is None  # its prices lie on no grid


def test_masked_ppo_finds_it_too() -> None:
    told = train(config(seats="supplier", algorithm="maskable_ppo", **ON_POLICY)).exact()
    assert told is not None and told.price == 8.0


@pytest.mark.parametrize("seats", [Seats.BOTH, Seats.SHARED])
def test_a_seed_decides_everything_and_roles_have_their_policies(seats: Seats) -> None:
    settings = config(algorithm="ppo", seats=seats, **(ON_POLICY | {"steps": 1024, "negotiations": 64}))
    learners = [BargainingLearner(settings) for _ in range(2)]
    returns = [[rollout.returns for rollout in learner.rollouts()] for learner in learners]
    assert returns[0] == returns[1]
    assert learners[0].log_hash() == learners[1].log_hash()
    first, second = (learner.policies() for learner in learners)
    for party in Party:
        assert all((one[0] == two[0]).all() for one, two in zip(first[party].layers, second[party].layers, strict=True))
    assert (first[Party.SUPPLIER] is first[Party.RETAILER]) == (seats is Seats.SHARED)
    assert learners[0].steps == settings.steps


def test_policies_of_both_roles_split_the_ultimatum_as_theory_says() -> None:
    told = train(config(algorithm="ppo", seats="both", **(ON_POLICY | {"steps": 16_384}))).exact()
    assert told is not None
    assert told.price >= 8.0 and told.deals == 1.0 and told.subgame_gain <= 2.0 / 10.0


def test_two_of_a_team_share_a_private_surplus_fairly_and_soon() -> None:
    """The whole goal takes longer: agora train --env bargaining -a q_learning --setting objective=least."""
    told = train(config(algorithm="q_learning", objective=Objective.LEAST, steps=1_200_000, negotiations=1024, seed=1)).negotiated(5_000)
    assert told.midpoint_distance.value < 0.05 and told.deals.value > 0.9 and told.rounds.value < 5.0
    assert told.surplus_efficiency.value > 0.85 and told.efficiency_ceiling == 1.0 and told.losses == 0


def test_a_folder_says_where_it_comes_from_and_holds_the_policies(tmp_path: Path) -> None:
    settings = config(algorithm="ppo", seats="both", **(ON_POLICY | {"steps": 512, "negotiations": 64}))
    trained = train(settings)
    lineage = trained.save(tmp_path / "one", "abc")
    assert Checkpoint(tmp_path / "one").lineage == lineage
    assert BargainingTrainConfig.from_dict(lineage.config) == settings
    assert Policy.load(tmp_path / "one" / "retailer.npz").heads == (8,)
    assert (tmp_path / "one" / "supplier.zip").is_file()
    tables = train(config(algorithm="q_learning", seats="both", **(ON_POLICY | {"steps": 512})))
    tables.save(tmp_path / "two")
    with np.load(tmp_path / "two" / "tables.npz") as stored:
        assert stored["values"].shape == (1, 2, 6, 8)


def test_an_exact_judgement_is_given_only_where_it_is_exact() -> None:
    quick = ON_POLICY | {"steps": 256, "negotiations": 64, "algorithm": "q_learning"}
    assert train(config(seats="retailer", **quick)).exact() is not None
    assert train(config(seats="retailer", **(quick | {"opponent": "tit_for_tat"}))).exact() is None
    assert train(config(algorithm="q_learning", steps=256, negotiations=64)).exact() is None  # private valuations
    told = train(config(seats="both", **quick)).exact()
    assert told is not None and told.verdict in Verdict


def test_settings_are_read_with_their_presets_and_parts() -> None:
    found = config(**{"rules": "known", "rules.offers": 4, "algorithm": "dqn", "seats": "shared"})
    assert (found.rules.offers, found.rules.delta, found.known, found.policies) == (4, 0.95, True, dict.fromkeys(Party, "shared"))
    assert BargainingTrainConfig.from_dict(found.as_dict()) == found
    assert BargainingTrainConfig.tuned({"algorithm": "q_learning", "rules": "known"}).starts == "everywhere"
    assert BargainingTrainConfig.tuned({"algorithm": "ppo", "negotiations": 8}).negotiations == 8
    assert (config(algorithm="sac").action_view, config(algorithm=Algorithm.PPO).action_view) == (ActionView.BOX, ActionView.DISCRETE)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"buckets": 1}, "1 buckets leave no choice"),
        ({"seats": "shared", "negotiations": 3}, "3 negotiations are not halved"),
        ({"algorithm": "sac", "view": "discrete"}, "sac does not take discrete actions; use box"),
        ({"rules": "secret"}, "rules 'secret' are none of private, known"),
        ({"sets": 1}, "unknown training settings sets; known: env, algorithm"),
        ({"rules.offers": 0}, "training settings do not fit"),
        ({"env": "market"}, "env 'market' is not bargaining"),
        ({"seed": -1}, "seed -1 is negative"),
        ({"steps": 0}, "steps 0 is not positive"),
    ],
)
def test_bad_settings_are_refused_with_the_way_out(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        config(**values)
