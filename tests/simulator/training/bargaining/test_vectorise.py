"""Negotiations as a vector environment: seats, opponents' turns, ends, masks, seeds."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecMonitor

from simulator.bargaining.negotiators.registry import make_negotiator
from simulator.bargaining.rules import Outcome, Party, Rules
from simulator.envs.bargaining.scenario import BargainingScenario
from simulator.envs.bargaining.types import ActionView
from simulator.training.bargaining.objective import Objective
from simulator.training.bargaining.opponents import NegotiatorOpponent, Opponent
from simulator.training.bargaining.train_config import Sight
from simulator.training.bargaining.vectorise import STATE, Answer, BargainingVecEnv, Deadline, masks_of

RULES = Rules(offers=4, supplier=(5000, 5000), retailer=(8000, 8000))
SCENARIO = BargainingScenario(rules=RULES, rich=True, buckets=11)  # prices 0, 1000, ...
ACCEPT, WALK_AWAY, OFFER = 0, 1, 2


def opponents(rules: Rules, name: str = "fixed_price", **parameters: float) -> dict[Party, Opponent]:
    found = NegotiatorOpponent(rules, make_negotiator(name, parameters))
    return dict.fromkeys(Party, found)


def vector(seats: list[Party], **settings: Any) -> BargainingVecEnv:
    scenario = settings.pop("scenario", SCENARIO)
    others = settings.pop("others", opponents(scenario.rules, margin=0.25))  # the supplier wants 6,250, the retailer offers 6,000
    return BargainingVecEnv(scenario, np.array(seats), others, settings.pop("view", ActionView.DISCRETE), **settings)


def step(env: BargainingVecEnv, *actions: int) -> Answer:
    env.step_async(np.array(actions))
    return env.step_wait()


def seen(row: NDArray[np.float32], name: str) -> float:
    return float(row[STATE.index(name)])


def test_a_learner_is_first_asked_when_it_is_its_turn() -> None:
    env = vector([Party.SUPPLIER, Party.RETAILER])
    supplier, retailer = env.reset()
    assert (seen(supplier, "role"), seen(supplier, "current_price"), seen(supplier, "time_left")) == (-1.0, -1.0, 1.0)
    assert (seen(retailer, "role"), seen(retailer, "current_price")) == (1.0, pytest.approx(0.625))
    assert seen(retailer, "gain") == pytest.approx(0.175)
    assert (env.batch.rows["turn"] == [Party.SUPPLIER, Party.RETAILER]).all()


def test_an_accepted_offer_pays_at_once_and_the_next_negotiation_begins() -> None:
    env = vector([Party.SUPPLIER, Party.RETAILER], unit=1000.0)
    env.reset()
    observations, rewards, dones, infos = step(env, OFFER + 6, ACCEPT)  # 6,000 is what the retailer wants, 6,250 what the supplier asks
    payoff = [RULES.payoff(Party.SUPPLIER, 5000, 6000, 0), RULES.payoff(Party.RETAILER, 8000, 6250, 0)]
    assert rewards == pytest.approx(np.array(payoff) / 1000)
    assert dones.all()
    assert [info["outcome"] for info in infos] == [Outcome.DEAL, Outcome.DEAL]
    assert [info["TimeLimit.truncated"] for info in infos] == [False, False]
    assert [info["episode"]["l"] for info in infos] == [1, 1]
    assert seen(infos[0]["terminal_observation"], "round") == 0.25
    assert seen(observations[0], "round") == 0.0
    assert env.batch.rows["outcome"].tolist() == [Outcome.RUNNING, Outcome.RUNNING]


def test_refused_offers_pass_to_the_learners_next_turn_and_time_runs_out() -> None:
    env = vector([Party.SUPPLIER])
    env.reset()
    observations, rewards, dones, infos = step(env, OFFER + 9)
    assert (rewards[0], bool(dones[0]), infos[0]) == (0.0, False, {})
    assert (seen(observations[0], "current_price"), seen(observations[0], "round")) == (pytest.approx(0.6), 0.5)
    _, rewards, dones, infos = step(env, OFFER + 9)  # the retailer's answer is the fourth offer, which nobody can answer
    assert (rewards[0], bool(dones[0]), infos[0]["outcome"]) == (RULES.timeout, True, Outcome.TIMEOUT)
    assert infos[0]["episode"] == {"r": RULES.timeout, "l": 2, "t": 0.0}


@pytest.mark.parametrize(("deadline", "cut"), [(Deadline.END, False), (Deadline.CUT, True)])
def test_a_deadline_is_an_end_unless_it_is_asked_to_be_a_cut(deadline: Deadline, cut: bool) -> None:
    env = vector([Party.SUPPLIER, Party.SUPPLIER], deadline=deadline)
    env.reset()
    step(env, OFFER + 9, OFFER + 9)
    _, _, dones, infos = step(env, OFFER + 9, WALK_AWAY)
    assert dones.tolist() == [True, True]
    assert [info["TimeLimit.truncated"] for info in infos] == [cut, False]  # walking away is an end in any case


def test_a_team_is_paid_what_the_worse_off_gets() -> None:
    env = vector([Party.SUPPLIER, Party.RETAILER], objective=Objective.LEAST)
    env.reset()
    _, rewards, *_ = step(env, OFFER + 6, ACCEPT)
    assert rewards == pytest.approx([RULES.payoff(Party.SUPPLIER, 5000, 6000, 0), RULES.payoff(Party.SUPPLIER, 5000, 6250, 0)])


def test_an_opponent_that_leaves_at_once_never_hangs_the_environment() -> None:
    env = vector([Party.RETAILER] * 20, others=opponents(RULES, "random", accepts=0.0, walks=0.9))
    env.reset()
    assert (env.batch.rows["turn"] == Party.RETAILER).all()
    assert env.batch._next > 100  # about ten begun for each


def test_history_is_seen_on_request() -> None:
    assert vector([Party.SUPPLIER]).reset().shape == (1, 6)
    assert vector([Party.SUPPLIER], sight=Sight.HISTORY).reset().shape == (1, 15)


def test_masks_are_those_of_the_turn() -> None:
    env = vector([Party.SUPPLIER, Party.RETAILER])
    env.reset()
    assert env.action_masks().tolist() == [[False, True] + [True] * 11, [True, True] + [True] * 11]
    assert env.env_method("action_masks", indices=[1])[0].all()
    last = np.array([[True, False, True]])
    assert masks_of(ActionView.DISCRETE, last, 2).tolist() == [[True, True, False, False]]
    assert masks_of(ActionView.MULTI_DISCRETE, last, 2).tolist() == [[True, False, True, True, True]]
    with pytest.raises(ValueError, match="box actions have no masks; use discrete"):
        masks_of(ActionView.BOX, last, 2)


def test_the_same_seed_gives_the_same_series_whatever_happened_before() -> None:
    scenario = BargainingScenario(rules=Rules(), rich=True, buckets=11)
    moves = np.random.default_rng(1).integers(0, 13, (30, 6))

    def course(env: BargainingVecEnv) -> bytes:
        first = env.reset().tobytes()
        return first + b"".join(part.tobytes() for move in moves for part in step(env, *move)[:3]) + env.log_hash().encode()

    settings = {"scenario": scenario, "others": opponents(Rules(), "random")}
    env = vector([Party.SUPPLIER, Party.RETAILER] * 3, seed=5, **settings)
    first = course(env)
    assert course(env) == first
    other = vector([Party.SUPPLIER, Party.RETAILER] * 3, seed=6, **settings)
    assert course(other) != first
    other.seed(5)
    assert course(other) == first


def test_wrappers_of_stable_baselines_fit_around_it() -> None:
    env = VecMonitor(vector([Party.SUPPLIER, Party.RETAILER], view=ActionView.BOX))
    env.reset()
    *_, infos = env.step(np.array([[1.0, 0.0], [-1.0, 0.0]], np.float32))  # walks away, accepts
    assert [info["outcome"] for info in infos] == [Outcome.WALKED_AWAY, Outcome.DEAL]


def test_bad_input_is_refused_with_the_way_out() -> None:
    with pytest.raises(ValueError, match="nobody plays the retailer against the learner"):
        vector([Party.SUPPLIER], others={})
    with pytest.raises(ValueError, match="use a scenario with rich=True"):
        vector([Party.SUPPLIER], scenario=BargainingScenario(rules=RULES))
    with pytest.raises(ValueError, match="cannot be set"):
        vector([Party.SUPPLIER]).set_attr("unit", 2.0)
    with pytest.raises(ValueError, match="cannot be called"):
        vector([Party.SUPPLIER]).env_method("reset")
