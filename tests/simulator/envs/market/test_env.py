"""The market environment: what an agent's account and reward do, refusals, masks, text."""

from typing import Any

import numpy as np
import pytest

from simulator.envs.market.env import MarketEnv, MultiAgentMarketEnv, TwoPlayerMarketEnv
from simulator.envs.market.scenario import MarketScenario, among
from simulator.envs.market.types import ActionView, OrderType
from simulator.types import RecordKind
from simulator.world.scenario_files import load

HOLD = [OrderType.HOLD, 0, 0]
SELL_10_BEHIND = [OrderType.LIMIT_SELL, 1, 2]
BUY_5 = [OrderType.MARKET_BUY, 0, 1]


def two(**settings: Any) -> MarketEnv:
    env = MultiAgentMarketEnv(2, horizon=10, **settings)
    env.reset(seed=1)
    return env


def accounts(env: MarketEnv) -> list[tuple[int, int]]:
    world = env._market().world
    return [(int(row["cash"]), int(row["inventory"])) for row in world.agents[world.outside]]


def test_agents_begin_with_cash_and_nothing_else() -> None:
    env = two(initial_price=50)
    assert env.possible_agents == ["agent_0", "agent_1"]
    assert accounts(env) == [(10_000_000, 0)] * 2
    assert env.values().tolist() == [100_000.0, 100_000.0]
    assert env._market().world.markets["mid_twice"][0] == 2 * 5000


def test_two_players_are_a_market_of_two() -> None:
    env = TwoPlayerMarketEnv(initial_price=50, horizon=3)
    env.reset(seed=1)
    assert (env.agents, env._market().world.markets["mid_twice"][0]) == (["agent_0", "agent_1"], 10_000)


def test_a_trade_moves_cash_and_inventory_from_one_to_the_other() -> None:
    env = two()
    env.step_batch(np.array([SELL_10_BEHIND, HOLD]))
    env.step_batch(np.array([HOLD, BUY_5]))
    assert accounts(env) == [(10_000_000 + 5 * 10_001, -5), (10_000_000 - 5 * 10_001, 5)]


def test_the_reward_is_the_change_of_the_mark_to_market_value() -> None:
    env = MarketEnv(among(load("trading"), 12, learners=3, horizon=60, reward_scale=2.0))
    env.reset(seed=4)
    rng, before, moved = np.random.default_rng(0), env.values(), 0
    for _ in range(60):
        found = env.step_batch(rng.integers(0, [6, 4, 3], (3, 3)))
        assert found.rewards * 2.0 == pytest.approx(env.values() - before, abs=1e-3)
        before, moved = env.values(), moved + int(np.any(found.rewards != 0))
    assert moved > 30


def test_the_batch_and_the_dictionaries_are_one_environment() -> None:
    for view in ActionView:
        env, batch = (MarketEnv(MarketScenario(learners=4, horizon=20), view=view) for _ in range(2))
        env.reset(seed=3)
        batch.reset_batch(3)
        while env.agents:
            actions = {name: env.action_space(name).sample() for name in env.agents}
            observations, rewards, _, truncated, _ = env.step(dict(reversed(actions.items())))
            found = batch.step_batch(np.array(list(actions.values())))
            assert (np.array(list(observations.values())) == found.observations).all()
            assert list(rewards.values()) == found.rewards.tolist()
            assert list(truncated.values()) == [found.truncated] * 4


@pytest.mark.parametrize(
    ("view", "actions"),
    [
        (ActionView.DISCRETE, [0, 32]),
        (ActionView.DISCRETE, [0, -1]),
        (ActionView.MULTI_DISCRETE, [HOLD, [6, 0, 0]]),
        (ActionView.MULTI_DISCRETE, [HOLD, [0, 4, 0]]),
        (ActionView.MULTI_DISCRETE, [HOLD, [0, 0, -1]]),
        (ActionView.BOX, [[0, 0, 0], [0, np.nan, 0]]),
    ],
)
def test_actions_that_do_not_exist_are_refused_by_agent(view: ActionView, actions: Any) -> None:
    env = two(view=view)
    with pytest.raises(ValueError, match="of agent 1 does not exist"):
        env.step_batch(np.array(actions))


def test_every_form_writes_what_its_rules_say() -> None:
    for view in ActionView:
        env = MultiAgentMarketEnv(60, view=view, horizon=5)
        env.reset(seed=1)
        actions = np.array([env.action_space(name).sample() for name in env.possible_agents])
        env.step_batch(actions)
        world = env._market().world
        assert (world.agents["memory"][world.outside, :3] == env.scenario.rules.resolve(view, actions)).all()


def test_misuse_is_refused_with_the_next_step() -> None:
    env = MultiAgentMarketEnv(2, horizon=3)
    with pytest.raises(ValueError, match="call reset first"):
        env.step_batch(np.array([HOLD, HOLD]))
    env.reset(seed=1)
    with pytest.raises(ValueError, match="1 actions were given for 2 agents"):
        env.step_batch(np.array([HOLD]))
    with pytest.raises(ValueError, match="render_mode 'rgb' is unknown"):
        MarketEnv(render_mode="rgb")
    with pytest.raises(ValueError, match="learners 0 is not positive"):
        MultiAgentMarketEnv(0)
    with pytest.raises(ValueError, match="below one tick"):
        MultiAgentMarketEnv(1, initial_price=0.001)
    with pytest.raises(ValueError, match="reward_scale -1 is not positive"):
        MultiAgentMarketEnv(1, reward_scale=-1)


def test_masks_leave_out_what_cannot_be_done() -> None:
    env = MarketEnv(MarketScenario(learners=2, horizon=10, position_limit=5))
    env.reset(seed=1)
    types = list(OrderType)
    assert [{types[i] for i in np.flatnonzero(row)} for row in env.action_masks()] == [{types[0], types[3], types[4]}] * 2
    env.step_batch(np.array([[OrderType.LIMIT_SELL, 1, 1], HOLD]))
    seller, buyer = env.action_masks()
    assert (bool(seller[OrderType.LIMIT_SELL]), bool(seller[OrderType.CANCEL_ALL]), bool(seller[OrderType.MARKET_SELL])) == (
        True,
        True,
        False,
    )
    assert (bool(buyer[OrderType.MARKET_BUY]), bool(buyer[OrderType.CANCEL_ALL])) == (True, False)
    env.step_batch(np.array([HOLD, BUY_5]))
    seller, buyer = env.action_masks()
    assert not buyer[OrderType.LIMIT_BUY]
    assert not seller[OrderType.LIMIT_SELL]


def test_text_shows_the_touch_and_the_positions() -> None:
    env = two(render_mode="ansi")
    env.step_batch(np.array([SELL_10_BEHIND, HOLD]))
    assert env.render() == "step 1: 0 @ 0.00 | 100.01 @ 10\nagent_0: +0 lots, 100000.00\nagent_1: +0 lots, 100000.00"


def test_informed_learners_see_the_value_that_will_be_used_in_the_next_step() -> None:
    env = MarketEnv(MarketScenario(learners=2, informed=True, horizon=10))
    env.reset(seed=1)
    for _ in range(5):
        seen = env.step_batch(np.array([HOLD, HOLD])).observations
        world = env._market().world
        expected = (world.symbols["value"][0] / 10_000 - 1) * 200
        assert seen[:, 9] == pytest.approx(expected, abs=1e-6)


def test_learners_stand_among_the_scripted_agents_of_a_scenario() -> None:
    scenario = among(load("trading"), 20, learners=3)
    world = scenario.world()
    assert (scenario.agents, world.agents, world.counts()[0]) == (23, 23, 3)
    assert world.fees == load("trading").fees
    env = MarketEnv(among(load("trading"), 20, learners=3, horizon=50))
    env.reset(seed=1)
    for _ in range(49):
        env.step_batch(np.array([HOLD] * 3))
    batch = env._market()
    batch.buffers.actions[:] = [BUY_5, HOLD, HOLD]
    records = batch.step().records
    assert {RecordKind.ACCEPTED, RecordKind.TRADE, RecordKind.TICK} <= set(records["kind"].tolist())
